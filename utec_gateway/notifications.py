"""What a person should know: raised once, updated in place, dismissed when cured."""

import asyncio
from dataclasses import replace
from datetime import datetime, timedelta

from .background import Background
from .clock import Clock
from .hooks import Hooks
from .models import Device, Notification, Operation, Token
from .store import StateStore

REAUTH_REQUIRED = "reauth_required"
RENEWAL_FAILING = "renewal_failing"
LOCK_NOT_CONFIRMED = "lock_not_confirmed"
STATE_RECOVERED = "state_recovered"

FAILING_IS_NEWS = timedelta(hours=6)
RUNNING_OUT = timedelta(hours=24)
"""A person is told when renewals have failed for that long, or when only that much is left."""


def _when(moment: datetime) -> str:
    """Return a moment in the machine's own zone, as people say it."""
    return f"{moment.astimezone():%A %d %B %H:%M}"


class Notifications:
    """Decides whether a thing is news; telling it never makes the caller wait."""

    def __init__(self, hooks: Hooks, store: StateStore, clock: Clock) -> None:
        self._hooks = hooks
        self._store = store
        self._clock = clock
        self._background = Background()
        self._in_order = asyncio.Lock()

    def reauth_required(self, error: object, works_until: datetime | None) -> None:
        """Say that only a person can renew the sign-in, and how long there is time for it."""
        left = (
            f"Your locks keep working until {_when(works_until)}."
            if works_until
            else "Your locks do not answer until then."
        )
        self._notify(REAUTH_REQUIRED, "Sign in to U-tec again", f"{error}. {left}")

    def renewal_failing(self, error: Exception, token: Token, since: datetime) -> None:
        """Say that renewals fail, once they have failed for long or time is running out."""
        now = self._clock.now()
        if now - since < FAILING_IS_NEWS and token.expires_at - now > RUNNING_OUT:
            return
        self._notify(
            RENEWAL_FAILING,
            "The sign-in to U-tec cannot be renewed",
            f"Renewing has failed since {_when(since)}: {error}. The gateway keeps trying. "
            f"Your locks keep working until {_when(token.expires_at)}.",
        )

    def signed_in(self) -> None:
        """Take back everything that a good sign-in cures."""
        for notification_id in (REAUTH_REQUIRED, RENEWAL_FAILING, STATE_RECOVERED):
            self._dismiss(notification_id)

    def lock_not_confirmed(self, lock: Device, operation: Operation) -> None:
        """Say that a command was taken and the bolt not seen to move."""
        self._notify(
            f"{LOCK_NOT_CONFIRMED}_{lock.tag}",
            f"{lock.name} did not {operation}",
            f'U-tec was asked to {operation} "{lock.name}", but the bolt was not seen to move. '
            f"Last known state: {lock.reported_state}. "
            "Look at the door, or try again.",
        )

    def bolt_moved(self, lock: Device) -> None:
        """Take back that a bolt was not seen to move."""
        self._dismiss(f"{LOCK_NOT_CONFIRMED}_{lock.tag}")

    def state_recovered(self, what: str) -> None:
        """Say that the state file had to be recovered."""
        self._notify(STATE_RECOVERED, "The gateway's memory was damaged", what)

    def _notify(self, notification_id: str, title: str, message: str) -> None:
        notification = Notification(notification_id, title, message, self._clock.now())
        self._background.spawn(self._raise(notification), f"notification {notification_id}")

    def _dismiss(self, notification_id: str) -> None:
        self._background.spawn(self._take_back(notification_id), f"dismissal {notification_id}")

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

    async def _take_back(self, notification_id: str) -> None:
        async with self._in_order:
            before = self._store.state.notifications
            after = tuple(one for one in before if one.id != notification_id)
            if len(after) < len(before):
                await self._remember(after)
                title = next(one.title for one in before if one.id == notification_id)
                await self._hooks.dismiss(notification_id, title)

    async def _remember(self, notifications: tuple[Notification, ...]) -> None:
        await self._store.update(lambda state: replace(state, notifications=notifications))
