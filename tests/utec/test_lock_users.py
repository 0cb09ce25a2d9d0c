"""U-tec's words for the users of a lock, in every shape that may come (utec-cloud 4.6)."""

import logging
from dataclasses import replace
from datetime import datetime, time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.utec.given import ANY_JSON, THOROUGHLY, damaged
from utec_gateway.core.access_codes import Schedule
from utec_gateway.core.errors import (
    DeviceOfflineError,
    UtecError,
    UtecProtocolError,
    UtecRejectedError,
)
from utec_gateway.utec.lock_users import (
    ListedUser,
    RevealedCode,
    parse_code,
    parse_users,
    temporary_user,
    user_command,
)

wall = datetime.fromisoformat

LOCK = "02:51:4D:00:00:01"
OTHER = "02:51:4D:00:00:02"
ANNA = {"id": 7, "name": "Anna", "type": 2, "status": 1, "sync_status": 1}
DIGITS = "481526"
WEEKEND = Schedule(wall("2031-02-03 08:00"), wall("2031-02-04 10:00"))


def answer(device_id: str = LOCK, **more: Any) -> Any:
    return {"devices": [{"id": device_id, **more}]}


def users(*listed: Any) -> tuple[ListedUser, ...]:
    return parse_users(answer(users=list(listed)), LOCK)


def revealed(**more: Any) -> RevealedCode:
    return parse_code(answer(user={**ANNA, "password": int(DIGITS), **more}), LOCK)


def test_a_temporary_user_has_name_type_dates_weekdays_hours_and_limit() -> None:
    assert temporary_user("Anna", WEEKEND) == {
        "name": "Anna",
        "type": 2,
        "daterange": ["2031-02-03 08:00", "2031-02-04 10:00"],
        "weeks": [0, 1, 2, 3, 4, 5, 6],
        "timerange": ["00:00", "23:59"],
        "limit": 0,
    }


def test_hours_and_uses_are_sent_as_they_were_asked_for() -> None:
    hours = replace(WEEKEND, opens=time(8, 5), closes=time(18, 30), uses=3)
    user = temporary_user("Anna", hours)
    assert (user["timerange"], user["limit"]) == (["08:05", "18:30"], 3)


@pytest.mark.parametrize(
    ("ours", "theirs"), [({6}, [0]), ({0}, [1]), ({5}, [6]), ({0, 2, 6}, [0, 1, 3])]
)
def test_sunday_is_the_first_weekday_of_the_cloud(ours: set[int], theirs: list[int]) -> None:
    schedule = replace(WEEKEND, weekdays=frozenset(ours))
    assert temporary_user("Anna", schedule)["weeks"] == theirs


def test_arguments_stand_inside_arguments_and_a_list_has_none() -> None:
    assert user_command("list") == {"capability": "st.lockUser", "name": "list"}
    assert user_command("get", id="7") == {
        "capability": "st.lockUser",
        "name": "get",
        "arguments": {"id": "7"},
    }


def test_a_listed_user_keeps_its_raw_type_and_id() -> None:
    assert users(ANNA) == (ListedUser(7, "Anna", 2, is_synced=True),)
    assert users({**ANNA, "id": "7", "type": 3}) == (ListedUser("7", "Anna", 3, is_synced=True),)


@pytest.mark.parametrize("kind", [0, 1, 3, None, "2", 2.0, True])
def test_only_the_number_2_is_a_temporary_user(kind: object) -> None:
    assert users(ANNA)[0].is_temporary
    assert not users({**ANNA, "type": kind})[0].is_temporary


@pytest.mark.parametrize("kind", [None, "2", 2.0, True, []])
def test_a_type_that_is_no_whole_number_is_unknown(kind: object) -> None:
    assert users({**ANNA, "type": kind})[0].type is None


@pytest.mark.parametrize(
    ("status", "is_synced"),
    [(0, False), (1, True), (2, None), (None, None), ("1", None), (True, None), (1.0, None)],
)
def test_only_0_and_1_tell_whether_the_lock_has_a_user(status: object, is_synced: object) -> None:
    assert users({**ANNA, "sync_status": status})[0].is_synced is is_synced


@pytest.mark.parametrize(
    "raw",
    [
        None,
        "Anna",
        {"name": "Anna"},
        {**ANNA, "id": None},
        {**ANNA, "id": True},
        {**ANNA, "id": 7.5},
        {**ANNA, "id": ""},
        {**ANNA, "id": "x" * 65},
        {"id": 7},
        {**ANNA, "name": None},
        {**ANNA, "name": 7},
    ],
)
def test_an_entry_without_a_usable_id_or_name_is_left_out_and_the_others_stay(raw: object) -> None:
    assert [user.name for user in users({**ANNA, "id": 1, "name": "Owner"}, raw, ANNA)] == [
        "Owner",
        "Anna",
    ]


def test_the_longest_id_is_kept_whole() -> None:
    assert users({**ANNA, "id": "x" * 64})[0].id == "x" * 64


def test_a_name_is_kept_without_spaces_around_it_and_bounded() -> None:
    assert users({**ANNA, "name": "  Anna \n"})[0].name == "Anna"
    assert users({**ANNA, "name": "x" * 1000})[0].name == "x" * 100


def test_half_a_character_in_a_name_does_not_keep_a_page_from_being_sent() -> None:
    assert users({**ANNA, "name": "Anna \ud83d"})[0].name == "Anna ?"


def test_a_list_is_bounded() -> None:
    assert len(users(*({**ANNA, "id": number} for number in range(2000)))) == 500


def test_an_empty_list_lists_nobody() -> None:
    assert users() == ()


@pytest.mark.parametrize("listed", [None, {}, "", 0, {"7": ANNA}])
def test_an_answer_without_a_list_is_no_answer(listed: object) -> None:
    with pytest.raises(UtecProtocolError, match="no list of the lock's users"):
        parse_users(answer(users=listed), LOCK)
    with pytest.raises(UtecProtocolError, match="no list of the lock's users"):
        parse_users(answer(), LOCK)


@pytest.mark.parametrize("payload", [None, [], {}, {"devices": []}, {"devices": None}])
def test_an_answer_without_the_lock_is_no_answer(payload: object) -> None:
    for parse in (parse_users, parse_code):
        with pytest.raises(UtecProtocolError, match="does not contain the device"):
            parse(payload, LOCK)


def test_what_is_said_of_another_lock_is_not_ours() -> None:
    with pytest.raises(UtecProtocolError):
        parse_users(answer(OTHER, users=[ANNA]), LOCK)
    both = {"devices": [{"id": OTHER, "users": []}, {"id": LOCK, "users": [ANNA]}]}
    assert len(parse_users(both, LOCK)) == 1
    with pytest.raises(UtecProtocolError):
        parse_code(answer(OTHER, user={**ANNA, "password": int(DIGITS)}), LOCK)


def test_an_error_of_the_lock_is_raised_and_not_one_of_another() -> None:
    for parse in (parse_users, parse_code):
        with pytest.raises(UtecRejectedError, match="BAD-REQUEST"):
            parse(answer(error={"code": "BAD-REQUEST", "message": DIGITS}, users=[ANNA]), LOCK)
        with pytest.raises(DeviceOfflineError):
            parse(answer(error={"code": "DEVICE_OFFLINE"}), LOCK)
    others = {"devices": [{"id": OTHER, "error": {"code": "X"}}, {"id": LOCK, "users": []}]}
    assert parse_users(others, LOCK) == ()


@pytest.mark.parametrize("password", [int(DIGITS), DIGITS])
def test_a_code_is_read_as_a_number_and_as_a_text(password: object) -> None:
    found = revealed(password=password)
    assert found.digits == DIGITS
    assert found.user == ListedUser(7, "Anna", 2, is_synced=True)


@pytest.mark.parametrize(
    "password", [None, "", "48 15", "****", "٤٨١٥", "4²1", 4815.0, True, -4815, [4815]]
)
def test_what_is_no_code_is_no_answer_and_is_not_repeated(password: object) -> None:
    with pytest.raises(UtecProtocolError, match="contains no code") as caught:
        revealed(password=password)
    assert "4815" not in str(caught.value)


@pytest.mark.parametrize("user", [None, [], "Anna", {"password": 481526}, {"id": 7, "name": "A"}])
def test_a_code_of_nobody_is_no_answer(user: object) -> None:
    with pytest.raises(UtecProtocolError, match="contains no code"):
        parse_code(answer(user=user), LOCK)


def test_a_revealed_code_is_in_no_repr_and_no_log(caplog: pytest.LogCaptureFixture) -> None:
    found = revealed()
    logging.getLogger("test").warning("%s %r", found, [found])
    assert DIGITS not in f"{found}{found!r}{caplog.text}"
    assert "Anna" in repr(found)


REALISTIC = (
    answer(users=[ANNA, {**ANNA, "id": 1, "name": "Owner", "type": 1}]),
    answer(user={**ANNA, "password": 481526, "weeks": [0, 6]}),
    answer(error={"code": "BAD-REQUEST", "message": "no"}),
)


@THOROUGHLY
@given(payload=ANY_JSON | damaged(REALISTIC))
def test_any_answer_gives_users_or_our_error(payload: Any) -> None:
    for parse in (parse_users, parse_code):
        try:
            parse(payload, LOCK)
        except UtecError:
            continue


@THOROUGHLY
@given(entry=st.dictionaries(st.sampled_from(["id", "name", "type", "sync_status"]), ANY_JSON))
def test_any_entry_of_a_list_gives_a_user_or_none(entry: Any) -> None:
    for user in users(entry):
        assert user.name == entry["name"].strip()[:100]
