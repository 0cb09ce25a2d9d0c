"""U-tec's words for what a device reports, and their typed values; nobody else knows the words."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from enum import StrEnum
from functools import partial
from math import isfinite
from typing import TypeGuard, TypeVar

from utec_gateway.core.models import Device, StateEntry
from utec_gateway.core.readings import (
    NOTHING_REPORTED,
    WHOLE_RANGE,
    Capability,
    Connection,
    DoorState,
    Fixture,
    LockMode,
    LockState,
    Moment,
    Reading,
    Readings,
    Sensor,
    SwitchState,
)

T = TypeVar("T")
Word = TypeVar("Word", bound=StrEnum)
Key = tuple[str, str]
"""A capability and the name of its state."""

NUMBER: frozenset[str] = frozenset()
VOCABULARY: Mapping[Key, frozenset[str]] = {
    ("st.healthCheck", "status"): frozenset({"online", "offline"}),
    ("st.lock", "lockState"): frozenset({"locked", "unlocked", "jammed", "unknown"}),
    ("st.lock", "lockMode"): NUMBER,
    ("st.batteryLevel", "level"): NUMBER,
    ("st.doorSensor", "sensorState"): frozenset({"closed", "open", "unknown"}),
    ("st.switch", "switch"): frozenset({"on", "off", "unknown"}),
    ("st.switchLevel", "level"): NUMBER,
}
"""The words of each reading, in the casing of the wire, or that it is a number (utec-cloud 4.4)."""
IN_SAMPLES_ONLY: Mapping[Key, frozenset[str]] = {("st.switch", "level"): NUMBER}
OTHER_CAPABILITIES = frozenset(
    {"st.brightness", "st.color", "st.colortemperature", "st.deferredresponse", "st.lockuser"}
)
"""Those that no Query was seen to report (utec-cloud 4.4)."""

MODES = {0: LockMode.NORMAL, 1: LockMode.PASSAGE, 2: LockMode.LOCKOUT}
BATTERY_LEVELS = range(1, 6)
"""The levels that there are (utec-cloud 4.5)."""
PERCENT = range(101)
LOCK = "st.lock"
HEALTH, LOCK_STATE, MODE, BATTERY, DOOR, SWITCH, LEVEL = (
    (capability.lower(), name.lower()) for capability, name in VOCABULARY
)
DEFINING = {
    MODE: Capability.MODE,
    SWITCH: Capability.SWITCH,
    LEVEL: Capability.LEVEL,
}
"""The readings that show what a device has; anything of a lock shows the bolt."""
HINTS = {
    "lock": {Capability.LOCK},
    "switch": {Capability.SWITCH},
    "plug": {Capability.SWITCH},
    "light": {Capability.SWITCH},
    "dimmer": {Capability.SWITCH, Capability.LEVEL},
}
"""What category and handleType hint at (utec-cloud 4.1, 4.2)."""
FIXTURES = {
    "light": Fixture.LIGHT,
    "bulb": Fixture.LIGHT,
    "dimmer": Fixture.LIGHT,
    "plug": Fixture.OUTLET,
}
KNOWN = frozenset({HEALTH, LOCK_STATE, MODE, BATTERY, DOOR, SWITCH, LEVEL})
LONGEST_TEXT = 100
FADING = frozenset({LOCK_STATE, DOOR})
"""Readings that must not be shown once they are old: somebody may rely on them."""


def parse_readings(states: Iterable[StateEntry]) -> Readings:
    """Return the typed values; what is none of U-tec's words is unknown."""
    said, unsaid = {entry.key: entry for entry in states}, NOTHING_REPORTED
    return Readings(
        connection=_read(said.get(HEALTH), partial(_word, Connection), unsaid.connection),
        lock_state=_read(said.get(LOCK_STATE), partial(_word, LockState), unsaid.lock_state),
        mode=_read(said.get(MODE), _mode, unsaid.mode),
        battery=_read(said.get(BATTERY), partial(_number, BATTERY_LEVELS), unsaid.battery),
        door=_read(said.get(DOOR), partial(_word_or_none, DoorState), unsaid.door),
        switch=_read(said.get(SWITCH), partial(_word_or_none, SwitchState), unsaid.switch),
        level=_read(said.get(LEVEL), partial(_number, PERCENT), unsaid.level),
        sensors=tuple(_sensors(said.values())),
    )


def parse_connection(states: Iterable[StateEntry]) -> Reading[Connection]:
    """Return whether the cloud reaches a device."""
    entry = next((entry for entry in states if entry.key == HEALTH), None)
    return _read(entry, partial(_word, Connection), NOTHING_REPORTED.connection)


def _sensors(states: Iterable[StateEntry]) -> Iterator[Sensor]:
    """Yield the plain values that have no field of their own."""
    for entry in states:
        if entry.key not in KNOWN and (value := _plain(entry.value)) is not None:
            name = f"{entry.capability.removeprefix('st.')} {entry.name}"[:LONGEST_TEXT]
            yield Sensor(name, Reading(value, entry.seen))


def _plain(value: object) -> str | float | bool | None:
    if isinstance(value, str):
        return value[:LONGEST_TEXT]
    return value if isinstance(value, int | float) and isfinite(value) else None


def with_readings(device: Device) -> Device:
    """Return a device with the typed values of what the cloud last said of it."""
    return replace(
        device,
        readings=parse_readings(device.states),
        capabilities=reported_capabilities(device.states) or _hinted(device.entry),
        levels=_levels(device.entry),
        fixture=_fixture(device.entry),
        model=_about(device.entry, "model"),
        firmware=_about(device.entry, "hwVersion"),
    )


def reported_capabilities(states: Iterable[StateEntry]) -> frozenset[Capability]:
    """Return what a device has by what it reports."""
    keys = {entry.key for entry in states}
    found = {capability for key, capability in DEFINING.items() if key in keys}
    has_a_bolt = any(capability == LOCK for capability, _ in keys)
    return frozenset(found | {Capability.LOCK}) if has_a_bolt else frozenset(found)


def _hinted(entry: Mapping[str, object]) -> frozenset[Capability]:
    """Return what Discovery hints at; it is often wrong (utec-cloud 4.2)."""
    hints = kind_of(entry).lower()
    return frozenset().union(*(found for word, found in HINTS.items() if word in hints))


def _about(entry: Mapping[str, object], what: str) -> str:
    """Return what a device says of itself, empty when it does not (utec-cloud 4.1)."""
    about = entry.get("deviceInfo")
    said = about.get(what) if isinstance(about, Mapping) else None
    return said.strip()[:LONGEST_TEXT] if isinstance(said, str) and said.isprintable() else ""


def _fixture(entry: Mapping[str, object]) -> Fixture:
    hints = kind_of(entry).lower()
    return next((found for word, found in FIXTURES.items() if word in hints), Fixture.SWITCH)


def kind_of(entry: Mapping[str, object]) -> str:
    """Return what Discovery says of the kind of a device (utec-cloud 4.1)."""
    return f"{entry.get('category') or entry.get('type')} {entry.get('handleType')}"


def _levels(entry: Mapping[str, object]) -> range:
    """Return the range that a dimmer says it has, within the one that all have."""
    attributes = entry.get("attributes")
    said = attributes.get("switchLevelRange") if isinstance(attributes, Mapping) else None
    low, high = (said.get("min"), said.get("max")) if isinstance(said, Mapping) else (None, None)
    if not (is_whole_number(low) and is_whole_number(high)):
        return WHOLE_RANGE
    return range(max(low, 1), min(high, 100) + 1) or WHOLE_RANGE


def query_shaped(
    device: Device, *, is_online: bool, holds: Callable[[Moment | None], bool]
) -> dict[str, object]:
    """Return what the integrations are told of a device (http-contract 3).

    The 1.5 integration shows the last lock state for ever on an error and reads every word
    but "Locked" as unlocked. So what is not known is left out: it then shows *unknown*.
    """
    health = StateEntry("st.healthCheck", "status", "Online" if is_online else "Offline")
    is_unknown = device.readings.lock_state.value is LockState.UNKNOWN
    shown = [
        entry
        for entry in device.states
        if entry.key != HEALTH
        and (entry.key not in FADING or holds(entry.seen))
        and not (entry.key == LOCK_STATE and is_unknown)
    ]
    return {"id": device.id, "states": [entry.to_json() for entry in (health, *shown)]}


def is_whole_number(value: object) -> TypeGuard[int]:
    """Tell a whole number from what only compares like one: `true` is no battery level."""
    return isinstance(value, int) and not isinstance(value, bool)


def _read(entry: StateEntry | None, parse: Callable[[object], T], unsaid: Reading[T]) -> Reading[T]:
    return Reading(parse(entry.value), entry.seen) if entry else unsaid


def _word(words: type[Word], value: object) -> Word:
    try:
        return words(value.lower() if isinstance(value, str) else "unknown")
    except ValueError:
        return words("unknown")


def _word_or_none(words: type[Word], value: object) -> Word | None:
    return None if value is None else _word(words, value)


def _number(possible: range, value: object) -> int | None:
    return value if is_whole_number(value) and value in possible else None


def _mode(value: object) -> LockMode:
    number = _number(range(len(MODES)), value)
    return LockMode.UNKNOWN if number is None else MODES[number]
