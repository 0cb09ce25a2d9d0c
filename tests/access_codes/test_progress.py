"""What a list of the lock's users means for our guests, and what is to be sent next."""

from dataclasses import replace
from datetime import timedelta

import pytest

from tests.access_codes.given import (
    HOUR,
    LATER,
    MINUTE,
    NOW,
    WEEKEND,
    added,
    on_lock,
    record,
    user,
)
from utec_gateway.access_codes.progress import (
    NextStep,
    as_listed,
    is_gone,
    matches,
    next_step,
    pause,
)
from utec_gateway.access_codes.record import Record, Step
from utec_gateway.core.access_codes import CodeState
from utec_gateway.utec.lock_users import ListedUser

SECOND = timedelta(seconds=1)
OWNER = user("Owner", 1, type=1)


def step(known: Record, *users: ListedUser) -> NextStep | None:
    return next_step([known], users, NOW)


def leaving(**more: object) -> Record:
    return replace(on_lock().no_longer_wanted(NOW), **more)  # type: ignore[arg-type]


class TestMatches:
    def test_ours_is_temporary_and_bears_its_name(self) -> None:
        users = (OWNER, user(), user("Ben", 8))
        assert matches(on_lock(), users, NOW) == [user()]

    def test_a_user_of_another_type_is_not_ours_whatever_its_name(self) -> None:
        assert not matches(added(), [user(type=0), user(type=None), user(type=3)], NOW)

    def test_a_user_whose_id_is_used_again_for_somebody_else_is_not_ours(self) -> None:
        assert not matches(on_lock(user_id=7), [user("Plumber", 7)], NOW)

    def test_an_id_may_change_until_the_lock_has_the_user_and_not_any_more_then(self) -> None:
        waiting = on_lock(user_id=7, is_synced=False)
        assert matches(waiting, [user(user_id=9)], NOW) == [user(user_id=9)]
        assert not matches(on_lock(user_id=7), [user(user_id=9)], NOW)

    def test_a_user_of_its_name_is_ours_while_an_add_may_still_appear(self) -> None:
        missed = added(missed=1)
        assert matches(missed, [user()], NOW + HOUR - SECOND) == [user()]
        assert not matches(missed, [user()], NOW + HOUR)

    def test_a_user_of_its_name_is_ours_in_the_first_list_however_late(self) -> None:
        assert matches(added(), [user()], NOW + 9 * HOUR) == [user()]

    def test_hours_without_a_list_do_not_make_a_user_somebody_elses(self) -> None:
        missed = as_listed(added(), [], NOW + SECOND)
        assert matches(missed, [user()], NOW + 9 * HOUR) == [user()]
        late = as_listed(missed, [], NOW + HOUR)
        assert not matches(late, [user()], NOW + 9 * HOUR)

    def test_who_was_never_sent_has_no_user(self) -> None:
        assert not matches(record(), [user()], NOW)

    def test_of_two_with_our_name_the_known_id_comes_first(self) -> None:
        two = [user(user_id=5), user(user_id=7)]
        waiting = on_lock(user_id=7, is_synced=False)
        assert [found.id for found in matches(waiting, two, NOW)] == [7, 5]

    def test_a_second_one_is_ours_while_we_may_have_made_two(self) -> None:
        two = [user(user_id=5), user(user_id=7)]
        assert len(matches(on_lock(adds=2, sent_at=NOW - MINUTE), two, NOW)) == 2
        assert matches(on_lock(adds=2), two, NOW) == [user(user_id=7)]


class TestAsListed:
    def test_who_is_listed_and_synced_is_on_the_lock(self) -> None:
        listed = as_listed(added(missed=1), [user()], NOW)
        assert (listed.user_id, listed.is_synced, listed.missed) == (7, True, 0)
        assert listed.state(NOW) is CodeState.ON_LOCK
        assert listed.unsettled_since is None
        assert listed.ends_on_lock == WEEKEND.ends

    @pytest.mark.parametrize("is_synced", [False, None])
    def test_who_is_listed_and_not_said_to_be_synced_is_waiting(
        self, is_synced: bool | None
    ) -> None:
        listed = as_listed(added(), [user(is_synced=is_synced)], NOW + HOUR)
        assert listed.state(NOW) is CodeState.WAITING
        assert listed.unsettled_since == NOW
        assert listed.ends_on_lock is None

    def test_who_is_no_longer_synced_waits_from_now_on(self) -> None:
        assert as_listed(on_lock(), [user(is_synced=False)], NOW).unsettled_since == NOW

    def test_the_id_that_is_listed_is_the_one_that_counts(self) -> None:
        assert as_listed(added(user_id=7), [user(user_id="9")], NOW).user_id == "9"

    def test_who_is_not_listed_was_missed_and_may_not_be_on_the_lock(self) -> None:
        once = as_listed(on_lock(), [OWNER], NOW)
        assert (once.missed, once.user_id) == (1, 7)
        assert (once.state(NOW), once.unsettled_since) == (CodeState.WAITING, NOW)
        twice = as_listed(once, [OWNER], NOW + HOUR)
        assert (twice.missed, twice.unsettled_since) == (2, NOW)
        assert twice.state(NOW) is CodeState.NOT_CONFIRMED

    def test_one_list_that_was_cut_is_forgotten_when_the_next_one_is_whole(self) -> None:
        again = as_listed(as_listed(on_lock(), [], NOW), [user()], NOW)
        assert (again.missed, again.state(NOW)) == (0, CodeState.ON_LOCK)

    def test_a_new_end_is_on_the_lock_only_once_it_was_sent_and_synced(self) -> None:
        changed = on_lock(ends_on_lock=WEEKEND.ends).rescheduled(LATER, NOW)
        assert as_listed(changed, [user()], NOW).ends_on_lock == WEEKEND.ends
        sent = replace(changed, is_changed=False)
        assert as_listed(sent, [user(is_synced=False)], NOW).ends_on_lock == WEEKEND.ends
        assert as_listed(sent, [user()], NOW).ends_on_lock == LATER.ends

    def test_who_is_leaving_and_listed_still_waits_to_be_gone(self) -> None:
        assert as_listed(leaving(), [user()], NOW + HOUR).unsettled_since == NOW


class TestIsGone:
    def test_who_is_wanted_is_never_gone(self) -> None:
        assert not is_gone(on_lock(missed=9), NOW, is_online=True)

    def test_who_is_listed_is_not_gone(self) -> None:
        assert not is_gone(leaving(sent=Step.DELETE, missed=0), NOW, is_online=True)

    def test_who_was_deleted_and_is_missed_once_is_gone_from_a_lock_that_is_online(self) -> None:
        deleted = leaving(sent=Step.DELETE, missed=1)
        assert is_gone(deleted, NOW, is_online=True)
        assert not is_gone(deleted, NOW, is_online=False)

    def test_who_was_not_deleted_is_gone_once_two_lists_miss_it_for_ten_minutes(self) -> None:
        later = NOW + timedelta(minutes=10)
        assert not is_gone(leaving(missed=1), later, is_online=True)
        assert is_gone(leaving(missed=2), later, is_online=True)
        assert not is_gone(leaving(missed=2), later - SECOND, is_online=True)
        assert not is_gone(leaving(missed=2), later, is_online=False)

    def test_who_no_list_has_shown_may_appear_for_an_hour(self) -> None:
        never = added(missed=9).no_longer_wanted(NOW)
        assert not is_gone(never, NOW + HOUR - SECOND, is_online=True)
        assert is_gone(never, NOW + HOUR, is_online=True)
        assert is_gone(never, NOW + HOUR, is_online=False)


class TestNextStep:
    def test_nothing_is_sent_for_who_is_on_the_lock(self) -> None:
        assert step(on_lock(), OWNER, user()) is None

    def test_nothing_is_sent_while_an_earlier_step_is_under_way(self) -> None:
        anna, ben = added(), on_lock("Ben", 8).no_longer_wanted(NOW)
        assert next_step([anna, ben], (user("Ben", 8),), NOW) is None
        found = next_step([anna, ben], (user("Ben", 8),), NOW + MINUTE)
        assert found == NextStep(Step.DELETE, ben, 8)

    def test_one_step_is_sent_and_the_first_guest_comes_first(self) -> None:
        anna, ben = leaving(), on_lock("Ben", 8).no_longer_wanted(NOW)
        found = next_step([anna, ben], (user("Ben", 8), user()), NOW)
        assert found == NextStep(Step.DELETE, anna, 7)

    def test_who_is_leaving_is_deleted_by_the_listed_id(self) -> None:
        unsynced = leaving(is_synced=False)
        assert step(unsynced, user(user_id=9)) == NextStep(Step.DELETE, unsynced, 9)
        assert step(leaving(), user(user_id=9)) is None

    def test_who_is_leaving_and_is_not_listed_cannot_be_deleted(self) -> None:
        assert step(leaving(), OWNER, user(type=0)) is None

    def test_a_delete_is_sent_again_after_ten_minutes_while_it_is_listed(self) -> None:
        for minutes, is_due in ((9, False), (10, True)):
            sent = leaving(sent=Step.DELETE, sent_at=NOW - minutes * MINUTE)
            assert (step(sent, user()) is not None) is is_due

    def test_a_delete_follows_another_step_at_once(self) -> None:
        sent = leaving(sent=Step.UPDATE, sent_at=NOW)
        assert step(sent, user()) == NextStep(Step.DELETE, sent, 7)

    def test_a_change_is_sent_to_the_listed_id(self) -> None:
        changed = on_lock(is_synced=False).rescheduled(LATER, NOW)
        assert step(changed, user(user_id=9)) == NextStep(Step.UPDATE, changed, 9)

    def test_a_change_that_got_no_answer_is_sent_again_after_a_minute(self) -> None:
        for seconds, is_due in ((59, False), (60, True)):
            moment = NOW - seconds * SECOND
            changed = on_lock().rescheduled(LATER, NOW).sending(Step.UPDATE, moment)
            assert (step(changed, user()) is not None) is is_due

    def test_a_change_of_who_is_not_listed_waits(self) -> None:
        assert step(on_lock().rescheduled(LATER, NOW)) is None

    def test_who_was_never_sent_is_added(self) -> None:
        assert step(record(), OWNER) == NextStep(Step.ADD, record())

    def test_who_got_lost_is_added_once_more_after_a_minute_that_no_list_shows_it(self) -> None:
        lost = added(is_lost=True, sent_at=NOW - MINUTE, missed=3)
        assert step(lost, OWNER) == NextStep(Step.ADD, lost)
        assert step(replace(lost, sent_at=NOW - MINUTE + SECOND), OWNER) is None

    def test_who_was_acknowledged_and_never_appears_is_not_added_again(self) -> None:
        assert step(added(sent_at=NOW - MINUTE), OWNER) is None

    def test_who_was_seen_once_is_not_added_again(self) -> None:
        assert step(on_lock(missed=2, is_lost=True), OWNER) is None

    def test_who_got_lost_and_is_leaving_is_not_added(self) -> None:
        lost = added(is_lost=True, sent_at=NOW - MINUTE).no_longer_wanted(NOW)
        assert step(lost, OWNER) is None

    def test_a_second_one_that_came_late_is_deleted_and_the_known_one_stays(self) -> None:
        twice = on_lock(adds=2, sent_at=NOW - MINUTE)
        assert step(twice, user(user_id=5), user()) == NextStep(Step.DELETE, twice, 5)

    def test_a_second_one_is_somebody_elses_unless_we_added_twice_within_an_hour(self) -> None:
        assert step(on_lock(), user(user_id=5), user()) is None
        assert step(on_lock(adds=2, sent_at=NOW - HOUR), user(user_id=5), user()) is None


class TestPause:
    def test_without_anything_unsettled_it_is_an_hour(self) -> None:
        assert pause([], NOW) == 3600
        assert pause([on_lock()], NOW) == 3600

    @pytest.mark.parametrize(
        ("since", "seconds"),
        [
            (0 * SECOND, 3),
            (9 * SECOND, 3),
            (30 * SECOND, 10),
            (HOUR, 900),
            (timedelta(days=1) - SECOND, 900),
            (timedelta(days=1), 3600),
        ],
    )
    def test_it_grows_with_the_time_since_the_change(
        self, since: timedelta, seconds: float
    ) -> None:
        assert pause([on_lock(unsettled_since=NOW - since)], NOW) == seconds

    def test_the_latest_change_counts(self) -> None:
        old, new = (on_lock(unsettled_since=NOW - age) for age in (20 * HOUR, 30 * SECOND))
        assert pause([old, new, on_lock()], NOW) == 10

    def test_a_step_under_way_counts_like_a_change(self) -> None:
        again = added(unsettled_since=NOW - 20 * HOUR, sent_at=NOW - 30 * SECOND)
        assert pause([again], NOW) == 10

    def test_a_clock_that_was_set_back_is_as_far_as_one_that_was_set_forward(self) -> None:
        assert pause([on_lock(unsettled_since=NOW + 30 * SECOND)], NOW) == 10
        assert pause([on_lock(unsettled_since=NOW + 400 * timedelta(days=1))], NOW) == 3600
