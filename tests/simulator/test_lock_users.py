"""Row C9: the people a lock knows, and all the ways in which the list may differ."""

from typing import Any

import pytest

from tests.simulator.conftest import LOCK, Answer, Client
from utec_gateway.simulator.devices import SimulatedDevice
from utec_gateway.simulator.enums import FullLockAnswer, UserListShape
from utec_gateway.simulator.virtual_time import VirtualClock

GUEST = {"name": "Guest", "type": 0, "password": 34567}
SCHEDULE = {
    "weeks": [0, 6],
    "timerange": ["00:00", "23:59"],
    "daterange": ["2031-02-03 08:00", "2031-02-04 10:00"],
    "limit": 0,
}
TEMPORARY = {**GUEST, "type": 2, **SCHEDULE}
OWNER = {"id": 1, "name": "Owner", "type": 1, "status": 1, "sync_status": 1}
GUEST_ID = 2
LISTED = {"id": GUEST_ID, "name": "Guest", "type": 0, "status": 1}

pytestmark = pytest.mark.usefixtures("lock")


async def user(client: Client, name: str, arguments: object = None) -> Answer:
    return await client.command(name, arguments, "st.lockUser")


async def users(client: Client) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = (await user(client, "list")).device["users"]
    return found


async def names(client: Client) -> list[str]:
    return [each["name"] for each in await users(client)]


def refused(answer: Answer) -> bool:
    return "states" not in answer.device and answer.device["error"]["code"] == "BAD-REQUEST"


def acknowledged(answer: Answer) -> bool:
    return answer.device.keys() == {"id", "states"} and [
        state["capability"] for state in answer.device["states"]
    ] == ["st.deferredResponse"]


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


async def test_a_temporary_user_needs_a_timetable(client: Client) -> None:
    assert refused(await user(client, "add", {**GUEST, "type": 2}))
    assert acknowledged(await user(client, "add", TEMPORARY))
    shown = (await user(client, "get", {"id": GUEST_ID})).device["user"]
    assert {key: shown[key] for key in SCHEDULE} == SCHEDULE


async def test_a_temporary_user_needs_a_limit_of_uses_unless_the_switch_is_off(
    client: Client, lock: SimulatedDevice
) -> None:
    unlimited = {key: value for key, value in TEMPORARY.items() if key != "limit"}
    assert refused(await user(client, "add", unlimited))
    lock.behaviour.needs_limit = False
    assert acknowledged(await user(client, "add", unlimited))


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


async def test_the_owner_cannot_be_deleted(client: Client) -> None:
    assert refused(await user(client, "delete", {"id": 1}))
    assert await users(client) == [OWNER]


async def test_a_full_lock_refuses_or_only_seems_to_obey(
    client: Client, lock: SimulatedDevice
) -> None:
    lock.behaviour.user_limit = 1
    assert refused(await user(client, "add", GUEST))
    lock.behaviour.full_lock = FullLockAnswer.ACKNOWLEDGED
    assert acknowledged(await user(client, "add", GUEST))
    assert await users(client) == [OWNER]
    lock.behaviour.user_limit = 2
    assert acknowledged(await user(client, "add", GUEST))
    assert await names(client) == ["Owner", "Guest"]


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


@pytest.mark.parametrize("name", ["list", "get", "add", "update", "delete"])
async def test_a_lock_without_users_refuses_every_command(
    name: str, client: Client, lock: SimulatedDevice
) -> None:
    lock.behaviour.supports_users = False
    assert refused(await user(client, name, {"id": 1, **TEMPORARY}))


@pytest.mark.parametrize("password", [123, 123456789, "34567", "0345", 3456.5, True, [3456], -3456])
async def test_a_code_is_an_integer_of_four_to_eight_digits(
    password: object, client: Client
) -> None:
    assert refused(await user(client, "add", {**GUEST, "password": password}))
    await user(client, "add", GUEST)
    assert refused(await user(client, "update", {"id": GUEST_ID, "password": password}))
    shown = (await user(client, "get", {"id": GUEST_ID})).device["user"]
    assert shown["password"] == 34567


@pytest.mark.parametrize("password", ["0345", 123, 123456789])
async def test_a_lock_may_accept_any_code(
    password: object, client: Client, lock: SimulatedDevice
) -> None:
    lock.behaviour.any_code_accepted = True
    assert acknowledged(await user(client, "add", {**GUEST, "password": password}))
    assert (await user(client, "get", {"id": GUEST_ID})).device["user"]["password"] == password


@pytest.mark.parametrize("password", [12345, 34056])
async def test_a_lock_may_have_the_rule_that_one_client_keeps(
    password: int, client: Client, lock: SimulatedDevice
) -> None:
    lock.behaviour.vendor_code_rule = True
    assert refused(await user(client, "add", {**GUEST, "password": password}))
    assert acknowledged(await user(client, "add", {**GUEST, "password": 31245}))
    lock.behaviour.vendor_code_rule = False
    assert acknowledged(await user(client, "add", {**GUEST, "password": password}))


async def test_a_code_that_another_user_has_is_refused_unless_the_switch_is_on(
    client: Client, lock: SimulatedDevice
) -> None:
    await user(client, "add", GUEST)
    await user(client, "add", {**GUEST, "name": "Aunt", "password": 45678})
    assert refused(await user(client, "add", {**GUEST, "name": "Uncle"}))
    assert refused(await user(client, "update", {"id": 3, "password": 34567}))
    assert acknowledged(await user(client, "update", {"id": 3, "password": 45678}))
    lock.behaviour.duplicate_codes_accepted = True
    assert acknowledged(await user(client, "add", {**GUEST, "name": "Uncle"}))
    assert await names(client) == ["Owner", "Guest", "Aunt", "Uncle"]


@pytest.mark.parametrize(
    "wrong",
    [
        {"type": "2"},
        {"name": 7},
        {"limit": -1},
        {"weeks": [7]},
        {"weeks": "0"},
        {"timerange": ["8:00", "10:00"]},
        {"timerange": ["08:00"]},
        {"daterange": ["2031-02-03T08:00", "2031-02-04 10:00"]},
        {"daterange": "2031-02-03 08:00"},
    ],
)
async def test_a_field_in_another_form_than_documented_is_refused(
    wrong: dict[str, Any], client: Client
) -> None:
    assert refused(await user(client, "add", {**TEMPORARY, **wrong}))
    await user(client, "add", TEMPORARY)
    assert refused(await user(client, "update", {"id": GUEST_ID, **wrong}))


@pytest.mark.parametrize(
    ("name", "arguments"),
    [
        ("get", {"id": 9}),
        ("get", {"id": True}),
        ("update", {}),
        ("delete", {"id": 9}),
        ("add", {}),
        ("explode", {}),
    ],
)
async def test_what_no_lock_user_is_or_can_is_refused(
    client: Client, name: str, arguments: object
) -> None:
    assert refused(await user(client, name, arguments))


async def test_a_fault_can_be_aimed_at_one_command_and_strike_after_the_deed(
    client: Client,
) -> None:
    client.cloud.faults.fail("st.lockUser/add", times=1, after_acting=True)
    assert await users(client) == [OWNER]
    assert (await client.command("lock")).status == 200
    assert (await user(client, "add", GUEST)).status == 500
    assert await names(client) == ["Owner", "Guest"]


async def test_a_fault_can_be_aimed_at_all_commands_for_users(client: Client) -> None:
    client.cloud.faults.fail("st.lockUser", times=2)
    assert (await client.command("lock")).status == 200
    assert (await user(client, "add", GUEST)).status == 500
    assert (await user(client, "list")).status == 500
    assert await users(client) == [OWNER]


async def test_every_command_for_users_is_counted_even_when_it_fails(client: Client) -> None:
    assert client.cloud.calls.number_of("st.lockUser") == 0
    client.cloud.faults.fail("st.lockUser/add", times=1)
    await user(client, "add", GUEST)
    await user(client, "list")
    await client.command("lock")
    assert client.cloud.calls.by_command == {
        "st.lockUser/add": 1,
        "st.lockUser/list": 1,
        "st.lock/lock": 1,
    }
    assert client.cloud.calls.number_of("st.lockUser") == 2


async def in_the_app(client: Client, **wanted: Any) -> Answer:
    return await client.post(f"/_control/devices/{LOCK}/users", json=wanted)


async def test_somebody_with_the_app_makes_changes_and_deletes_users_by_no_rule(
    client: Client, lock: SimulatedDevice
) -> None:
    lock.behaviour.user_limit = 1
    made = await in_the_app(client, name="Plumber", type=2, daterange=["soon", "later"])
    assert made.body["users"][1]["daterange"] == ["soon", "later"]
    assert await names(client) == ["Owner", "Plumber"]
    assert [each["sync_status"] for each in await users(client)] == [1, 1]
    await in_the_app(client, id=2, name="Painter")
    assert await names(client) == ["Owner", "Painter"]
    await in_the_app(client, id=2, deleted=True)
    assert await users(client) == [OWNER]


async def test_the_test_control_shows_users_with_their_codes(
    client: Client, lock: SimulatedDevice
) -> None:
    lock.behaviour.user_list_cut = 0
    await user(client, "add", GUEST)
    shown = (await client.get(f"/_control/devices/{LOCK}/users")).body["users"]
    assert shown[1] == {**LISTED, "sync_status": 0, "password": 34567}
    assert "34567" not in str((await client.get("/_control")).body)


@pytest.mark.parametrize(
    "wanted", [{}, {"type": 2}, {"id": 9}, {"name": 7}, {"name": "Aunt", "hat": 1}]
)
async def test_what_the_app_cannot_do_is_refused_in_a_sentence(
    wanted: dict[str, Any], client: Client
) -> None:
    answer = await in_the_app(client, **wanted)
    assert answer.status == 400
    assert answer.body["detail"].endswith(".")
    assert await users(client) == [OWNER]


async def test_every_switch_can_be_set_by_the_test_control(client: Client) -> None:
    wanted = {
        "supports_users": False,
        "user_sync_delay": 60,
        "deleted_users_linger": True,
        "owner_type": 3,
        "normal_type": 1,
        "needs_limit": False,
        "user_limit": 22,
        "full_lock": "acknowledged",
        "forget_next_adds": 2,
        "user_ids_change_on_sync": True,
        "user_ids_are_text": True,
        "user_list_cut": 5,
        "user_list_shape": "null",
        "any_code_accepted": True,
        "vendor_code_rule": True,
        "duplicate_codes_accepted": True,
    }
    described = (await client.post(f"/_control/devices/{LOCK}", json=wanted)).body
    assert {name: described[f"c9_{name}"] for name in wanted} == wanted
    assert {name for name in described if name.startswith("c9_")} == {f"c9_{n}" for n in wanted}
