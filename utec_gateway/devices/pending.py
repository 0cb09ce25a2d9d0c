"""A command on its way, and what keeps a device from obeying."""

import asyncio
from dataclasses import dataclass, field, replace

from utec_gateway.core.command import Command
from utec_gateway.core.command_origin import Origin
from utec_gateway.core.errors import (
    DeviceOfflineError,
    GatewayError,
    NotConfirmedError,
    PassageModeError,
    UtecUnavailableError,
)
from utec_gateway.core.models import Device, Operation
from utec_gateway.core.outcome import CommandOutcome, CommandState

from .permission import unsuitable


@dataclass(eq=False)
class PendingCommand:
    """One command, from the request to the device that has done it or the end of patience."""

    device: Device
    """As it was known when the command was given."""
    outcome: CommandOutcome
    readings_needed: int
    """Readings in a row; after another command, one may show the time before both."""
    ended: asyncio.Future[None] = field(default_factory=asyncio.Future[None])
    is_sent: bool = field(default=False, init=False)
    """Whether it may have left the gateway."""
    _task: asyncio.Task[None] | None = None

    @property
    def command(self) -> Command:
        """Return what was asked for."""
        return self.outcome.command

    @property
    def asked_by(self) -> str:
        """Return who asked for it, as the log says it."""
        return ", ".join(str(origin) for origin in self.outcome.origins)

    def carried_out_by(self, task: asyncio.Task[None]) -> None:
        """Note the task that has to stop when the command is superseded."""
        self._task = task

    def mark_sent(self) -> None:
        """Note that from now on it may have left the gateway."""
        self.is_sent = True

    def join(self, origin: Origin) -> None:
        """Note one more who asked for it."""
        self.outcome = replace(self.outcome, origins=(*self.outcome.origins, origin))

    def mark_ambiguous(self, error: UtecUnavailableError) -> None:
        """Note why nobody knows whether the command reached the device."""
        self.outcome = replace(self.outcome, error=_ambiguous(error, self.command))

    def end(self, state: CommandState, now: float, error: GatewayError | None = None) -> None:
        """Let everybody who waits have the outcome."""
        duration = now - self.outcome.started
        self.outcome = replace(self.outcome, state=state, duration=duration, error=error)
        self.ended.set_result(None)

    def supersede(self, now: float) -> None:
        """End at once: another command has taken this one's place, or the device is gone."""
        self.end(CommandState.SUPERSEDED, now)
        if self._task:
            self._task.cancel()


def _ambiguous(error: UtecUnavailableError, command: Command) -> GatewayError:
    """Return what is said of a command that may have reached the device."""
    if not command.operation.unlocks:
        return error
    return NotConfirmedError(
        f"{error}. The door may or may not have been unlocked; "
        "the command is not sent again automatically"
    )


def obstacle_to(device: Device, command: Command) -> GatewayError | None:
    """Return why a device as it is cannot obey, or None."""
    if device.is_offline:
        return _offline(device)
    return passage(device) if ignores(device, command) else unsuitable(command, device)


def _offline(device: Device) -> DeviceOfflineError:
    if device.is_lock:
        return DeviceOfflineError(
            f"{device.name} is offline: U-tec cannot reach it. Check its Wi-Fi and battery"
        )
    return DeviceOfflineError(
        f"{device.name} is offline: U-tec cannot reach it. Check its Wi-Fi and power supply"
    )


def ignores(device: Device, command: Command) -> bool:
    """Tell whether a lock is held open, and so takes a "lock" without doing it."""
    return device.is_passage and command.operation is Operation.LOCK


def passage(device: Device) -> PassageModeError:
    """Return what is said of a lock that is held open."""
    return PassageModeError(
        f"{device.name} is in passage mode, held open, and would ignore the command. "
        "Set it to normal mode first"
    )
