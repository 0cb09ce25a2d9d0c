"""Row C9: what is refused of lock users, and what may be."""

from typing import Any

import pytest

from tests.simulator.conftest import Client
from tests.simulator.lock_user_steps import (
    GUEST,
    GUEST_ID,
    OWNER,
    SCHEDULE,
    TEMPORARY,
    acknowledged,
    names,
    refused,
    user,
    users,
)
from utec_gateway.simulator.devices import SimulatedDevice
from utec_gateway.simulator.enums import FullLockAnswer

pytestmark = pytest.mark.usefixtures("lock")


async def test_a_temporary_user_needs_a_timetable(client: Client) -> None:
    assert refused(await user(client, "add", {**GUEST, "type": 2}))
    assert acknowledged(await user(client, "add", TEMPORARY))
    shown = (await user(client, "get", {"id": GUEST_ID})).device["user"]
    assert {key: shown[key] for key in SCHEDULE} == SCHEDULE


@pytest.mark.parametrize("left_out", ["name", "type", "password", "weeks", "timerange", "limit"])
async def test_nothing_that_is_required_may_be_left_out(left_out: str, client: Client) -> None:
    rest = {key: value for key, value in TEMPORARY.items() if key != left_out}
    assert refused(await user(client, "add", rest))
    assert refused(await user(client, "add", {**rest, left_out: None}))


async def test_a_temporary_user_needs_a_limit_of_uses_unless_the_switch_is_off(
    client: Client, lock: SimulatedDevice
) -> None:
    unlimited = {key: value for key, value in TEMPORARY.items() if key != "limit"}
    assert refused(await user(client, "add", unlimited))
    lock.behaviour.needs_limit = False
    assert acknowledged(await user(client, "add", unlimited))


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


@pytest.mark.parametrize("name", ["list", "get", "add", "update", "delete"])
async def test_a_lock_without_users_refuses_every_command(
    name: str, client: Client, lock: SimulatedDevice
) -> None:
    lock.behaviour.supports_users = False
    assert refused(await user(client, name, {"id": 1, **TEMPORARY}))


@pytest.mark.parametrize("password", [1000, 99_999_999])
async def test_the_shortest_and_the_longest_code_are_accepted(
    password: int, client: Client
) -> None:
    assert acknowledged(await user(client, "add", {**GUEST, "password": password}))


@pytest.mark.parametrize(
    "password", [999, 100_000_000, "34567", "0345", 3456.5, True, [3456], -3456, None]
)
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
        {"timerange": ["08:00:00", "10:00:00"]},
        {"limit": None},
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
