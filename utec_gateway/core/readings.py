"""What a device reports, as typed values: unknown is a value, and nothing here is a guess."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Generic, TypeVar

T_co = TypeVar("T_co", covariant=True)


class Capability(StrEnum):
    """What a device has that can be operated."""

    LOCK = "lock"
    MODE = "mode"
    SWITCH = "switch"
    LEVEL = "level"


class Fixture(StrEnum):
    """What a switch operates, as far as that is known."""

    LIGHT = "light"
    OUTLET = "outlet"
    SWITCH = "switch"


class LockState(StrEnum):
    """Home Assistant's lock states; UNKNOWN is a state, never a guess."""

    LOCKED = "locked"
    UNLOCKED = "unlocked"
    JAMMED = "jammed"
    UNKNOWN = "unknown"


class LockMode(StrEnum):
    """How a lock takes commands: PASSAGE holds it open, so that it ignores "lock"."""

    NORMAL = "normal"
    PASSAGE = "passage"
    LOCKOUT = "lockout"
    UNKNOWN = "unknown"


class DoorState(StrEnum):
    """What a door's sensor reports."""

    OPEN = "open"
    CLOSED = "closed"
    UNKNOWN = "unknown"


class SwitchState(StrEnum):
    """What a switch reports."""

    ON = "on"
    OFF = "off"
    UNKNOWN = "unknown"


class Connection(StrEnum):
    """Whether the cloud reaches the device, by its own last word."""

    ONLINE = "online"
    OFFLINE = "offline"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class Moment:
    """A point in time on two clocks, since the wall clock may jump and a laptop sleep."""

    wall: datetime
    monotonic: float

    def age(self, now: "Moment") -> float:
        """Return the seconds since; the larger of the two clocks."""
        return max((now.wall - self.wall).total_seconds(), now.monotonic - self.monotonic)


@dataclass(frozen=True)
class Reading(Generic[T_co]):
    """One value that the cloud last reported."""

    value: T_co
    asked: Moment | None = field(default=None, compare=False)
    """When it was asked for; None when it was never reported."""


@dataclass(frozen=True)
class Sensor:
    """A reading that has no field of its own: it is shown as the device names it."""

    name: str
    reading: Reading[str | float | bool]


BATTERY_LOW = 2
"""The highest of the levels 1 to 5 that is low (utec-cloud 4.5)."""
WHOLE_RANGE = range(1, 101)
"""Percent, the levels of a dimmer that says nothing else."""


@dataclass(frozen=True)
class Readings:
    """Everything that one device may report; the defaults are what was never reported."""

    connection: Reading[Connection] = Reading(Connection.UNKNOWN)
    lock_state: Reading[LockState] = Reading(LockState.UNKNOWN)
    mode: Reading[LockMode] = Reading(LockMode.UNKNOWN)
    battery: Reading[int | None] = Reading(None)
    """The level, 1 to 5, or None when none of these was reported."""
    door: Reading[DoorState | None] = Reading(None)
    """None for a lock without a sensor."""
    switch: Reading[SwitchState | None] = Reading(None)
    """None for a device that is no switch."""
    level: Reading[int | None] = Reading(None)
    """Percent of a dimmer, or None."""
    sensors: tuple[Sensor, ...] = ()
    """Whatever else a device reports."""


NOTHING_REPORTED = Readings()
