"""One device changed and described by name, for the control API and for scenario files."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any

from .behaviour import CommandBehaviour, DeviceBehaviour
from .devices import SimulatedDevice
from .settings_by_name import allowed, checked, knows, listed, set_all
from .states import States


@dataclass(frozen=True, slots=True)
class DeviceEvents:
    """What can be done to a device besides its switches and states.

    `in_seconds` delays the change of states; `offline_for` ends an outage by itself.
    """

    name: str | None = None
    online: bool | None = None
    offline_for: float | None = None
    in_seconds: float = 0.0


def knows_for_devices(name: str) -> bool:
    """Tell whether a switch is one that devices have."""
    return knows(DeviceBehaviour, name)


def allowed_changes() -> dict[str, str]:
    """Tell by name what `change_device` takes."""
    kinds = (DeviceEvents, States, DeviceBehaviour, CommandBehaviour)
    return {name: words for kind in kinds for name, words in allowed(kind).items()}


def change_device(device: SimulatedDevice, wanted: Mapping[str, Any]) -> None:
    """Apply switches, states and events by name, all of them or none.

    A switch of rows D gives the device rules of its own, beginning with the defaults.
    """
    switches = _part(DeviceBehaviour, wanted)
    commands = _part(CommandBehaviour, wanted)
    states = _part(States, wanted)
    taken = {*switches, *commands, *states}
    events = DeviceEvents(
        **checked(DeviceEvents, {key: wanted[key] for key in wanted if key not in taken})
    )
    new_states = checked(States, states)
    new_commands = checked(CommandBehaviour, commands)
    set_all(device.behaviour, checked(DeviceBehaviour, switches))
    if new_commands:
        device.commands = replace(device.commands or CommandBehaviour(), **new_commands)
    device.name = events.name or device.name
    _connect(device, events)
    if new_states:
        device.operate(lambda before: replace(before, **new_states), events.in_seconds)


def describe_device(device: SimulatedDevice) -> dict[str, Any]:
    """Return everything that `change_device` can change, as it is."""
    return {
        "name": device.name,
        "online": device.online,
        **asdict(device.states),
        **listed(device.behaviour),
        **(listed(device.commands) if device.commands else {}),
    }


def _part(kind: type[Any], wanted: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in wanted.items() if knows(kind, name)}


def _connect(device: SimulatedDevice, events: DeviceEvents) -> None:
    if events.online:
        device.go_online()
    if events.offline_for is not None:
        device.go_offline(events.offline_for)
    elif events.online is False:
        device.go_offline()
