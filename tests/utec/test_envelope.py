"""The wire of the action endpoint: any answer is a value of ours or an error of ours."""

import json
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.utec.given import ANY_JSON, THOROUGHLY, damaged, wire
from utec_gateway.core.errors import (
    DeviceOfflineError,
    GatewayError,
    InvalidTokenError,
    UtecProtocolError,
    UtecRateLimitedError,
    UtecRejectedError,
    UtecServerError,
    UtecUnavailableError,
)
from utec_gateway.utec.envelope import (
    check_acceptance,
    parse_discovery,
    parse_payload,
    parse_reports,
)
from utec_gateway.utec.transport import Answer

LOCK = "02:51:4D:00:00:01"
HEADER = {"namespace": "Uhome.Device", "name": "Query", "messageId": "5b8d", "payloadVersion": "1"}
STATES = [
    {"capability": "st.healthCheck", "name": "status", "value": "Online"},
    {"capability": "st.lock", "name": "lockState", "value": "Locked"},
    {"capability": "st.lock", "name": "lockMode", "value": 0},
    {"capability": "st.batteryLevel", "name": "level", "value": 4},
]
DEFERRED = [{"capability": "st.deferredResponse", "name": "seconds", "value": 20}]
PAYLOADS: tuple[Any, ...] = (
    {"devices": [{"id": LOCK, "name": "Garden", "category": "SmartLock", "customData": {}}]},
    {"devices": [{"id": LOCK, "states": STATES}, {"id": "02:51:4D:00:00:02", "states": None}]},
    {"devices": [{"id": LOCK, "states": DEFERRED}]},
    {"devices": [{"id": LOCK, "error": {"code": "DEVICE_OFFLINE", "message": "no"}}]},
    {"error": {"code": "INVALID_TOKEN", "message": "malformed"}},
    [],
)
REALISTIC = tuple({"header": HEADER, "payload": payload} for payload in PAYLOADS)


def read(answer: Answer) -> list[Any]:
    """Read an answer as each of the three verbs does; return all that may be shown or kept."""
    payload = parse_payload(answer)
    entries = parse_discovery(payload)
    reports = parse_reports(payload)
    for report in reports:
        assert isinstance(report.id, str)
        assert report.error is None or report.error.isascii()
    assert len({report.id for report in reports}) == len(reports)
    return [*entries, *(state.to_json() for report in reports for state in report.states)]


@THOROUGHLY
@given(st.integers(100, 599), st.binary(max_size=200), st.none() | st.floats(0))
def test_any_bytes_give_a_value_or_an_error_of_ours(
    status: int, body: bytes, retry_after: float | None
) -> None:
    with suppress(GatewayError):
        read(Answer(status, body, retry_after))


@THOROUGHLY
@given(st.sampled_from([200, 200, 200, 400]), ANY_JSON | damaged(REALISTIC))
def test_any_json_gives_values_that_can_be_written_as_json_again(status: int, said: Any) -> None:
    with suppress(GatewayError):
        json.dumps(read(Answer(status, wire(said))), allow_nan=False)


@THOROUGHLY
@given(ANY_JSON | damaged(REALISTIC))
def test_any_command_answer_is_an_acceptance_or_an_error_of_ours(said: Any) -> None:
    with suppress(GatewayError):
        check_acceptance(parse_payload(Answer(200, wire(said))), LOCK)


@pytest.mark.parametrize("number", ["1e999", "-1e999", "NaN", "Infinity"])
def test_a_number_that_json_cannot_hold_does_not_reach_those_who_read_us(number: str) -> None:
    entry = f'{{"id": "{LOCK}", "states": [{{"capability":"a","name":"b","value":{number}}}]}}'
    found = read(Answer(200, f'{{"payload": {{"devices": [{entry}]}}}}'.encode()))
    json.dumps(found, allow_nan=False)


def test_an_answer_nested_without_end_is_not_the_protocol() -> None:
    with pytest.raises(UtecProtocolError):
        parse_payload(Answer(200, b'{"payload":' + b"[" * 500_000))


def said_error(code: Any) -> bytes:
    return wire({"header": HEADER, "payload": {"error": {"code": code, "message": "because"}}})


HTML = b"<!doctype html><p>Back soon."
FINE = b'{"payload":{"devices":[]}}'
GATEWAY_DOWN = b'{"message":"Internal server error"}'


@pytest.mark.parametrize(
    ("status", "body", "error"),
    [
        (401, b"", InvalidTokenError),
        (401, HTML, InvalidTokenError),
        (429, b'{"message":"Too Many Requests"}', UtecRateLimitedError),
        (500, GATEWAY_DOWN, UtecServerError),
        (500, said_error("INVALID_TOKEN"), UtecServerError),
        (502, HTML, UtecServerError),
        (503, b"", UtecServerError),
        (504, FINE, UtecServerError),
        (400, b"", UtecServerError),
        (400, b" \n", UtecServerError),
        (302, b"", UtecServerError),
        (400, said_error("BAD-REQUEST"), UtecRejectedError),
        (400, FINE, UtecProtocolError),
        (200, b"", UtecProtocolError),
        (200, HTML, UtecProtocolError),
        (200, b'{"payload":{"dev', UtecProtocolError),
        (200, b"\xff\xfe\x00", UtecProtocolError),
        (200, b"[]", UtecProtocolError),
        (200, b"null", UtecProtocolError),
        (200, said_error("INVALID_TOKEN"), InvalidTokenError),
        (200, said_error("invalid_token"), InvalidTokenError),
        (200, said_error("TOKEN_EXPIRED"), InvalidTokenError),
        (200, said_error("UNAUTHORIZED"), InvalidTokenError),
        (200, said_error("INTERNAL_ERROR"), UtecServerError),
        (200, said_error("RATE_LIMITED"), UtecRateLimitedError),
        (200, said_error("TOO_MANY_REQUESTS"), UtecRateLimitedError),
        (200, said_error("DEVICE_OFFLINE"), DeviceOfflineError),
        (200, said_error("BAD-REQUEST"), UtecRejectedError),
        (200, said_error("NEVER_HEARD_OF"), UtecRejectedError),
        (200, said_error(17), UtecRejectedError),
        (200, b'{"payload":{"error":"INVALID_TOKEN"}}', InvalidTokenError),
    ],
)
def test_each_failure_of_the_action_endpoint_has_its_error(
    status: int, body: bytes, error: type[GatewayError]
) -> None:
    with pytest.raises(GatewayError) as raised:
        parse_payload(Answer(status, body))
    assert type(raised.value) is error


@pytest.mark.parametrize(
    ("status", "body", "is_proof"),
    [
        (401, b"", True),
        (429, b"", True),
        (200, said_error("INVALID_TOKEN"), True),
        (200, said_error("BAD-REQUEST"), True),
        (500, GATEWAY_DOWN, False),
        (400, b"", False),
        (200, HTML, False),
        (200, said_error("INTERNAL_ERROR"), False),
    ],
)
def test_only_a_clear_refusal_proves_that_a_command_was_not_run(
    status: int, body: bytes, *, is_proof: bool
) -> None:
    with pytest.raises(GatewayError) as raised:
        parse_payload(Answer(status, body))
    assert raised.value.not_run is is_proof


@pytest.mark.parametrize(
    ("status", "asked", "believed"),
    [(429, 3600.0, 3600.0), (429, None, 60.0), (503, 3600.0, 3600.0), (503, None, None)],
)
def test_the_wait_that_the_cloud_asks_for_comes_with_the_error(
    status: int, asked: float | None, believed: float | None
) -> None:
    with pytest.raises(UtecUnavailableError) as raised:
        parse_payload(Answer(status, b"", asked))
    assert raised.value.retry_after == believed


def test_an_unknown_code_is_told_in_the_clouds_own_word() -> None:
    with pytest.raises(UtecRejectedError) as raised:
        parse_payload(Answer(200, said_error("lock-busy")))
    assert raised.value.utec_code == "LOCK-BUSY"
    assert "LOCK-BUSY" in str(raised.value)


@pytest.mark.parametrize("code", ["LOCK-BUSY\n\x1b[31m", "A" * 5000, "", 7, None, ["LOCK"]])
def test_what_is_not_a_word_is_no_code(code: Any) -> None:
    with pytest.raises(UtecRejectedError) as raised:
        parse_payload(Answer(200, said_error(code)))
    assert raised.value.utec_code == "UNKNOWN"


@pytest.mark.parametrize(
    "error",
    [
        {"code": "INVALID_TOKEN", "message": "the token at-5eCr3t-77 is malformed"},
        {"code": "BAD-REQUEST", "message": "at-5eCr3t-77"},
        {"message": "at-5eCr3t-77"},
        "the token at-5eCr3t-77 is malformed",
    ],
)
def test_a_secret_that_the_cloud_repeats_is_not_repeated_by_us(error: Any) -> None:
    with pytest.raises(GatewayError) as raised:
        parse_payload(Answer(200, wire({"payload": {"error": error}})))
    assert "5ecr3t" not in repr(raised.value).lower()


@pytest.mark.parametrize("payload", [[], {}, None, {"devices": None}, {"devices": {}}, "", 5])
def test_a_payload_without_devices_is_an_empty_list_of_them(payload: Any) -> None:
    assert parse_discovery(payload) == ()
    assert parse_reports(payload) == ()
    check_acceptance(payload, LOCK)


def test_a_payload_may_itself_be_the_list_of_devices() -> None:
    assert [entry["id"] for entry in parse_discovery([{"id": LOCK}])] == [LOCK]


@pytest.mark.parametrize("device_id", ["", 5, None, ["x"], "x" * 257])
def test_a_device_without_a_usable_id_does_not_cost_the_others(device_id: Any) -> None:
    entries = parse_discovery({"devices": [{"id": device_id}, "rubbish", {"id": LOCK}]})
    assert [entry["id"] for entry in entries] == [LOCK]


def test_a_device_that_is_named_twice_counts_once() -> None:
    entries = parse_discovery({"devices": [{"id": LOCK, "name": "a"}, {"id": LOCK, "name": "b"}]})
    assert [entry["name"] for entry in entries] == ["a"]


def test_a_discovery_entry_is_handed_on_as_the_cloud_gave_it() -> None:
    entry = {"id": LOCK, "name": "Gärten", "attributes": {"x": [1, 2.5, None]}, "new": {"a": "b"}}
    assert parse_discovery(parse_payload(Answer(200, wire({"payload": {"devices": [entry]}})))) == (
        entry,
    )
