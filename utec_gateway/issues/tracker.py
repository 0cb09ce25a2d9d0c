"""What people are being told: once, updated in place, over when cured, and not too often."""

import asyncio
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from utec_gateway.core.clock import Clock
from utec_gateway.core.events import Event
from utec_gateway.core.files import Executor
from utec_gateway.core.notification import DeliveryState, Notification
from utec_gateway.core.tasks import TaskSet
from utec_gateway.journal.journal import Journal
from utec_gateway.plugin_api.plugin_health import Delivery
from utec_gateway.storage.json_file import JsonFile, parse_dates, parse_each

from .notification_json import parse_notification, to_json
from .outbox import Outbox

SENT_AGAIN_AFTER = timedelta(hours=1)
"""A condition that comes and goes by itself is news only that often."""
SHUTDOWN_GRACE = 2.0


class IssueTracker:
    """Owns every open notification, in a file of its own; telling never makes the caller wait."""

    def __init__(
        self,
        outbox: Outbox,
        journal: Journal,
        path: Path,
        clock: Clock,
        executor: Executor = asyncio.to_thread,
    ) -> None:
        self._outbox = outbox
        self._journal = journal
        self._clock = clock
        self._file = JsonFile(path, "What people were told", self._to_json, executor)
        self._open: tuple[Notification, ...] = ()
        self._sent_at: Mapping[str, datetime] = {}
        """When people were last told of a notification, by id; it may be over by now."""
        self._tasks = TaskSet()
        self.changed = Event[tuple[Notification, ...]]("what is open")
        """Emitted with everything that is open whenever any of it changes."""
        self._in_order = asyncio.Lock()

    @property
    def open(self) -> tuple[Notification, ...]:
        """Return what is not over yet, those held back for being too frequent included."""
        return self._open

    @property
    def delivered(self) -> tuple[Notification, ...]:
        """Return what people have been told of, or are just being told, and is not over yet."""
        return tuple(one for one in self.open if self._is_delivered(one))

    async def load(self, left_over: Mapping[str, Any]) -> bool:
        """Read what was open before the restart, or what 0.1.1 left of it in the state file.

        Return whether the file holds it.
        """
        raw = await self._file.load()
        known = raw if isinstance(raw, Mapping) else left_over
        self._open = tuple(parse_each(known.get("notifications"), parse_notification))
        self._sent_at = parse_dates(known.get("told"))
        return await self._file.save()

    def raise_issue(
        self,
        notification_id: str,
        title: str,
        message: str,
        urgency: int = 0,
        *,
        at_once: bool = False,
        what: str = "",
    ) -> None:
        """Raise a notification, or bring the one of that id up to date.

        What was over is new when it comes again, `at_once` unless it comes and goes by itself.
        """
        now = self._clock.now()
        news = Notification(
            notification_id, title, message, now, urgency, at_once=at_once, what=what
        )
        self._tasks.create_task(self._raise(news), f"notification {notification_id}")

    def resolve(self, notification_id: str) -> None:
        """Take a notification back; one that was never told is dropped in silence."""
        self._tasks.create_task(self._resolve(notification_id), f"dismissal {notification_id}")

    def repeat(self, earlier: Iterable[Notification]) -> None:
        """Tell of what was open `earlier` and still is: a notifier that just started forgot it."""
        ids = {notification.id for notification in earlier}
        for notification in self.open:
            if notification.id in ids and notification.delivery is not DeliveryState.PENDING:
                self._send(notification)

    async def dismissed_by_user(self, notification_id: str) -> None:
        """Remember that a person dismissed a notification where it was shown."""
        async with self._in_order:
            now = self._clock.now()
            await self._remember(
                replace(one, dismissed_at=now) if one.id == notification_id else one
                for one in self.open
            )

    async def send_test(
        self, notification_id: str, title: str, message: str
    ) -> dict[str, Delivery]:
        """Tell every notifier once, now, and keep nothing of it; return what each says of it."""
        trial = Notification(notification_id, title, message, self._clock.now())
        return await self._outbox.send_test(trial)

    def due_in(self) -> float:
        """Return seconds until a notification that is held back may be told."""
        now = self._clock.now()
        held = (one for one in self.open if one.delivery is DeliveryState.PENDING)
        return min((self._pending_for(one, now) for one in held), default=float("inf"))

    async def send_pending(self) -> None:
        """Tell what has been held back for long enough."""
        async with self._in_order:
            await self._release()

    async def close(self) -> None:
        """Give what is on its way a moment to arrive."""
        await self._tasks.close(self._clock.timeout(SHUTDOWN_GRACE))
        await self._file.close(self._clock)

    def _pending_for(self, notification: Notification, now: datetime) -> float:
        """Return seconds until people may hear of it; a clock that went back holds nothing."""
        sent_at = self._sent_at.get(notification.id)
        if notification.at_once or sent_at is None or sent_at > now:
            return 0.0
        return max(0.0, (sent_at + SENT_AGAIN_AFTER - now).total_seconds())

    def _is_delivered(self, notification: Notification) -> bool:
        """Tell whether people know of it; one that got worse may be held although they do."""
        sent_at = self._sent_at.get(notification.id)
        return notification.delivery is not DeliveryState.PENDING or bool(
            sent_at and sent_at >= notification.raised_at
        )

    async def _raise(self, news: Notification) -> None:
        async with self._in_order:
            earlier = next((one for one in self.open if one.id == news.id), None)
            if earlier is None:
                await self._remember((*self.open, news))
                await self._release()
                return
            is_worse = news.urgency > earlier.urgency or _is_another(news, earlier)
            delivery = DeliveryState.PENDING if is_worse else earlier.delivery
            news = replace(
                news,
                raised_at=earlier.raised_at,
                urgency=max(news.urgency, earlier.urgency),
                delivery=delivery,
                dismissed_at=earlier.dismissed_at,
            )
            if news == earlier:
                return
            await self._remember(news if one is earlier else one for one in self.open)
            if delivery is DeliveryState.PENDING:
                await self._release()
            else:
                self._send(replace(news, delivery=DeliveryState.SENT))

    async def _release(self) -> None:
        now = self._clock.now()
        for notification in self.open:
            is_pending = notification.delivery is DeliveryState.PENDING
            if is_pending and not self._pending_for(notification, now):
                going = replace(notification, delivery=DeliveryState.SENDING, dismissed_at=None)
                is_known = self._is_delivered(notification)
                sent_at = {**self._sent_at, going.id: now}
                await self._remember(
                    (going if one is notification else one for one in self.open), sent_at
                )
                self._journal.told(going)
                self._send(going, is_known=is_known)

    def _send(self, notification: Notification, *, is_known: bool = True) -> None:
        work = self._deliver(notification, is_known=is_known)
        self._tasks.create_task(work, f"telling {notification.id}")

    async def _deliver(self, notification: Notification, *, is_known: bool) -> None:
        await self._outbox.send(notification, is_known=is_known)
        async with self._in_order:
            await self._remember(
                replace(one, delivery=DeliveryState.SENT)
                if one.id == notification.id and one.delivery is DeliveryState.SENDING
                else one
                for one in self.open
            )

    async def _resolve(self, notification_id: str) -> None:
        async with self._in_order:
            over = next((one for one in self.open if one.id == notification_id), None)
            if over is None:
                return
            was_told = self._is_delivered(over)
            await self._remember(one for one in self.open if one is not over)
            if was_told:
                self._journal.over(over.title, over.id)
                work = self._outbox.resolve(over)
                self._tasks.create_task(work, f"all-clear {notification_id}")

    async def _remember(
        self, notifications: Iterable[Notification], sent_at: dict[str, datetime] | None = None
    ) -> None:
        """Save what is open, and when people were told of what is open or was lately."""
        kept = tuple(notifications)
        ids = {notification.id for notification in kept}
        lately = self._clock.now() - SENT_AGAIN_AFTER
        known = self._sent_at if sent_at is None else sent_at
        recent = {name: at for name, at in known.items() if name in ids or at > lately}
        self._open, self._sent_at = kept, recent
        await self._file.save()
        self.changed.emit(kept)

    def _to_json(self) -> dict[str, Any]:
        return {
            "notifications": [to_json(notification) for notification in self._open],
            "told": {name: at.isoformat() for name, at in self._sent_at.items()},
        }


def _is_another(news: Notification, earlier: Notification) -> bool:
    """Tell whether something happened anew, although the earlier one is not over.

    The same in another language is not. Somebody who dismissed that is done with it, so that
    whatever is said next is new.
    """
    if news.what and not earlier.what:  # of 0.1.1, which spoke English only
        return False
    says_otherwise = (news.what or news.title) != (earlier.what or earlier.title)
    is_done_with = earlier.dismissed_at is not None and news.message != earlier.message
    return news.at_once and (says_otherwise or is_done_with)
