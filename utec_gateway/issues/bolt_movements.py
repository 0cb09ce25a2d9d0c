"""Bolts and switches that move by themselves: what was said of the last command is over then."""

from collections.abc import Iterable

from utec_gateway.core.events import Event
from utec_gateway.core.models import Device
from utec_gateway.core.readings import LockState, SwitchState

State = LockState | tuple[SwitchState | None, int | None]
UNKNOWN: frozenset[State] = frozenset({LockState.UNKNOWN, (None, None)})


class BoltMovements:
    """Owns how every device was last seen; after a start that is nowhere, so nothing has moved."""

    def __init__(self, polled: Event[tuple[Device, ...]]) -> None:
        self._seen: dict[str, State] = {}
        self.moved = Event[Device]("bolts that move")
        """Emitted with a device that was seen otherwise than before, and not jammed."""
        polled.subscribe(self._take_in)

    def _take_in(self, devices: Iterable[Device]) -> None:
        for device in devices:
            state = _state(device)
            if state in UNKNOWN or device.is_said_to_be_offline:
                continue
            before, self._seen[device.id] = self._seen.get(device.id), state
            if not device.is_jammed and before not in {None, state}:
                self.moved.emit(device)


def _state(device: Device) -> State:
    switch, level = device.readings.switch.value, device.readings.level.value
    return device.reported_state if device.is_lock else (switch, level)
