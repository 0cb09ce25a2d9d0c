"""One device as people see it: what a card shows, and nothing that it would have to work out."""

from dataclasses import dataclass
from datetime import datetime

from utec_gateway.core.models import Operation
from utec_gateway.core.outcome import CommandOutcome
from utec_gateway.core.readings import BATTERY_LOW, DoorState, LockMode, LockState, SwitchState
from utec_gateway.web.panel.severity import Severity

HELD_OPEN = "held_open"
OFFLINE = "offline"
ONLINE = "online"
TONES = {
    LockState.LOCKED: Severity.GOOD,
    LockState.UNLOCKED: Severity.WARNING,
    HELD_OPEN: Severity.WARNING,
    LockState.JAMMED: Severity.ERROR,
    LockState.UNKNOWN: "idle",
    OFFLINE: "idle",
    ONLINE: "idle",
    SwitchState.OFF: "idle",
}
"""The color of a state; the icon and the word say the same. The others are `busy`."""
ICONS = {
    HELD_OPEN: "unlocked",
    SwitchState.ON: "power",
    SwitchState.OFF: "power",
    "setting_mode": "moving",
    "turning_on": "moving",
    "turning_off": "moving",
    "setting_level": "moving",
    ONLINE: "sensor",
}
"""The icons that are not named like their state."""


@dataclass(frozen=True)
class Slider:
    """The levels of a dimmer, and the one that it has or is told to have."""

    low: int
    high: int
    level: int | None
    """None when nobody knows."""


@dataclass(frozen=True)
class Measurement:
    """Something else that a device reports, in its own words."""

    name: str
    value: str
    """Empty when it is too old to be true."""


@dataclass(frozen=True)
class Action:
    """A button that would not be refused."""

    operation: Operation
    label: str
    """The key of its text."""
    is_filled: bool = False
    """Whether it is what people want of a lock in this state."""
    is_mode: bool = False
    """Whether it sets how the lock takes commands; its label is the mode's name."""


@dataclass(frozen=True)
class Ended:
    """How the last command for a device ended."""

    outcome: CommandOutcome
    verb: str
    """The key of what is said of it."""
    at: datetime


@dataclass(frozen=True)
class Card:
    """One device as people see it."""

    tag: str
    name: str
    state: str
    """A LockState's or SwitchState's word, what it is doing, "held_open", "online" or "offline"."""
    was: LockState
    """The state that a lock had when it was heard of last; UNKNOWN for what is no lock."""
    door: DoorState | None
    """None for a lock that has no sensor."""
    battery: int | None
    mode: LockMode | None
    measurements: tuple[Measurement, ...]
    confirmed_at: datetime | None
    """When a Query last said its state; what U-tec says of an offline device is old news."""
    online: str
    """yes, no or unknown."""
    offline_since: datetime | None
    """None for a device that is online, or was offline already when it was first heard of."""
    asked_by: str
    """By which door the command under way came; empty without one."""
    elapsed: int
    """Seconds that the command under way has taken."""
    ended: Ended | None
    """The last command, while that says something."""
    note: str
    """The key of the one thing to know; empty when the state says it all."""
    is_lock: bool
    is_operable: bool
    """Whether it is of a kind that the gateway can operate."""
    action: Action | None
    """The button that stands out, or None when every command would be refused."""
    more_actions: tuple[Action, ...]
    """The folded ones."""
    switch: SwitchState | None
    """Where the switch stands, or goes; None when there is none to be operated."""
    slider: Slider | None
    """None when there is none to be operated."""

    @property
    def is_moving(self) -> bool:
        """Tell whether a command is under way."""
        return bool(self.asked_by)

    @property
    def is_old(self) -> bool:
        """Tell whether what is known of it was true once."""
        return self.online != "yes"

    @property
    def is_battery_low(self) -> bool:
        """Tell whether the batteries should be changed."""
        return self.battery is not None and self.battery <= BATTERY_LOW

    @property
    def is_ajar(self) -> bool:
        """Tell whether the bolt is out while the door is open, so that nothing is locked."""
        return self.state == LockState.LOCKED and self.door is DoorState.OPEN

    @property
    def has_failed(self) -> bool:
        """Tell whether the last command was not seen to be done."""
        return self.ended is not None and not self.ended.outcome.is_confirmed

    @property
    def needs_attention(self) -> bool:
        """Tell whether a person should look after it."""
        is_lost = self.state in {LockState.JAMMED, LockState.UNKNOWN, OFFLINE}
        return is_lost or self.is_ajar or self.is_battery_low or self.has_failed

    @property
    def tone(self) -> str:
        """Return the class of its color."""
        return Severity.WARNING if self.is_ajar else TONES.get(self.state, "busy")

    @property
    def icon(self) -> str:
        """Return the name of the icon beside the state."""
        return ICONS.get(self.state, self.state)
