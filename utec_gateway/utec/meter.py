"""The meter of cloud calls: what a fair-use limit would count."""

from collections import Counter, deque
from dataclasses import dataclass, field
from datetime import datetime

from utec_gateway.clock import Clock
from utec_gateway.models import Operation

DAY_IN_MINUTES = 24 * 60


@dataclass
class Minute:
    """The calls of one minute."""

    starts_at: datetime
    calls: Counter[Operation] = field(default_factory=Counter)
    failures: Counter[Operation] = field(default_factory=Counter)


class Meter:
    """Counts every request that left for the cloud, for a day."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self.minutes: deque[Minute] = deque(maxlen=DAY_IN_MINUTES)

    def count(self, operation: Operation, *, failed: bool) -> None:
        """Count one request by how it ended."""
        starts_at = self._clock.now().replace(second=0, microsecond=0)
        if not self.minutes or self.minutes[-1].starts_at != starts_at:
            self.minutes.append(Minute(starts_at))
        self.minutes[-1].calls[operation] += 1
        if failed:
            self.minutes[-1].failures[operation] += 1

    def report(self) -> dict[str, object]:
        """Return the figures: last hour, today (the machine's own day), by action, failures."""
        now = self._clock.now()
        midnight = now.astimezone().replace(hour=0, minute=0, second=0, microsecond=0)
        today = [minute for minute in self.minutes if midnight <= minute.starts_at <= now]
        calls = sum((minute.calls for minute in today), Counter[Operation]())
        failures = sum((minute.failures for minute in today), Counter[Operation]())
        return {
            "last_hour": sum(
                minute.calls.total()
                for minute in self.minutes
                if 0 <= (now - minute.starts_at).total_seconds() < 3600  # noqa: PLR2004 - an hour
            ),
            "today": calls.total(),
            "by_action": {str(operation): number for operation, number in calls.items()},
            "failures": {str(operation): number for operation, number in failures.items()},
        }
