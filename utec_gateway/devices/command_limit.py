"""How often a lock may be moved: a bolt that is flipped on and on wears out, and U-tec pays."""

from collections import deque
from math import ceil

from utec_gateway.core.clock import Clock
from utec_gateway.core.errors import GatewayError
from utec_gateway.core.models import Device

MOST_COMMANDS = 6
WITHIN = 60.0


class TooManyCommandsError(GatewayError):
    """A lock is told to wait; nothing was sent. `retry_after` is in seconds."""

    code = "too_many_commands"
    http_status = 429

    def __init__(self, message: str, retry_after: float) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class CommandLimit:
    """Counts the commands that really start, per lock, whoever gives them."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._started: dict[str, deque[float]] = {}

    def count(self, device: Device) -> None:
        """Count one more command; raise TooManyCommandsError when that is one too many."""
        now = self._clock.monotonic()
        started = self._started.setdefault(device.id, deque(maxlen=MOST_COMMANDS))
        wait = started[0] + WITHIN - now if len(started) == MOST_COMMANDS else 0.0
        if wait > 0:
            raise TooManyCommandsError(
                f"{device.name} was given {MOST_COMMANDS} commands within a minute, so this one "
                f"was not sent. Wait {ceil(wait)} seconds, then try again",
                wait,
            )
        started.append(now)
