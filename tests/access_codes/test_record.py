"""What is remembered of a guest: how far it is, and what of it a file keeps."""

import json
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from tests.access_codes.given import HOUR, LATER, MINUTE, NOW, WEEKEND, added, on_lock, record, wall
from utec_gateway.access_codes.record import Record, Step, parse, to_json
from utec_gateway.core.access_codes import CodeState
from utec_gateway.core.zone import Zone

SECOND = timedelta(seconds=1)
BERLIN = Zone("Europe/Berlin", ZoneInfo("Europe/Berlin"))
EVERYTHING = Record(
    id="0123456789abcdef",
    tag="tag",
    name="Anna Müller",
    schedule=replace(LATER, weekdays=frozenset({5, 0}), opens=time(8), closes=time(9), uses=3),
    made_at=NOW,
    unsettled_since=NOW + SECOND,
    key="digest",
    request="another digest",
    is_wanted=False,
    is_expired=True,
    user_id="7",
    is_synced=True,
    is_changed=True,
    sent=Step.UPDATE,
    sent_at=NOW + 2 * SECOND,
    adds=2,
    missed=1,
    missed_at=NOW + 3 * SECOND,
    ends_on_lock=WEEKEND.ends,
    told=CodeState.ON_LOCK,
)


def read(written: Any) -> Record:
    return parse(json.loads(json.dumps(written)))


def test_nothing_is_under_way_before_anything_was_sent() -> None:
    assert record().age(NOW) == timedelta.max
    assert not record().is_under_way(NOW)


def test_an_add_is_under_way_for_a_minute_or_until_a_list_shows_it() -> None:
    assert added().is_under_way(NOW + MINUTE - SECOND)
    assert not added().is_under_way(NOW + MINUTE)
    assert not added(user_id=7).is_under_way(NOW)


def test_a_delete_is_under_way_for_a_minute_or_until_a_list_misses_it() -> None:
    deleted = on_lock().sending(Step.DELETE, NOW)
    assert deleted.is_under_way(NOW + MINUTE - SECOND)
    assert not deleted.is_under_way(NOW + MINUTE)
    assert not replace(deleted, missed=1).is_under_way(NOW)


def test_an_update_keeps_nothing_else_waiting() -> None:
    assert not on_lock().sending(Step.UPDATE, NOW).is_under_way(NOW)


def test_a_clock_that_was_set_back_a_year_holds_nothing_up() -> None:
    assert added().age(NOW - HOUR) == HOUR
    assert added().is_under_way(NOW - SECOND)
    assert not added().is_under_way(NOW - timedelta(days=365))


def test_a_guest_whose_code_is_held_can_be_added_once() -> None:
    assert record().can_be_added
    assert not replace(record(), has_code=False).can_be_added
    assert not added().can_be_added


def test_a_guest_whose_answer_was_lost_can_be_added_once_more_while_its_code_is_held() -> None:
    assert added(is_lost=True).can_be_added
    assert not added(is_lost=True, has_code=False).can_be_added
    assert not added(is_lost=True, adds=2).can_be_added


def test_a_second_user_is_ours_for_an_hour_after_the_second_add() -> None:
    twice = added(adds=2)
    assert twice.may_be_there_twice(NOW + HOUR - SECOND)
    assert not twice.may_be_there_twice(NOW + HOUR)
    assert not added().may_be_there_twice(NOW)
    assert not twice.sending(Step.UPDATE, NOW).may_be_there_twice(NOW)


@pytest.mark.parametrize(
    ("known", "state"),
    [
        (record(), CodeState.WAITING),
        (added(), CodeState.WAITING),
        (added(sent_at=NOW - MINUTE + SECOND), CodeState.WAITING),
        (added(sent_at=NOW - MINUTE), CodeState.NOT_CONFIRMED),
        (added(sent_at=NOW - MINUTE, is_lost=True), CodeState.WAITING),
        (record(has_code=False), CodeState.NOT_CONFIRMED),
        (on_lock(), CodeState.ON_LOCK),
        (on_lock(is_synced=False), CodeState.WAITING),
        (on_lock(is_changed=True), CodeState.WAITING),
        (on_lock(missed=1), CodeState.WAITING),
        (on_lock(missed=2), CodeState.NOT_CONFIRMED),
        (on_lock(is_wanted=False), CodeState.REMOVING),
        (added(is_wanted=False, sent_at=NOW - MINUTE), CodeState.REMOVING),
    ],
)
def test_the_state_is_what_the_last_lists_have_shown(known: Record, state: CodeState) -> None:
    assert known.state(NOW) is state


def test_a_step_is_noted_with_its_time_and_only_an_add_counts_as_one() -> None:
    lost = on_lock(missed=1, is_lost=True)
    for step, adds in ((Step.ADD, 2), (Step.UPDATE, 1), (Step.DELETE, 1)):
        sent = lost.sending(step, NOW)
        assert (sent.sent, sent.sent_at, sent.adds) == (step, NOW, adds)
        assert (sent.missed, sent.is_lost) == (0, False)


def test_who_is_taken_back_is_not_wanted_from_then_on() -> None:
    leaving = on_lock().no_longer_wanted(NOW)
    assert (leaving.is_wanted, leaving.is_expired) == (False, False)
    assert leaving.unsettled_since == NOW
    assert on_lock().no_longer_wanted(NOW, is_expired=True).is_expired


def test_who_is_leaving_already_does_not_expire_and_waits_since_then() -> None:
    leaving = on_lock().no_longer_wanted(NOW)
    assert leaving.no_longer_wanted(NOW + HOUR, is_expired=True) == leaving


def test_a_guest_with_other_times_is_waiting_and_will_be_told_again() -> None:
    changed = on_lock(told=CodeState.ON_LOCK).rescheduled(LATER, NOW)
    assert (changed.schedule, changed.is_changed) == (LATER, True)
    assert (changed.unsettled_since, changed.told) == (NOW, None)
    assert changed.state(NOW) is CodeState.WAITING


def test_a_guest_is_shown_with_its_state_and_since_when_it_waits() -> None:
    guest = added().as_guest(NOW, is_recent=True)
    assert (guest.id, guest.name, guest.schedule) == ("id of Anna", "Anna", WEEKEND)
    assert (guest.state, guest.made_at, guest.waiting_since) == (CodeState.WAITING, NOW, NOW)
    assert not guest.is_expired
    assert guest.expires_on_lock_at is None


def test_a_guest_on_the_lock_waits_for_nothing() -> None:
    guest = on_lock(unsettled_since=NOW).as_guest(NOW, is_recent=True)
    assert (guest.state, guest.waiting_since) == (CodeState.ON_LOCK, None)


def test_a_state_that_nobody_could_look_at_is_unknown() -> None:
    assert on_lock().as_guest(NOW, is_recent=False).state is CodeState.UNKNOWN


def test_a_guest_who_expired_says_so() -> None:
    assert on_lock(is_wanted=False, is_expired=True).as_guest(NOW, is_recent=True).is_expired


def test_the_end_on_the_lock_is_shown_while_it_is_another_one() -> None:
    known = on_lock(ends_on_lock=WEEKEND.ends)
    assert known.as_guest(NOW, is_recent=True).expires_on_lock_at is None
    changed = known.rescheduled(LATER, NOW)
    assert changed.as_guest(NOW, is_recent=True).expires_on_lock_at == WEEKEND.ends


def test_a_stay_is_over_by_the_clock_of_the_lock_and_after_the_grace() -> None:
    end = datetime(2026, 11, 29, 10, 0, tzinfo=UTC)
    assert record().is_over(end, BERLIN, timedelta(0))
    assert not record().is_over(end - SECOND, BERLIN, timedelta(0))
    assert not record().is_over(end + HOUR - SECOND, BERLIN, HOUR)
    assert record().is_over(end + HOUR, BERLIN, HOUR)


def test_the_second_time_counts_where_the_clocks_show_the_end_twice() -> None:
    stay = record(schedule=replace(WEEKEND, ends=wall("2027-10-31 02:30")))
    first, second = (datetime(2027, 10, 31, hour, 30, tzinfo=UTC) for hour in (0, 1))
    assert not stay.is_over(first, BERLIN, timedelta(0))
    assert stay.is_over(second, BERLIN, timedelta(0))


@pytest.mark.parametrize("known", [EVERYTHING, replace(record(), has_code=False), on_lock()])
def test_a_record_is_read_as_it_was_written_but_for_its_code(known: Record) -> None:
    assert read(to_json(known)) == replace(known, has_code=False)


def test_each_field_of_a_record_is_another_one_in_the_example() -> None:
    plain, rich = (
        vars(replace(record("other", id="x", tag="y", made_at=NOW - HOUR))),
        vars(EVERYTHING),
    )
    assert {name for name in plain if plain[name] == rich[name]} == {"is_lost"}


def test_after_a_restart_nothing_can_be_added() -> None:
    assert not read(to_json(record())).can_be_added
    assert not read(to_json(added(is_lost=True))).can_be_added


@pytest.mark.parametrize("missing", sorted(to_json(EVERYTHING)))
def test_a_record_without_a_field_is_none(missing: str) -> None:
    written = {name: value for name, value in to_json(EVERYTHING).items() if name != missing}
    with pytest.raises(KeyError):
        read(written)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("starts", "tomorrow"),
        ("ends", None),
        ("ends", "2026-11-29T11:00:00+00:00"),
        ("ends", "9999-12-31T23:59:00"),
        ("weekdays", "Monday"),
        ("opens", 8),
        ("uses", "many"),
        ("made_at", 0),
        ("sent", "reveal"),
        ("told", "gone"),
        ("sent_at", "then"),
    ],
)
def test_a_record_with_a_damaged_field_is_none(field: str, value: object) -> None:
    with pytest.raises((TypeError, ValueError)):
        read({**to_json(EVERYTHING), field: value})
