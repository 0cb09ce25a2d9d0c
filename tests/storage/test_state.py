"""What the state file holds, and how much rubbish in it may cost."""

import json
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.utec.given import ANY_JSON, THOROUGHLY, damaged
from utec_gateway.core.models import Token
from utec_gateway.core.refusal import Refusal
from utec_gateway.storage.state import LEFT_OVER, State, parse_state

NOW = datetime(2026, 1, 5, 12, tzinfo=UTC)
FULL = State(
    api_key="key",
    token=Token("a1", "r1", NOW, NOW + timedelta(days=7), "openapi"),
    previous_refresh_token="r0",
    refusal=Refusal(NOW, "U-tec refused the sign-in", "fingerprint", NOW + timedelta(hours=1)),
    left_over={"devices": [{"id": "one", "name": "Gärten", "customData": {"a": [1]}}]},
)

DATES = st.datetimes(datetime(1970, 1, 1), datetime(2200, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001
TEXTS = st.text(min_size=1, max_size=9)
TOKENS = st.builds(Token, TEXTS, st.none() | TEXTS, DATES, DATES, st.none() | TEXTS)
ENTRIES = st.lists(st.dictionaries(TEXTS, TEXTS), max_size=2)
STATES = st.builds(
    State,
    api_key=st.text(max_size=9),
    token=st.none() | TOKENS,
    previous_refresh_token=st.none() | TEXTS,
    refusal=st.none() | st.builds(Refusal, DATES, st.text(), st.text(), DATES),
    left_over=st.fixed_dictionaries({}, optional=dict.fromkeys(LEFT_OVER, ENTRIES)),
)


def with_(**changes: Any) -> dict[str, Any]:
    """Return the content of a state file with some of it edited."""
    return {**FULL.to_json(), **changes}


@THOROUGHLY
@given(STATES)
def test_whatever_is_written_is_read_again(state: State) -> None:
    assert parse_state(json.loads(json.dumps(state.to_json()))) == state


@THOROUGHLY
@given(ANY_JSON | damaged((FULL.to_json(),)))
def test_any_json_is_a_state_or_not_a_state_file(raw: Any) -> None:
    try:
        state = parse_state(raw)
    except ValueError:
        return
    json.dumps(state.to_json())


@pytest.mark.parametrize("raw", [None, [], "key", {}, {"api_key": 5}, {"api_key": None}])
def test_without_a_key_it_is_not_a_state_file(raw: Any) -> None:
    with pytest.raises(ValueError, match="not a state file"):
        parse_state(raw)


@pytest.mark.parametrize("token", [[], "a1", {}, {"access_token": ""}, {"access_token": 5}])
def test_a_damaged_token_is_a_damaged_file_and_not_a_signed_out_account(token: Any) -> None:
    with pytest.raises(ValueError, match="token"):
        parse_state(with_(token=token))


@pytest.fixture
def far_from_greenwich(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A machine whose own time zone is not UTC."""
    with monkeypatch.context() as environment:
        environment.setenv("TZ", "Pacific/Auckland")
        time.tzset()
        yield
    time.tzset()


@pytest.mark.parametrize(
    ("by_hand", "meant"),
    [
        ("2020-01-01T00:00:00", datetime(2020, 1, 1, tzinfo=UTC)),
        ("2020-01-01", datetime(2020, 1, 1, tzinfo=UTC)),
        ("2020-01-01 10:00", datetime(2020, 1, 1, 10, tzinfo=UTC)),
        ("2020-01-01T00:00:00Z", datetime(2020, 1, 1, tzinfo=UTC)),
        ("2020-01-01T02:00:00+02:00", datetime(2020, 1, 1, tzinfo=UTC)),
    ],
)
@pytest.mark.usefixtures("far_from_greenwich")
def test_people_may_edit_the_expiry_by_hand(by_hand: str, meant: datetime) -> None:
    raw = with_(token={**FULL.to_json()["token"], "expires_at": by_hand})
    token = parse_state(raw).token
    assert token
    assert token.expires_at == meant
    assert token.is_expired(NOW)


@pytest.mark.parametrize(
    "by_hand", ["", "soon", None, 0, "2020-13-01", "0001-01-01T00:00:00+14:00"]
)
def test_an_expiry_that_is_no_date_is_a_damaged_file(by_hand: Any) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - several are Python's own
        parse_state(with_(token={**FULL.to_json()["token"], "expires_at": by_hand}))


@pytest.mark.parametrize("rubbish", [None, "x", 5, [None], [[]], [{}], {"id": "one"}])
@pytest.mark.parametrize("name", LEFT_OVER)
def test_damage_in_what_is_left_over_never_costs_the_sign_in(name: str, rubbish: Any) -> None:
    assert parse_state(with_(**{name: rubbish})).token == FULL.token


def test_no_secret_shows_when_a_state_is_printed() -> None:
    for secret in ("key", "a1", "r1", "r0"):
        assert f"{secret!r}" not in repr(FULL)
