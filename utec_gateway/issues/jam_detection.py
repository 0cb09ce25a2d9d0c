"""What bolts do by themselves: one that jams is told of at once, one that moves ends a worry."""

from collections.abc import Callable

from utec_gateway.core.models import Device
from utec_gateway.core.readings import LockState

from .raising import Notifications


def is_jammed(lock: Device) -> bool:
    """Tell whether the bolt is stuck; what an offline lock last said is old news."""
    return lock.reported_state is LockState.JAMMED and not lock.is_said_to_be_offline


class Bolts:
    """Owns where every bolt was last seen; after a start that is nowhere, so nothing has moved."""

    def __init__(self, notifications: Notifications, is_under_way: Callable[[str], bool]) -> None:
        self._notifications = notifications
        self._is_under_way = is_under_way
        """Tells of a lock's id whether a command of ours has not ended yet."""
        self._seen: dict[str, LockState] = {}

    def seen(self, lock: Device) -> None:
        """Take note of a fresh reading; the end of a command tells of a jam that it caused."""
        state = lock.reported_state
        if state is LockState.UNKNOWN or lock.is_said_to_be_offline:
            return
        before, self._seen[lock.id] = self._seen.get(lock.id), state
        if is_jammed(lock):
            if not self._is_under_way(lock.id):
                self._notifications.jammed(lock)
            return
        self._notifications.not_jammed(lock)
        if before not in {None, state}:
            self._notifications.bolt_moved(lock)
