"""What is published of how things stand; None is what nobody knows (mqtt 1)."""

import re
from collections.abc import Mapping
from enum import StrEnum
from typing import Any

from utec_gateway.plugin_api import (
    BATTERY_LOW,
    CloudStatus,
    DeviceStatus,
    DoorState,
    IssueStatus,
    LockCodes,
    LockMode,
    LockState,
    Operation,
    Readings,
    Sensor,
    SignInStatus,
    SwitchState,
)

LOCKS = {
    LockState.LOCKED: "LOCKED",
    LockState.UNLOCKED: "UNLOCKED",
    LockState.JAMMED: "JAMMED",
}
MOVING = {
    Operation.LOCK: "LOCKING",
    Operation.LOCKOUT_MODE: "LOCKING",
    Operation.UNLOCK: "UNLOCKING",
    Operation.PASSAGE_MODE: "UNLOCKING",
}
MODES = {LockMode.NORMAL: "Normal", LockMode.PASSAGE: "Passage", LockMode.LOCKOUT: "Lockout"}
DOORS: Mapping[StrEnum | None, str] = {DoorState.OPEN: "ON", DoorState.CLOSED: "OFF"}
SWITCHES: Mapping[StrEnum | None, str] = {SwitchState.ON: "ON", SwitchState.OFF: "OFF"}
PERCENT = {1: 10, 2: 30, 3: 50, 4: 70, 5: 100}
"""Of the five levels that U-tec reports (utec-cloud 4.5)."""
SIGN_IN_ISSUES = frozenset(
    {"setup_required", "reauth_required", "renewal_failing", "sign_in_expired"}
)


def device_state(status: DeviceStatus, codes: LockCodes | None) -> Mapping[str, Any]:
    """Return the state of a device, with every key, whatever it is: a missing one is a warning.

    `codes` is None where none are managed.
    """
    shown = status.readings
    listed = codes if codes and codes.number_listed is not None else None
    level, battery = shown.level.value, shown.battery.value
    return {
        "online": not status.device.is_offline,
        "lock": _bolt(status),
        "mode": MODES.get(shown.mode.value),
        "door": DOORS.get(shown.door.value),
        "battery": PERCENT.get(battery) if battery else None,
        "battery_level": battery,
        "battery_low": None if battery is None else _on(battery <= BATTERY_LOW),
        "state": _switch(shown),
        "brightness": level,
        "codes": listed.number_listed if listed else None,
        "codes_waiting": len(listed.waiting) if listed else None,
        "sensors": {key: _value(sensor.reading.value) for key, sensor in sensors_of(shown).items()},
    }


def _bolt(status: DeviceStatus) -> str | None:
    moving = MOVING.get(status.command.operation) if status.command else None
    return moving or LOCKS.get(status.readings.lock_state.value)


def _switch(shown: Readings) -> str | None:
    """Return on or off; some dimmers report a level and no switch."""
    level = shown.level.value
    if shown.switch.value is None and level is not None:
        return _on(level > 0)
    return SWITCHES.get(shown.switch.value)


def _on(is_on: bool) -> str:  # noqa: FBT001 - it says what it is
    return "ON" if is_on else "OFF"


def _value(value: object) -> object:
    return _on(value) if isinstance(value, bool) else value


def sensors_of(readings: Readings) -> Mapping[str, Sensor]:
    """Return whatever else a device reports, by keys that fit into a template."""
    return {re.sub(r"[^a-z0-9]+", "_", one.name.lower()): one for one in readings.sensors}


def sensor_key(key: str) -> str:
    """Return the key of a sensor's entity, which is none of our own."""
    return f"reported_{key}"


def gateway_state(
    sign_in: SignInStatus, cloud: CloudStatus, issues: tuple[IssueStatus, ...]
) -> Mapping[str, Any]:
    """Return how the gateway stands."""
    return {
        "sign_in_problem": _on(any(map(_is_of_sign_in, issues))),
        "issues": [_issue(one) for one in sorted(issues, key=_is_of_sign_in, reverse=True)],
        "cloud": None if cloud.is_reachable is None else _on(cloud.is_reachable),
        "valid_until": sign_in.expires_at and sign_in.expires_at.isoformat(),
        "next_refresh": sign_in.next_refresh_at and sign_in.next_refresh_at.isoformat(),
        "calls_last_hour": cloud.calls_last_hour,
    }


def _is_of_sign_in(one: IssueStatus) -> bool:
    """Tell whether an issue is what the sign-in sensor is about; such issues come first in it."""
    return one.key in SIGN_IN_ISSUES


def _issue(one: IssueStatus) -> Mapping[str, Any]:
    return {
        "title": one.title,
        "message": one.message,
        "severity": one.severity.name.lower(),
        "since": one.since and one.since.isoformat(timespec="seconds"),
    }
