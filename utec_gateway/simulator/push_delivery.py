"""How a push travels: to whom, with which secret, and what becomes of it (rows E1 and E4)."""

import json
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus
from ipaddress import ip_address
from typing import Any

from aiohttp import ClientError, ClientSession
from yarl import URL

from utec_gateway.core.clock import Clock
from utec_gateway.core.tasks import TaskSet

from .behaviour import PushBehaviour
from .enums import PushAuthorization
from .push_bodies import Push

DEADLINE = 10.0
MOST_UNDER_WAY = 100
MOST_REMEMBERED = 10_000
WRONG_SECRET = "sim-wrong-push-secret"  # noqa: S105 - nobody's
PRIVATE_NAMES = (".localhost", ".local", ".lan", ".home", ".internal", ".home.arpa")


@dataclass(frozen=True, slots=True)
class Registration:
    """Where pushes go since then; `since` is the same moment on the monotonic clock."""

    url: str
    secret: str | None
    at: datetime
    since: float


@dataclass(frozen=True, slots=True)
class Delivery:
    """One attempt, and the HTTP status it was answered with; None where nobody answered."""

    at: datetime
    name: str
    url: str
    authorization: str | None
    body: Any
    status: int | None

    @property
    def succeeded(self) -> bool:
        """Whether the receiver took it."""
        return self.status is not None and self.status < HTTPStatus.INTERNAL_SERVER_ERROR


class PushDelivery:
    """Carries pushes to whoever registered last, with a client and tasks that end with the cloud.

    More than `MOST_UNDER_WAY` at once are not sent, however slow the receiver is.
    """

    def __init__(
        self, clock: Clock, behaviour: PushBehaviour, count: Callable[[str], None]
    ) -> None:
        self._clock = clock
        self._behaviour = behaviour
        self._count = count
        self._tasks = TaskSet()
        self._session: ClientSession | None = None
        self._under_way = 0
        self.registrations: list[Registration] = []
        self.deliveries: deque[Delivery] = deque(maxlen=MOST_REMEMBERED)

    def open(self) -> None:
        """Be able to deliver."""
        self._session = ClientSession()

    async def close(self) -> None:
        """Give up what is under way."""
        session, self._session = self._session, None
        await self._tasks.close()
        if session is not None:
            await session.close()

    def register(self, url: str, secret: str | None) -> None:
        """Let pushes go to this address from now on."""
        moment = self._clock.now(), self._clock.monotonic()
        self.registrations.append(Registration(url, secret, *moment))

    def dispatch(self, pushes: Iterable[Push], delay: float = 0.0) -> None:
        """Deliver some pushes, one after the other, without being waited for."""
        if self._session is None or not self.registrations or self._under_way >= MOST_UNDER_WAY:
            return
        self._under_way += 1
        task = self._tasks.create_task(self._deliver_all(self._session, pushes, delay), "push")
        task.add_done_callback(self._arrived)

    def _arrived(self, _task: object) -> None:
        self._under_way -= 1

    async def _deliver_all(
        self, session: ClientSession, pushes: Iterable[Push], delay: float
    ) -> None:
        if delay > 0:
            await self._clock.sleep(delay)
        for push in pushes:
            await self._deliver(session, push)

    async def _deliver(self, session: ClientSession, push: Push) -> None:
        for _ in range(self._behaviour.push_retries):
            if (await self._attempt(session, push)).succeeded:
                return
            await self._clock.sleep(self._behaviour.push_retry_after)
        await self._attempt(session, push)

    async def _attempt(self, session: ClientSession, push: Push) -> Delivery:
        self._count(f"Notification/{push.name}")
        at, url = self._clock.now(), self.registrations[-1].url
        secret = self._presented_secret()
        authorization = None if secret is None else f"Bearer {secret}"
        status = await self._post(session, url, authorization, push.body)
        delivery = Delivery(at, push.name, url, authorization, push.body, status)
        self.deliveries.append(delivery)
        return delivery

    async def _post(
        self, session: ClientSession, url: str, authorization: str | None, body: object
    ) -> int | None:
        headers = {"Content-Type": "application/json"}
        if authorization is not None:
            headers["Authorization"] = authorization
        try:
            if is_private(url) and not self._behaviour.pushes_to_private_addresses:
                return None
            sending = session.post(
                url, data=json.dumps(body), headers=headers, allow_redirects=False
            )
            async with self._clock.timeout(DEADLINE), sending as answer:
                return answer.status
        except (ClientError, OSError, ValueError):
            return None

    def _presented_secret(self) -> str | None:
        match self._behaviour.push_authorization:
            case PushAuthorization.WRONG:
                return WRONG_SECRET
            case PushAuthorization.MISSING:
                return None
        *earlier, current = self.registrations
        age = self._clock.monotonic() - current.since
        presented = earlier[-1] if earlier and age < self._behaviour.old_secret_for else current
        return presented.secret


def is_private(url: str) -> bool:
    """Tell whether an address leads to a machine that the internet cannot reach."""
    host = (URL(url).host or "").lower().rstrip(".")
    try:
        return not ip_address(host).is_global
    except ValueError:
        return "." not in host or host.endswith(PRIVATE_NAMES)
