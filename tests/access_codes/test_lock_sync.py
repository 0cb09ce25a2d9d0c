"""What the lists of a lock's users do to its guests, by themselves and over days."""

import json
from datetime import timedelta
from typing import Any

import pytest

from tests.access_codes.house import CODE, DAY, HOUR, MINUTE, USERS, House
from tests.conftest import LOCK, OTHER_LOCK, World
from utec_gateway.access_codes.errors import EarlierChangeError
from utec_gateway.core.access_codes import CodeState, LockCodes
from utec_gateway.core.errors import UtecUnavailableError
from utec_gateway.simulator.enums import UserListShape

OFTEN: dict[str, Any] = {"poll_interval_seconds": 30, "stale_after_seconds": 60}


def saved(house: House) -> list[dict[str, Any]]:
    content: list[dict[str, Any]] = json.loads(
        (house.world.data_dir / "access_codes.json").read_text()
    )
    return content


async def restart_after(house: House, seconds: float) -> House:
    """Return the house with a gateway that was off for so long."""
    await house.world.stop()
    await house.wait(seconds)
    return await House.start(house.world)


class TestExpiry:
    async def test_a_guest_whose_time_is_over_goes_a_day_after_its_end(self, house: House) -> None:
        await house.add_on_lock(schedule=house.stay(days=1))
        await house.wait(1.9 * DAY)
        assert house.guest().state is CodeState.ON_LOCK
        assert house.in_cloud() == ["Owner", "Anna"]
        await house.wait(0.2 * DAY)
        assert house.in_cloud() == ["Owner"]
        assert not house.guests()

    async def test_that_it_expired_is_told_by_name(self, house: House) -> None:
        await house.add_on_lock(schedule=house.stay(days=1))
        await house.wait(2.2 * DAY)
        told = house.events[-1]
        assert (told.name, told.kind.value, told.is_expired) == ("Anna", "code_removed", True)
        assert told.device.id == LOCK
        assert [event.is_expired for event in house.events] == [False, True]

    async def test_a_longer_stay_does_not_expire(self, house: House) -> None:
        guest_id = await house.add_on_lock(schedule=house.stay(days=1))
        await house.do(house.codes.change(LOCK, guest_id, house.stay(days=9)))
        await house.wait(3 * DAY)
        assert house.guest().state is CodeState.ON_LOCK

    async def test_a_guest_that_is_leaving_already_was_asked_for(self, house: House) -> None:
        guest_id = await house.add_on_lock(schedule=house.stay(days=1))
        house.lock.go_offline()
        house.lock.behaviour.deleted_users_linger = True
        await house.do(house.codes.remove(LOCK, guest_id))
        await house.wait(3 * DAY)
        house.lock.go_online()
        await house.wait(2 * HOUR)
        assert house.events[-1].kind.value == "code_removed"
        assert not house.events[-1].is_expired

    async def test_an_expired_guest_of_an_offline_lock_is_leaving_and_says_why(
        self, house: House
    ) -> None:
        await house.add_on_lock(schedule=house.stay(days=1))
        house.lock.go_offline()
        await house.wait(3 * DAY)
        assert house.guest().state is CodeState.REMOVING
        assert house.guest().is_expired


class TestOthers:
    async def test_everybody_else_is_listed_and_nothing_is_done_to_them(self, house: House) -> None:
        house.users.place({"name": "Cleaner", "type": 2})
        house.users.place({"name": "Kid"})
        guest_id = await house.add_on_lock()
        assert house.others() == ["Owner", "Cleaner", "Kid"]
        await house.do(house.codes.remove(LOCK, guest_id))
        await house.wait(3 * DAY)
        assert house.in_cloud() == ["Owner", "Cleaner", "Kid"]
        cleaner = house.codes.of(LOCK).others[1]
        assert (cleaner.id, cleaner.type) == ("2", 2)
        assert cleaner.is_temporary
        assert cleaner.is_on_lock
        assert not house.codes.of(LOCK).others[0].is_temporary

    async def test_a_namesake_made_later_in_the_app_is_not_touched(self, house: House) -> None:
        guest_id = await house.add_on_lock()
        theirs = house.users.place({"name": "Anna", "type": 2})
        await house.wait(HOUR)
        assert house.others() == ["Owner", "Anna"]
        assert house.codes.of(LOCK).others[1].id == str(theirs)
        await house.do(house.codes.remove(LOCK, guest_id))
        await house.wait(DAY)
        assert [user["id"] for user in house.users.everything()] == [1, theirs]
        assert not house.guests()
        assert house.others() == ["Owner", "Anna"]

    async def test_a_namesake_is_not_touched_after_a_restart_either(self, house: House) -> None:
        guest_id = await house.add_on_lock()
        theirs = house.users.place({"name": "Anna", "type": 2})
        await house.wait(HOUR)
        house.world.cloud.faults.fail(f"{USERS}/delete")
        await house.do(house.codes.remove(LOCK, guest_id))
        house = await house.restart()
        house.world.cloud.faults.clear()
        await house.wait(DAY)
        assert [user["id"] for user in house.users.everything()] == [1, theirs]

    async def test_a_namesake_is_not_taken_for_ours_when_ours_is_deleted_in_the_app(
        self, house: House
    ) -> None:
        await house.add_on_lock()
        ours = house.user()["id"]
        house.users.place({"name": "Anna", "type": 2})
        await house.wait(HOUR)
        house.users.remove(ours)
        await house.wait(3 * HOUR)
        assert house.guest().state is CodeState.NOT_CONFIRMED

    async def test_a_guest_renamed_in_the_app_is_theirs_from_then_on(self, house: House) -> None:
        guest_id = await house.add_on_lock()
        house.users.alter(house.user()["id"], {"name": "Aunt Anna"})
        await house.wait(3 * HOUR)
        assert house.guest().state is CodeState.NOT_CONFIRMED
        assert house.others() == ["Owner", "Aunt Anna"]
        await house.do(house.codes.remove(LOCK, guest_id))
        await house.wait(3 * HOUR)
        assert house.in_cloud() == ["Owner", "Aunt Anna"]
        assert not house.guests()

    async def test_an_id_that_is_used_again_for_somebody_else_is_not_ours(
        self, house: House
    ) -> None:
        guest_id = await house.add_on_lock()
        house.users.alter(house.user()["id"], {"name": "Plumber", "type": 0})
        await house.do(house.codes.remove(LOCK, guest_id))
        await house.wait(3 * HOUR)
        assert house.in_cloud() == ["Owner", "Plumber"]

    async def test_a_guest_deleted_in_the_app_is_said_not_to_be_there_and_not_made_again(
        self, house: House
    ) -> None:
        await house.add_on_lock()
        house.users.remove(house.user()["id"])
        await house.wait(3 * HOUR)
        assert house.guest().state is CodeState.NOT_CONFIRMED
        assert house.happened() == [("Anna", "code_on_lock"), ("Anna", "code_not_confirmed")]
        assert house.calls("add") == 1


class TestLists:
    async def test_a_settled_lock_is_listed_hourly(self, house: House) -> None:
        await house.add_on_lock()
        await house.wait(2 * HOUR)
        before = house.calls("list")
        await house.wait(DAY)
        assert 2 * 23 <= house.calls("list") - before <= 2 * 25

    async def test_a_guest_that_waits_is_looked_for_less_and_less_often(self, house: House) -> None:
        house.world.cloud.devices[OTHER_LOCK].behaviour.supports_users = False
        house.lock.go_offline()
        await house.add()
        counts = []
        for seconds in (MINUTE, HOUR, 3 * HOUR):
            before = house.world.cloud.calls.commands_for(LOCK).count("list")
            await house.wait(seconds)
            counts.append(house.world.cloud.calls.commands_for(LOCK).count("list") - before)
        assert 5 <= counts[0] <= 12
        assert counts[1] <= 20
        assert counts[2] <= 15
        assert house.guest().state is CodeState.WAITING

    async def test_ids_that_change_when_the_lock_learns_are_followed(self, house: House) -> None:
        house.lock.behaviour.user_ids_change_on_sync = True
        house.lock.behaviour.user_sync_delay = 30
        guest_id = (await house.add()).guest.id
        await house.wait(MINUTE)
        assert house.guest().state is CodeState.ON_LOCK
        assert (await house.do(house.codes.reveal(LOCK, guest_id))).digits == CODE
        await house.do(house.codes.remove(LOCK, guest_id))
        await house.wait(20)
        assert house.in_cloud() == ["Owner"]

    async def test_ids_that_are_texts_are_handed_back_as_texts(self, house: House) -> None:
        house.lock.behaviour.user_ids_are_text = True
        guest_id = await house.add_on_lock()
        house = await house.restart()
        await house.do(house.codes.remove(LOCK, guest_id))
        await house.wait(20)
        assert house.in_cloud() == ["Owner"]

    async def test_one_list_that_is_cut_says_nothing_of_who_is_missing(self, house: House) -> None:
        await house.add_on_lock()
        house.lock.behaviour.user_list_cut = 1
        await house.do(house.codes.list(LOCK))
        assert house.guest().state is CodeState.WAITING
        house.lock.behaviour.user_list_cut = None
        await house.wait(20)
        assert house.guest().state is CodeState.ON_LOCK
        assert house.happened() == [("Anna", "code_on_lock")]

    async def test_one_list_that_is_cut_is_no_proof_that_who_is_taken_back_is_gone(
        self, house: House
    ) -> None:
        guest_id = await house.add_on_lock()
        house.lock.behaviour.user_list_cut = 1
        await house.do(house.codes.remove(LOCK, guest_id))
        assert house.guest().state is CodeState.REMOVING
        house.lock.behaviour.user_list_cut = None
        await house.wait(HOUR)
        assert house.in_cloud() == ["Owner"]

    @pytest.mark.parametrize("shape", [UserListShape.NULL, UserListShape.MISSING])
    async def test_an_answer_without_a_list_changes_nothing_and_is_said(
        self, house: House, shape: UserListShape
    ) -> None:
        await house.add_on_lock()
        house.lock.behaviour.user_list_shape = shape
        await house.wait(2 * HOUR)
        assert house.guest().state is CodeState.ON_LOCK
        assert "contains no list" in house.codes.of(LOCK).problem
        await house.wait(2 * HOUR)
        assert house.guest().state is CodeState.UNKNOWN
        house.lock.behaviour.user_list_shape = UserListShape.NORMAL
        await house.wait(10 * MINUTE)
        assert house.guest().state is CodeState.ON_LOCK

    async def test_a_guest_in_an_entry_without_a_name_is_missed_and_found_again(
        self, house: House
    ) -> None:
        await house.add_on_lock()
        house.lock.behaviour.user_list_shape = UserListShape.WITHOUT_NAME
        await house.wait(3 * HOUR)
        assert house.guest().state is CodeState.NOT_CONFIRMED
        house.lock.behaviour.user_list_shape = UserListShape.NORMAL
        await house.wait(HOUR)
        assert house.guest().state is CodeState.ON_LOCK
        assert house.happened()[1:] == [("Anna", "code_not_confirmed"), ("Anna", "code_on_lock")]

    async def test_a_lock_that_comes_back_is_listed_at_once(self, world: World) -> None:
        house = await House.start(world, **OFTEN)
        house.lock.go_offline()
        await house.wait(MINUTE)
        await house.add()
        await house.wait(5 * HOUR)
        house.lock.go_online()
        await house.wait(45)
        assert house.guest().state is CodeState.ON_LOCK

    async def test_a_lock_that_comes_back_with_nothing_waiting_is_not_asked(
        self, world: World
    ) -> None:
        house = await House.start(world, **OFTEN)
        await house.add_on_lock()
        house.lock.go_offline()
        await house.wait(MINUTE)
        before = house.calls("list")
        house.lock.go_online()
        await house.wait(2 * MINUTE)
        assert house.calls("list") == before

    async def test_a_list_can_be_asked_for_unless_there_is_a_fresh_one(self, house: House) -> None:
        await house.do(house.codes.list(LOCK))
        await house.do(house.codes.list(OTHER_LOCK))
        before = house.calls("list")
        house.codes.locks.request(30)
        await house.wait(5)
        assert house.calls("list") == before
        await house.wait(30)
        house.codes.locks.request(30)
        await house.wait(5)
        assert house.calls("list") == before + 2

    async def test_it_is_known_when_the_cloud_was_last_asked(self, house: House) -> None:
        asked = house.running.clock.now()
        await house.do(house.codes.list(LOCK))
        await house.wait(60)
        listed_at = house.codes.of(LOCK).listed_at
        assert listed_at
        assert asked <= listed_at <= asked + timedelta(seconds=1)
        assert house.codes.of(LOCK).is_known

    async def test_before_the_first_list_nothing_is_known(self, house: House) -> None:
        await house.add_on_lock()
        house.world.cloud.faults.fail(USERS)
        house = await house.restart()
        shown = house.codes.of(LOCK)
        assert not shown.is_known
        assert [guest.state for guest in shown.guests] == [CodeState.UNKNOWN]
        assert not shown.others
        assert "500" in shown.problem

    async def test_one_lock_that_fails_keeps_no_other_from_being_listed(self, house: House) -> None:
        house.lock.behaviour.supports_users = False
        await house.wait(HOUR)
        assert house.others(OTHER_LOCK) == ["Owner"]
        assert "BAD-REQUEST" in house.codes.of(LOCK).problem
        assert not house.codes.of(OTHER_LOCK).problem

    async def test_a_failing_cloud_is_asked_every_five_minutes_and_each_list_is_told(
        self, house: House
    ) -> None:
        house.world.cloud.faults.rate_limit(f"{USERS}/list", retry_after="300")
        await house.wait(2 * HOUR)
        before = house.calls("list")
        await house.wait(HOUR)
        assert 2 * 11 <= house.calls("list") - before <= 2 * 12
        told: list[tuple[LockCodes, ...]] = []
        house.codes.changed.subscribe(told.append)
        await house.wait(10 * MINUTE)
        assert told

    async def test_without_a_sign_in_nobody_asks(self, world: World) -> None:
        await world.start(sign_in=False, manage_codes=True)
        await world.clock.advance(3 * HOUR)
        assert world.cloud.calls.number_of(USERS) == 0


class TestOnce:
    async def test_each_news_is_told_once(self, house: House) -> None:
        await house.add_on_lock()
        await house.wait(5 * HOUR)
        assert house.happened() == [("Anna", "code_on_lock")]
        house = await house.restart()
        await house.wait(5 * HOUR)
        assert house.happened() == []

    async def test_news_has_the_time_and_the_lock(self, house: House) -> None:
        before = house.running.clock.now()
        await house.add_on_lock()
        (event,) = house.events
        assert before < event.at <= house.running.clock.now()
        assert event.device.name == "Front Door"

    async def test_a_delete_that_a_lock_takes_long_for_is_sent_again_every_ten_minutes(
        self, house: House
    ) -> None:
        guest_id = await house.add_on_lock()
        house.lock.behaviour.deleted_users_linger = True
        house.lock.go_offline()
        await house.do(house.codes.remove(LOCK, guest_id))
        await house.wait(9 * MINUTE)
        assert house.calls("delete") == 1
        await house.wait(HOUR)
        assert 2 <= house.calls("delete") <= 6

    async def test_a_delete_whose_answer_was_lost_is_confirmed_by_the_list(
        self, house: House
    ) -> None:
        guest_id = await house.add_on_lock()
        house.world.cloud.faults.drop(f"{USERS}/delete", after_acting=True, times=1)
        await house.do(house.codes.remove(LOCK, guest_id))
        await house.wait(MINUTE)
        assert not house.guests()

    async def test_a_change_waits_for_the_earlier_one_to_be_confirmed(self, house: House) -> None:
        house.lock.behaviour.new_users_hidden_for = 30
        await house.add("Anna")
        with pytest.raises(EarlierChangeError):
            await house.add("Ben", code=None)
        assert house.calls("add") == 1


class TestAccounts:
    async def test_a_lock_that_is_gone_shows_nobody_and_its_guests_are_kept_for_a_month(
        self, house: House
    ) -> None:
        await house.add_on_lock(schedule=house.stay(days=1))
        house.lock.behaviour.ticked = False
        await house.wait(4 * HOUR)
        assert [codes.device.id for codes in house.codes.all()] == [OTHER_LOCK]
        house = await restart_after(house, 30.5 * DAY)
        assert [record["name"] for record in saved(house)] == ["Anna"]
        house = await restart_after(house, DAY)
        assert not saved(house)

    async def test_a_lock_that_is_back_has_its_guests_again(self, house: House) -> None:
        await house.add_on_lock(schedule=house.stay(days=9))
        house.lock.behaviour.ticked = False
        await house.wait(4 * HOUR)
        assert [codes.device.id for codes in house.codes.all()] == [OTHER_LOCK]
        house.lock.behaviour.ticked = True
        await house.wait(3 * HOUR)
        assert house.guest().state is CodeState.ON_LOCK

    async def test_a_sign_in_that_is_over_keeps_the_guests(self, house: House) -> None:
        guest_id = await house.add_on_lock()
        house.world.cloud.faults.fail("/action")
        with pytest.raises(UtecUnavailableError):
            await house.do(house.codes.reveal(LOCK, guest_id))
        house.world.cloud.faults.clear()
        await house.wait(HOUR)
        assert house.guest().state is CodeState.ON_LOCK


class TestFile:
    async def test_the_file_has_names_and_times_and_no_code(self, house: House) -> None:
        made = await house.add(code=None)
        await house.wait(20)
        text = (house.world.data_dir / "access_codes.json").read_text()
        assert made.code
        assert made.code.digits not in text
        (record,) = saved(house)
        assert record["name"] == "Anna"
        assert not {"code", "password", "digits"} & set(record)

    async def test_it_is_on_the_disk_before_anything_is_sent(self, house: House) -> None:
        house.world.cloud.faults.hang(f"{USERS}/add")
        await house.add()
        (record,) = saved(house)
        assert (record["name"], record["sent"], record["adds"]) == ("Anna", "add", 1)

    async def test_nobody_is_in_a_log_by_name_or_code(
        self, house: House, caplog: pytest.LogCaptureFixture
    ) -> None:
        guest_id = await house.add_on_lock("Anna Unmistakable")
        await house.do(house.codes.reveal(LOCK, guest_id))
        await house.do(house.codes.remove(LOCK, guest_id))
        await house.wait(20)
        assert CODE not in caplog.text
        assert "Unmistakable" not in caplog.text
        assert f"Front Door: code_removed, guest {guest_id}" in caplog.text
