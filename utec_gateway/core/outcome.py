"""How a command stands or ended: one value for whoever gave it, the panel, the journal, plugins."""

from dataclasses import dataclass
from enum import StrEnum

from .command import Command
from .command_origin import Origin
from .errors import GatewayError
from .models import Device, Operation


class CommandState(StrEnum):
    """How far a command has come; what was not seen to be done is never called done."""

    UNDER_WAY = "under_way"
    CONFIRMED = "confirmed"
    NOT_CONFIRMED = "not_confirmed"
    FAILED = "failed"
    SUPERSEDED = "replaced"  # the word in the journals of 0.1.0


@dataclass(frozen=True)
class CommandOutcome:
    """What is known of one command."""

    operation: Operation
    started: float
    """Monotonic seconds."""
    state: CommandState = CommandState.UNDER_WAY
    duration: float = 0.0
    """Seconds until the command ended; 0 while it is under way."""
    error: GatewayError | None = None
    """Why it failed, or, while it is under way, why nobody knows whether it reached the lock."""
    origins: tuple[Origin, ...] = ()
    """Who asked for it, in the order in which they did."""
    level: int | None = None
    """What a level was to be, None for other operations."""

    @property
    def command(self) -> Command:
        """Return what was asked for."""
        return Command(self.operation, self.level)

    @property
    def is_under_way(self) -> bool:
        """Tell whether it has not ended yet."""
        return self.state is CommandState.UNDER_WAY

    @property
    def is_confirmed(self) -> bool:
        """Tell whether the device was seen to have done it."""
        return self.state is CommandState.CONFIRMED

    def elapsed(self, now: float) -> float:
        """Return the seconds that the command took, or has been under way."""
        return now - self.started if self.is_under_way else self.duration


@dataclass(frozen=True)
class EndedCommand:
    """A command that has ended, or did not even start."""

    device: Device | None
    """As it is now; None where none is known that it was for."""
    outcome: CommandOutcome
    is_news: bool = False
    """Whether it failed and somebody who asked for it did not see that."""
