"""The kinds of device on the market: what Discovery says of them and what they start with."""

from dataclasses import dataclass

from .states import DoorState, LockState, States, SwitchState


@dataclass(frozen=True, slots=True)
class Kind:
    """A product as Discovery describes it; a range of None means the product has no such thing."""

    category: str
    handle_type: str
    model: str
    hw_version: str
    states: States
    battery_range: tuple[int, int] | None = None
    level_range: tuple[int, int] | None = None
    sensors: tuple[tuple[str, str, object], ...] = ()
    """What Query says of it besides: capability, name, value."""


BATTERY = (1, 5)
LEVEL = (1, 100)
LOCKED = States(lock_state=LockState.LOCKED, lock_mode=0, battery=4)
LOCKED_WITH_DOOR = States(
    lock_state=LockState.LOCKED, lock_mode=0, door=DoorState.CLOSED, battery=4
)
LIGHT_OFF = States(switch=SwitchState.OFF, level=50)
SWITCH_OFF = States(switch=SwitchState.OFF)

KINDS = {
    "lock": Kind("SmartLock", "utec-lock", "U-Bolt-PRO", "02.34.0020", LOCKED, BATTERY),
    "lock_with_sensor": Kind(
        "SmartLock", "utec-lock-sensor", "Bolt-NFC-W", "01.50.0036", LOCKED_WITH_DOOR, BATTERY
    ),
    "unknown_lock": Kind("SmartLock", "utec-generic", "Bolt-F-Matter", "02.36.0028", LOCKED),
    "dimmer": Kind(
        "SmartSwitch", "utec-dimmer", "US01", "01.42.0340", LIGHT_OFF, level_range=LEVEL
    ),
    "switch": Kind("SmartSwitch", "utec-switch", "US02", "01.42.0340", SWITCH_OFF),
    "plug": Kind("SmartPlug", "utec-switch", "SP01", "01.10.0007", SWITCH_OFF),
    "unknown_sensor": Kind(
        "Sensor",
        "utec-air-sensor",
        "AS01",
        "01.00.0003",
        States(battery=3),
        BATTERY,
        sensors=(
            ("st.temperatureMeasurement", "temperature", 21.5),
            ("st.humidityMeasurement", "humidity", 48),
        ),
    ),
    "bulb": Kind("Light", "utec-dimmer", "A19-C1", "01.12.0001", LIGHT_OFF, level_range=LEVEL),
}
