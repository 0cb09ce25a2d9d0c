"""When a guest whose time is over goes: a day later, and by no clock that was set wrong."""

from collections.abc import Callable
from datetime import timedelta

from utec_gateway.core.clock import Clock
from utec_gateway.core.zone import Zone

from .record import Record

DELETED_AFTER = timedelta(days=1)
"""How long a guest whose time is over stays on the lock."""
CLOCK_IS_BELIEVED_AFTER = 3000.0
"""Seconds; a machine without a clock of its own starts with a wrong one, until it is set."""


class Expiry:
    """Owns since when each guest's time has been over, by the clock that nobody sets."""

    def __init__(self, zone: Callable[[], Zone], clock: Clock) -> None:
        self._zone = zone
        self._clock = clock
        self._over_since: dict[str, float] = {}

    def is_due(self, record: Record) -> bool:
        """Tell whether a guest is to be deleted; ask at every list."""
        monotonic = self._clock.monotonic()
        if not record.is_over(self._clock.now(), self._zone(), DELETED_AFTER):
            self._over_since.pop(record.id, None)
            return False
        since = self._over_since.setdefault(record.id, monotonic)
        return monotonic - since >= CLOCK_IS_BELIEVED_AFTER
