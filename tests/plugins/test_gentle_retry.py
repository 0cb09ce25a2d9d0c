"""The gentle retry example on a real gateway: fewer tries for some things, as ever for the rest."""

import asyncio
from dataclasses import replace

import pytest

from tests.conftest import LOCK, World
from tests.plugins.installing import copy_example, install
from tests.steps import bolt, command
from utec_gateway.core.errors import UtecUnavailableError
from utec_gateway.simulator.states import LockState

DEAF = """
from utec_gateway.core.errors import NotDeliveredError
from utec_gateway.plugin_api import hookimpl

class Deaf:
    def __init__(self, clock):
        self.clock, self.asked_at = clock, []

    @hookimpl
    async def gateway_notify(self, notification):
        self.asked_at.append(self.clock.monotonic())
        raise NotDeliveredError(str(self.asked_at), retryable=True)

def create(context):
    return Deaf(context.clock)
"""


QUERY, DISCOVERY, COMMAND = "Device/Query", "Device/Discovery", "Device/Command"


def questions(world: World) -> tuple[int, int]:
    asked = world.cloud.calls.by_action
    return asked[DISCOVERY], asked[QUERY]


@pytest.mark.parametrize(("is_installed", "tries"), [(True, 1), (False, 3)])
async def test_a_question_that_fails_is_asked_once_instead_of_three_times(
    world: World, *, is_installed: bool, tries: int
) -> None:
    if is_installed:
        copy_example(world, "gentle_retry.py")
    running = await world.start(poll_interval_seconds=30)
    world.cloud.faults.fail(QUERY)
    world.cloud.faults.fail(DISCOVERY)
    discoveries, queries = questions(world)
    looking = asyncio.create_task(running.gateway.account.poller.discover())
    await world.clock.advance(20)
    with pytest.raises(UtecUnavailableError):
        await looking
    assert questions(world) == (discoveries + tries, queries + tries)


async def test_the_next_look_comes_by_itself_and_shows_what_is(world: World) -> None:
    copy_example(world, "gentle_retry.py")
    running = await world.start()
    world.cloud.faults.fail(QUERY, for_seconds=40)
    world.cloud.devices[LOCK].operate(lambda states: replace(states, lock_state=LockState.UNLOCKED))
    await world.clock.advance(35)
    assert await bolt(running) == "Locked"
    await world.clock.advance(60)
    assert await bolt(running) == "Unlocked"


async def test_a_message_keeps_its_own_pauses(world: World) -> None:
    copy_example(world, "gentle_retry.py")
    install(world, "deaf.py", DEAF)
    running = await world.start()
    began = world.clock.monotonic()
    running.gateway.tracker.raise_issue("trouble", "Trouble", "It is bad.")
    await world.clock.advance(3600)
    deaf = next(one for one in running.gateway.hooks.plugins if one.name == "deaf.py")
    assert deaf.last_error == str([began + 60 * minutes for minutes in (0, 1, 3, 8, 23, 53)])


async def test_doors_stay_with_the_built_in_policy(world: World) -> None:
    copy_example(world, "gentle_retry.py")
    running = await world.start()
    world.cloud.faults.fail(COMMAND, times=2)
    answer = await command(running, "lock")
    assert (answer.status, answer.body["status"]) == (200, "ok")
    assert world.cloud.calls.by_action[COMMAND] == 3
