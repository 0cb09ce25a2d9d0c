"""What can be true of a device, and the few ways in which that changes (rows C3, C4, C6)."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from enum import StrEnum

NORMAL_MODE, PASSAGE_MODE, LOCKED_MODE = 0, 1, 2


class LockState(StrEnum):
    """The values of `lockState`."""

    LOCKED = "Locked"
    UNLOCKED = "Unlocked"
    JAMMED = "Jammed"
    UNKNOWN = "Unknown"


class DoorState(StrEnum):
    """The values of `sensorState`."""

    CLOSED = "Closed"
    OPEN = "Open"
    UNKNOWN = "Unknown"


class SwitchState(StrEnum):
    """The values of `switch`."""

    ON = "on"
    OFF = "off"
    UNKNOWN = "Unknown"


@dataclass(frozen=True, slots=True)
class States:
    """One moment of one device; None is what the device does not have."""

    lock_state: LockState | None = None
    lock_mode: int | None = None
    door: DoorState | None = None
    battery: int | None = None
    switch: SwitchState | None = None
    level: int | None = None


Change = Callable[[States], States]


def lock(states: States) -> States:
    """Throw the bolt, unless passage mode holds it back."""
    if states.lock_mode == PASSAGE_MODE:
        return states
    return replace(states, lock_state=LockState.LOCKED)


def unlock(states: States) -> States:
    """Draw the bolt."""
    return replace(states, lock_state=LockState.UNLOCKED)


def jam(states: States) -> States:
    """Stop the bolt half-way."""
    return replace(states, lock_state=LockState.JAMMED)


def to_mode(mode: int) -> Change:
    """Return the change of mode; passage opens, leaving it locks, mode 2 locks."""

    def change(states: States) -> States:
        if mode == PASSAGE_MODE:
            bolt = LockState.UNLOCKED
        elif mode == LOCKED_MODE or states.lock_mode == PASSAGE_MODE:
            bolt = LockState.LOCKED
        else:
            return replace(states, lock_mode=mode)
        return replace(states, lock_mode=mode, lock_state=bolt)

    return change


def to_switch(state: SwitchState) -> Change:
    """Return the change that turns a switch on or off."""
    return lambda states: replace(states, switch=state)


def to_level(level: int) -> Change:
    """Return the change of a dimmer; 0 turns it off and leaves the level, more turns it on."""
    if level == 0:
        return to_switch(SwitchState.OFF)
    return lambda states: replace(states, level=level, switch=SwitchState.ON)
