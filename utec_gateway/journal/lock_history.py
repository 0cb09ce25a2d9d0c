"""How each lock was shown in the last day: what changed when, and when nobody knew."""

from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any, NamedTuple

from utec_gateway.plugin_api.device_status import DeviceStatus

KEPT_FOR = timedelta(days=1)
MOST_CHANGES = 200
"""Of one lock; what was before them is unknown."""


class ShownState(StrEnum):
    """How a lock stood, as far as anybody could know."""

    LOCKED = "locked"
    UNLOCKED = "unlocked"
    JAMMED = "jammed"
    UNKNOWN = "unknown"
    OFFLINE = "offline"


class StateChange(NamedTuple):
    """From when on a lock was shown in a state."""

    at: datetime
    state: ShownState


class LockHistory:
    """Owns the changes, the oldest first, by the lock's tag."""

    def __init__(self) -> None:
        self._changes: dict[str, tuple[StateChange, ...]] = {}

    def of(self, tag: str) -> tuple[StateChange, ...]:
        """Return the changes of one lock; before the first one nobody knows how it stood."""
        return self._changes.get(tag, ())

    def take_in(self, statuses: Iterable[DeviceStatus], now: datetime) -> bool:
        """Take in how all devices stand, and return whether any lock stands otherwise.

        Of a lock that is not among them nothing is known any more.
        """
        locks = {one.device.tag: _state(one) for one in statuses if one.device.is_lock}
        states = dict.fromkeys(self._changes, ShownState.UNKNOWN) | locks
        changed = [tag for tag, state in states.items() if self._add(tag, StateChange(now, state))]
        return bool(changed)

    def mark_unknown(self, now: datetime) -> None:
        """Take in that no lock is polled any more."""
        self.take_in((), now)

    def to_json(self) -> dict[str, list[tuple[int, str]]]:
        """Return the changes by tag, to the second."""
        return {
            tag: [(int(at.timestamp()), state) for at, state in changes]
            for tag, changes in self._changes.items()
        }

    def load(self, raw: Mapping[str, Any], until: datetime) -> None:
        """Read what an earlier run knew `until` then; whatever cannot be read is unknown."""
        for tag, changes in raw.items():
            with suppress(OSError, OverflowError, TypeError, ValueError):
                for at, state in changes:
                    self._add(tag, StateChange(datetime.fromtimestamp(at, UTC), ShownState(state)))
        self.mark_unknown(until)

    def _add(self, tag: str, change: StateChange) -> bool:
        """Add a change unless it is none; a clock that went back takes back what came after."""
        known = self._changes.get(tag, ())
        if known and known[-1].at > change.at:
            known = self._changes[tag] = tuple(one for one in known if one.at <= change.at)
        if change.state is (known[-1].state if known else ShownState.UNKNOWN):
            self._forget_a_lock_that_is_gone(tag, change)
            return False
        self._changes[tag] = (*_of_the_last_day(known, change.at), change)[-MOST_CHANGES:]
        return True

    def _forget_a_lock_that_is_gone(self, tag: str, change: StateChange) -> None:
        known = self._changes.get(tag, ())
        if change.state is ShownState.UNKNOWN and not (known and _is_recent(known[-1], change.at)):
            self._changes.pop(tag, None)


def _state(status: DeviceStatus) -> ShownState:
    if status.device.is_offline:
        return ShownState.OFFLINE
    return ShownState(status.readings.lock_state.value)


def _is_recent(change: StateChange, now: datetime) -> bool:
    return now - change.at < KEPT_FOR


def _of_the_last_day(changes: Sequence[StateChange], now: datetime) -> Sequence[StateChange]:
    """Return the changes of the last day, and the one that says how the lock stood before."""
    old = sum(not _is_recent(change, now) for change in changes)
    return changes[max(old - 1, 0) :]
