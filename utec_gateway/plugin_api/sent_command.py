"""A command that a plugin sent."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from utec_gateway.core.outcome import CommandOutcome


@dataclass(frozen=True)
class SentCommand:
    """How a command stands, and how it will have ended."""

    outcome: CommandOutcome
    """Confirmed, or under way still, eight seconds after it was given at the latest."""
    ended: Callable[[], Awaitable[CommandOutcome]]
    """Waits for the end of it, about a minute at most; a failure is in the outcome."""
