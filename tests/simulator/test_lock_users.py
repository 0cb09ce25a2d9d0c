"""Row C9: the people a lock knows, when it learns of them, and how they are listed."""

import pytest

from tests.simulator.conftest import LOCK, Client
from tests.simulator.lock_user_steps import (
    GUEST,
    GUEST_ID,
    LISTED,
    OWNER,
    TEMPORARY,
    acknowledged,
    names,
    refused,
    user,
    users,
)
from utec_gateway.simulator.devices import SimulatedDevice
from utec_gateway.simulator.enums import UserListShape
from utec_gateway.simulator.virtual_time import VirtualClock

pytestmark = pytest.mark.usefixtures("lock")


async def test_a_new_lock_knows_its_owner(client: Client) -> None:
    assert await users(client) == [OWNER]


async def test_a_user_is_queued_and_then_on_the_lock(client: Client, clock: VirtualClock) -> None:
    answer = await user(client, "add", GUEST)
    assert answer.state("st.deferredResponse", "seconds") == 20
    assert await users(client) == [OWNER, {**LISTED, "sync_status": 0}]
    await clock.advance(3)
    assert await users(client) == [OWNER, {**LISTED, "sync_status": 1}]
    whole = (await user(client, "get", {"id": GUEST_ID})).device["user"]
    assert whole == {**LISTED, "sync_status": 1, "password": 34567}


async def test_users_are_changed_in_part_and_deleted(client: Client) -> None:
    await user(client, "add", GUEST)
    await user(client, "update", {"id": GUEST_ID, "name": "Aunt"})
    changed = (await user(client, "get", {"id": GUEST_ID})).device["user"]
    assert (changed["name"], changed["password"]) == ("Aunt", 34567)
    await user(client, "delete", {"id": GUEST_ID})
    assert await users(client) == [OWNER]


async def test_a_change_waits_for_the_lock_again(client: Client, clock: VirtualClock) -> None:
    await user(client, "add", GUEST)
    await clock.advance(3)
    await user(client, "update", {"id": GUEST_ID, "name": "Aunt"})
    assert await users(client) == [OWNER, {**LISTED, "name": "Aunt", "sync_status": 0}]
    await clock.advance(3)
    assert await users(client) == [OWNER, {**LISTED, "name": "Aunt", "sync_status": 1}]


async def test_every_write_is_acknowledged_by_a_deferred_response_only(client: Client) -> None:
    assert acknowledged(await user(client, "add", TEMPORARY))
    assert acknowledged(await user(client, "update", {"id": GUEST_ID, "name": "Aunt"}))
    assert acknowledged(await user(client, "delete", {"id": GUEST_ID}))


async def test_what_is_read_replaces_the_states(client: Client) -> None:
    assert (await user(client, "list")).device.keys() == {"id", "users"}
    assert (await user(client, "get", {"id": 1})).device.keys() == {"id", "user"}


async def test_a_temporary_user_stays_listed_after_the_last_day(
    client: Client, clock: VirtualClock
) -> None:
    past = {"daterange": ["2001-02-03 08:00", "2001-02-04 10:00"]}
    await user(client, "add", {**TEMPORARY, **past})
    await clock.advance(2 * 24 * 3600)
    assert await names(client) == ["Owner", "Guest"]


async def test_users_wait_for_a_lock_that_is_offline(
    client: Client, clock: VirtualClock, lock: SimulatedDevice
) -> None:
    lock.go_offline()
    assert acknowledged(await user(client, "add", GUEST))
    await clock.advance(3600)
    assert [each["sync_status"] for each in await users(client)] == [1, 0]
    lock.go_online()
    assert [each["sync_status"] for each in await users(client)] == [1, 1]


async def test_a_lock_that_goes_offline_first_has_not_learned(
    client: Client, clock: VirtualClock, lock: SimulatedDevice
) -> None:
    lock.behaviour.user_sync_delay = 60
    await user(client, "add", GUEST)
    lock.go_offline(100)
    await clock.advance(99)
    assert [each["sync_status"] for each in await users(client)] == [1, 0]
    await clock.advance(1)
    assert [each["sync_status"] for each in await users(client)] == [1, 1]


async def test_a_lock_that_is_offline_may_refuse_every_change(
    client: Client, lock: SimulatedDevice
) -> None:
    lock.behaviour.queues_users_offline = False
    assert acknowledged(await user(client, "add", GUEST))
    lock.go_offline()
    for name in ("add", "update", "delete"):
        answer = await user(client, name, {**TEMPORARY, "id": GUEST_ID})
        assert answer.device["error"]["code"] == "DEVICE_OFFLINE"
    assert await names(client) == ["Owner", "Guest"]


async def test_a_new_user_may_be_listed_only_after_some_time(
    client: Client, clock: VirtualClock, lock: SimulatedDevice
) -> None:
    lock.behaviour.new_users_hidden_for = 10
    assert acknowledged(await user(client, "add", GUEST))
    assert [each["name"] for each in lock.users.everything()] == ["Owner", "Guest"]
    await clock.advance(9)
    assert await users(client) == [OWNER]
    assert refused(await user(client, "delete", {"id": GUEST_ID}))
    await clock.advance(1)
    assert await names(client) == ["Owner", "Guest"]


async def test_whoever_looks_at_the_users_sees_what_the_lock_has_learned(
    clock: VirtualClock, lock: SimulatedDevice
) -> None:
    lock.users.add(GUEST)
    assert [each["sync_status"] for each in lock.users.list()] == [1, 0]
    await clock.advance(3)
    assert [each["sync_status"] for each in lock.users.list()] == [1, 1]


async def test_a_deleted_user_may_linger_until_the_lock_has_learned_of_it(
    client: Client, clock: VirtualClock, lock: SimulatedDevice
) -> None:
    lock.behaviour.deleted_users_linger = True
    await user(client, "add", GUEST)
    await clock.advance(3)
    lock.go_offline()
    assert acknowledged(await user(client, "delete", {"id": GUEST_ID}))
    await clock.advance(3600)
    assert await users(client) == [OWNER, {**LISTED, "sync_status": 0}]
    lock.go_online()
    assert await users(client) == [OWNER]


async def test_the_numbers_of_owner_and_normal_users_are_switches(
    client: Client, lock: SimulatedDevice
) -> None:
    lock.behaviour.owner_type, lock.behaviour.normal_type = 3, 1
    lock.users.place({"name": "Uncle"})
    assert [each["type"] for each in await users(client)] == [3, 1]


async def test_the_next_adds_are_acknowledged_and_forgotten(
    client: Client, clock: VirtualClock, lock: SimulatedDevice
) -> None:
    lock.behaviour.forget_next_adds = 1
    assert acknowledged(await user(client, "add", GUEST))
    await clock.advance(3600)
    assert await users(client) == [OWNER]
    await user(client, "add", GUEST)
    assert await names(client) == ["Owner", "Guest"]


async def test_a_user_may_have_a_new_id_once_the_lock_has_learned_of_it(
    client: Client, clock: VirtualClock, lock: SimulatedDevice
) -> None:
    lock.behaviour.user_ids_change_on_sync = True
    await user(client, "add", GUEST)
    assert [each["id"] for each in await users(client)] == [1, 2]
    await clock.advance(3)
    assert [each["id"] for each in await users(client)] == [1, 3]
    assert refused(await user(client, "get", {"id": 2}))
    await user(client, "update", {"id": 3, "name": "Aunt"})
    await clock.advance(3)
    assert [each["id"] for each in await users(client)] == [1, 3]


async def test_ids_may_be_text_and_are_then_asked_for_as_text(
    client: Client, lock: SimulatedDevice
) -> None:
    lock.behaviour.user_ids_are_text = True
    assert [each["id"] for each in await users(client)] == ["1"]
    assert (await user(client, "get", {"id": "1"})).device["user"]["id"] == "1"
    assert refused(await user(client, "get", {"id": 1}))


async def test_a_list_may_be_cut(client: Client, lock: SimulatedDevice) -> None:
    await user(client, "add", GUEST)
    lock.behaviour.user_list_cut = 1
    assert await users(client) == [OWNER]
    assert (await user(client, "get", {"id": GUEST_ID})).device["user"]["name"] == "Guest"


@pytest.mark.parametrize(
    ("shape", "answer"),
    [
        (UserListShape.NULL, {"users": None}),
        (UserListShape.MISSING, {}),
        (UserListShape.WITHOUT_ID, {"users": [{k: v for k, v in OWNER.items() if k != "id"}]}),
        (UserListShape.WITHOUT_NAME, {"users": [{k: v for k, v in OWNER.items() if k != "name"}]}),
    ],
)
async def test_a_list_may_be_misshapen(
    shape: UserListShape, answer: object, client: Client, lock: SimulatedDevice
) -> None:
    lock.behaviour.user_list_shape = shape
    device = (await user(client, "list")).device
    assert device.pop("id") == LOCK
    assert device == answer
