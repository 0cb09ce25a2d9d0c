"""When U-tec is asked which devices there are: rarely, unless something is missing."""

from utec_gateway.core.clock import Clock

EVERY = 3600.0
AGAIN_AFTER = 900.0
"""Seconds after a Discovery that failed while the devices are known."""
WHILE_EMPTY = 300.0
"""Seconds until an empty list of devices is asked for again: they may be being selected."""


class DiscoverySchedule:
    """Owns the moment from which a poll begins with a Discovery."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._next = clock.monotonic()
        self._asked = float("-inf")

    @property
    def is_due(self) -> bool:
        """Tell whether the next poll begins with one."""
        return self._next <= self._clock.monotonic()

    def request(self) -> None:
        """Have the next poll begin with one."""
        self._next = self._clock.monotonic()

    def asked(self) -> None:
        """Take in that one is sent."""
        self._asked = self._clock.monotonic()

    def failed(self) -> None:
        """Take in that the list could not be had."""
        self._next = self._clock.monotonic() + AGAIN_AFTER

    def answered(self, *, is_empty: bool) -> None:
        """Take in that the list came."""
        self._next = self._clock.monotonic() + (WHILE_EMPTY if is_empty else EVERY)

    def doubt(self) -> None:
        """Take in that a Query named none of the devices: the list may be out of date."""
        if self._clock.monotonic() - self._asked > WHILE_EMPTY:
            self.request()
