"""The meter of cloud calls: what a fair-use limit would count."""

from collections import Counter, deque
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from utec_gateway.core.clock import Clock
from utec_gateway.core.events import Event
from utec_gateway.core.models import Operation

DAY_IN_MINUTES = 24 * 60
HOURS_SHOWN = 24
HOUR = timedelta(hours=1)


@dataclass
class Minute:
    """The calls of one minute."""

    starts_at: datetime
    calls: Counter[Operation] = field(default_factory=Counter)
    failures: Counter[Operation] = field(default_factory=Counter)


@dataclass(frozen=True)
class Hour:
    """The calls of one hour."""

    starts_at: datetime
    calls: int
    failures: int


class Meter:
    """Counts every request that left for the cloud, for a day."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self.counts_since = clock.now()
        """What was before is unknown: the count does not survive a restart."""
        self.minutes: deque[Minute] = deque(maxlen=DAY_IN_MINUTES)
        self.sent = Event[Operation]("the meter")
        """Emitted with every request that may have reached the cloud."""

    def count(self, operation: Operation, *, failed: bool, reached: bool = True) -> None:
        """Count one request by how it ended."""
        if reached:
            self.sent.emit(operation)
        starts_at = self._clock.now().replace(second=0, microsecond=0)
        if not self.minutes or self.minutes[-1].starts_at != starts_at:
            self.minutes.append(Minute(starts_at))
        self.minutes[-1].calls[operation] += 1
        if failed:
            self.minutes[-1].failures[operation] += 1

    def by_hour(self) -> tuple[Hour, ...]:
        """Return the last day in hours of the machine's clock, the oldest first.

        Hours before the count began are left out; the last one is not over yet.
        """
        present = _hour_of(self._clock.now())
        counted = (present - _hour_of(self.counts_since)) // HOUR + 1
        first = present - (min(max(counted, 1), HOURS_SHOWN) - 1) * HOUR
        calls, failures = Counter[datetime](), Counter[datetime]()
        for minute in self.minutes:
            hour = _hour_of(minute.starts_at)
            calls[hour] += minute.calls.total()
            failures[hour] += minute.failures.total()
        hours = (first + number * HOUR for number in range((present - first) // HOUR + 1))
        return tuple(Hour(hour, calls[hour], failures[hour]) for hour in hours)

    def last_hour(self) -> int:
        """Return the calls within the last hour."""
        now = self._clock.now()
        return sum(
            minute.calls.total()
            for minute in reversed(self.minutes)
            if timedelta(0) <= now - minute.starts_at < HOUR
        )

    def report(self) -> dict[str, object]:
        """Return the figures: last hour, today (the machine's own day), by action, failures."""
        now = self._clock.now()
        midnight = now.astimezone().replace(hour=0, minute=0, second=0, microsecond=0)
        today = [minute for minute in self.minutes if midnight <= minute.starts_at <= now]
        calls = sum((minute.calls for minute in today), Counter[Operation]())
        failures = sum((minute.failures for minute in today), Counter[Operation]())
        return {
            "last_hour": self.last_hour(),
            "today": calls.total(),
            "by_action": {str(operation): number for operation, number in calls.items()},
            "failures": {str(operation): number for operation, number in failures.items()},
        }


def _hour_of(moment: datetime) -> datetime:
    """Return when its hour began, in the machine's own zone: not all differ by whole hours."""
    return moment.astimezone().replace(minute=0, second=0, microsecond=0).astimezone(UTC)
