"""A jam that comes by itself is told at once, one that a command ends in once, with its end."""

import asyncio

import pytest

from tests.conftest import LOCK, Running, World
from tests.issues.test_news import HOUR, MINUTE, open_ids, told
from tests.steps import bolt, command
from utec_gateway.simulator.states import States, jam, lock, to_mode, unlock

JAMMED = "Front Door is jammed"
DID_NOT_LOCK = "Front Door did not lock"


def titles(running: Running) -> list[str]:
    return [one.title for one in running.gateway.tracker.open]


def said(world: World) -> list[str]:
    """Return what people were told, without the texts."""
    return [line if line.startswith("Over: ") else line.partition(": ")[0] for line in told(world)]


def turn(world: World, change: object) -> None:
    world.cloud.devices[LOCK].operate(change)  # type: ignore[arg-type]


async def test_a_jam_that_comes_by_itself_is_told_at_the_next_look(
    world: World, running: Running
) -> None:
    turn(world, jam)
    await world.clock.advance(31)
    (news,) = running.gateway.tracker.open
    assert news.title == JAMMED
    assert said(world) == [JAMMED]
    await world.clock.advance(3 * HOUR)
    assert said(world) == [JAMMED]


@pytest.mark.parametrize("freed", [lock, unlock])
async def test_a_jam_is_over_when_the_bolt_is_seen_locked_or_unlocked(
    freed: object, world: World, running: Running
) -> None:
    turn(world, jam)
    await world.clock.advance(31)
    turn(world, freed)
    await world.clock.advance(31)
    assert open_ids(running) == []
    assert said(world) == [JAMMED, f"Over: {JAMMED}"]


async def test_a_second_jam_within_the_hour_is_told_too(world: World, running: Running) -> None:
    for change in (jam, unlock, jam):
        turn(world, change)
        await world.clock.advance(MINUTE)
    assert said(world) == [JAMMED, f"Over: {JAMMED}", JAMMED]
    assert titles(running) == [JAMMED]


async def test_an_unknown_state_neither_ends_a_jam_nor_begins_another(
    world: World, running: Running
) -> None:
    turn(world, jam)
    await world.clock.advance(31)
    for _ in range(3):
        world.cloud.devices[LOCK].go_offline()
        await world.clock.advance(2 * MINUTE)
        world.cloud.devices[LOCK].go_online()
        await world.clock.advance(2 * MINUTE)
    assert said(world) == [JAMMED]
    assert titles(running) == [JAMMED]


async def test_a_bolt_that_is_jammed_when_the_gateway_starts_is_told_once_over_restarts(
    world: World,
) -> None:
    turn(world, jam)
    for _ in range(3):
        running = await world.start()
        await world.clock.advance(2 * MINUTE)
        assert titles(running) == [JAMMED]
        await world.stop()
    assert said(world) == [JAMMED]


async def test_the_jam_that_an_offline_lock_last_reported_is_old_news(world: World) -> None:
    turn(world, jam)
    world.cloud.devices[LOCK].go_offline()
    running = await world.start()
    await world.clock.advance(5 * MINUTE)
    assert titles(running) == []
    world.cloud.devices[LOCK].go_online()
    await world.clock.advance(31)
    assert titles(running) == [JAMMED]


async def test_a_command_that_ends_jammed_is_one_message_over_restarts_too(world: World) -> None:
    turn(world, unlock)
    running = await world.start()
    world.cloud.behaviour.commands.ends_jammed = True
    assert (await command(running, "lock"))[1]["status"] == "pending"
    assert await bolt(running) == "Jammed"
    assert said(world) == []
    await world.clock.advance(2 * MINUTE)
    assert said(world) == [DID_NOT_LOCK]
    assert "reports that its bolt is jammed" in told(world)[0]
    await world.stop()
    running = await world.start()
    await world.clock.advance(2 * MINUTE)
    assert titles(running) == [DID_NOT_LOCK]
    assert said(world) == [DID_NOT_LOCK]
    turn(world, lock)
    await world.clock.advance(31)
    assert said(world) == [DID_NOT_LOCK, f"Over: {DID_NOT_LOCK}"]


async def test_a_jam_long_after_a_command_is_news_although_its_failure_is_not_over(
    world: World,
) -> None:
    turn(world, unlock)
    running = await world.start()
    world.cloud.behaviour.commands.ignore_next = 1
    await command(running, "lock")
    await world.clock.advance(2 * MINUTE)
    turn(world, jam)
    await world.clock.advance(31)
    assert said(world) == [DID_NOT_LOCK, JAMMED]
    turn(world, lock)
    await world.clock.advance(31)
    assert titles(running) == []


async def test_a_jam_during_a_command_that_then_fails_is_told_when_it_ends(world: World) -> None:
    turn(world, unlock)
    running = await world.start()
    world.cloud.behaviour.commands.ignore_next = 1
    asked = asyncio.ensure_future(running.post("/api/lock", {"id": LOCK}))
    await world.clock.advance(0.5)
    turn(world, jam)
    await world.clock.advance(1)
    assert said(world) == []

    def held_open(states: States) -> States:
        return jam(to_mode(1)(states))

    turn(world, held_open)
    await world.clock.advance(4)
    assert (await asked)[0] == 409
    assert sorted(titles(running)) == [JAMMED, "Front Door was not locked"]


async def test_a_restart_is_no_movement(world: World) -> None:
    turn(world, unlock)
    running = await world.start()
    world.cloud.behaviour.commands.ignore_next = 1
    await command(running, "lock")
    await world.clock.advance(2 * MINUTE)
    await world.stop()
    running = await world.start()
    await world.clock.advance(2 * MINUTE)
    assert titles(running) == [DID_NOT_LOCK], "the door is as open as before"
    turn(world, lock)
    await world.clock.advance(31)
    assert said(world) == [DID_NOT_LOCK, f"Over: {DID_NOT_LOCK}"]
