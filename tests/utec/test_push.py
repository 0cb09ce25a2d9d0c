"""What the cloud pushes: any JSON is news of a bounded size, or an error of ours."""

import json
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given

from tests.utec.given import ANY_JSON, THOROUGHLY, damaged, wire
from utec_gateway.core.errors import UtecProtocolError
from utec_gateway.core.models import DeviceReport, StateEntry
from utec_gateway.utec.envelope import LONGEST_ID, MOST_DEVICES
from utec_gateway.utec.push import PushedNews, news_in

LOCK, DIMMER = "02:11:22:33:44:55", "02:11:22:33:44:66"
STATES: list[dict[str, Any]] = [
    {"capability": "st.healthCheck", "name": "status", "value": "Online"},
    {"capability": "st.switch", "name": "switch", "value": "on"},
    {"capability": "st.switchLevel", "name": "level", "value": 40},
]
READ = (
    StateEntry("st.healthCheck", "status", "Online"),
    StateEntry("st.switch", "switch", "on"),
    StateEntry("st.switchLevel", "level", 40),
)
FULL = {"id": DIMMER, "states": STATES}
SYNCED = {
    "id": DIMMER,
    "name": "Hall",
    "type": "SmartDimmer",
    "handleType": "utec-dimmer",
    "deviceInfo": {"manufacturer": "U-tec", "model": "Dimmer"},
}


def notification(payload: Any, name: str = "DeviceState") -> dict[str, Any]:
    header = {
        "namespace": "Uhome.Notification",
        "name": name,
        "messageId": "5b8d1c1e-9a40-4b64-8a57-1e5bb0a4c9d2",
        "playloadVersion": "1",
    }
    return {"header": header, "payload": payload}


WITH_ALL_STATES: dict[str, Any] = {
    "full state": notification({"devices": [FULL]}),
    "states as an object of objects": notification(
        {"devices": [{"id": DIMMER, "states": {str(n): one for n, one in enumerate(STATES)}}]}
    ),
    "payload a list": notification([FULL]),
    "top-level list": [FULL],
    "without a header": {"payload": {"devices": [FULL]}},
    "without an envelope": {"devices": [FULL]},
    "with an odd header": {"header": ["DeviceSync"], "payload": [FULL]},
    "payloadVersion spelt right": {
        "header": {"name": "DeviceState", "payloadVersion": "1"},
        "payload": {"devices": [FULL]},
    },
}


@pytest.mark.parametrize("pushed", WITH_ALL_STATES.values(), ids=WITH_ALL_STATES)
def test_every_shape_of_a_state_says_the_same(pushed: Any) -> None:
    assert news_in(pushed) == PushedNews((DeviceReport(DIMMER, READ),))


WITHOUT_STATES: dict[str, Any] = {
    "none": {},
    "null": {"states": None},
    "empty": {"states": []},
    "text": {"states": "Locked"},
    "a state for the states": {"states": STATES[0]},
    "states without names": {"states": [{"capability": "st.lock", "value": "Locked"}]},
    "states of no type": {"states": [None, 5, "st.lock", [], {"capability": 1, "name": 2}]},
    "a level that is no number": {"states": [{**STATES[2], "value": "bright"}]},
}


@pytest.mark.parametrize("states", WITHOUT_STATES.values(), ids=WITHOUT_STATES)
def test_a_push_that_only_names_a_device_says_nothing_of_it(states: dict[str, Any]) -> None:
    assert news_in(notification({"devices": [{"id": LOCK, **states}]})).reports == (
        DeviceReport(LOCK),
    )


def test_a_partial_push_says_only_what_it_says() -> None:
    door = {"capability": "st.doorSensor", "name": "sensorState", "value": "Open"}
    (report,) = news_in(notification({"devices": [{"id": LOCK, "states": [door]}]})).reports
    assert report.states == (StateEntry("st.doorSensor", "sensorState", "Open"),)


def test_casing_is_the_observed_one_so_that_it_compares_with_a_query() -> None:
    state = {"capability": "ST.Lock", "name": "LockState", "value": "LOCKED"}
    (report,) = news_in(notification([{"id": LOCK, "states": [state]}])).reports
    assert report.states == (StateEntry("st.lock", "lockState", "Locked"),)


@pytest.mark.parametrize("name", ["DeviceSync", "DeviceDelete", "devicesync", "DEVICEDELETE"])
def test_devices_that_come_or_go_are_news_of_the_list(name: str) -> None:
    news = news_in(notification({"devices": [SYNCED, {"id": LOCK}]}, name))
    assert news == PushedNews((DeviceReport(DIMMER), DeviceReport(LOCK)), is_of_the_list=True)


@pytest.mark.parametrize("name", ["DeviceState", "DeviceRenamed", "", None, 5, ["DeviceSync"]])
def test_any_other_name_is_news_of_the_devices_alone(name: Any) -> None:
    assert not news_in(notification({"devices": [FULL]}, name)).is_of_the_list


RUBBISH: dict[str, bytes] = {
    "null": b"null",
    "a number": b"5",
    "not a number": b"NaN",
    "infinity": b"-Infinity",
    "a string": b'"02:11:22:33:44:55"',
    "an empty object": b"{}",
    "an empty list": b"[]",
    "an empty payload": b'{"payload": {}}',
    "null for the payload": b'{"payload": null}',
    "no devices": b'{"payload": {"devices": []}}',
    "null for the devices": b'{"payload": {"devices": null}}',
    "devices by name": b'{"payload": {"devices": {"id": "x"}}}',
    "text for devices": b'{"payload": {"devices": ["x", 5, null, true, [], {}]}}',
    "ids that are numbers": b'{"payload": {"devices": [{"id": 5}, {"id": 1e999}]}}',
    "ids of no type": b'[{"id": null}, {"id": ["x"]}, {"id": {"id": "x"}}, {"id": true}]',
    "an empty id": b'[{"id": ""}]',
    "an endless id": b'[{"id": "' + b"x" * (LONGEST_ID + 1) + b'"}]',
}


@pytest.mark.parametrize("body", RUBBISH.values(), ids=RUBBISH)
def test_what_names_no_device_is_an_error_of_ours_that_repeats_nothing(body: bytes) -> None:
    with pytest.raises(UtecProtocolError) as refused:
        news_in(json.loads(body))
    assert str(refused.value) == "The push names no device"
    assert refused.value.__cause__ is None


STRANGE_VALUES: dict[str, str] = {
    "not a number": "NaN",
    "infinity": "1e999",
    "huge": "9" * 4_000,
    "nested": "[" * 200 + "]" * 200,
    "half a letter": r'"\ud800"',
    "nothing": "null",
    "an object": '{"a": [1, {"b": 2}]}',
}


@pytest.mark.parametrize("value", STRANGE_VALUES.values(), ids=STRANGE_VALUES)
def test_a_strange_value_is_data(value: str) -> None:
    state = f'{{"capability": "st.lock", "name": "lockState", "value": {value}}}'
    (report,) = news_in([{"id": LOCK, "states": [json.loads(state)]}]).reports
    assert report.id == LOCK
    assert [one.key for one in report.states] == [("st.lock", "lockstate")]


def test_half_letters_are_data_everywhere() -> None:
    half = r"\udfff"
    state = f'{{"capability": "{half}", "name": "{half}", "value": "{half}"}}'
    body = (
        f'{{"header": {{"name": "{half}"}}, "payload": [{{"id": "{half}", "states": [{state}]}}]}}'
    )
    (report,) = news_in(json.loads(body)).reports
    assert report == DeviceReport("\udfff", (StateEntry("\udfff", "\udfff", "\udfff"),))


def test_a_device_that_is_named_twice_counts_once() -> None:
    assert news_in(notification([{"id": LOCK}, FULL, {"id": LOCK, "states": STATES}])).reports == (
        DeviceReport(LOCK),
        DeviceReport(DIMMER, READ),
    )


def test_of_thousands_of_devices_only_as_many_are_kept_as_an_account_may_have() -> None:
    news = news_in(notification([{"id": f"device {number}"} for number in range(5_000)]))
    assert [report.id for report in news.reports] == [f"device {n}" for n in range(MOST_DEVICES)]


REALISTIC = (*WITH_ALL_STATES.values(), notification({"devices": [SYNCED]}, "DeviceSync"))


@THOROUGHLY
@given(damaged(REALISTIC) | ANY_JSON)
def test_any_json_is_news_or_an_error_of_ours(pushed: Any) -> None:
    with suppress(UtecProtocolError):
        news = news_in(json.loads(wire(pushed)))
        assert 0 < len(news.reports) <= MOST_DEVICES
        assert all(isinstance(report.id, str) for report in news.reports)
