"""U-tec's words for what a device reports, and their typed values; nobody else knows the words."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from enum import StrEnum
from functools import partial
from typing import TypeGuard, TypeVar

from utec_gateway.core.models import Device, StateEntry
from utec_gateway.core.readings import (
    NOTHING_REPORTED,
    Connection,
    DoorState,
    LockMode,
    LockState,
    Moment,
    Reading,
    Readings,
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
    )


def with_readings(device: Device) -> Device:
    """Return a device with the typed values of what the cloud last said of it.

    A lock is told by what it reports; category and handleType are hints (utec-cloud 4.2).
    """
    hints = f"{device.entry.get('category')} {device.entry.get('handleType')}".lower()
    reports_a_bolt = any(entry.key[0] == LOCK for entry in device.states)
    return replace(
        device,
        readings=parse_readings(device.states),
        is_lock=reports_a_bolt or "lock" in hints,
    )


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
    said = value.lower() if isinstance(value, str) else None
    return next((word for word in words if word.value == said), words("unknown"))


def _word_or_none(words: type[Word], value: object) -> Word | None:
    return None if value is None else _word(words, value)


def _number(possible: range, value: object) -> int | None:
    return value if is_whole_number(value) and value in possible else None


def _mode(value: object) -> LockMode:
    number = _number(range(len(MODES)), value)
    return LockMode.UNKNOWN if number is None else MODES[number]
