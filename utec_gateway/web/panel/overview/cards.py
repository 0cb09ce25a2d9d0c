"""A card per device: what is known, since when, and what can be done; unknown is a state."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from utec_gateway.core.command import MODES
from utec_gateway.core.errors import UnknownDeviceError
from utec_gateway.core.models import Device, Operation
from utec_gateway.core.outcome import CommandOutcome
from utec_gateway.core.readings import Capability, DoorState, LockMode, LockState, SwitchState
from utec_gateway.devices.cache import DeviceCache
from utec_gateway.devices.commands import Commands

LOW = 2
MOVING = {
    Operation.LOCK: "locking",
    Operation.UNLOCK: "unlocking",
    Operation.NORMAL_MODE: "setting_mode",
    Operation.PASSAGE_MODE: "unlocking",
    Operation.LOCKOUT_MODE: "locking",
    Operation.TURN_ON: "turning_on",
    Operation.TURN_OFF: "turning_off",
    Operation.SET_LEVEL: "setting_level",
}
"""What a device is said to be doing while a command is under way."""
ICONS = {
    "on": "power",
    "off": "power",
    "setting_mode": "moving",
    "turning_on": "moving",
    "turning_off": "moving",
    "setting_level": "moving",
    "online": "good",
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
class Card:
    """One device as people see it."""

    tag: str
    name: str
    state: str
    """A LockState's or SwitchState's word, one of MOVING, "online" or "offline"."""
    door: DoorState | None
    """None for a lock that has no sensor."""
    battery: int | None
    mode: LockMode | None
    measurements: tuple[Measurement, ...]
    confirmed_at: datetime | None
    """When a Query last said its state; what U-tec says of an offline device is old news."""
    online: str
    """yes, no or unknown."""
    outcome: CommandOutcome | None
    elapsed: int
    """Seconds that the command under way has taken."""
    is_lock: bool
    is_operable: bool
    """Whether it is of a kind that the gateway can operate."""
    can_lock: bool
    can_unlock: bool
    can_set_mode: bool
    switch: SwitchState | None
    """Where the switch stands, or goes; None when there is none to be operated."""
    slider: Slider | None
    """None when there is none to be operated."""

    @property
    def is_battery_low(self) -> bool:
        """Tell whether the batteries should be changed."""
        return self.battery is not None and self.battery <= LOW

    @property
    def is_moving(self) -> bool:
        """Tell whether a command is under way."""
        return self.outcome is not None and self.outcome.is_under_way

    @property
    def verb(self) -> str:
        """Return the key of what is said of the outcome; empty without one."""
        operation = self.outcome.operation if self.outcome else ""
        return "mode" if operation in MODES else operation

    @property
    def icon(self) -> str:
        """Return the name of the icon beside the state."""
        return ICONS.get(self.state, self.state)


def cards(cache: DeviceCache, commands: Commands, now: float, *, allow_unlock: bool) -> list[Card]:
    """Return every device's card, in the cloud's order; `now` is in monotonic seconds."""
    return [
        _card(cache, device, commands.last(device.id), now, allow_unlock=allow_unlock)
        for device in cache.devices
    ]


def find_device(devices: Iterable[Device], tag: str) -> Device:
    """Return the device with that tag; ids are never in an address or a form."""
    for device in devices:
        if device.tag == tag:
            return device
    raise UnknownDeviceError("This device no longer exists. Go back to the list")


def _card(
    cache: DeviceCache,
    device: Device,
    outcome: CommandOutcome | None,
    now: float,
    *,
    allow_unlock: bool,
) -> Card:
    is_stale, is_offline = cache.is_stale(device), device.is_offline
    has = frozenset[Capability]() if is_offline else device.capabilities
    mode = device.readings.mode.value
    return Card(
        tag=device.tag,
        name=device.name,
        state=_state(cache, device, outcome),
        door=_door(cache, device),
        battery=device.readings.battery.value,
        mode=None if mode is LockMode.UNKNOWN else mode,
        measurements=tuple(_measurements(cache, device)),
        confirmed_at=device.seen.wall if device.seen and not is_offline else None,
        online="no" if is_offline else "unknown" if is_stale else "yes",
        outcome=outcome if outcome and _still_says_something(cache, device, outcome) else None,
        elapsed=int(outcome.elapsed(now)) if outcome else 0,
        is_lock=device.is_lock,
        is_operable=bool(device.capabilities),
        can_lock=Capability.LOCK in has and not device.is_passage,
        can_unlock=Capability.LOCK in has and allow_unlock,
        can_set_mode=Capability.MODE in has,
        switch=_switch(cache, device, outcome) if Capability.SWITCH in has else None,
        slider=_slider(cache, device, outcome) if Capability.LEVEL in has else None,
    )


def _state(cache: DeviceCache, device: Device, outcome: CommandOutcome | None) -> str:
    if outcome and outcome.is_under_way:
        return MOVING[outcome.operation]
    if device.is_offline:
        return "offline"
    if cache.is_stale(device):
        return LockState.UNKNOWN
    if device.is_lock:
        return device.reported_state
    return _reported_switch(cache, device) if device.capabilities else "online"


def _reported_switch(cache: DeviceCache, device: Device) -> SwitchState:
    """Return what a switch reports; a dimmer may report nothing but its level."""
    switch = device.readings.switch
    if switch.value is not None:
        return cache.fresh(device, switch) or SwitchState.UNKNOWN
    level = cache.fresh(device, device.readings.level)
    if level is None:
        return SwitchState.UNKNOWN
    return SwitchState.ON if level else SwitchState.OFF


def _switch(cache: DeviceCache, device: Device, outcome: CommandOutcome | None) -> SwitchState:
    """Return where the switch stands, or goes while a command is under way."""
    if outcome and outcome.is_under_way:
        goes_on = outcome.operation is Operation.TURN_ON or outcome.level
        return SwitchState.ON if goes_on else SwitchState.OFF
    return _reported_switch(cache, device)


def _slider(cache: DeviceCache, device: Device, outcome: CommandOutcome | None) -> Slider:
    """Return where the slider stands, or goes while a command is under way."""
    level = cache.fresh(device, device.readings.level)
    if outcome and outcome.is_under_way:
        level = outcome.level or level
    return Slider(device.levels[0], device.levels[-1], level)


def _still_says_something(cache: DeviceCache, device: Device, outcome: CommandOutcome) -> bool:
    """Tell whether an outcome may stand below the state: what moved on was moved since."""
    is_known = not (device.is_offline or cache.is_stale(device))
    return not outcome.is_confirmed or (is_known and outcome.command.is_done_in(device.readings))


def _door(cache: DeviceCache, device: Device) -> DoorState | None:
    door = device.readings.door
    return door.value and (cache.fresh(device, door) or DoorState.UNKNOWN)


def _measurements(cache: DeviceCache, device: Device) -> Iterable[Measurement]:
    for sensor in device.readings.sensors:
        value = cache.fresh(device, sensor.reading)
        yield Measurement(sensor.name, "" if value is None else str(value))
