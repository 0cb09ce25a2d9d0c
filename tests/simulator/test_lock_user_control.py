"""Row C9: how tests see, count, spoil and change what is done to lock users."""

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest

from tests.simulator.conftest import LOCK, Answer, Client
from tests.simulator.lock_user_steps import (
    GUEST,
    LISTED,
    OWNER,
    names,
    refused,
    user,
    users,
)
from utec_gateway.simulator.devices import SimulatedDevice
from utec_gateway.simulator.scenario import load_scenario
from utec_gateway.simulator.virtual_time import VirtualClock

pytestmark = pytest.mark.usefixtures("lock")


async def test_a_fault_can_be_aimed_at_one_command_and_strike_after_the_deed(
    client: Client,
) -> None:
    client.cloud.faults.fail("st.lockUser/add", times=1, after_acting=True)
    assert await users(client) == [OWNER]
    assert (await client.command("lock")).status == 200
    assert (await user(client, "add", GUEST)).status == 500
    assert await names(client) == ["Owner", "Guest"]


async def test_an_add_is_done_once_although_the_client_gave_up_waiting(
    client: Client, clock: VirtualClock, lock: SimulatedDevice
) -> None:
    client.cloud.faults.hang("st.lockUser/add", times=1, after_acting=True)
    asked = asyncio.create_task(user(client, "add", GUEST))
    await clock.until(lambda: client.cloud.calls.by_command)
    assert [each["name"] for each in lock.users.list()] == ["Owner", "Guest"]
    asked.cancel()
    assert await names(client) == ["Owner", "Guest"]


async def test_a_list_can_be_answered_with_anything_at_all(client: Client) -> None:
    odd = {"payload": {"devices": [{"id": LOCK, "users": {"1": "Owner"}}]}}
    client.cloud.faults.answer("st.lockUser/list", odd, times=1)
    assert (await user(client, "list")).body == odd
    assert await users(client) == [OWNER]


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
    client.cloud.calls.reset()
    await client.query()
    assert client.cloud.calls.by_command == {}


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


async def test_what_keeps_no_users_is_given_none(client: Client, lock: SimulatedDevice) -> None:
    lock.behaviour.supports_users = False
    assert (await in_the_app(client, name="Plumber")).status == 400
    assert (await client.get(f"/_control/devices/{LOCK}/users")).status == 400
    client.cloud.add_device(LOCK, "Light", "dimmer")
    assert (await in_the_app(client, name="Plumber")).status == 400
    assert refused(await user(client, "list"))


async def test_every_switch_can_be_set_by_the_test_control(client: Client) -> None:
    wanted = {
        "supports_users": False,
        "user_sync_delay": 60,
        "queues_users_offline": False,
        "new_users_hidden_for": 10,
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


async def test_a_scenario_may_name_the_users_of_a_lock(client: Client, tmp_path: Path) -> None:
    world = {"id": LOCK, "name": "Door", "kind": "lock", "users": [{"name": "Anna"}]}
    (tmp_path / "family.yaml").write_text(json.dumps({"devices": [world]}))
    load_scenario(client.cloud, tmp_path / "family.yaml")
    assert await names(client) == ["Owner", "Anna"]
