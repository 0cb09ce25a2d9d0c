"""Bolts that move by themselves: whatever was said of the last command is over then."""

from collections.abc import Iterable

from utec_gateway.core.events import Event
from utec_gateway.core.models import Device
from utec_gateway.core.readings import LockState


class BoltMovements:
    """Owns where every bolt was last seen; after a start that is nowhere, so nothing has moved."""

    def __init__(self, polled: Event[tuple[Device, ...]]) -> None:
        self._seen: dict[str, LockState] = {}
        self.moved = Event[Device]("bolts that move")
        """Emitted with a lock that was seen locked or unlocked, and not as before."""
        polled.subscribe(self._take_in)

    def _take_in(self, devices: Iterable[Device]) -> None:
        for lock in devices:
            state = lock.reported_state
            if state is LockState.UNKNOWN or lock.is_said_to_be_offline:
                continue
            before, self._seen[lock.id] = self._seen.get(lock.id), state
            if state is not LockState.JAMMED and before not in {None, state}:
                self.moved.emit(lock)
