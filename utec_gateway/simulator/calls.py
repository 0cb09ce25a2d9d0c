"""What the cloud was asked: the counters by which tests judge a client's manners."""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime

from utec_gateway.core.clock import Clock


@dataclass(frozen=True, slots=True)
class SentCommand:
    """One command as a device was given it, whatever became of it."""

    at: datetime
    device_id: str
    capability: str
    name: str


class Calls:
    """Counts by action, minute and command, which are named like the targets of faults.

    `by_command` counts all that arrive; `commands` keeps those that a device was given.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self.by_action: Counter[str] = Counter()
        self.by_minute: Counter[tuple[datetime, str]] = Counter()
        self.by_command: Counter[str] = Counter()
        self.commands: list[SentCommand] = []
        self.refresh_tokens_presented: list[str] = []
        self.problems: list[str] = []
        self.refreshes_now = 0
        self.most_refreshes_at_once = 0

    def count(self, action: str) -> None:
        """Note that a request for the action arrived."""
        self.by_action[action] += 1
        minute = self._clock.now().replace(second=0, microsecond=0)
        self.by_minute[minute, action] += 1

    def commands_for(self, device_id: str) -> list[str]:
        """Return the names of the commands one device was sent, oldest first."""
        return [command.name for command in self.commands if command.device_id == device_id]

    def number_of(self, capability: str) -> int:
        """Return how many commands of a capability arrived, those that a fault befell included."""
        names = self.by_command.items()
        return sum(calls for name, calls in names if name.partition("/")[0] == capability)

    def busiest_minute(self, action: str) -> int:
        """Return the most requests for an action within one minute of the clock."""
        return max((n for (_, name), n in self.by_minute.items() if name == action), default=0)

    def note_command(self, device_id: str, capability: str, name: str) -> None:
        """Remember a command in the order of arrival."""
        self.commands.append(SentCommand(self._clock.now(), device_id, capability, name))

    @contextmanager
    def refreshing(self, refresh_token: str) -> Iterator[None]:
        """Count a refresh as being in flight for as long as the block lasts."""
        self.refresh_tokens_presented.append(refresh_token)
        self.refreshes_now += 1
        self.most_refreshes_at_once = max(self.most_refreshes_at_once, self.refreshes_now)
        try:
            yield
        finally:
            self.refreshes_now -= 1

    def reset(self) -> None:
        """Forget everything but what is in flight."""
        self.by_action.clear()
        self.by_minute.clear()
        self.by_command.clear()
        self.commands.clear()
        self.refresh_tokens_presented.clear()
        self.problems.clear()
        self.most_refreshes_at_once = self.refreshes_now
