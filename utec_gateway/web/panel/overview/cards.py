"""A card per device: what is known, since when, and what can be done; unknown is a state."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta

from utec_gateway.core.command import MODES
from utec_gateway.core.command_origin import OriginKind
from utec_gateway.core.errors import UnknownDeviceError
from utec_gateway.core.models import Device, Operation
from utec_gateway.core.outcome import CommandOutcome, CommandState
from utec_gateway.core.readings import Capability, DoorState, LockMode, LockState, SwitchState
from utec_gateway.devices.cache import DeviceCache
from utec_gateway.devices.commands import Commands

from .actions import actions, state_of
from .card import OFFLINE, ONLINE, Action, Card, Ended, Measurement, Slider

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


@dataclass(frozen=True)
class Permits:
    """What may leave the gateway at all."""

    allow_unlock: bool
    is_signed_out: bool = False
    """Whether U-tec would refuse every command."""


def cards(cache: DeviceCache, commands: Commands, permits: Permits) -> list[Card]:
    """Return every device's card, in the cloud's order."""
    return [_card(cache, device, commands.last(device.id), permits) for device in cache.devices]


def find_device(devices: Iterable[Device], tag: str) -> Device:
    """Return the device with that tag; ids are never in an address or a form."""
    for device in devices:
        if device.tag == tag:
            return device
    raise UnknownDeviceError("This device no longer exists. Go back to the list")


def _card(
    cache: DeviceCache, device: Device, outcome: CommandOutcome | None, permits: Permits
) -> Card:
    is_stale, is_offline = cache.is_stale(device), device.is_offline
    is_refused = is_offline or permits.is_signed_out
    has = frozenset[Capability]() if is_refused else device.capabilities
    state, mode = _state(cache, device, outcome), _mode(device)
    moving = outcome if outcome and outcome.is_under_way else None
    buttons: tuple[Action, ...] = ()
    if Capability.LOCK in has:
        buttons = actions(state, mode, has, allow_unlock=permits.allow_unlock)
    ended = _ended(cache, device, outcome) if outcome and not moving else None
    return Card(
        tag=device.tag,
        name=device.name,
        state=state,
        was=device.reported_state,
        door=_door(cache, device),
        battery=device.readings.battery.value,
        mode=mode,
        measurements=tuple(_measurements(cache, device)),
        confirmed_at=device.seen.wall if device.seen and not is_offline else None,
        online="no" if is_offline else "unknown" if is_stale else "yes",
        offline_since=device.offline_since.wall if device.offline_since else None,
        asked_by=_asked_by(moving) if moving else "",
        elapsed=int(outcome.elapsed(cache.now().monotonic)) if outcome else 0,
        ended=ended,
        note=_note(device, buttons, permits),
        is_lock=device.is_lock,
        is_operable=bool(device.capabilities),
        action=buttons[0] if buttons else None,
        more_actions=buttons[1:],
        switch=_switch(cache, device, outcome) if Capability.SWITCH in has else None,
        slider=_slider(cache, device, outcome) if Capability.LEVEL in has else None,
    )


def _mode(device: Device) -> LockMode | None:
    mode = device.readings.mode.value
    return None if mode is LockMode.UNKNOWN else mode


def _state(cache: DeviceCache, device: Device, outcome: CommandOutcome | None) -> str:
    if outcome and outcome.is_under_way:
        return MOVING[outcome.operation]
    if device.is_offline:
        return OFFLINE
    if cache.is_stale(device):
        return LockState.UNKNOWN
    if device.is_lock:
        return state_of(device.reported_state, _mode(device))
    return _reported_switch(cache, device) if device.capabilities else ONLINE


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


def _asked_by(outcome: CommandOutcome) -> str:
    """Return who asked for it last, without an address."""
    return outcome.origins[-1].name if outcome.origins else OriginKind.PANEL


def _ended(cache: DeviceCache, device: Device, outcome: CommandOutcome) -> Ended | None:
    """Return how a command ended, while that says more than the state does."""
    if not _still_says_something(cache, device, outcome):
        return None
    now = cache.now()
    at = now.wall - timedelta(seconds=now.monotonic - outcome.started - outcome.duration)
    verb = "mode" if outcome.operation in MODES else outcome.operation
    return Ended(outcome, verb, at)


def _still_says_something(cache: DeviceCache, device: Device, outcome: CommandOutcome) -> bool:
    """Tell whether what a command came to holds: the device may have been moved since."""
    is_known = not (device.is_offline or cache.is_stale(device))
    match outcome.state:
        case CommandState.CONFIRMED:
            return is_known and outcome.command.is_done_in(device.readings)
        case CommandState.NOT_CONFIRMED:
            is_done = is_known and outcome.command.is_done_in(device.readings)
            return not (is_done or device.is_jammed)
        case CommandState.FAILED:
            return True
        case _:
            return False


def _note(device: Device, buttons: tuple[Action, ...], permits: Permits) -> str:
    """Return why there is no button, or not the usual one."""
    if device.is_offline:
        return "offline_lock" if device.is_lock else "offline_other"
    if not device.capabilities:
        return "not_operable"
    if permits.is_signed_out:
        return "signed_out"
    if device.is_lock and device.is_passage:
        return "passage"
    wants_unlock = not permits.allow_unlock and bool(buttons) and not buttons[0].is_filled
    return "no_unlocking" if wants_unlock else ""


def _door(cache: DeviceCache, device: Device) -> DoorState | None:
    door = device.readings.door
    return door.value and (cache.fresh(device, door) or DoorState.UNKNOWN)


def _measurements(cache: DeviceCache, device: Device) -> Iterable[Measurement]:
    for sensor in device.readings.sensors:
        value = cache.fresh(device, sensor.reading)
        yield Measurement(sensor.name, "" if value is None else str(value))
