"""Shows people's notifications in Home Assistant, for as long as they hold (home-assistant 6)."""

import asyncio
import logging
import re
from collections.abc import Mapping
from datetime import timedelta
from typing import NamedTuple

from utec_gateway.plugin_api import (
    Backoff,
    CoreNotifications,
    NotDeliveredError,
    Notification,
    NotificationChange,
    NotificationSubscription,
    PluginContext,
    TaskSet,
    done_within,
    encodable,
    hookimpl,
)

_LOGGER = logging.getLogger(__name__)

PREFIX = "utec_gateway_"
"""Notifications whose ids begin so are ours to show and to take back."""
STAYS_AWAY = timedelta(hours=24)
"""How long a notification that a person dismissed is not shown again, unless it got worse."""
LOOK_EVERY = 30.0
SHORTEST_PAUSE, LONGEST_PAUSE = 1.0, 60.0
"""Seconds between two attempts while Home Assistant is not there."""

MARKDOWN = re.compile(r"^[#+=-]|[\\`*_~\[\]<>&|@{]|(?<=\{)[%#]|:(?=//)|(?<=\bwww)\.", re.IGNORECASE)
"""What would format, link or address on a single line, were it not escaped."""
NUMBERED = re.compile(r"^(\d+)([.)])")
TEMPLATE = re.compile(r"\{(?=[{%#])")
"""What older Cores run as a template (Core 2024.3.3, config_validation)."""


class Text(NamedTuple):
    """What is shown."""

    title: str
    message: str


class PersistentNotification:
    """Shows at once what is told; one task sees to it that Home Assistant keeps showing it."""

    def __init__(self, context: PluginContext, core: CoreNotifications) -> None:
        self._context = context
        self._core = core
        self._tasks = TaskSet()
        self._turn = asyncio.Lock()
        self._shown: dict[str, Text | None] = {}
        """By the id that Home Assistant knows; None where we cannot say what it shows."""
        self._trials: set[str] = set()
        """Shown, although people are not being told of it: test messages."""
        self._level: int | None = None
        """At which level the present trouble was logged, None when there is none."""
        self._backoff = Backoff(context.clock, patience=0.0)

    @hookimpl
    async def gateway_started(self) -> None:
        """Begin to watch; an earlier life may have shown what people are being told."""
        self._shown.update(dict.fromkeys(self._delivered))
        self._tasks.create_task(self._keep_watch(), "watch over Home Assistant's notifications")

    @hookimpl
    async def gateway_stopping(self) -> None:
        """Stop watching; what is shown stays, because it still holds."""
        await self._tasks.close()

    @hookimpl
    async def gateway_notify(self, notification: Notification) -> str | None:
        """Show it; if nobody is there, the watch does as soon as somebody is."""
        if not self._is_on or self._is_dismissed(notification):
            return None
        key = PREFIX + notification.id
        if key not in self._delivered:
            self._trials.add(key)
        try:
            await self._show(key, notification)
        except NotDeliveredError as error:
            if key in self._trials or not error.retryable:
                raise
            self._complain(error)
            return None
        return "Shown in Home Assistant"

    @hookimpl
    async def gateway_dismiss(self, notification_id: str) -> str | None:
        """Take it back; if nobody is there, the watch does as soon as somebody is."""
        if not self._is_on:
            return None
        try:
            await self._take_back(PREFIX + notification_id)
        except NotDeliveredError as error:
            if not error.retryable:
                raise
            self._complain(error)
            return None
        return "Taken back in Home Assistant"

    @property
    def _is_on(self) -> bool:
        return self._context.settings.options.notify_home_assistant

    @property
    def _delivered(self) -> Mapping[str, Notification]:
        """Return what was delivered and still holds, by the id that Home Assistant knows."""
        return {PREFIX + one.id: one for one in self._context.delivered()}

    def _is_dismissed(self, notification: Notification) -> bool:
        at = notification.dismissed_at
        return at is not None and abs(self._context.clock.now() - at) < STAYS_AWAY

    def _text(self, notification: Notification) -> Text:
        title, message = _one_line(notification.title), _one_line(notification.message)
        link = self._context.panel_link()
        more = f"\n\n[Open the U-tec Gateway]({link})" if link else ""
        return Text(TEMPLATE.sub("{ ", title), _escaped(message) + more)

    async def _show(self, key: str, notification: Notification) -> None:
        text = self._text(notification)
        async with self._turn:
            await self._core.call("create", {"notification_id": key, **text._asdict()})
            self._shown[key] = text

    async def _take_back(self, key: str) -> None:
        async with self._turn:
            self._shown[key] = None  # so that its removal is not taken for a person's doing
            await self._core.call("dismiss", {"notification_id": key})
            self._shown.pop(key, None)
            self._trials.discard(key)

    async def _keep_watch(self) -> None:
        while True:
            try:
                await (self._watch() if self._is_on else self._clear())
            except NotDeliveredError as error:
                self._complain(error)
                self._backoff.failed(error, SHORTEST_PAUSE, LONGEST_PAUSE)
                await self._context.clock.sleep(self._backoff.pause)

    async def _clear(self) -> None:
        """Take everything back: nobody wants to see it here any more."""
        for key in tuple(self._shown):
            await self._take_back(key)
        self._relieve()
        await self._context.clock.sleep(LOOK_EVERY)

    async def _watch(self) -> None:
        """Keep Home Assistant showing what people are being told, until nobody wants it."""
        async with self._core.subscription() as subscription:
            change = _next(subscription)
            try:
                while self._is_on:
                    if await done_within(self._context.clock, LOOK_EVERY, change):
                        await self._heed(change.result())
                        change = _next(subscription)
                    await self._set_right()
                    self._relieve()
            finally:
                change.cancel()

    async def _heed(self, change: NotificationChange) -> None:
        """Take in what is shown now, and learn what a person dismissed.

        What is missing when a connection begins was lost in a restart; nobody dismissed it.
        """
        if change.kind == "current":
            ours = (key for key in change.ids if key.startswith(PREFIX))
            self._shown = {key: self._shown.get(key) for key in ours}
        elif change.kind == "removed":
            for key in change.ids & self._shown.keys():
                was_in_place = self._shown.pop(key) is not None
                self._trials.discard(key)
                if was_in_place and key in self._delivered:
                    await self._context.dismissed_by_user(self._delivered[key].id)

    async def _set_right(self) -> None:
        """Show what is missing or out of date, and take back what no longer holds."""
        for key, notification in self._delivered.items():
            is_shown = self._shown.get(key) == self._text(notification)
            if not is_shown and not self._is_dismissed(notification):
                await self._show(key, notification)
        for key in self._shown.keys() - self._delivered.keys() - self._trials:
            await self._take_back(key)

    def _complain(self, error: NotDeliveredError) -> None:
        """Log a trouble once: Home Assistant restarting is normal, a refusal is not."""
        level = logging.INFO if error.retryable else logging.ERROR
        if level != self._level:
            _LOGGER.log(level, "%s; what it should show waits until it can", error)
        self._level = level

    def _relieve(self) -> None:
        if self._level is not None:
            _LOGGER.info("Home Assistant answers again")
        self._level = None
        self._backoff.reset()


def _next(subscription: NotificationSubscription) -> asyncio.Task[NotificationChange]:
    """Wait for the next change in a task, so that waiting can be given up without losing it."""
    task = asyncio.ensure_future(subscription.next())
    task.add_done_callback(lambda done: done.cancelled() or done.exception())
    return task


def _one_line(text: str) -> str:
    """Return text on one line, in characters that UTF-8 can hold."""
    return " ".join(encodable(text).split())


def _escaped(text: str) -> str:
    """Return one line of plain text as Markdown that shows it letter by letter."""
    return NUMBERED.sub(r"\1\\\2", MARKDOWN.sub(r"\\\g<0>", text))


def create(context: PluginContext) -> PersistentNotification | None:
    """Build the notifier, where there is a Home Assistant; raise OptionsError for half of one."""
    core = context.core_notifications
    if core is None and context.settings.options.notify_home_assistant:
        context.home_assistant()
    return PersistentNotification(context, core) if core else None
