"""What somebody asks for a guest: each thing that cannot be is a sentence at its field."""

from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from utec_gateway.access_codes.code import Code
from utec_gateway.access_codes.new_guest import NewGuest, check_name, check_schedule
from utec_gateway.core.access_codes import Schedule
from utec_gateway.core.errors import FieldError
from utec_gateway.core.zone import Zone

wall = datetime.fromisoformat

BERLIN = Zone("Europe/Berlin", ZoneInfo("Europe/Berlin"))
NOW = datetime(2026, 11, 26, 12, 0, tzinfo=UTC)
FRIDAY, SUNDAY = wall("2026-11-27 15:00"), wall("2026-11-29 11:00")
WEEKEND = Schedule(FRIDAY, SUNDAY)
MONDAY, TUESDAY = 0, 1


def refusal(schedule: Schedule, now: datetime = NOW, zone: Zone = BERLIN) -> tuple[str, str]:
    with pytest.raises(FieldError) as caught:
        check_schedule(schedule, now, zone)
    return caught.value.field, caught.value.problem


def name_refusal(name: str) -> str:
    with pytest.raises(FieldError) as caught:
        check_name(name)
    assert caught.value.field == "name"
    return str(caught.value)


def test_a_name_is_kept_with_single_spaces() -> None:
    assert check_name("  Anna \n Müller-O-Neill ") == "Anna Müller-O-Neill"


@pytest.mark.parametrize("name", ["", "   ", "\n\t"])
def test_a_name_without_a_letter_is_missing(name: str) -> None:
    assert "is missing" in name_refusal(name)


def test_a_name_of_300_characters_is_refused_and_one_of_40_is_not() -> None:
    assert "at most 40 characters" in name_refusal("x" * 300)
    assert "at most 40 characters" in name_refusal("x" * 41)
    assert check_name("x" * 40) == "x" * 40


@pytest.mark.parametrize("name", ["An\x00na", "An\u202ena", "An\x1b[31mna"])
def test_a_name_with_control_characters_is_refused(name: str) -> None:
    assert "control characters" in name_refusal(name)


@pytest.mark.parametrize("name", ["739164", "Anna 739164", "Anna (739164#)"])
def test_a_name_that_tells_the_code_is_refused(name: str) -> None:
    with pytest.raises(FieldError, match="name: must not contain the code"):
        check_name(name, Code("739164"))
    assert check_name(name, Code("583947")) == name


def test_a_weekend_is_accepted() -> None:
    check_schedule(WEEKEND, NOW, BERLIN)


@pytest.mark.parametrize("ends", [FRIDAY, FRIDAY - timedelta(minutes=1)])
def test_an_end_that_is_not_after_the_start_is_refused(ends: datetime) -> None:
    assert refusal(Schedule(FRIDAY, ends)) == ("ends", "must be later than the start")


def test_a_range_in_the_past_is_refused_by_the_clock_of_the_lock() -> None:
    started = NOW.replace(tzinfo=None) - timedelta(days=1)
    an_hour_ahead_of_utc = wall("2026-11-26 13:00")
    field, words = refusal(Schedule(started, an_hour_ahead_of_utc))
    assert (field, "in the past" in words) == ("ends", True)
    check_schedule(Schedule(started, an_hour_ahead_of_utc + timedelta(minutes=1)), NOW, BERLIN)


def test_a_stay_that_has_begun_is_accepted() -> None:
    check_schedule(replace(WEEKEND, starts=wall("2026-11-20 15:00")), NOW, BERLIN)


def test_a_stay_of_more_than_five_years_is_refused() -> None:
    longest = timedelta(days=5 * 366)
    check_schedule(Schedule(FRIDAY, FRIDAY + longest), NOW, BERLIN)
    too_long = Schedule(FRIDAY, FRIDAY + longest + timedelta(minutes=1))
    assert refusal(too_long) == ("ends", "must be within five years of the start")


@pytest.mark.parametrize("field", ["starts", "ends"])
def test_a_time_that_the_clocks_skip_in_spring_is_refused_at_its_field(field: str) -> None:
    around = Schedule(wall("2027-03-27 12:00"), wall("2027-03-29 12:00"))
    gap = wall("2027-03-28 02:30")
    stays = {"starts": replace(around, starts=gap), "ends": replace(around, ends=gap)}
    found, words = refusal(stays[field])
    assert found == field
    assert "the clocks go forward" in words


@pytest.mark.parametrize("around", ["2027-03-28 01:59", "2027-03-28 03:00"])
def test_the_times_around_the_gap_in_spring_are_accepted(around: str) -> None:
    check_schedule(Schedule(wall(around), wall("2027-03-29 12:00")), NOW, BERLIN)


def test_an_end_in_the_doubled_hour_of_autumn_is_accepted_and_past_only_the_second_time() -> None:
    doubled = wall("2027-10-31 02:30")
    stay = Schedule(wall("2027-10-29 15:00"), doubled)
    check_schedule(stay, NOW, BERLIN)
    first_time = datetime(2027, 10, 31, 0, 30, tzinfo=UTC)
    assert BERLIN.instant(doubled) == first_time + timedelta(hours=1)
    check_schedule(stay, first_time - timedelta(minutes=1), BERLIN)
    check_schedule(stay, first_time + timedelta(minutes=1), BERLIN)
    assert refusal(stay, first_time + timedelta(hours=1))[0] == "ends"


def test_no_weekday_is_refused() -> None:
    field, words = refusal(replace(WEEKEND, weekdays=frozenset()))
    assert (field, words) == ("weekdays", "must include at least one day")


def test_a_stay_that_meets_none_of_its_weekdays_is_refused() -> None:
    field, words = refusal(replace(WEEKEND, weekdays=frozenset({TUESDAY})))
    assert field == "weekdays"
    assert "lies between start and end" in words


def test_a_stay_of_weeks_meets_each_weekday() -> None:
    for weekday in range(7):
        stay = Schedule(FRIDAY, FRIDAY + timedelta(days=6, minutes=1), frozenset({weekday}))
        check_schedule(stay, NOW, BERLIN)


def test_a_weekday_that_is_met_only_outside_its_hours_at_first_is_accepted_a_week_later() -> None:
    monday = wall("2026-11-30 15:00")
    mornings = {"weekdays": frozenset({MONDAY}), "opens": time(8), "closes": time(12)}
    ends = {"within": monday + timedelta(days=6), "after": monday + timedelta(days=7)}
    assert refusal(Schedule(monday, ends["within"], **mornings))[0] == "weekdays"  # type: ignore[arg-type]
    check_schedule(Schedule(monday, ends["after"], **mornings), NOW, BERLIN)  # type: ignore[arg-type]


def test_hours_that_never_open_are_refused() -> None:
    for closes in (time(8), time(7)):
        never = replace(WEEKEND, opens=time(8), closes=closes)
        field, words = refusal(never)
        assert (field, words) == ("closes", "must be later than the beginning of the hours")


def test_a_stay_between_two_days_hours_never_opens_and_is_refused() -> None:
    evening, morning = wall("2026-11-27 20:00"), wall("2026-11-28 08:00")
    by_day = Schedule(evening, morning, opens=time(8), closes=time(20))
    assert refusal(by_day)[0] == "weekdays"
    check_schedule(replace(by_day, ends=morning + timedelta(minutes=1)), NOW, BERLIN)
    check_schedule(replace(by_day, starts=evening - timedelta(minutes=1)), NOW, BERLIN)


@pytest.mark.parametrize("uses", [-1, 101])
def test_uses_below_0_and_above_100_are_refused(uses: int) -> None:
    field, words = refusal(replace(WEEKEND, uses=uses))
    assert field == "uses"
    assert "from 0 to 100" in words


@pytest.mark.parametrize("uses", [0, 1, 100])
def test_0_uses_mean_without_a_limit_and_100_are_the_most(uses: int) -> None:
    check_schedule(replace(WEEKEND, uses=uses), NOW, BERLIN)


def test_a_new_guest_shows_no_code() -> None:
    assert "481526" not in repr(NewGuest("Anna", WEEKEND, Code("481526")))
