"""Readings come in several spellings and leave in the one that the integrations compare with."""

from typing import Any

import pytest

from utec_gateway.core.errors import (
    DeviceOfflineError,
    GatewayError,
    UtecRejectedError,
    UtecUnavailableError,
)
from utec_gateway.core.models import Device
from utec_gateway.utec.envelope import addressed, check_acceptance, parse_reports, request_body

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
    assert request_body("Query", {"devices": []}, "one") == {
        "header": {
            "namespace": "Uhome.Device",
            "name": "Query",
            "messageId": "one",
            "payloadVersion": "1",
        },
        "payload": {"devices": []},
    }
