"""What becomes news by lasting: an outage, a sign-in that runs out, a battery that stays low."""

from dataclasses import replace
from datetime import datetime, timedelta

from .clock import Clock
from .locks import LockCoordinator
from .models import Device
from .notifications import Notifications
from .picture import Picture, battery_level
from .store import StateStore
from .tokens import TokenSource

LOOK_EVERY = 60.0
UNREACHABLE_IS_NEWS = 15 * 60.0
"""Seconds without any answer from U-tec."""
EMPTY, LOW = 1, 2
"""Battery levels of 1 to 5 (utec-cloud 4.5)."""
LOW_IS_NEWS = timedelta(days=1)


class Watch:
    """Looks once a minute and says what it sees; the bulletin knows what people know already."""

    def __init__(
        self,
        tokens: TokenSource,
        picture: Picture,
        locks: LockCoordinator,
        store: StateStore,
        notifications: Notifications,
        clock: Clock,
    ) -> None:
        self._tokens = tokens
        self._picture = picture
        self._locks = locks
        self._store = store
        self._notifications = notifications
        self._clock = clock
        self._next = clock.monotonic()

    def due_in(self) -> float:
        """Return seconds until the next look."""
        return self._next - self._clock.monotonic()

    async def look(self) -> None:
        """Look at everything."""
        self._next = self._clock.monotonic() + LOOK_EVERY
        self._tokens.remind()
        self._look_at_the_outage()
        await self._look_at_batteries()

    def _look_at_the_outage(self) -> None:
        """Say that U-tec is silent; without a sign-in nobody asks it, so that is no outage."""
        failure = self._locks.failure
        if self._tokens.needs_sign_in and not self._tokens.is_usable:
            self._notifications.utec_answers()
        elif failure and self._clock.monotonic() - failure.since.monotonic >= UNREACHABLE_IS_NEWS:
            self._notifications.utec_unreachable(failure)

    async def _look_at_batteries(self) -> None:
        devices = self._picture.devices
        if not devices:
            return
        self._notifications.forget_all_but(devices)
        before = self._store.state.low_since
        now = self._clock.now()
        after: dict[str, datetime] = {}
        for device in devices:
            if (since := self._low_since(device, before.get(device.tag), now)) is not None:
                after[device.tag] = since
        if after != before:
            await self._store.update(lambda state: replace(state, low_since=after))

    def _low_since(self, device: Device, since: datetime | None, now: datetime) -> datetime | None:
        """Say what is to be said of a battery; return since when it is low, None when it is not.

        A level that is not reported proves nothing: what was known before stays.
        """
        level = battery_level(device)
        if level is None:
            return since
        if level > LOW:
            self._notifications.battery_good(device)
            return None
        since = min(since or now, now)
        if level <= EMPTY or now - since >= LOW_IS_NEWS:
            self._notifications.battery_low(device, level)
        return since
