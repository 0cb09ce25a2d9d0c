"""Readings come in several spellings, leave in the one that the integrations compare with, and are
known to everybody else as typed values: what is none of the known words is unknown, never a guess.
"""

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given

from tests.utec.given import ANY_JSON, THOROUGHLY
from utec_gateway.core.errors import (
    DeviceOfflineError,
    GatewayError,
    UtecRejectedError,
    UtecUnavailableError,
)
from utec_gateway.core.models import Device, StateEntry
from utec_gateway.core.readings import (
    NOTHING_REPORTED,
    Capability,
    Connection,
    DoorState,
    LockMode,
    LockState,
    Moment,
    Reading,
    Readings,
    SwitchState,
)
from utec_gateway.utec.envelope import addressed, check_acceptance, parse_reports, request_body
from utec_gateway.utec.readings import parse_readings, with_readings

LOCK = "02:51:4D:00:00:01"


def state(capability: Any, name: Any, value: Any) -> dict[str, Any]:
    return {"capability": capability, "name": name, "value": value}


def readings(*states: Any) -> dict[tuple[str, str], Any]:
    """Return the readings of one device in a Query answer."""
    (report,) = parse_reports({"devices": [{"id": LOCK, "states": list(states)}]})
    return {(one.capability, one.name): one.value for one in report.states}


@pytest.mark.parametrize(
    ("documented", "observed"),
    [
        (("st.HealthCheck", "Status", "online"), ("st.healthCheck", "status", "Online")),
        (("st.Lock", "lockstate", "LOCKED"), ("st.lock", "lockState", "Locked")),
        (("st.lock", "LockState", "unlocked"), ("st.lock", "lockState", "Unlocked")),
        (("st.Lock", "lockmode", 1), ("st.lock", "lockMode", 1)),
        (("st.BatteryLevel", "Level", 4), ("st.batteryLevel", "level", 4)),
        (("st.DoorSensor", "SensorState", "open"), ("st.doorSensor", "sensorState", "Open")),
        (("st.Switch", "Switch", "on"), ("st.switch", "switch", "on")),
        (("st.SwitchLevel", "Level", 7), ("st.switchLevel", "level", 7)),
        (("st.Brand", "New", "as It Is"), ("st.Brand", "New", "as It Is")),
    ],
)
def test_documented_casing_becomes_the_observed_one(
    documented: tuple[str, str, Any], observed: tuple[str, str, Any]
) -> None:
    assert readings(state(*documented)) == {observed[:2]: observed[2]}


def test_the_same_reading_in_two_spellings_is_one_reading() -> None:
    found = readings(
        state("st.Lock", "lockstate", "locked"), state("st.lock", "lockState", "Unlocked")
    )
    assert found == {("st.lock", "lockState"): "Unlocked"}


@pytest.mark.parametrize("raw", [None, [], {}, "Locked", 5, ["Locked", 5, None]])
def test_a_device_without_readings_is_still_reported(raw: Any) -> None:
    (report,) = parse_reports({"devices": [{"id": LOCK, "states": raw}]})
    assert (report.id, report.states, report.error) == (LOCK, (), None)


def test_readings_in_a_group_instead_of_a_list_are_read_too() -> None:
    (report,) = parse_reports(
        {"devices": [{"id": LOCK, "states": {"0": state("st.lock", "lockState", "Locked")}}]}
    )
    assert report.states[0].value == "Locked"


@pytest.mark.parametrize("name", [None, 5, ["lockState"]])
def test_a_reading_without_a_name_does_not_cost_the_others(name: Any) -> None:
    found = readings(state("st.lock", name, "Locked"), state("st.batteryLevel", "level", 3))
    assert found == {("st.batteryLevel", "level"): 3}


NUMBERS = [("st.lock", "lockMode"), ("st.batteryLevel", "level"), ("st.switchLevel", "level")]


@pytest.mark.parametrize("reading", NUMBERS)
@pytest.mark.parametrize(
    "odd", [True, False, None, "", "4", "full", 4.5, float("nan"), float("inf"), [4], {"level": 4}]
)
def test_what_is_no_whole_number_is_not_read_as_one(reading: tuple[str, str], odd: Any) -> None:
    assert readings(state(*reading, odd), state("st.lock", "lockState", "Locked")) == {
        ("st.lock", "lockState"): "Locked"
    }
    assert readings(state(*reading, 1)) == {reading: 1}


def test_a_devices_error_stands_instead_of_its_readings() -> None:
    offline = {"id": LOCK, "error": {"code": "DEVICE_OFFLINE", "message": "asleep"}}
    (report,) = parse_reports({"devices": [offline]})
    assert (report.states, report.error) == ((), "DEVICE_OFFLINE")


@pytest.mark.parametrize(
    ("code", "error"),
    [
        ("DEVICE_OFFLINE", DeviceOfflineError),
        ("BAD-REQUEST", UtecRejectedError),
        ("INTERNAL_ERROR", UtecUnavailableError),
    ],
)
def test_a_command_that_the_device_refuses_is_not_an_acceptance(
    code: str, error: type[GatewayError]
) -> None:
    payload = {"devices": [{"id": LOCK, "error": {"code": code, "message": "no"}}]}
    with pytest.raises(error):
        check_acceptance(payload, LOCK)


def test_the_error_of_another_device_is_not_ours() -> None:
    check_acceptance({"devices": [{"id": "other", "error": {"code": "DEVICE_OFFLINE"}}]}, LOCK)


@pytest.mark.parametrize("custom", [{"a": 1}, "text", 0, []])
def test_custom_data_is_echoed_letter_by_letter(custom: Any) -> None:
    device = Device(LOCK, {"id": LOCK, "customData": custom})
    assert addressed(device, command={}) == {"id": LOCK, "customData": custom, "command": {}}


def test_no_custom_data_is_made_up() -> None:
    assert addressed(Device(LOCK, {"id": LOCK})) == {"id": LOCK}


def test_a_request_has_the_envelope_that_every_client_sends() -> None:
    assert request_body("Device/Query", {"devices": []}, "one") == {
        "header": {
            "namespace": "Uhome.Device",
            "name": "Query",
            "messageId": "one",
            "payloadVersion": "1",
        },
        "payload": {"devices": []},
    }


ASKED = Moment(datetime(2026, 1, 5, tzinfo=UTC), 5.0)
WORDS: dict[tuple[str, str], tuple[str, dict[Any, Any]]] = {
    ("st.healthCheck", "status"): (
        "connection",
        {"Online": Connection.ONLINE, "Offline": Connection.OFFLINE},
    ),
    ("st.lock", "lockState"): (
        "lock_state",
        {
            "Locked": LockState.LOCKED,
            "Unlocked": LockState.UNLOCKED,
            "Jammed": LockState.JAMMED,
            "Unknown": LockState.UNKNOWN,
        },
    ),
    ("st.lock", "lockMode"): (
        "mode",
        {0: LockMode.NORMAL, 1: LockMode.PASSAGE, 2: LockMode.LOCKOUT},
    ),
    ("st.batteryLevel", "level"): ("battery", {level: level for level in range(1, 6)}),
    ("st.doorSensor", "sensorState"): (
        "door",
        {"Open": DoorState.OPEN, "Closed": DoorState.CLOSED, "Unknown": DoorState.UNKNOWN},
    ),
    ("st.switch", "switch"): (
        "switch",
        {"on": SwitchState.ON, "off": SwitchState.OFF, "Unknown": SwitchState.UNKNOWN},
    ),
    ("st.switchLevel", "level"): ("level", {level: level for level in range(101)}),
}
UNKNOWN = {
    "connection": Connection.UNKNOWN,
    "lock_state": LockState.UNKNOWN,
    "mode": LockMode.UNKNOWN,
    "battery": None,
    "door": DoorState.UNKNOWN,
    "switch": SwitchState.UNKNOWN,
    "level": None,
}
ODD: tuple[Any, ...] = (
    *(True, False, "", "locked ", "lockedd", "open!", "normal", "passage", "low", "full"),
    *("0", "1", "4", 4.0, 1.0, 0.5, -1, 6, 101, 10**30, float("nan")),
    *([], ["Locked"], {}, {"value": "Locked"}),
)


def is_word(key: tuple[str, str], value: Any) -> bool:
    """Tell whether U-tec is known to say so; `true` is no 1, and "1" neither."""
    words = [word.lower() if isinstance(word, str) else word for word in WORDS[key][1]]
    said = value.lower() if isinstance(value, str) else value
    return any(type(said) is type(word) and said == word for word in words)


def typed(key: tuple[str, str], value: Any) -> Reading[Any]:
    """Return the one typed reading of an entry; every other one is as if never reported."""
    found = parse_readings([StateEntry(*key, value, ASKED)])
    name = WORDS[key][0]
    others = {field: getattr(found, field) for field in UNKNOWN if field != name}
    assert others == {field: getattr(NOTHING_REPORTED, field) for field in others}
    reading: Reading[Any] = getattr(found, name)
    return reading


@pytest.mark.parametrize(
    ("key", "word", "value"),
    [(key, word, value) for key, (_, words) in WORDS.items() for word, value in words.items()],
)
def test_each_word_has_one_typed_value_in_whatever_casing(
    key: tuple[str, str], word: Any, value: Any
) -> None:
    for said in {word, *((word.lower(), word.upper()) if isinstance(word, str) else ())}:
        reading = typed(key, said)
        assert reading == Reading(value)
        assert type(reading.value) is type(value)
        assert reading.asked is ASKED


@pytest.mark.parametrize(
    ("key", "odd"), [(key, odd) for key in WORDS for odd in ODD if not is_word(key, odd)]
)
def test_an_odd_value_is_unknown_and_never_a_guess(key: tuple[str, str], odd: Any) -> None:
    reading = typed(key, odd)
    assert reading.value == UNKNOWN[WORDS[key][0]]
    assert reading.asked is ASKED, "it was reported, and nobody knows what it means"


@pytest.mark.parametrize("key", WORDS)
def test_null_is_no_sensor_no_switch_and_no_number(key: tuple[str, str]) -> None:
    name, _ = WORDS[key]
    assert typed(key, None).value == (None if name in {"door", "switch"} else UNKNOWN[name])


def test_what_was_never_reported_is_unknown_and_has_no_moment() -> None:
    assert parse_readings([]) == Readings()
    assert {name: getattr(NOTHING_REPORTED, name).value for name in UNKNOWN} == {
        **UNKNOWN,
        "door": None,
        "switch": None,
    }
    assert {getattr(NOTHING_REPORTED, name).asked for name in UNKNOWN} == {None}


@THOROUGHLY
@given(value=ANY_JSON)
def test_any_json_is_a_typed_value_and_only_a_known_word_is_known(value: Any) -> None:
    for key, (name, words) in WORDS.items():
        read = typed(key, value).value
        assert read is None or type(read) in {type(one) for one in words.values()}
        assert is_word(key, value) or read in {None, UNKNOWN[name]}


@pytest.mark.parametrize(
    ("entry", "states", "is_lock"),
    [
        ({}, [("st.lock", "lockMode", 0)], True),
        ({}, [("ST.Lock", "brandNew", None)], True),
        ({"category": "SmartLock"}, [], True),
        ({"handleType": "utec-lock-sensor"}, [], True),
        ({"category": ["lock"]}, [], True),
        ({"handleType": "utec-dimmer"}, [("st.switch", "switch", "on")], False),
        ({"category": None, "handleType": 5}, [], False),
        ({"name": "Front Door Lock"}, [("st.lockUser", "users", [])], False),
    ],
)
def test_a_lock_is_told_by_what_it_reports_or_by_its_hints(
    entry: dict[str, Any], states: list[tuple[str, str, Any]], *, is_lock: bool
) -> None:
    device = Device(LOCK, entry, tuple(StateEntry(*state) for state in states))
    assert with_readings(device).is_lock is is_lock


LOCK_AND_MODE = {Capability.LOCK, Capability.MODE}
SWITCH_AND_LEVEL = {Capability.SWITCH, Capability.LEVEL}


@pytest.mark.parametrize(
    ("entry", "states", "capabilities"),
    [
        ({}, [("st.lock", "lockState", "Locked"), ("st.lock", "lockMode", 0)], LOCK_AND_MODE),
        ({"category": "SmartLock"}, [("st.switch", "switch", "on")], {Capability.SWITCH}),
        ({}, [("st.switch", "switch", "on"), ("st.switchLevel", "level", 5)], SWITCH_AND_LEVEL),
        ({"handleType": "utec-dimmer"}, [("st.healthCheck", "status", "Online")], SWITCH_AND_LEVEL),
        ({"category": "SmartPlug", "handleType": "utec-switch"}, [], {Capability.SWITCH}),
        ({"type": "LIGHT"}, [], {Capability.SWITCH}),
        ({"category": "SmartLock"}, [], {Capability.LOCK}),
        ({"category": "Sensor"}, [("st.batteryLevel", "level", 3)], set()),
    ],
)
def test_a_device_has_what_it_reports_and_hints_count_until_then(
    entry: dict[str, Any], states: list[tuple[str, str, Any]], capabilities: set[Capability]
) -> None:
    device = Device(LOCK, entry, tuple(StateEntry(*state) for state in states))
    assert with_readings(device).capabilities == capabilities


@pytest.mark.parametrize(
    ("said", "levels"),
    [
        ({"min": 10, "max": 90, "step": 1}, range(10, 91)),
        ({"min": 0, "max": 1000}, range(1, 101)),
        ({"min": 60, "max": 20}, range(1, 101)),
        ({"min": 1}, range(1, 101)),
        ({"min": "1", "max": True}, range(1, 101)),
        ("all", range(1, 101)),
        (None, range(1, 101)),
    ],
    ids=repr,
)
def test_a_dimmer_has_the_levels_that_it_says_within_those_that_all_have(
    said: Any, levels: range
) -> None:
    device = Device(LOCK, {"attributes": {"switchLevelRange": said}})
    assert with_readings(device).levels == levels
    assert with_readings(Device(LOCK, {"attributes": said})).levels == range(1, 101)


def test_whatever_else_a_device_reports_is_a_sensor_with_its_value() -> None:
    reported = [
        ("st.temperatureMeasurement", "temperature", 21.5),
        ("st.waterSensor", "water", "dry" * 100),
        ("x.alarm", "armed", True),
        ("st.batteryLevel", "level", 3),
        ("st.odd", "list", [1]),
        ("st.odd", "endless", float("inf")),
        ("st.odd", "nothing", None),
    ]
    sensors = parse_readings(StateEntry(*state) for state in reported).sensors
    assert [(sensor.name, sensor.reading.value) for sensor in sensors] == [
        ("temperatureMeasurement temperature", 21.5),
        ("waterSensor water", ("dry" * 100)[:100]),
        ("x.alarm armed", True),
    ]
