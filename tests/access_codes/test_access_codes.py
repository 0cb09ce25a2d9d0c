"""Guests of a lock, from the request to the list that shows them."""

import asyncio
from dataclasses import replace
from datetime import time, timedelta
from typing import Any

import pytest

from tests.access_codes.house import CODE, DAY, HOUR, MINUTE, USERS, House
from tests.conftest import LOCK, OTHER_LOCK, Running, World
from tests.steps import meanwhile
from utec_gateway.access_codes.errors import (
    CodesNotManagedError,
    EarlierChangeError,
    GuestIsLeavingError,
    KeyReusedError,
    NotListedError,
    NotOurGuestError,
    UnknownGuestError,
)
from utec_gateway.access_codes.new_guest import NewGuest
from utec_gateway.core.access_codes import CodeState, Schedule
from utec_gateway.core.errors import (
    FieldError,
    GatewayError,
    InvalidRequestError,
    UnknownDeviceError,
    UtecProtocolError,
    UtecRateLimitedError,
    UtecRejectedError,
    UtecUnavailableError,
)
from utec_gateway.core.models import Operation
from utec_gateway.devices.next_poll import MOST_CALLS

SWITCH = "02:51:4D:00:00:09"


def weekend(running: Running) -> Schedule:
    now = running.gateway.account.codes.zone().local(running.clock.now())
    return Schedule(now, now + timedelta(days=2))


async def test_a_guest_is_on_the_lock_within_seconds_and_gone_as_fast(world: World) -> None:
    running = await world.start(manage_codes=True)
    await running.clock.advance(5)
    codes = running.gateway.account.codes
    made = await meanwhile(running, codes.add(LOCK, NewGuest("Anna", weekend(running))))
    assert made.guest.state is CodeState.WAITING
    await running.clock.advance(7)
    assert [guest.state for guest in codes.of(LOCK).guests] == [CodeState.ON_LOCK]
    await meanwhile(running, codes.remove(LOCK, made.guest.id))
    await running.clock.advance(7)
    assert not codes.of(LOCK).guests


class TestAdd:
    async def test_the_cloud_gets_what_was_asked_for(self, house: House) -> None:
        stay = house.stay()
        hours = replace(stay, weekdays=frozenset(range(7)), opens=time(8), closes=time(20), uses=5)
        await house.add("  Anna  Müller ", schedule=hours)
        user = house.user("Anna Müller")
        assert user["type"] == 2
        assert user["password"] == int(CODE)
        assert user["daterange"] == [f"{at:%Y-%m-%d %H:%M}" for at in (stay.starts, stay.ends)]
        assert user["timerange"] == ["08:00", "20:00"]

    async def test_seconds_are_left_out_of_what_is_asked_for(self, house: House) -> None:
        stay = house.stay()
        odd = Schedule(
            stay.starts.replace(second=7, microsecond=8, fold=1),
            stay.ends.replace(second=9, microsecond=1, fold=1),
            opens=time(0, 0, 5, 1),
            closes=time(23, 59, 30, 1),
        )
        made = await house.add(schedule=odd)
        assert repr(made.guest.schedule) == repr(stay)

    async def test_the_code_is_in_the_answer_and_a_generated_one_opens(self, house: House) -> None:
        made = await house.add(code=None)
        assert made.code
        assert len(made.code.digits) == 6
        assert house.user()["password"] == int(made.code.digits)
        assert made.code.digits not in repr(made)

    @pytest.mark.parametrize(
        ("more", "field"),
        [
            ({"name": ""}, "name"),
            ({"name": "x" * 300}, "name"),
            ({"uses": 101}, "uses"),
            ({"weekdays": frozenset()}, "weekdays"),
        ],
    )
    async def test_bad_input_is_refused_before_anything_is_sent(
        self, house: House, more: dict[str, Any], field: str
    ) -> None:
        before = house.world.cloud.calls.number_of(USERS)
        name = more.pop("name", "Anna")
        with pytest.raises(FieldError) as caught:
            await house.add(name, schedule=replace(house.stay(), **more))
        assert caught.value.field == field
        assert house.world.cloud.calls.number_of(USERS) == before
        assert not house.guests()

    @pytest.mark.parametrize("name", ["Owner", "Anna", "Plumber"])
    async def test_a_name_that_is_used_on_the_lock_is_refused(
        self, house: House, name: str
    ) -> None:
        house.users.place({"name": "Plumber"})
        await house.add_on_lock("Anna")
        with pytest.raises(FieldError, match="is used on this lock already") as caught:
            await house.add(name, code=None)
        assert caught.value.field == "name"
        assert house.calls("add") == 1

    async def test_a_name_of_ours_that_no_list_shows_is_refused_as_well(self, house: House) -> None:
        house.lock.behaviour.forget_next_adds = 1
        await house.add()
        await house.wait(2 * MINUTE)
        with pytest.raises(FieldError, match="is used on this lock already"):
            await house.add()

    async def test_the_same_name_on_another_lock_is_another_guest(self, house: House) -> None:
        first = await house.add()
        second = await house.add(lock=OTHER_LOCK)
        assert first.guest.id != second.guest.id
        await house.wait(20)
        for lock in (LOCK, OTHER_LOCK):
            assert house.guest(lock=lock).state is CodeState.ON_LOCK

    async def test_two_at_once_on_one_lock_are_made_one_after_another(self, house: House) -> None:
        def new(name: str) -> NewGuest:
            return NewGuest(name, house.stay())

        both = asyncio.gather(house.codes.add(LOCK, new("Anna")), house.codes.add(LOCK, new("Ben")))
        await house.do(both)
        await house.wait(20)
        verbs = house.world.cloud.calls.commands_for(LOCK)
        first = verbs.index("add")
        second = verbs.index("add", first + 1)
        assert "list" in verbs[first:second]
        assert [house.guest(name).state for name in ("Anna", "Ben")] == [CodeState.ON_LOCK] * 2

    async def test_two_locks_do_not_wait_for_each_other(self, house: House) -> None:
        house.lock.behaviour.new_users_hidden_for = 3600
        await house.add()
        began = house.running.clock.monotonic()
        await house.add(lock=OTHER_LOCK)
        assert house.running.clock.monotonic() - began < 2

    async def test_a_lock_with_an_earlier_change_that_is_not_confirmed_refuses_the_next(
        self, house: House
    ) -> None:
        house.lock.behaviour.new_users_hidden_for = 40
        await house.add("Anna")
        with pytest.raises(EarlierChangeError) as caught:
            await house.add("Ben", code=None)
        assert caught.value.retry_after == 60
        assert caught.value.retryable
        assert house.guests() == ["Anna"]
        house.lock.behaviour.new_users_hidden_for = 0
        await house.wait(MINUTE)
        await house.add_on_lock("Ben", code=None)

    async def test_who_waits_too_long_for_the_turn_of_others_is_told(self, house: House) -> None:
        house.lock.behaviour.new_users_hidden_for = 50
        await house.add("Anna")
        asked = [
            house.codes.add(LOCK, NewGuest(name, house.stay())) for name in ("Ben", "Cleo", "Dan")
        ]
        answers = await house.do(asyncio.gather(*asked, return_exceptions=True))
        assert [type(answer) for answer in answers] == [EarlierChangeError] * 3
        assert {answer.retry_after for answer in answers} == {15, 60}  # type: ignore[union-attr]
        assert house.calls("add") == 1

    async def test_a_full_lock_is_said_and_nobody_is_remembered(self, house: House) -> None:
        house.lock.behaviour.user_limit = 1
        with pytest.raises(UtecRejectedError, match="BAD-REQUEST"):
            await house.add()
        assert not house.guests()
        house.lock.behaviour.user_limit = 2
        await house.add_on_lock()

    async def test_a_lock_that_says_nothing_of_being_full_leaves_a_guest_not_confirmed(
        self, house: House
    ) -> None:
        house.lock.behaviour.user_limit = 1
        house.lock.behaviour.full_lock = house.lock.behaviour.full_lock.__class__("acknowledged")
        await house.add()
        assert house.guest().state is CodeState.WAITING
        await house.wait(2 * MINUTE)
        assert house.guest().state is CodeState.NOT_CONFIRMED
        assert house.happened() == [("Anna", "code_not_confirmed")]
        assert house.calls("add") == 1

    async def test_a_lock_without_users_is_said_and_nobody_is_remembered(
        self, house: House
    ) -> None:
        house.lock.behaviour.supports_users = False
        with pytest.raises(UtecRejectedError, match="BAD-REQUEST"):
            await house.add()
        assert not house.guests()
        assert "BAD-REQUEST" in house.codes.of(LOCK).problem

    async def test_a_cloud_that_is_down_has_not_taken_it_and_nobody_is_remembered(
        self, house: House
    ) -> None:
        house.world.cloud.faults.fail(USERS)
        with pytest.raises(UtecUnavailableError):
            await house.add()
        house.world.cloud.faults.clear()
        await house.wait(HOUR)
        assert not house.guests()
        assert house.calls("add") == 0

    async def test_an_add_that_was_certainly_not_taken_is_forgotten(self, house: House) -> None:
        house.world.cloud.faults.rate_limit(f"{USERS}/add", retry_after="3600")
        with pytest.raises(UtecUnavailableError):
            await house.add()
        assert not house.guests()
        house.world.cloud.faults.clear()
        await house.wait(HOUR)
        assert house.in_cloud() == ["Owner"]

    async def test_a_lost_answer_is_not_an_error_and_the_guest_is_found_by_the_list(
        self, house: House
    ) -> None:
        house.world.cloud.faults.drop(f"{USERS}/add", after_acting=True, times=1)
        made = await house.add()
        assert made.guest.state is CodeState.WAITING
        assert made.code
        await house.wait(20)
        assert house.guest().state is CodeState.ON_LOCK
        await house.wait(HOUR)
        assert house.in_cloud() == ["Owner", "Anna"]

    async def test_a_lost_request_is_sent_once_more_with_the_same_code(self, house: House) -> None:
        house.world.cloud.faults.drop(f"{USERS}/add", times=1)
        await house.add()
        await house.wait(3 * MINUTE)
        assert house.calls("add") == 2
        assert house.user()["password"] == int(CODE)
        assert house.guest().state is CodeState.ON_LOCK

    async def test_after_two_lost_requests_it_is_said_that_it_is_not_confirmed(
        self, house: House
    ) -> None:
        house.world.cloud.faults.drop(f"{USERS}/add", times=2)
        await house.add()
        await house.wait(10 * MINUTE)
        assert house.calls("add") == 2
        assert house.guest().state is CodeState.NOT_CONFIRMED
        assert house.in_cloud() == ["Owner"]

    async def test_a_guest_lost_before_a_restart_is_not_added_again_without_its_code(
        self, house: House
    ) -> None:
        house.world.cloud.faults.drop(f"{USERS}/add", times=1)
        await house.add()
        house = await house.restart()
        await house.wait(10 * MINUTE)
        assert house.calls("add") == 1
        assert house.guest().state is CodeState.NOT_CONFIRMED

    @pytest.mark.parametrize("shape", ["null", "missing"])
    async def test_a_list_that_is_none_adds_nobody(self, house: House, shape: str) -> None:
        behaviour = house.lock.behaviour
        behaviour.user_list_shape = behaviour.user_list_shape.__class__(shape)
        with pytest.raises(UtecProtocolError):
            await house.add()
        assert house.calls("add") == 0

    async def test_a_code_that_somebody_on_the_lock_has_is_refused_and_not_repeated(
        self, house: House
    ) -> None:
        await house.add_on_lock("Anna")
        with pytest.raises(UtecRejectedError) as caught:
            await house.add("Ben")
        assert CODE not in f"{caught.value!r}"
        assert house.guests() == ["Anna"]


class TestKeys:
    async def test_a_repeated_key_makes_one_guest_and_tells_no_code(self, house: House) -> None:
        first = await house.add(key="booking 7")
        second = await house.add(key="booking 7")
        assert second.guest.id == first.guest.id
        assert second.code is None
        assert house.calls("add") == 1

    async def test_a_repeated_key_is_known_after_a_restart(self, house: House) -> None:
        stay = house.stay()
        first = await house.add(key="booking 7", schedule=stay)
        house = await house.restart()
        second = await house.add(key="booking 7", schedule=stay)
        assert second.guest.id == first.guest.id
        assert house.calls("add") == 1

    async def test_a_key_that_was_used_for_another_request_is_refused(self, house: House) -> None:
        await house.add(key="booking 7", request="Anna for a weekend")
        with pytest.raises(KeyReusedError):
            await house.add("Ben", key="booking 7", request="Ben for a weekend")
        again = await house.add(key="booking 7", request="Anna for a weekend")
        assert again.code is None
        assert house.calls("add") == 1

    async def test_the_same_key_on_another_lock_makes_another_guest(self, house: House) -> None:
        await house.add(key="booking 7")
        await house.add(key="booking 7", lock=OTHER_LOCK)
        assert house.calls("add") == 2

    async def test_guests_without_a_key_are_never_taken_for_each_other(self, house: House) -> None:
        await house.add("Anna", code=None)
        with pytest.raises(FieldError):
            await house.add("Anna", code=None)
        await house.add_on_lock("Ben", code=None)

    async def test_a_key_that_failed_can_be_used_again(self, house: House) -> None:
        house.lock.behaviour.user_limit = 1
        with pytest.raises(GatewayError):
            await house.add(key="booking 7")
        house.lock.behaviour.user_limit = None
        made = await house.add(key="booking 7")
        assert made.code

    async def test_keys_may_be_any_text(self, house: House) -> None:
        made = await house.add(key="\ud800 ü")
        assert made.code


class TestChange:
    async def test_a_longer_stay_is_on_the_lock_soon(self, house: House) -> None:
        guest_id = await house.add_on_lock()
        longer = house.stay(days=5)
        changed = await house.do(house.codes.change(LOCK, guest_id, longer))
        assert (changed.schedule, changed.state) == (longer, CodeState.WAITING)
        assert house.user()["daterange"][1] == f"{longer.ends:%Y-%m-%d %H:%M}"
        assert house.user()["password"] == int(CODE)
        await house.wait(20)
        assert house.guest().state is CodeState.ON_LOCK
        assert house.guest().expires_on_lock_at is None
        assert house.happened() == [("Anna", "code_on_lock")] * 2

    async def test_the_end_that_the_lock_still_goes_by_is_shown(self, house: House) -> None:
        guest_id = await house.add_on_lock()
        earlier = house.guest().schedule.ends
        house.lock.go_offline()
        await house.do(house.codes.change(LOCK, guest_id, house.stay(days=5)))
        await house.wait(MINUTE)
        assert house.guest().state is CodeState.WAITING
        assert house.guest().expires_on_lock_at == earlier

    async def test_the_same_times_are_not_sent(self, house: House) -> None:
        guest_id = await house.add_on_lock()
        same = house.guest().schedule
        odd = replace(same, ends=same.ends.replace(second=30))
        changed = await house.do(house.codes.change(LOCK, guest_id, odd))
        assert changed.state is CodeState.ON_LOCK
        assert house.calls("update") == 0

    async def test_bad_times_are_refused_at_their_field(self, house: House) -> None:
        guest_id = await house.add_on_lock()
        with pytest.raises(FieldError) as caught:
            await house.do(house.codes.change(LOCK, guest_id, house.stay(days=-1)))
        assert caught.value.field == "ends"
        assert house.guest().state is CodeState.ON_LOCK

    async def test_a_change_while_u_tec_is_down_is_sent_later(self, house: House) -> None:
        guest_id = await house.add_on_lock()
        house.world.cloud.faults.fail(USERS)
        longer = house.stay(days=5)
        changed = await house.do(house.codes.change(LOCK, guest_id, longer))
        assert (changed.schedule, changed.state) == (longer, CodeState.WAITING)
        assert "500" in house.codes.of(LOCK).problem
        house.world.cloud.faults.clear()
        await house.wait(10 * MINUTE)
        assert house.user()["daterange"][1] == f"{longer.ends:%Y-%m-%d %H:%M}"
        assert house.guest().state is CodeState.ON_LOCK
        assert not house.codes.of(LOCK).problem

    async def test_a_change_while_u_tec_is_down_survives_a_restart(self, house: House) -> None:
        guest_id = await house.add_on_lock()
        house.world.cloud.faults.fail(USERS)
        longer = house.stay(days=5)
        await house.do(house.codes.change(LOCK, guest_id, longer))
        house = await house.restart()
        house.world.cloud.faults.clear()
        await house.wait(10 * MINUTE)
        assert house.user()["daterange"][1] == f"{longer.ends:%Y-%m-%d %H:%M}"

    async def test_a_change_whose_answer_was_lost_is_sent_until_it_is_answered(
        self, house: House
    ) -> None:
        guest_id = await house.add_on_lock()
        house.world.cloud.faults.drop(f"{USERS}/update", times=1)
        longer = house.stay(days=5)
        await house.do(house.codes.change(LOCK, guest_id, longer))
        await house.wait(5 * MINUTE)
        assert house.user()["daterange"][1] == f"{longer.ends:%Y-%m-%d %H:%M}"
        assert house.guest().state is CodeState.ON_LOCK

    async def test_who_is_leaving_cannot_be_changed(self, house: House) -> None:
        guest_id = await house.add_on_lock()
        house.lock.go_offline()
        await house.do(house.codes.remove(LOCK, guest_id))
        with pytest.raises(GuestIsLeavingError):
            await house.do(house.codes.change(LOCK, guest_id, house.stay(days=5)))


class TestRemove:
    async def test_taken_back_while_offline_it_stays_until_the_lock_is_back(
        self, house: House
    ) -> None:
        house = await house.restart(poll_interval_seconds=30)
        guest_id = await house.add_on_lock()
        house.lock.behaviour.deleted_users_linger = True
        house.lock.go_offline()
        await house.wait(MINUTE)
        await house.do(house.codes.remove(LOCK, guest_id))
        await house.wait(HOUR)
        assert house.guest().state is CodeState.REMOVING
        house.lock.go_online()
        await house.wait(2 * MINUTE)
        assert not house.guests()
        assert house.in_cloud() == ["Owner"]
        assert house.happened() == [("Anna", "code_on_lock"), ("Anna", "code_removed")]
        assert not house.events[-1].is_expired

    async def test_what_an_offline_lock_knows_is_not_what_the_cloud_lists(
        self, house: House
    ) -> None:
        house = await house.restart(poll_interval_seconds=30)
        guest_id = await house.add_on_lock()
        house.lock.go_offline()
        await house.wait(MINUTE)
        await house.do(house.codes.remove(LOCK, guest_id))
        await house.wait(HOUR)
        assert house.in_cloud() == ["Owner"]
        assert house.guest().state is CodeState.REMOVING
        house.lock.go_online()
        await house.wait(MINUTE)
        assert not house.guests()

    async def test_taking_back_while_u_tec_is_down_is_sent_later(self, house: House) -> None:
        guest_id = await house.add_on_lock()
        house.world.cloud.faults.fail(USERS)
        guest = await house.do(house.codes.remove(LOCK, guest_id))
        assert guest.state is CodeState.REMOVING
        house.world.cloud.faults.clear()
        await house.wait(10 * MINUTE)
        assert not house.guests()
        assert house.in_cloud() == ["Owner"]

    async def test_a_guest_taken_back_before_it_is_listed_goes_as_soon_as_it_is(
        self, house: House
    ) -> None:
        house.lock.behaviour.new_users_hidden_for = 5 * MINUTE
        made = await house.add()
        await house.do(house.codes.remove(LOCK, made.guest.id))
        await house.wait(20 * MINUTE)
        assert house.in_cloud() == ["Owner"]
        assert not house.guests()

    async def test_taking_back_twice_is_one_delete(self, house: House) -> None:
        guest_id = await house.add_on_lock()
        house.lock.go_offline()
        house.lock.behaviour.deleted_users_linger = True
        for _ in range(2):
            guest = await house.do(house.codes.remove(LOCK, guest_id))
            assert guest.state is CodeState.REMOVING
        assert house.calls("delete") == 1

    async def test_a_code_that_was_taken_back_is_free_again(self, house: House) -> None:
        guest_id = await house.add_on_lock()
        await house.do(house.codes.remove(LOCK, guest_id))
        await house.wait(20)
        assert await house.add_on_lock() != guest_id


class TestReveal:
    async def test_the_code_is_read_from_the_cloud_each_time(self, house: House) -> None:
        guest_id = await house.add_on_lock()
        for number in (1, 2):
            code = await house.do(house.codes.reveal(LOCK, guest_id))
            assert code.digits == CODE
            assert CODE not in repr(code)
            assert house.calls("get") == number

    async def test_nobody_asks_for_a_code_without_a_person(self, house: House) -> None:
        await house.add_on_lock()
        await house.wait(6 * HOUR)
        assert house.calls("get") == 0

    async def test_a_guest_that_no_list_has_shown_has_no_code_to_show(self, house: House) -> None:
        made = await house.add()
        with pytest.raises(NotListedError):
            await house.do(house.codes.reveal(LOCK, made.guest.id))
        assert house.calls("get") == 0

    async def test_the_code_of_somebody_else_with_the_id_is_not_shown(self, house: House) -> None:
        guest_id = await house.add_on_lock()
        house.users.alter(house.user()["id"], {"name": "Plumber", "password": 7391})
        with pytest.raises(NotListedError):
            await house.do(house.codes.reveal(LOCK, guest_id))

    async def test_a_cloud_that_answers_with_another_user_shows_nothing(self, house: House) -> None:
        guest_id = await house.add_on_lock()
        user = {"id": 99, "name": "Anna", "type": 2, "password": 7391}
        answer = {"payload": {"devices": [{"id": LOCK, "user": user}]}}
        house.world.cloud.faults.answer(f"{USERS}/get", answer)
        with pytest.raises(NotListedError):
            await house.do(house.codes.reveal(LOCK, guest_id))


class TestWho:
    async def test_nobody_of_that_id_is_unknown(self, house: House) -> None:
        for work in (
            house.codes.reveal(LOCK, "nobody"),
            house.codes.remove(LOCK, "nobody"),
            house.codes.change(LOCK, "nobody", house.stay()),
        ):
            with pytest.raises(UnknownGuestError):
                await house.do(work)

    async def test_a_user_that_we_did_not_make_is_not_touched_by_its_id(self, house: House) -> None:
        for work in (
            house.codes.reveal(LOCK, "1"),
            house.codes.remove(LOCK, "1"),
            house.codes.change(LOCK, "1", house.stay()),
        ):
            with pytest.raises(NotOurGuestError):
                await house.do(work)
        assert house.world.cloud.calls.commands_for(LOCK).count("delete") == 0

    async def test_a_guest_of_another_lock_is_unknown_here(self, house: House) -> None:
        guest_id = await house.add_on_lock()
        with pytest.raises(UnknownGuestError):
            await house.do(house.codes.remove(OTHER_LOCK, guest_id))

    async def test_a_device_that_is_no_lock_and_one_that_is_not_there_are_refused(
        self, world: World
    ) -> None:
        world.cloud.add_device(SWITCH, "Hall", "switch")
        house = await House.start(world)
        with pytest.raises(InvalidRequestError, match="Hall is not a lock"):
            await house.add(lock=SWITCH)
        with pytest.raises(UnknownDeviceError):
            await house.add(lock="nowhere")
        assert {one.device.id for one in house.codes.all()} == {LOCK, OTHER_LOCK}

    async def test_a_person_can_have_a_lock_listed_now(self, house: House) -> None:
        house.users.place({"name": "Plumber"})
        told: list[object] = []
        house.codes.changed.subscribe(told.append)
        listed = await house.do(house.codes.list(LOCK))
        assert [other.name for other in listed.others] == ["Owner", "Plumber"]
        assert told

    async def test_a_list_that_fails_says_why(self, house: House) -> None:
        house.world.cloud.faults.fail(USERS)
        with pytest.raises(UtecUnavailableError):
            await house.do(house.codes.list(LOCK))
        assert "500" in house.codes.of(LOCK).problem


class TestOff:
    async def test_everything_is_refused_and_not_one_call_leaves_for_hours(
        self, house: House
    ) -> None:
        guest_id = await house.add_on_lock()
        before = house.world.cloud.calls.number_of(USERS)
        house = await house.restart(manage_codes=False)
        for work in (
            house.codes.list(LOCK),
            house.codes.add(LOCK, NewGuest("Ben", house.stay())),
            house.codes.change(LOCK, guest_id, house.stay()),
            house.codes.remove(LOCK, guest_id),
            house.codes.reveal(LOCK, guest_id),
        ):
            with pytest.raises(CodesNotManagedError):
                await house.do(work)
        with pytest.raises(CodesNotManagedError):
            house.codes.of(LOCK)
        house.codes.locks.request(0)
        await house.wait(12 * HOUR)
        assert house.world.cloud.calls.number_of(USERS) == before
        assert not house.codes.all()
        assert not house.codes.is_on

    async def test_switched_on_again_the_guests_are_known_and_looked_after(
        self, house: House
    ) -> None:
        await house.add_on_lock()
        house = await house.restart(manage_codes=False)
        await house.wait(HOUR)
        await house.world.stop()
        await house.world.clock.advance(5 * DAY)
        house = await House.start(house.world)
        await house.wait(1.1 * HOUR)
        assert house.in_cloud() == ["Owner"]
        assert not house.guests()

    async def test_it_can_be_switched_on_and_off_while_running(self, world: World) -> None:
        house = await House.start(world, manage_codes=False)
        settings = house.running.gateway.settings
        await settings.change({"manage_codes": True})
        await house.wait(HOUR)
        assert house.others() == ["Owner"]
        await settings.change({"manage_codes": False})
        before = world.cloud.calls.number_of(USERS)
        await house.wait(DAY)
        assert world.cloud.calls.number_of(USERS) == before


async def test_once_codes_are_not_managed_nothing_under_way_asks_u_tec_any_more(
    world: World,
) -> None:
    for number in range(3, 12):
        world.cloud.add_device(f"02:51:4D:00:00:{number:02}", f"Door {number}")
    world.cloud.devices[LOCK].behaviour.new_users_hidden_for = 50
    running = await world.start(manage_codes=True)
    await running.clock.advance(5)
    codes, calls = running.gateway.account.codes, world.cloud.calls
    await meanwhile(running, codes.add(LOCK, NewGuest("Anna", weekend(running))))
    world.cloud.behaviour.actions.latency = 2
    codes.locks.request(0)
    waiting = asyncio.ensure_future(codes.add(LOCK, NewGuest("Berta", weekend(running))))
    await running.clock.advance(1)
    await running.gateway.settings.change({"manage_codes": False})
    asked = calls.number_of("st.lockUser")
    await running.clock.advance(120)
    assert calls.number_of("st.lockUser") == asked
    with pytest.raises(CodesNotManagedError):
        await waiting


async def test_guests_leave_the_last_calls_of_an_hour_to_polls_and_commands_and_can_be_removed(
    house: House,
) -> None:
    guest_id = await house.add_on_lock()
    for _ in range(MOST_CALLS):
        house.running.gateway.account.meter.sent.emit(Operation.QUERY)
    asked = house.calls("list")
    house.codes.locks.request(0)
    await house.wait(30)
    assert house.calls("list") == asked
    for work in (
        house.codes.add(LOCK, NewGuest("Ben", house.stay())),
        house.codes.reveal(LOCK, guest_id),
    ):
        with pytest.raises(UtecRateLimitedError):
            await house.do(work)
    assert (house.calls("add"), house.calls("get")) == (1, 0)
    await house.do(house.codes.remove(LOCK, guest_id))
    assert house.calls("delete") == 1


async def test_a_clock_that_is_wrong_for_a_while_deletes_nobody(house: House) -> None:
    await house.add_on_lock()
    house.running.clock.jump(timedelta(days=30))
    house.codes.locks.request(0)
    await house.wait(40 * MINUTE)
    house.codes.locks.request(0)
    await house.wait(MINUTE)
    house.running.clock.jump(timedelta(days=-30))
    await house.wait(2 * HOUR)
    assert house.calls("delete") == 0
    assert house.in_cloud() == ["Owner", "Anna"]
