"""However U-tec answers a registration, and however often it is wanted, nothing else suffers."""

from typing import Any

import pytest

from tests.conftest import QUIET, Running, World
from tests.steps import command

OUTSIDE = "https://locks.example.com"
REGISTER = "Configure/Set"
INVALID_TOKEN = {"payload": {"error": {"code": "INVALID_TOKEN", "message": "no"}}}


@pytest.fixture
async def registered(world: World) -> Running:
    running = await world.start(**{**QUIET, "push": "auto", "push_url": OUTSIDE})
    await world.clock.advance(20)
    world.cloud.calls.reset()
    return running


async def change(running: Running, **options: Any) -> None:
    assert (await running.post("/api/config", options))[0] == 200


def asked(world: World) -> int:
    return world.cloud.calls.by_action[REGISTER]


def problem(running: Running) -> str:
    return running.gateway.hooks.push_status().problem


async def test_locks_are_operated_while_u_tec_refuses_the_token_for_pushes_alone(
    registered: Running, world: World
) -> None:
    world.cloud.faults.answer(REGISTER, INVALID_TOKEN)
    await change(registered, push_url=f"{OUTSIDE}/elsewhere")
    await world.clock.advance(60)
    assert problem(registered) == "U-tec refused the access token (INVALID_TOKEN)"
    assert registered.gateway.account.tokens.is_usable
    assert (await command(registered, "lock"))[0] == 200


async def test_u_tec_is_left_alone_for_as_long_as_it_asks_whatever_is_changed(
    registered: Running, world: World
) -> None:
    world.cloud.faults.rate_limit(REGISTER, retry_after="7200")
    await change(registered, push_url=f"{OUTSIDE}/elsewhere")
    await world.clock.advance(20)
    assert asked(world) == 1
    for number in range(20):
        await change(registered, push="disabled")
        await change(registered, push="auto", push_url=f"{OUTSIDE}/{number}")
        await world.clock.advance(60)
    assert asked(world) == 1
    assert problem(registered).startswith("U-tec asks to slow down until")
    world.cloud.faults.clear()
    await world.clock.advance(7200)
    assert world.cloud.pushes.registrations[-1].url.startswith(f"{OUTSIDE}/19/push/")


async def test_changes_again_and_again_leave_the_calls_to_polls(
    registered: Running, world: World
) -> None:
    for number in range(50):
        await change(registered, push="disabled")
        await change(registered, push="auto", push_url=f"{OUTSIDE}/{number}")
        await world.clock.advance(0.2)
    await world.clock.advance(10)
    assert asked(world) <= 4
    assert world.cloud.pushes.registrations[-1].url.startswith(f"{OUTSIDE}/49/push/")
