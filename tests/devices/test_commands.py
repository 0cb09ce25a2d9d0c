"""What a command may be taken for, and what not."""

import asyncio
from typing import Any

import pytest

from tests.conftest import LOCK, Running, World
from utec_gateway.simulator.enums import QueryShape
from utec_gateway.simulator.states import LockState, unlock


async def ask(running: Running, verb: str, seconds: float = 9.0) -> tuple[int, Any]:
    task = asyncio.ensure_future(running.post(f"/api/{verb}", {"id": LOCK}))
    await running.clock.advance(seconds)
    assert task.done(), "the client would have given up"
    return await task


def titles(running: Running) -> list[str]:
    return [one.title for one in running.gateway.tracker.open]


@pytest.mark.parametrize(
    "shape", [QueryShape.EMPTY_STATES, QueryShape.NULL_STATES, QueryShape.ERROR]
)
async def test_an_answer_without_a_state_never_confirms_a_lock(
    shape: QueryShape, world: World
) -> None:
    running = await world.start()
    door = world.cloud.devices[LOCK]
    door.operate(unlock)
    world.cloud.behaviour.commands.ignore_next = 1
    door.behaviour.query_shape = shape
    assert (await ask(running, "lock"))[1]["status"] == "pending"
    assert door.states.lock_state is LockState.UNLOCKED


async def test_the_cached_state_of_an_offline_lock_never_confirms(world: World) -> None:
    running = await world.start()
    door = world.cloud.devices[LOCK]
    door.operate(unlock)
    world.cloud.behaviour.commands.ignore_next = 1
    task = asyncio.ensure_future(running.post("/api/lock", {"id": LOCK}))
    await running.clock.settle()
    door.go_offline()
    await running.clock.advance(9)
    assert (await task)[1]["status"] == "pending"


async def test_an_unlock_is_not_sent_when_getting_ready_took_too_long(world: World) -> None:
    running = await world.start()
    door = world.cloud.devices[LOCK]
    door.go_offline()
    await running.clock.advance(65)
    door.go_online()
    world.cloud.faults.hang("Device/Query", times=1)
    status, answer = await ask(running, "unlock")
    assert (status, answer["code"]) == (503, "utec_unavailable")
    await running.clock.advance(120)
    assert world.cloud.calls.commands_for(LOCK) == []


async def test_a_lock_command_that_may_have_run_is_followed_up_and_told(world: World) -> None:
    running = await world.start()
    world.cloud.devices[LOCK].operate(unlock)
    await running.clock.advance(31)
    world.cloud.faults.hang("Device/Command", times=1)
    task = asyncio.ensure_future(running.post("/api/lock", {"id": LOCK}))
    await running.clock.advance(1)
    world.cloud.devices[LOCK].go_offline()
    await running.clock.advance(8)
    assert (await task)[1]["code"] == "utec_unavailable"
    await running.clock.advance(80)
    assert titles(running) == ["Front Door did not lock"]


async def test_the_news_of_a_bolt_that_did_not_move_is_taken_back_when_it_moves(
    world: World,
) -> None:
    running = await world.start()
    world.cloud.devices[LOCK].operate(unlock)
    await running.clock.advance(31)
    world.cloud.behaviour.commands.ignore_next = 1
    assert (await ask(running, "lock"))[1]["status"] == "pending"
    await running.clock.advance(60)
    assert titles(running) == ["Front Door did not lock"]
    world.cloud.behaviour.commands.effect_delay = 45.0
    assert (await ask(running, "lock"))[1]["status"] == "pending"
    await running.clock.advance(90)
    assert titles(running) == []


async def test_a_lamp_is_not_locked(world: World) -> None:
    world.cloud.add_device("02:51:4D:00:00:09", "Lamp", "dimmer")
    running = await world.start()
    status, answer = await running.post("/api/lock", {"id": "02:51:4D:00:00:09"})
    assert (status, answer) == (
        400,
        {"detail": "Lamp is not a lock.", "code": "invalid_request"},
    )


async def test_the_same_command_again_after_a_while_is_sent_again(world: World) -> None:
    running = await world.start()
    world.cloud.behaviour.commands.ignore_next = 1
    assert (await ask(running, "unlock"))[1]["status"] == "pending"
    assert (await ask(running, "unlock"))[1]["status"] == "ok"
    assert world.cloud.calls.commands_for(LOCK) == ["unlock", "unlock"]


async def test_two_hands_on_one_button_send_one_command(world: World) -> None:
    running = await world.start()
    both = [asyncio.ensure_future(running.post("/api/unlock", {"id": LOCK})) for _ in range(2)]
    await running.clock.advance(9)
    assert [(await task)[1]["status"] for task in both] == ["ok", "ok"]
    assert world.cloud.calls.commands_for(LOCK) == ["unlock"]


async def test_a_change_of_mind_is_not_confirmed_by_the_state_before_it(world: World) -> None:
    running = await world.start()
    world.cloud.behaviour.commands.ignore_next = 2
    first = asyncio.ensure_future(running.post("/api/unlock", {"id": LOCK}))
    await running.clock.advance(0.5)
    second = asyncio.ensure_future(running.post("/api/lock", {"id": LOCK}))
    await running.clock.settle()
    assert (await first)[1]["status"] == "pending"
    await running.clock.advance(1)
    assert not second.done()
    await running.clock.advance(1)
    assert (await second)[1]["status"] == "ok"
