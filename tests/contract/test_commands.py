import asyncio
from typing import Any

import pytest

from tests.conftest import LOCK, OTHER_LOCK, Running, World
from tests.steps import bolt, command, is_error, lock_state, saved_notifications, timed
from utec_gateway.simulator.cloud import SimulatedCloud
from utec_gateway.simulator.states import to_mode, unlock

CONFIRMED_AT = [1, 2, 3, 5, 8, 13, 21, 34, 55]
PATHS = pytest.mark.parametrize(
    ("path", "opposite", "wanted"),
    [
        ("/api/lock", unlock, "Locked"),
        ("/lock", unlock, "Locked"),
        ("/api/unlock", None, "Unlocked"),
        ("/unlock", None, "Unlocked"),
    ],
)


def open_the_door(cloud: SimulatedCloud) -> None:
    cloud.devices[LOCK].operate(unlock)


async def start_open(world: World, **options: Any) -> Running:
    open_the_door(world.cloud)
    return await world.start(**options)


@PATHS
async def test_success_is_told_as_soon_as_the_bolt_is_seen_to_move(
    world: World, cloud: SimulatedCloud, path: str, opposite: object, wanted: str
) -> None:
    running = await (start_open(world) if opposite else world.start())
    answer = await timed(running.clock, running.post(path, {"id": LOCK}))
    assert (answer.status, answer.body["status"]) == (200, "ok")
    assert [device["id"] for device in answer.body["payload"]["devices"]] == [LOCK]
    assert lock_state(answer.body) == wanted
    assert answer.seconds == pytest.approx(5.0)
    assert cloud.devices[LOCK].states.lock_state == wanted
    assert await bolt(running) == wanted


async def test_a_lock_that_acts_at_once_is_confirmed_after_a_second(
    running: Running, cloud: SimulatedCloud
) -> None:
    cloud.behaviour.commands.effect_delay = 0.5
    answer = await command(running, "unlock")
    assert answer.body["status"] == "ok"
    assert answer.seconds == pytest.approx(1.0)


@pytest.mark.parametrize(("name", "wanted"), [("lock", "Locked"), ("unlock", "Unlocked")])
async def test_a_slow_bolt_is_pending_after_eight_seconds_and_confirmed_later(
    world: World, cloud: SimulatedCloud, name: str, wanted: str
) -> None:
    running = await (start_open(world) if name == "lock" else world.start())
    cloud.behaviour.commands.effect_delay = 12.0
    answer = await command(running, name)
    assert (answer.status, answer.body["status"]) == (200, "pending")
    assert answer.seconds == pytest.approx(8.0, abs=0.5)
    assert lock_state(answer.body) != wanted
    await running.clock.advance(6)
    assert await bolt(running) == wanted
    assert cloud.calls.commands_for(LOCK) == [name]
    assert saved_notifications(world) == []


async def test_an_accepted_command_that_nothing_follows_is_never_called_a_success(
    world: World, cloud: SimulatedCloud
) -> None:
    running = await start_open(world)
    cloud.behaviour.commands.ignore_next = 1
    answer = await command(running, "lock")
    assert answer.body["status"] == "pending"
    assert lock_state(answer.body) != "Locked"
    await running.clock.advance(90)
    assert await bolt(running) == "Unlocked"


async def test_confirmation_asks_at_growing_intervals(world: World, cloud: SimulatedCloud) -> None:
    running = await world.start(poll_interval_seconds=3600, stale_after_seconds=3600)
    cloud.behaviour.commands.ignore_next = 1
    await running.clock.advance(10)
    cloud.calls.reset()
    sent = asyncio.ensure_future(running.post("/api/unlock", {"id": LOCK}))
    await running.clock.settle()
    asked_at, before = [], cloud.calls.by_action["Device/Query"]
    for second in range(1, 60):
        await running.clock.advance(1)
        now = cloud.calls.by_action["Device/Query"]
        asked_at += [second] * (now - before)
        before = now
    await sent
    polled_at = range(1, 60, 5)  # all locks: something is going on
    assert asked_at == sorted([*CONFIRMED_AT, *polled_at])


@pytest.mark.parametrize("name", ["lock", "unlock"])
async def test_the_owner_is_told_after_a_minute_that_the_door_did_not_move(
    world: World, cloud: SimulatedCloud, name: str
) -> None:
    running = await (start_open(world) if name == "lock" else world.start())
    cloud.behaviour.commands.ignore_next = 1
    await command(running, name)
    await running.clock.advance(45)
    assert saved_notifications(world) == []
    await running.clock.advance(10)
    (notification,) = saved_notifications(world)
    assert f"Front Door did not {name}" in str(notification)


async def test_the_worry_ends_once_the_door_is_locked_after_all(
    world: World, cloud: SimulatedCloud
) -> None:
    running = await start_open(world)
    cloud.behaviour.commands.ignore_next = 1
    await command(running, "lock")
    await running.clock.advance(70)
    assert len(saved_notifications(world)) == 1
    await command(running, "lock")
    await running.clock.advance(31)
    assert saved_notifications(world) == []


async def test_locking_a_door_held_open_by_passage_mode_is_refused_and_not_sent(
    world: World, cloud: SimulatedCloud
) -> None:
    cloud.devices[LOCK].operate(to_mode(1))
    running = await world.start()
    answer = await command(running, "lock")
    assert is_error((answer.status, answer.body), 409, "passage_mode")
    assert cloud.calls.by_action["Device/Command"] == 0
    assert await bolt(running) == "Unlocked"


async def test_passage_mode_switched_on_at_the_door_is_respected_after_the_next_look(
    running: Running, cloud: SimulatedCloud
) -> None:
    cloud.devices[LOCK].operate(to_mode(1))
    await running.clock.advance(31)
    answer = await command(running, "lock")
    assert is_error((answer.status, answer.body), 409, "passage_mode")


@pytest.mark.parametrize("name", ["lock", "unlock"])
@pytest.mark.parametrize("seconds_offline", [0, 100])
async def test_a_command_to_an_offline_lock_fails_at_once_and_in_words(
    running: Running, cloud: SimulatedCloud, name: str, seconds_offline: int
) -> None:
    cloud.devices[LOCK].go_offline()
    await running.clock.advance(seconds_offline)
    answer = await command(running, name)
    assert is_error((answer.status, answer.body), 503, "device_offline")
    assert answer.seconds < 5


async def test_a_command_without_a_sign_in_says_sign_in(world: World) -> None:
    running = await world.start(sign_in=False)
    answer = await command(running, "lock")
    assert is_error((answer.status, answer.body), 401, "reauth_required")


async def test_one_slow_door_does_not_hold_up_the_other(
    running: Running, cloud: SimulatedCloud
) -> None:
    cloud.behaviour.commands.effect_delay = 0.5
    cloud.devices[LOCK].behaviour.deaf = True
    slow = asyncio.ensure_future(running.post("/api/unlock", {"id": LOCK}))
    answer = await command(running, "unlock", OTHER_LOCK)
    assert answer.body["status"] == "ok"
    assert answer.seconds == pytest.approx(1.0)
    assert not slow.done()
    await running.clock.advance(10)
    _, body = await slow
    assert body["status"] == "pending"


async def test_a_door_that_relocks_itself_at_once_raises_no_alarm(
    world: World, cloud: SimulatedCloud
) -> None:
    running = await world.start()
    cloud.behaviour.commands.relocks_unseen = True
    answer = await command(running, "unlock")
    assert answer.status == 200
    await running.clock.advance(120)
    assert await bolt(running) == "Locked"
