"""When U-tec is polled next: often while something happens, never too often in any hour."""

from collections import deque
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from math import ceil

from utec_gateway.core.clock import Clock
from utec_gateway.core.errors import UtecRateLimitedError
from utec_gateway.core.events import Event
from utec_gateway.core.models import Device, Operation
from utec_gateway.core.readings import Reading
from utec_gateway.plugin_api.hookspecs import OptionsSource
from utec_gateway.utec.client import LARGEST_BATCH

HOUR = 3600.0
MOST_CALLS = 360
"""Calls in any hour, whatever they are for; commands are never refused, but they count."""
HELD_BACK = 30
"""Calls of an hour that quick polls leave to slower ones and to commands."""
FEW = 20
"""Calls left of an hour below which the slower polls move apart, too."""
ALWAYS_EXTRA = 5
"""Calls of an hour that may be made between polls even where polls use it up: they slow none."""
FOR_COMMANDS = 10
"""Calls of an hour that not even a forced poll takes."""
QUICK = 5.0
"""Seconds from one quick poll to the next."""
BURST = 120.0
"""Seconds of quick polls after a movement or a command: unlock, open, close, lock."""
SECOND_LOOK = 10.0
"""Seconds of quick polls after a first Offline reading, which may be a blip (utec-cloud 5.5)."""
EARLIER_CALLS = 240
"""Calls that are assumed for the hour before the start, which nobody counted."""


@dataclass(frozen=True)
class SlowedPace:
    """Seconds from poll to poll, as they are and as they were to be, and calls an hour at most."""

    interval: int
    wanted: int
    calls: int = MOST_CALLS


class PollingPace:
    """Owns the moment of the next poll, and the count of the last hour's calls."""

    def __init__(self, settings: OptionsSource, called: Event[Operation], clock: Clock) -> None:
        self._settings = settings
        self._clock = clock
        self._asked = self._answered = float("-inf")
        self._calls_per_poll = 1
        self._burst_ends = float("-inf")
        self._watchers = 0
        start = clock.monotonic() - HOUR
        self._calls = deque(start + HOUR / EARLIER_CALLS * n for n in range(1, EARLIER_CALLS + 1))
        """When each call of the last hour was made, by the monotonic clock."""
        self.quickened = Event[None]("the pace of polling")
        """Emitted when the next poll is due earlier than it was."""
        called.subscribe(lambda _operation: self._calls.append(clock.monotonic()))

    @property
    def pause(self) -> float:
        """Return seconds until the next poll, 0 when it is due."""
        interval = self._interval
        due = self._asked + interval if interval == QUICK else self._answered + interval
        if (left := self._left) <= 0:
            due = max(due, self._calls[-left] + HOUR)
        return max(due - self._clock.monotonic(), 0.0)

    @property
    def slowed(self) -> SlowedPace | None:
        """Return how polls come while they come less often than wanted, or None."""
        interval, wanted = round(self._interval), round(self._wanted)
        return SlowedPace(interval, wanted) if interval > wanted else None

    @property
    def extra_calls(self) -> int:
        """Return how many calls of an hour neither calm polls nor a burst of quick ones need."""
        calm = max(float(self._settings.options.poll_interval_seconds), self._evenly)
        polls = self._calls_per_poll * HOUR / calm
        return max(ALWAYS_EXTRA, int(MOST_CALLS - HELD_BACK - BURST / QUICK - polls))

    def check(self, held_back: int = FOR_COMMANDS) -> None:
        """Raise when what is left of the hour's calls is held back, as it is for commands."""
        if self._left <= held_back:
            raise UtecRateLimitedError(
                f"The gateway has called U-tec almost {MOST_CALLS} times in the last hour. "
                "Try again in a minute"
            )

    def poll_now(self) -> None:
        """Make the next poll due at once."""
        self._asked = self._answered = float("-inf")

    def polled(self, asked: float, devices: int) -> None:
        """Take in that a poll for so many devices, `asked` for then, has just ended."""
        self._asked, self._answered = asked, self._clock.monotonic()
        self._calls_per_poll = max(1, ceil(devices / LARGEST_BATCH))

    def seen(self, before: Iterable[Device], after: Iterable[Device]) -> None:
        """Take in how a Query changed the devices."""
        for earlier, now in zip(before, after, strict=True):
            if _has_moved(earlier, now):
                self._quicken(BURST)
            elif (earlier.offline_readings, now.offline_readings) == (0, 1):
                self._quicken(SECOND_LOOK)

    def commanded(self) -> None:
        """Take in that a command is under way."""
        self._quicken(BURST)

    @contextmanager
    def watched(self) -> Iterator[None]:
        """Poll quickly while somebody watches."""
        self._watchers += 1
        self.quickened.emit(None)
        try:
            yield
        finally:
            self._watchers -= 1

    def _quicken(self, seconds: float) -> None:
        self._burst_ends = max(self._burst_ends, self._clock.monotonic() + seconds)
        self.quickened.emit(None)

    @property
    def _wanted(self) -> float:
        is_quick = self._watchers > 0 or self._clock.monotonic() <= self._burst_ends
        return QUICK if is_quick else float(self._settings.options.poll_interval_seconds)

    @property
    def _interval(self) -> float:
        """Return the seconds that are wanted, or more, so that the hour's calls last."""
        wanted, left = self._wanted, self._left
        if wanted == QUICK and left > HELD_BACK:
            return QUICK
        return max(wanted, self._evenly * max(1.0, FEW / max(left, 1)))

    @property
    def _evenly(self) -> float:
        """Return the seconds from poll to poll that use the hour up evenly."""
        return self._calls_per_poll * HOUR / (MOST_CALLS - HELD_BACK)

    @property
    def _left(self) -> int:
        """Return how many of the hour's calls are left, negative after too many commands."""
        while self._calls and self._calls[0] <= self._clock.monotonic() - HOUR:
            self._calls.popleft()
        return MOST_CALLS - len(self._calls)


def _has_moved(before: Device, now: Device) -> bool:
    """Tell whether a reading that was known and matters is another one now."""
    pairs = zip(_readings(before), _readings(now), strict=True)
    return any(earlier.asked and earlier.value != reading.value for earlier, reading in pairs)


def _readings(device: Device) -> tuple[Reading[object], ...]:
    """Return what people move; a battery or a sensor changes by itself."""
    readings = device.readings
    return (readings.lock_state, readings.mode, readings.door, readings.switch, readings.level)
