"""What a person should know: raised once, updated in place, dismissed when cured."""

import asyncio
from dataclasses import replace

from .background import Background
from .clock import Clock
from .hooks import Hooks
from .models import Notification
from .store import StateStore

REAUTH_REQUIRED = "reauth_required"
STATE_RECOVERED = "state_recovered"


class Notifications:
    """Decides whether a thing is news; telling it never makes the caller wait."""

    def __init__(self, hooks: Hooks, store: StateStore, clock: Clock) -> None:
        self._hooks = hooks
        self._store = store
        self._clock = clock
        self._background = Background()
        self._in_order = asyncio.Lock()

    def notify(self, notification_id: str, title: str, message: str) -> None:
        """Raise a notification, or update the open one of that id when its text changed."""
        notification = Notification(notification_id, title, message, self._clock.now())
        self._background.spawn(self._raise(notification), f"notification {notification_id}")

    def dismiss(self, notification_id: str) -> None:
        """Take a notification back, if it is open."""
        self._background.spawn(self._dismiss(notification_id), f"dismissal {notification_id}")

    async def close(self) -> None:
        """Give what is on its way a moment to arrive."""
        await self._background.close(grace=2.0)

    async def _raise(self, notification: Notification) -> None:
        async with self._in_order:
            others = []
            for open_one in self._store.state.notifications:
                if open_one.id != notification.id:
                    others.append(open_one)
                elif replace(notification, raised_at=open_one.raised_at) == open_one:
                    return
            await self._remember((*others, notification))
            await self._hooks.notify(notification)

    async def _dismiss(self, notification_id: str) -> None:
        async with self._in_order:
            before = self._store.state.notifications
            after = tuple(one for one in before if one.id != notification_id)
            if len(after) < len(before):
                await self._remember(after)
                await self._hooks.dismiss(notification_id)

    async def _remember(self, notifications: tuple[Notification, ...]) -> None:
        await self._store.update(lambda state: replace(state, notifications=notifications))
