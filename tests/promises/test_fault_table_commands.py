"""Rows D1 to D7 of the fault table: an accepted command, and everything that comes of it."""

import asyncio
from collections.abc import Callable

import pytest

from tests.conftest import LOCK, World
from tests.steps import (
    COMMAND,
    HOUR,
    assert_signed_in,
    bolt,
    command,
    health,
    meanwhile,
    open_notifications,
    states,
)
from utec_gateway.core.models import Device
from utec_gateway.simulator.enums import OppositeCommands
from utec_gateway.simulator.faults import Faults
from utec_gateway.simulator.states import unlock

NOT_CONFIRMED = f"lock_not_confirmed_{Device(LOCK, {}).tag}"


async def opened(world: World) -> None:
    """Begin with an open door that the gateway knows to be open."""
    world.cloud.devices[LOCK].operate(unlock)
    await world.clock.advance(31)


@pytest.mark.parametrize("hint", [20, 10, 1, None], ids=lambda hint: f"D1 hint {hint}")
async def test_an_acknowledgement_of_any_kind_is_not_a_locked_door(
    hint: int | None, world: World
) -> None:
    world.cloud.behaviour.commands.hint = hint
    running = await world.start()
    await opened(world)
    post = asyncio.ensure_future(running.post("/api/lock", {"id": LOCK}))
    for _ in range(12):
        await world.clock.advance(0.25)
        assert await bolt(running) == "Unlocked"
    assert not post.done()
    assert (await meanwhile(running, post))[1]["status"] == "ok"
    assert await bolt(running) == "Locked"


@pytest.mark.parametrize("delay", [0, 2, 4, 4.9], ids=lambda delay: f"D2 {delay} s")
@pytest.mark.parametrize("verb", ["lock", "unlock"])
async def test_a_bolt_that_moves_in_time_is_answered_ok_and_no_sooner(
    verb: str, delay: float, world: World
) -> None:
    world.cloud.behaviour.commands.effect_delay = delay
    running = await world.start()
    if verb == "lock":
        await opened(world)
    asked_at = world.clock.monotonic()
    assert (await command(running, verb))[1]["status"] == "ok"
    assert world.clock.monotonic() - asked_at >= delay
    assert await bolt(running) == f"{verb}ed".capitalize()


@pytest.mark.parametrize("delay", [12, 30, 58], ids=lambda delay: f"D2 {delay} s")
async def test_a_slow_bolt_is_pending_then_seen_without_another_look_by_anybody(
    delay: float, world: World
) -> None:
    world.cloud.behaviour.commands.effect_delay = delay
    running = await world.start()
    await opened(world)
    assert (await command(running, "lock"))[1]["status"] == "pending"
    assert await bolt(running) == "Unlocked"
    await world.clock.advance(60)
    assert await bolt(running) == "Locked"
    assert open_notifications(running) == []


@pytest.mark.parametrize("verb", ["lock", "unlock"])
async def test_a_bolt_that_never_moves_is_told_of_and_never_claimed(
    verb: str, world: World
) -> None:
    """D3: next N."""
    running = await world.start()
    if verb == "lock":
        await opened(world)
    before = await bolt(running)
    world.cloud.behaviour.commands.ignore_next = 1
    assert (await command(running, verb))[1]["status"] == "pending"
    for _ in range(8):
        assert await bolt(running) == before
        await world.clock.advance(10)
    assert open_notifications(running) == [NOT_CONFIRMED]
    assert world.cloud.calls.commands_for(LOCK) == [verb], "nobody asked for it twice"
    assert (await command(running, verb))[1]["status"] == "ok"
    await world.clock.settle()
    assert open_notifications(running) == []


async def test_a_cloud_that_forgets_every_second_command_never_makes_us_lie(world: World) -> None:
    """D3: probability 0.5, as in issue 68."""
    world.cloud.behaviour.commands.ignore_probability = 0.5
    running = await world.start(poll_interval_seconds=30, stale_after_seconds=120)
    answers = []
    for turn in range(20):
        verb = ("unlock", "lock")[turn % 2]
        answer = (await command(running, verb))[1]["status"]
        truth = world.cloud.devices[LOCK].states.lock_state
        if answer == "ok":
            assert truth == f"{verb}ed".capitalize()
        await world.clock.advance(90)
        assert await bolt(running) == world.cloud.devices[LOCK].states.lock_state
        answers.append(answer)
    assert set(answers) == {"ok", "pending"}


@pytest.mark.parametrize("seconds", [30, 40], ids=["D4 reverts after 30 s", "D4 after 40 s"])
async def test_a_bolt_that_slips_back_is_shown_within_one_poll(
    seconds: float, world: World
) -> None:
    world.cloud.behaviour.commands.reverts_after = seconds
    running = await world.start()
    await opened(world)
    assert (await command(running, "lock"))[1]["status"] == "ok"
    await world.clock.advance(seconds + 31)
    assert await bolt(running) == "Unlocked"


@pytest.mark.parametrize("reads", [1, 3], ids=["D4 one old reading", "D4 three old readings"])
async def test_old_readings_after_the_new_one_pass(reads: int, world: World) -> None:
    world.cloud.behaviour.commands.stale_reads = reads
    running = await world.start()
    await opened(world)
    await world.clock.advance(
        159
    )  # no quick poll takes the new reading before the query that confirms
    assert (await command(running, "lock"))[1]["status"] == "ok"
    await world.clock.advance(31 * (reads + 1))
    assert await bolt(running) == "Locked"


async def test_an_unlock_that_relocked_unseen_is_not_claimed_as_open(world: World) -> None:
    """D5: executed, then auto-locked before the first look."""
    world.cloud.behaviour.commands.relocks_unseen = True
    running = await world.start()
    assert (await command(running, "unlock"))[1]["status"] == "pending"
    await world.clock.advance(90)
    assert await bolt(running) == "Locked"
    assert world.cloud.calls.commands_for(LOCK) == ["unlock"]


@pytest.mark.parametrize("verb", ["lock", "unlock"])
async def test_a_bolt_that_ends_jammed_is_shown_jammed_and_told_of(verb: str, world: World) -> None:
    """D5: ends in Jammed."""
    world.cloud.behaviour.commands.ends_jammed = True
    running = await world.start()
    if verb == "lock":
        await opened(world)
    assert (await command(running, verb))[1]["status"] == "pending"
    assert await bolt(running) == "Jammed"
    await world.clock.advance(70)
    assert await bolt(running) == "Jammed"
    assert open_notifications(running) == [NOT_CONFIRMED]


AMBIGUOUS: dict[str, Callable[[Faults], None]] = {
    "500": lambda faults: faults.fail(COMMAND, after_acting=True, times=1),
    "400 and nothing": lambda faults: faults.empty(COMMAND, after_acting=True, times=1),
    "hang-up": lambda faults: faults.drop(COMMAND, after_acting=True, times=1),
    "half an answer": lambda faults: faults.cut_off(COMMAND, after_acting=True, times=1),
    "time-out": lambda faults: faults.hang(COMMAND, after_acting=True, times=1),
}


@pytest.mark.parametrize("verb", ["lock", "unlock"])
@pytest.mark.parametrize("how", AMBIGUOUS, ids=[f"D6 {how}" for how in AMBIGUOUS])
async def test_a_command_that_ran_but_was_not_answered_ends_in_the_truth(
    how: str, verb: str, world: World
) -> None:
    running = await world.start()
    if verb == "lock":
        await opened(world)
    AMBIGUOUS[how](world.cloud.faults)
    status, answer, _ = await command(running, verb)
    if how != "time-out":
        assert (status, answer["status"]) == (200, "ok")
    assert status in {200, 504}
    await world.clock.advance(40)
    assert await bolt(running) == f"{verb}ed".capitalize()
    sent = world.cloud.calls.commands_for(LOCK)
    assert sent == ["unlock"] if verb == "unlock" else set(sent) == {"lock"}
    assert_signed_in(running)


@pytest.mark.parametrize("rule", OppositeCommands, ids=[f"D7 {rule}" for rule in OppositeCommands])
@pytest.mark.parametrize("verbs", [("lock", "unlock"), ("unlock", "lock")], ids=" then ".join)
async def test_opposite_commands_in_a_hurry_end_with_the_truth_on_show(
    verbs: tuple[str, str], rule: OppositeCommands, world: World
) -> None:
    world.cloud.behaviour.commands.opposite_commands = rule
    running = await world.start()
    if verbs[0] == "lock":
        await opened(world)
    first = asyncio.ensure_future(running.post(f"/api/{verbs[0]}", {"id": LOCK}))
    await world.clock.advance(1.5)
    assert not first.done()
    status, answer, _ = await command(running, verbs[1])
    door = world.cloud.devices[LOCK]
    if answer["status"] == "ok":
        assert door.states.lock_state == f"{verbs[1]}ed".capitalize()
    assert status == 200
    assert (await first)[0] == 200, "the first caller is answered too"
    await world.clock.advance(HOUR / 30)
    assert (await states(running))["st.lock/lockState"] == door.states.lock_state
    assert await health(running) == "healthy"
    assert sorted(world.cloud.calls.commands_for(LOCK)) == sorted(verbs)
