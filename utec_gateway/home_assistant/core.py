"""The conversation with Home Assistant Core (home-assistant 5 and 6): its notifications."""

import json
import re
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from typing import Any, NoReturn, TypeVar
from urllib.parse import urlsplit

from aiohttp import (
    ClientError,
    ClientSession,
    ClientTimeout,
    ClientWSTimeout,
    WSServerHandshakeError,
)

from utec_gateway.core.clock import Clock
from utec_gateway.core.errors import NotDeliveredError, OptionsError
from utec_gateway.core.sanitize import sanitize
from utec_gateway.options import readers
from utec_gateway.plugin_api.home_assistant import CoreAccess, NotificationChange

from .connection import Connection

T = TypeVar("T")

DOMAIN = "persistent_notification"
URL, TOKEN = "HOME_ASSISTANT_URL", "HOME_ASSISTANT_TOKEN"
DEADLINE = 10.0
HEARTBEAT = 30.0
UNLIMITED = ClientTimeout(total=None)
"""The clock limits requests."""
FAREWELL = ClientWSTimeout(ws_close=0.5)
"""A gateway that stops does not wait for Home Assistant."""
OK, BAD_REQUEST, SERVER_ERROR = 200, 400, 500
REFUSED = frozenset({401, 403})
REFUSED_FOR = 15 * 60.0
"""Seconds without a request after a refusal: Core shows a warning for each and may ban us."""
LONGEST_WORDS = 200
LARGEST_CONFIG = 256 * 1024
"""Bytes; it lists every integration."""
LANGUAGE = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*")
TIME_ZONE = re.compile(r"[A-Za-z0-9_+-]{1,30}(/[A-Za-z0-9_+-]{1,30}){0,2}")


def core_named_in(environment: Mapping[str, str]) -> CoreAccess | None:
    """Return where the environment says that Core is; raise OptionsError when it is half said."""
    url, token = (environment.get(name, "").strip() for name in (URL, TOKEN))
    if not (url or token):
        return None
    if not url:
        raise OptionsError(URL, f"is needed beside {TOKEN}, such as http://192.168.1.5:8123")
    if not token:
        raise OptionsError(TOKEN, f"is needed beside {URL}; your profile page there makes one")
    try:
        parts = urlsplit(readers.address(url))
    except ValueError as error:
        raise OptionsError(URL, str(error)) from None
    try:
        readers.credential(token)
    except ValueError:
        raise OptionsError(TOKEN, "must be one word without spaces; copy it again") from None
    api = f"{parts.scheme}://{parts.netloc}/api"
    return CoreAccess(api, f"{api}/websocket", token)


def core_of(
    access: Callable[[], CoreAccess | None], session: ClientSession, clock: Clock
) -> "HomeAssistant | None":
    """Return the Core that there is; one that is only half named is the notifier's to report."""
    with suppress(OptionsError):
        found = access()
        return HomeAssistant(session, found, clock) if found else None
    return None


class Subscription:
    """A connection on which Core says what becomes of its notifications; "current" comes first."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def next(self) -> NotificationChange:
        """Wait for the next change."""
        while True:
            event = await self._connection.next_event()
            notifications = event.get("notifications")
            if isinstance(notifications, Mapping):
                return NotificationChange(str(event.get("type")), frozenset(notifications))


class HomeAssistant:
    """Raises NotDeliveredError for whatever goes wrong, retryable while nobody is there."""

    def __init__(self, session: ClientSession, access: CoreAccess, clock: Clock) -> None:
        self._session = session
        self._access = access
        self._clock = clock

    async def call(self, service: str, data: Mapping[str, str]) -> None:
        """Call `create` or `dismiss`; the latter of something unknown does nothing."""
        async with (
            self._asking(),
            self._session.post(
                f"{self._access.api}/services/{DOMAIN}/{service}",
                json=data,
                headers={"Authorization": f"Bearer {self._access.token}"},
                timeout=UNLIMITED,
                allow_redirects=False,
            ) as response,
        ):
            words = (await response.content.read(LONGEST_WORDS)).decode(errors="replace")
            if response.status != OK:
                self._fail(response.status, sanitize(words, LONGEST_WORDS))

    async def fetch_language(self) -> str:
        """Return the language that people chose for their Home Assistant, such as "en" or "de"."""
        language = (await self.fetch_config()).get("language")
        if not (isinstance(language, str) and LANGUAGE.fullmatch(language)):
            raise NotDeliveredError("Home Assistant does not report its language")
        return language

    async def fetch_time_zone(self) -> str:
        """Return the time zone that people chose, such as "Europe/Berlin"."""
        zone = (await self.fetch_config()).get("time_zone")
        if not (isinstance(zone, str) and TIME_ZONE.fullmatch(zone)):
            raise NotDeliveredError("Home Assistant does not report its time zone")
        return zone

    async def fetch_config(self) -> Mapping[str, Any]:
        """Return what Core says of itself."""
        async with (
            self._asking(),
            self._session.get(
                f"{self._access.api}/config",
                headers={"Authorization": f"Bearer {self._access.token}"},
                timeout=UNLIMITED,
                allow_redirects=False,
            ) as response,
        ):
            if response.status != OK:
                self._fail(response.status)
            try:
                config = json.loads(await response.content.read(LARGEST_CONFIG))
            except (ValueError, RecursionError):
                config = None
        return config if isinstance(config, Mapping) else {}

    @asynccontextmanager
    async def subscription(self) -> AsyncIterator[Subscription]:
        """Keep a connection open on which Core says what becomes of its notifications."""
        async with self.connected(self._subscribe) as (connection, _):
            yield Subscription(connection)

    async def _subscribe(self, connection: Connection) -> None:
        if (await connection.request(f"{DOMAIN}/subscribe")).get("success") is not True:
            raise NotDeliveredError("Home Assistant does not provide its notifications")

    @asynccontextmanager
    async def connected(
        self, begin: Callable[[Connection], Awaitable[T]]
    ) -> AsyncIterator[tuple[Connection, T]]:
        """Keep a connection open, and what it began with, which has the deadline of a request."""
        async with AsyncExitStack() as stack:
            async with self._asking():
                socket = await stack.enter_async_context(
                    self._session.ws_connect(
                        self._access.websocket, heartbeat=HEARTBEAT, timeout=FAREWELL
                    )
                )
                connection = Connection(socket)
                if not await connection.log_in(self._access.token):
                    self._refuse()
                found = await begin(connection)
            yield connection, found

    @asynccontextmanager
    async def _asking(self) -> AsyncIterator[None]:
        """Put a request's failures into our words, and keep silent after a refusal."""
        turn = self._access.turn
        try:
            async with self._clock.timeout(DEADLINE), turn.lock:
                if self._clock.monotonic() < turn.refused_until:
                    raise _refusal()
                yield
        except TimeoutError:
            raise NotDeliveredError(
                f"Home Assistant does not answer within {DEADLINE:.0f} seconds", retryable=True
            ) from None
        except WSServerHandshakeError as error:
            self._fail(error.status)
        except (ClientError, OSError) as error:
            raise NotDeliveredError(
                f"Home Assistant does not answer ({type(error).__name__})", retryable=True
            ) from error

    def _fail(self, status: int, words: str = "") -> NoReturn:
        if status in REFUSED:
            self._refuse()
        raise NotDeliveredError(
            f"Home Assistant answered HTTP {status}: {words}".rstrip(": "),
            retryable=not BAD_REQUEST <= status < SERVER_ERROR,
        )

    def _refuse(self) -> NoReturn:
        self._access.turn.refused_until = self._clock.monotonic() + REFUSED_FOR
        raise _refusal()


def _refusal() -> NotDeliveredError:
    return NotDeliveredError(
        f"Home Assistant refused the gateway's token, and is asked again {REFUSED_FOR / 60:.0f} "
        "minutes later"
    )
