"""What each notifier is still to tell: tried again until it is delivered, or over."""

import asyncio
import logging
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from utec_gateway.core.clock import Clock
from utec_gateway.core.events import Event
from utec_gateway.core.files import Executor
from utec_gateway.core.notification import DeliveryState, Notification
from utec_gateway.core.tasks import TaskSet
from utec_gateway.options.schema import Options
from utec_gateway.plugin_api.hook_calls import Hooks
from utec_gateway.plugin_api.plugin_health import Delivery
from utec_gateway.storage.json_file import JsonFile, parse_each

from .notification_json import parse_notification, to_json

_LOGGER = logging.getLogger(__name__)

MINUTE = 60.0
PAUSES = (1 * MINUTE, 2 * MINUTE, 5 * MINUTE, 15 * MINUTE, 30 * MINUTE, 60 * MINUTE)
"""Seconds between tries; the last pause again and again, at once where only a person can help."""
ON_ITS_WAY = float("inf")
SHUTDOWN_GRACE = 1.0


@dataclass(frozen=True)
class Undelivered:
    """What one notifier is still to tell of one notification."""

    notifier: str
    notification: Notification
    is_over: bool = False
    """Whether the all-clear is what is missing."""
    is_known: bool = False
    """Whether people may have heard of it there, so that its end is worth a message."""
    tries: int = 0
    due: float = ON_ITS_WAY
    """When to try again, on the monotonic clock."""

    @property
    def key(self) -> tuple[str, str]:
        """Return what there is one of: the latest word replaces an earlier one."""
        return self.notifier, self.notification.id


class Outbox:
    """Owns what is undelivered, in a file of its own; one notifier never waits for another.

    The file is written when something becomes undelivered or ceases to be, not for each try.
    """

    def __init__(
        self,
        hooks: Hooks,
        options_changed: Event[Options],
        path: Path,
        clock: Clock,
        executor: Executor = asyncio.to_thread,
    ) -> None:
        self._hooks = hooks
        self._clock = clock
        self._file = JsonFile(path, "What is still to be told", self._to_json, executor)
        self._undelivered: dict[tuple[str, str], Undelivered] = {}
        self._turns: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)
        self._tasks = TaskSet()
        options_changed.subscribe(lambda _options: self.retry_now())

    async def load(self, raised: Iterable[Notification]) -> None:
        """Read what was undelivered before the restart; what is not `raised` any more is over.

        The first try comes a minute later: what was cut short is told again at once anyway.
        """
        ids = {notification.id for notification in raised}
        due = self._clock.monotonic() + PAUSES[0]
        for found in parse_each(await self._file.load(), _parse):
            if found.notifier in self._hooks.notifiers and (found.is_over or found.key[1] in ids):
                self._undelivered[found.key] = replace(found, due=due)

    async def send(self, notification: Notification, *, is_known: bool) -> None:
        """Have every notifier tell of it; `is_known` says that people heard of it before."""
        send = (self._send(name, notification, is_known) for name in self._hooks.notifiers)
        await asyncio.gather(*send)
        await self._file.save()

    async def resolve(self, notification: Notification) -> None:
        """Have every notifier take it back that told of it."""
        await asyncio.gather(*(self._resolve(name, notification) for name in self._hooks.notifiers))
        await self._file.save()

    async def send_test(self, notification: Notification) -> dict[str, Delivery]:
        """Tell every notifier once and keep nothing of it; return what each says."""
        deliveries = await self._hooks.notify(notification)
        self.retry_now()
        return deliveries

    def due_in(self) -> float:
        """Return seconds until something is to be tried again."""
        due = min((one.due for one in self._undelivered.values()), default=ON_ITS_WAY)
        return due - self._clock.monotonic()

    async def retry_due(self) -> None:
        """Begin to try again what is due."""
        now = self._clock.monotonic()
        for key, one in self._undelivered.items():
            if one.due <= now:
                self._undelivered[key] = replace(one, due=ON_ITS_WAY)
                self._tasks.create_task(self._retry(key), f"telling {' '.join(key)} again")

    def retry_now(self) -> None:
        """Let everything be due: what kept it back may have been repaired."""
        now = self._clock.monotonic()
        for key, one in self._undelivered.items():
            if one.due != ON_ITS_WAY:
                self._undelivered[key] = replace(one, tries=0, due=now)

    async def close(self) -> None:
        """Give what is on its way a moment to arrive, and keep the rest."""
        await self._tasks.close(self._clock.timeout(SHUTDOWN_GRACE))
        await self._file.close(self._clock)

    async def _send(self, notifier: str, notification: Notification, is_known: bool) -> None:  # noqa: FBT001 - the public method names it
        new = Undelivered(notifier, notification, is_known=is_known)
        async with self._turns[notifier]:
            earlier = self._undelivered.get(new.key)
            if earlier and not (earlier.is_over or notification.is_new):
                as_told = replace(notification, delivery=earlier.notification.delivery)
                self._undelivered[new.key] = replace(earlier, notification=as_told)
                return
            if earlier:
                new = replace(new, is_known=earlier.is_over or earlier.is_known)
            await self._try(new)

    async def _resolve(self, notifier: str, notification: Notification) -> None:
        end = Undelivered(notifier, notification, is_over=True, is_known=True)
        async with self._turns[notifier]:
            earlier = self._undelivered.pop(end.key, None)
            if earlier is None or earlier.is_known:
                await self._try(end)
            else:
                _LOGGER.info(
                    "%s could not tell before it was over: %s", notifier, notification.title
                )

    async def _retry(self, key: tuple[str, str]) -> None:
        async with self._turns[key[0]]:
            one = self._undelivered.get(key)
            if one and one.due == ON_ITS_WAY:
                await self._try(one)
        await self._file.save()

    async def _try(self, one: Undelivered) -> None:
        self._undelivered[one.key] = replace(one, due=ON_ITS_WAY)
        name, notification = one.notifier, one.notification
        if one.is_over:
            said = await self._hooks.dismiss(notification.id, notification.title, name)
        else:
            said = await self._hooks.notify(notification, name)
        delivery = said.get(name)
        if delivery is None or delivery.delivered is not False:
            del self._undelivered[one.key]
            return
        pause = PAUSES[min(one.tries, len(PAUSES) - 1)] if delivery.may_pass else PAUSES[-1]
        due = self._clock.monotonic() + pause
        self._undelivered[one.key] = replace(one, tries=one.tries + 1, due=due)

    def _to_json(self) -> list[dict[str, Any]]:
        """Return the content of the file; a restart decides anew when it is tried next."""
        return [
            {
                "notifier": one.notifier,
                "is_over": one.is_over,
                "is_known": one.is_known,
                **to_json(one.notification),
                "is_news": one.notification.is_new,
            }
            for one in self._undelivered.values()
        ]


def _parse(raw: Any) -> Undelivered:
    """Read one entry; raise KeyError, TypeError or ValueError when it is none."""
    delivery = DeliveryState.SENDING if raw["is_news"] is True else DeliveryState.SENT
    notification = replace(parse_notification(raw), delivery=delivery)
    is_over, is_known = raw["is_over"] is True, raw["is_known"] is True
    return Undelivered(str(raw["notifier"]), notification, is_over, is_known)
