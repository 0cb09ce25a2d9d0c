"""The token endpoint's answers: a token, an explicit refusal, or something that may heal."""

from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.utec.given import ANY_JSON, THOROUGHLY, damaged, wire
from utec_gateway.core.errors import (
    GatewayError,
    GrantRefusedError,
    TokenAnswerError,
    TokenEndpointError,
    TokenRateLimitedError,
)
from utec_gateway.storage.state import State, parse_state
from utec_gateway.utec.oauth import parse_token_answer
from utec_gateway.utec.transport import Answer

NOW = datetime(2026, 1, 5, 12, tzinfo=UTC)
WEEK_LESS_AN_HOUR = 601200
FLAT = {
    "access_token": "a1",
    "token_type": "Bearer",
    "expires_in": 3600,
    "scope": "openapi",
    "refresh_token": "r1",
}
ENVELOPED = {"code": 200, "data": FLAT}
REALISTIC = (
    FLAT,
    ENVELOPED,
    {"error": "invalid_grant", "error_description": "expired"},
    {"code": 401, "data": {"message": "no"}},
    {"code": 401, "message": "invalid_grant"},
)


@THOROUGHLY
@given(st.integers(100, 599), st.binary(max_size=200))
def test_any_bytes_give_a_token_or_an_error_of_ours(status: int, body: bytes) -> None:
    with suppress(GatewayError):
        parse_token_answer(Answer(status, body), NOW)


@THOROUGHLY
@given(st.sampled_from([200, 200, 400, 401, 500]), ANY_JSON | damaged(REALISTIC))
def test_any_json_gives_a_token_that_can_be_kept_or_an_error_of_ours(
    status: int, said: Any
) -> None:
    with suppress(GatewayError):
        token = parse_token_answer(Answer(status, wire(said)), NOW)
        assert token.access_token.strip()
        assert token.refresh_token is None or token.refresh_token.strip()
        assert NOW <= token.expires_at <= NOW + timedelta(days=3653)
        kept = State("key", token=token).to_json()
        assert parse_state(kept).token == token


@pytest.mark.parametrize("answer", [FLAT, ENVELOPED])
def test_both_shapes_of_success_hold_the_same_token(answer: Any) -> None:
    token = parse_token_answer(Answer(200, wire(answer)), NOW)
    assert (token.access_token, token.refresh_token, token.scope) == ("a1", "r1", "openapi")
    assert (token.issued_at, token.expires_at) == (NOW, NOW + timedelta(hours=1))


@pytest.mark.parametrize("status", [200, 201, 400, 401])
def test_a_token_counts_whatever_the_http_status_below_500(status: int) -> None:
    assert parse_token_answer(Answer(status, wire(FLAT)), NOW).access_token == "a1"


@pytest.mark.parametrize("absent", [None, "", "  ", 5, ["r"]])
def test_a_missing_refresh_token_is_none(absent: Any) -> None:
    token = parse_token_answer(Answer(200, wire({**FLAT, "refresh_token": absent})), NOW)
    assert token.refresh_token is None


@pytest.mark.parametrize(
    ("expires_in", "seconds"),
    [
        (b"601200", WEEK_LESS_AN_HOUR),
        (b"60", 60),
        (b'"7200"', 7200),
        (b'" 7200 "', 7200),
        (b"90.5", 90.5),
        (b"null", WEEK_LESS_AN_HOUR),
        (b'""', WEEK_LESS_AN_HOUR),
        (b'"soon"', WEEK_LESS_AN_HOUR),
        (b"0", WEEK_LESS_AN_HOUR),
        (b"-5", WEEK_LESS_AN_HOUR),
        (b"true", WEEK_LESS_AN_HOUR),
        (b"NaN", WEEK_LESS_AN_HOUR),
        (b'"nan"', WEEK_LESS_AN_HOUR),
        (b"Infinity", WEEK_LESS_AN_HOUR),
        (b'"inf"', WEEK_LESS_AN_HOUR),
        (b"1e999", WEEK_LESS_AN_HOUR),
        (b"1" + b"0" * 400, WEEK_LESS_AN_HOUR),
        (b"99999999999", WEEK_LESS_AN_HOUR),
        (b"[3600]", WEEK_LESS_AN_HOUR),
    ],
)
def test_a_lifetime_that_makes_no_sense_is_taken_to_be_the_usual_one(
    expires_in: bytes, seconds: float
) -> None:
    body = b'{"access_token":"a","expires_in":' + expires_in + b"}"
    assert parse_token_answer(Answer(200, body), NOW).expires_at - NOW == timedelta(seconds=seconds)


def test_a_lifetime_that_is_not_given_is_taken_to_be_the_usual_one() -> None:
    token = parse_token_answer(Answer(200, b'{"access_token":"a"}'), NOW)
    assert token.expires_at - NOW == timedelta(seconds=WEEK_LESS_AN_HOUR)


@pytest.mark.parametrize(
    ("status", "answer"),
    [
        (200, {"error": "invalid_grant", "error_description": "gone"}),
        (400, {"error": "invalid_grant"}),
        (401, {"error": "invalid_grant"}),
        (200, {"error": "Invalid_Grant"}),
        (401, {"error": "invalid_client"}),
        (400, {"error": "unauthorized_client"}),
        (200, {"code": 401, "message": "invalid_grant"}),
        (200, {"code": 400, "data": {"error": "invalid_grant"}}),
        (200, {"access_token": "", "error": "invalid_grant"}),
    ],
)
def test_an_explicit_refusal_asks_a_person_to_sign_in(status: int, answer: Any) -> None:
    with pytest.raises(GrantRefusedError) as raised:
        parse_token_answer(Answer(status, wire(answer)), NOW)
    assert not raised.value.retryable


@pytest.mark.parametrize(
    ("status", "answer", "error"),
    [
        (500, {"message": "Internal server error"}, TokenEndpointError),
        (503, {"error": "invalid_grant"}, TokenEndpointError),
        (500, FLAT, TokenEndpointError),
        (200, {}, TokenAnswerError),
        (200, [], TokenAnswerError),
        (200, None, TokenAnswerError),
        (200, "a1", TokenAnswerError),
        (200, {"access_token": ""}, TokenAnswerError),
        (200, {"access_token": "  "}, TokenAnswerError),
        (200, {"access_token": None}, TokenAnswerError),
        (200, {"access_token": 12345}, TokenAnswerError),
        (200, {"access_token": ["a1"]}, TokenAnswerError),
        (200, {"code": 200, "data": {}}, TokenAnswerError),
        (200, {"code": 200, "data": [FLAT]}, TokenAnswerError),
        (200, {"code": 200, "data": "a1"}, TokenAnswerError),
        (200, {"code": 200, "message": "ok"}, TokenAnswerError),
        (200, {"code": 500, "message": "Internal server error"}, TokenAnswerError),
        (200, {"code": True, "message": "no"}, TokenAnswerError),
        (400, {"error": "invalid_request"}, TokenAnswerError),
        (400, {"error": "temporarily_unavailable"}, TokenAnswerError),
        (429, {"message": "Too Many Requests"}, TokenRateLimitedError),
        (429, {"error": "invalid_grant"}, TokenRateLimitedError),
        (200, {"code": 400, "message": "Invalid refresh token"}, TokenAnswerError),
        (200, {"error": None}, TokenAnswerError),
        (200, {"error": ["invalid_grant"]}, TokenAnswerError),
        (200, {"error": "server_error", "message": "no refresh token store"}, TokenAnswerError),
        (200, {"code": 500, "message": "cannot look up refresh token"}, TokenAnswerError),
    ],
)
def test_whatever_is_not_an_explicit_refusal_may_heal_by_itself(
    status: int, answer: Any, error: type[GatewayError]
) -> None:
    with pytest.raises(GatewayError) as raised:
        parse_token_answer(Answer(status, wire(answer)), NOW)
    assert type(raised.value) is error
    assert raised.value.retryable


@pytest.mark.parametrize("body", [b"", b"<html>Back soon", b'{"access_token":"a1', b"\xff"])
@pytest.mark.parametrize("status", [200, 400])
def test_an_answer_that_is_not_json_may_heal_by_itself(status: int, body: bytes) -> None:
    with pytest.raises(TokenAnswerError) as raised:
        parse_token_answer(Answer(status, body), NOW)
    assert raised.value.retryable


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (401, b""),
        (401, wire({"message": "Unauthorized"})),
        (403, b"<html>Access denied"),
        (403, b"[]"),
        (403, wire({"message": "Forbidden"})),
        (403, wire({})),
        (200, wire({"code": 401, "data": {"message": "no"}})),
        (200, wire({"code": 403, "message": "no"})),
    ],
)
def test_a_firewall_refuses_nothing_and_is_not_asked_again_at_once(
    status: int, body: bytes
) -> None:
    with pytest.raises(TokenAnswerError) as raised:
        parse_token_answer(Answer(status, body), NOW)
    assert not raised.value.retryable


@pytest.mark.parametrize(("status", "believed"), [(429, 3600.0), (503, 3600.0)])
def test_the_wait_that_the_token_endpoint_asks_for_comes_with_the_error(
    status: int, believed: float
) -> None:
    with pytest.raises(TokenEndpointError) as raised:
        parse_token_answer(Answer(status, b"", 3600.0), NOW)
    assert raised.value.retry_after == believed


@THOROUGHLY
@given(
    st.text("abcdefghijkXYZ0123456789-_.", min_size=8, max_size=30).map(lambda end: f"s3{end}"),
    st.sampled_from(["error", "error_description", "message", "code"]),
    st.sampled_from(["invalid_grant", "refresh token", "nonsense"]),
    st.sampled_from([200, 400, 401, 500]),
)
def test_a_secret_in_the_servers_words_is_not_repeated(
    secret: str, field: str, word: str, status: int
) -> None:
    said = {field: f"{word}: {secret} is not valid"}
    for answer in (said, {"code": 401, "data": said}):
        with pytest.raises(GatewayError) as raised:
            parse_token_answer(Answer(status, wire(answer)), NOW)
        assert secret not in str(raised.value)
        assert secret not in repr(raised.value.__cause__)
