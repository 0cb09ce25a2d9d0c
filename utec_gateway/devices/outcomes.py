"""How commands stand and how they ended, for whoever looks or listens."""

import logging
from collections.abc import Iterable

from utec_gateway.core.clock import Clock
from utec_gateway.core.command import Command
from utec_gateway.core.command_origin import Origin
from utec_gateway.core.errors import GatewayError
from utec_gateway.core.events import Event
from utec_gateway.core.models import Device
from utec_gateway.core.outcome import CommandOutcome, CommandState, EndedCommand

from .pending import PendingCommand

_LOGGER = logging.getLogger(__name__)

IS_NEWS_FOR = 300.0
"""Seconds; what became of an older command says nothing about the device any more."""
SAID_AGAIN_AFTER = 60.0
"""Seconds; a caller that is refused again and again fills neither log nor disk."""


class Outcomes:
    """Owns the last command for each device; whatever ends one says so here, once."""

    def __init__(self, devices_changed: Event[tuple[Device, ...]], clock: Clock) -> None:
        self.ended = Event[EndedCommand]("commands that end")
        """Emitted with every command that has ended, or was refused."""
        self.began = Event[CommandOutcome]("commands that start")
        """Emitted with every command that is under way from now on."""
        self._clock = clock
        self._last: dict[str, PendingCommand] = {}
        self._refused: dict[str, float] = {}
        """When a caller was last refused, by the device's tag."""
        devices_changed.subscribe(self._forget_all_but)

    def last(self, device_id: str) -> CommandOutcome | None:
        """Return how the last command for a device stands, None when there was none lately."""
        if device_id not in self._last:
            return None
        outcome = self._last[device_id].outcome
        ended = outcome.started + outcome.duration
        is_news = outcome.is_under_way or self._clock.monotonic() - ended < IS_NEWS_FOR
        return outcome if is_news else None

    def pending(self, device_id: str) -> PendingCommand | None:
        """Return the command for a device that has not ended yet."""
        last = self._last.get(device_id)
        return last if last and last.outcome.is_under_way else None

    def is_under_way(self, device_id: str) -> bool:
        """Tell whether a command for this device has not ended yet."""
        return self.pending(device_id) is not None

    def _forget_all_but(self, devices: Iterable[Device]) -> None:
        """Give up the commands for devices that are gone, and forget how they went."""
        for device_id in self._last.keys() - {device.id for device in devices}:
            if pending := self.pending(device_id):
                pending.supersede(self._clock.monotonic())
            del self._last[device_id]

    def started(self, pending: PendingCommand) -> None:
        """Take note of a command that starts."""
        _LOGGER.info("%s: %s, asked by %s", pending.device.name, pending.command, pending.asked_by)
        self._last[pending.device.id] = pending
        self.began.emit(pending.outcome)

    def collapsed(self, earlier: PendingCommand, pending: PendingCommand) -> None:
        """Take note of a command in the place of one that was never sent, and is no news."""
        earlier.supersede(self._clock.monotonic())
        self._last[pending.device.id] = pending

    def joined(self, pending: PendingCommand, origin: Origin) -> None:
        """Take note of somebody who asked for what is under way already."""
        if origin in pending.outcome.origins:
            return
        _LOGGER.info("%s: %s, asked by %s, too", pending.device.name, pending.command, origin)
        pending.join(origin)

    def confirmed(self, pending: PendingCommand, device: Device) -> None:
        """Say that the device was seen to have done it."""
        duration = self._ended(pending, device, CommandState.CONFIRMED)
        subject = device.name, pending.command
        _LOGGER.info("%s: %s confirmed after %.1f s (%s)", *subject, duration, pending.asked_by)

    def not_confirmed(self, pending: PendingCommand, device: Device) -> None:
        """Say that patience has ended and the device was not seen to do it."""
        duration = self._ended(pending, device, CommandState.NOT_CONFIRMED, is_news=True)
        subject = device.name, pending.command
        _LOGGER.warning(
            "%s: %s not confirmed within %d s (%s)", *subject, duration, pending.asked_by
        )

    def failed(
        self, pending: PendingCommand, device: Device, error: GatewayError, *, late: bool
    ) -> None:
        """Say why a command was not carried out; people hear it unless they saw the answer.

        Too late, and the caller was told "pending".
        """
        subject = device.name, pending.command
        _LOGGER.warning("%s: %s failed (%s): %s", *subject, pending.asked_by, error)
        saw_it = all(origin.sees_the_answer for origin in pending.outcome.origins)
        self._ended(pending, device, CommandState.FAILED, error, is_news=late or not saw_it)

    def superseded(self, pending: PendingCommand) -> None:
        """Say that a newer command took this one's place."""
        pending.supersede(self._clock.monotonic())
        self.ended.emit(EndedCommand(pending.device, pending.outcome))

    def abandoned(self, pending: PendingCommand) -> None:
        """Say that nobody waits for the device any more, unless it has ended otherwise."""
        if pending.outcome.is_under_way:
            self._ended(pending, pending.device, CommandState.NOT_CONFIRMED)

    def refused(
        self, command: Command, origin: Origin, error: GatewayError, device: Device | None = None
    ) -> CommandOutcome:
        """Say that a command did not even start; None where no device is known."""
        now = self._clock.monotonic()
        outcome = CommandOutcome(
            command.operation, now, CommandState.FAILED, 0.0, error, (origin,), command.level
        )
        tag = device.tag if device else ""
        if now - self._refused.get(tag, float("-inf")) < SAID_AGAIN_AFTER:
            return outcome
        self._refused[tag] = now
        name = device.name if device else "A lock" if command.is_for_locks else "A device"
        _LOGGER.warning("%s: %s refused (%s): %s", name, command, origin, error)
        self.ended.emit(EndedCommand(device, outcome, is_news=not origin.sees_the_answer))
        return outcome

    def _ended(
        self,
        pending: PendingCommand,
        device: Device,
        state: CommandState,
        error: GatewayError | None = None,
        *,
        is_news: bool = False,
    ) -> float:
        """End a command and say so; return the seconds that it took."""
        pending.end(state, self._clock.monotonic(), error)
        self.ended.emit(EndedCommand(device, pending.outcome, is_news))
        return pending.outcome.duration
