"""One outcome of a command, whoever asks."""

import asyncio

import pytest

from tests.conftest import LOCK, Running, World
from utec_gateway.core.command import Command
from utec_gateway.core.command_origin import Origin, OriginKind
from utec_gateway.core.errors import GatewayError, NotConfirmedError, UnknownDeviceError
from utec_gateway.core.models import Operation
from utec_gateway.core.outcome import CommandOutcome, CommandState
from utec_gateway.devices.command_limit import MOST_COMMANDS, TooManyCommandsError

SOMEBODY = Origin(OriginKind.PLUGIN, "somebody")


async def run(running: Running, operation: Operation, seconds: float = 9.0) -> CommandOutcome:
    commands = running.gateway.account.commands
    task = asyncio.ensure_future(commands.run(LOCK, Command(operation), SOMEBODY))
    await running.clock.advance(seconds)
    return await task


async def test_a_bolt_that_was_seen_to_move_is_confirmed(running: Running) -> None:
    outcome = await run(running, Operation.UNLOCK)
    assert (outcome.operation, outcome.state) == (Operation.UNLOCK, CommandState.CONFIRMED)
    assert (outcome.error, outcome.origins) == (None, (SOMEBODY,))
    assert 0 < outcome.duration <= 8
    assert outcome == running.gateway.account.commands.last(LOCK)


async def test_what_is_not_known_in_time_is_under_way_and_ends_later(world: World) -> None:
    running = await world.start()
    world.cloud.behaviour.commands.ignore_next = 1
    outcome = await run(running, Operation.UNLOCK)
    assert (outcome.state, outcome.error) == (CommandState.UNDER_WAY, None)
    await running.clock.advance(60)
    ended = running.gateway.account.commands.last(LOCK)
    assert ended
    assert (ended.state, ended.error) == (CommandState.NOT_CONFIRMED, None)


async def test_an_unlock_that_may_have_run_says_so_while_it_is_followed_up(world: World) -> None:
    running = await world.start()
    world.cloud.faults.fail("Device/Command", status=500, after_acting=True, times=1)
    world.cloud.behaviour.commands.ignore_next = 1
    outcome = await run(running, Operation.UNLOCK)
    assert outcome.state is CommandState.UNDER_WAY
    assert isinstance(outcome.error, NotConfirmedError)
    await running.clock.advance(120)
    assert world.cloud.calls.commands_for(LOCK) == ["unlock"]


async def test_the_opposite_command_supersedes_the_one_under_way(world: World) -> None:
    running = await world.start()
    world.cloud.behaviour.commands.ignore_next = 1
    commands = running.gateway.account.commands
    first = asyncio.ensure_future(commands.run(LOCK, Command(Operation.UNLOCK), SOMEBODY))
    await running.clock.advance(0.5)
    second = commands.start(LOCK, Command(Operation.LOCK), SOMEBODY)
    await running.clock.settle()
    assert ((await first).state, (await first).error) == (CommandState.SUPERSEDED, None)
    assert (second.operation, second.is_under_way) == (Operation.LOCK, True)


async def test_a_command_that_is_one_too_many_has_failed_and_was_not_sent(running: Running) -> None:
    for _ in range(MOST_COMMANDS // 2):
        assert (await run(running, Operation.UNLOCK)).is_confirmed
        assert (await run(running, Operation.LOCK)).is_confirmed
    for _ in range(2):  # the second one is not logged again, and fails all the same
        outcome = await run(running, Operation.UNLOCK, 0)
        assert (outcome.state, outcome.origins) == (CommandState.FAILED, (SOMEBODY,))
        assert isinstance(outcome.error, TooManyCommandsError)


async def test_what_is_no_lock_has_no_outcome(running: Running) -> None:
    with pytest.raises(UnknownDeviceError):
        await running.gateway.account.commands.run("other", Command(Operation.LOCK), SOMEBODY)


def test_the_time_of_a_command_stands_still_when_it_has_ended() -> None:
    assert CommandOutcome(Operation.LOCK, started=5.0).elapsed(now=8.0) == 3.0
    ended = CommandOutcome(Operation.LOCK, 5.0, CommandState.FAILED, 1.0, GatewayError("no"))
    assert ended.elapsed(now=8.0) == 1.0
