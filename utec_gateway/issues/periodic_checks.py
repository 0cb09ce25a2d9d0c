"""What becomes news by lasting: an outage, a sign-in that runs out, a battery that stays low."""

from utec_gateway.auth.token_source import TokenSource
from utec_gateway.core.clock import Clock
from utec_gateway.devices.cache import DeviceCache
from utec_gateway.devices.poller import DevicePoller

from .battery_detection import Batteries
from .raising import Notifications

LOOK_EVERY = 60.0
UNREACHABLE_IS_NEWS = 15 * 60.0
"""Seconds without any answer from U-tec."""


class Watch:
    """Checks once a minute and raises what it finds; the tracker knows what people know already."""

    def __init__(
        self,
        tokens: TokenSource,
        cache: DeviceCache,
        locks: DevicePoller,
        batteries: Batteries,
        notifications: Notifications,
        clock: Clock,
    ) -> None:
        self._tokens = tokens
        self._cache = cache
        self._poller = locks
        self._batteries = batteries
        self._notifications = notifications
        self._clock = clock
        self._next = clock.monotonic()

    def due_in(self) -> float:
        """Return seconds until the next check."""
        return self._next - self._clock.monotonic()

    async def check(self) -> None:
        """Check everything."""
        self._next = self._clock.monotonic() + LOOK_EVERY
        self._tokens.notify_reauth()
        self._check_the_outage()
        if devices := self._cache.devices:
            self._notifications.forget_all_but(devices)
            self._batteries.check()

    def _check_the_outage(self) -> None:
        """Say that U-tec is silent; without a sign-in nobody asks it, so that is no outage."""
        failure = self._poller.failure
        if self._tokens.is_signed_out:
            self._notifications.utec_answers()
        elif failure and self._clock.monotonic() - failure.since.monotonic >= UNREACHABLE_IS_NEWS:
            self._notifications.utec_unreachable(failure)
