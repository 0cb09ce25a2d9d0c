"""A command on its way, and how it stands."""

import asyncio
from dataclasses import dataclass, field
from enum import StrEnum

from utec_gateway.core.errors import (
    DeviceOfflineError,
    GatewayError,
    PassageModeError,
    UtecUnavailableError,
)
from utec_gateway.core.models import Device, Operation
from utec_gateway.core.origin import Origin


class Outcome(StrEnum):
    """How a command stands; a bolt that is not seen to move is never called moved."""

    UNDER_WAY = "under_way"
    CONFIRMED = "confirmed"
    NOT_CONFIRMED = "not_confirmed"
    FAILED = "failed"
    REPLACED = "replaced"


@dataclass(frozen=True)
class Progress:
    """How the last command for a lock stands."""

    operation: Operation
    started: float
    """Monotonic seconds."""
    outcome: Outcome = Outcome.UNDER_WAY
    duration: float = 0.0
    """Seconds until the outcome was known."""
    problem: str = ""
    """Why it failed, in words."""
    origins: tuple[Origin, ...] = ()
    """Who asked for it, in the order in which they did."""


@dataclass(eq=False)
class PendingCommand:
    """One command on its way, from the request to the moved bolt or the end of patience."""

    lock: Device
    """As it was known when the command was given."""
    operation: Operation
    started: float
    readings_needed: int
    """Readings in a row; after the opposite command, one may show the time before both."""
    origins: tuple[Origin, ...]
    """Who asked for it: whoever gave the command first, and those who joined."""
    settled: asyncio.Future[bool] = field(default_factory=asyncio.Future[bool])
    """True once the bolt was seen where it should be; or the error that ended the command."""
    ambiguous_error: UtecUnavailableError | None = None
    """Why nobody knows whether the command reached the lock, or None."""
    task: asyncio.Task[None] | None = None

    @property
    def asked_by(self) -> str:
        """Return who asked for it, as the log says it."""
        return ", ".join(str(origin) for origin in self.origins)

    def settle(self, outcome: bool | GatewayError) -> None:  # noqa: FBT001
        """Let the caller have its answer; the first one counts."""
        if self.settled.done():
            return
        if isinstance(outcome, GatewayError):
            self.settled.set_exception(outcome)
        else:
            self.settled.set_result(outcome)

    def supersede(self) -> None:
        """End without an answer: another command has taken this one's place."""
        if self.task:
            self.task.cancel()
        self.settle(False)  # noqa: FBT003


def obstacle_to(device: Device, operation: Operation) -> GatewayError | None:
    """Return why a device as it is cannot obey, or None."""
    if device.is_offline:
        return DeviceOfflineError(
            f"{device.name} is offline: U-tec cannot reach it. Check its Wi-Fi and battery"
        )
    return passage(device) if ignores(device, operation) else None


def ignores(device: Device, operation: Operation) -> bool:
    """Tell whether a lock is held open, and so takes a "lock" without doing it."""
    return device.is_passage and operation is Operation.LOCK


def passage(device: Device) -> PassageModeError:
    """Return what is said of a lock that is held open."""
    return PassageModeError(
        f"{device.name} is in passage mode, held open, and would ignore the command. "
        "Set it to normal mode in the Xthings Home app first"
    )
