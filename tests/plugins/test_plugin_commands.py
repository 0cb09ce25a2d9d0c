"""A plugin moves bolts like everybody else: same rules, its name, and the outcome for it."""

import asyncio
from collections.abc import Awaitable
from dataclasses import replace
from typing import TypeVar

import pytest

from tests.conftest import LOCK, Running, World
from tests.issues.test_jammed import turn
from tests.plugins.installing import folder_of, install, log_of
from utec_gateway.core.command_origin import Origin, OriginKind
from utec_gateway.core.errors import (
    DeviceOfflineError,
    GatewayError,
    InvalidRequestError,
    PassageModeError,
    UnknownDeviceError,
    UtecRejectedError,
)
from utec_gateway.core.models import Operation
from utec_gateway.core.outcome import CommandState
from utec_gateway.devices.command_limit import TooManyCommandsError
from utec_gateway.journal.entry import Kind
from utec_gateway.plugin_api import PluginContext
from utec_gateway.simulator.states import LockState, to_mode

T = TypeVar("T")
COMMAND = "Device/Command"

AUTO_LOCK = """
from pathlib import Path

from utec_gateway.plugin_api import Operation, TaskSet, hookimpl

HEARD = Path(__file__).with_suffix(".heard")


class AutoLock:
    def __init__(self, context):
        self._context = context
        self._tasks = TaskSet()

    @hookimpl
    async def gateway_lock_changed(self, lock, previous):
        if lock.reported_state == "unlocked" != previous.reported_state:
            self._tasks.create_task(self._lock(lock), "auto lock")

    async def _lock(self, lock):
        sent = await self._context.command(lock.id, Operation.LOCK)
        ended = await sent.ended()
        HEARD.write_text(f"{sent.outcome.state} {ended.state}")


def create(context):
    return AutoLock(context)
"""


@pytest.fixture
def bell(running: Running) -> PluginContext:
    """The context of a plugin, as the loader hands it out."""
    return replace(running.gateway._context, name="bell.py")


async def after(world: World, seconds: float, work: Awaitable[T]) -> T:
    """Return what came of some work, given so much time."""
    task = asyncio.ensure_future(work)
    await world.clock.advance(seconds)
    assert task.done()
    return await task


async def test_a_plugin_that_is_installed_locks_the_door_and_hears_that_it_is_locked(
    world: World,
) -> None:
    install(world, "auto_lock.py", AUTO_LOCK)
    running = await world.start()
    turn(world, lambda states: replace(states, lock_state=LockState.UNLOCKED))
    await world.clock.advance(40)
    assert (folder_of(world) / "auto_lock.heard").read_text() == "confirmed confirmed"
    assert "Front Door: lock, asked by plugin auto_lock.py" in log_of(world)
    (entry,) = [one for one in running.gateway.journal.entries if one.kind is Kind.COMMAND]
    assert entry.origins == (Origin(OriginKind.PLUGIN, "auto_lock.py"),)


async def test_a_slow_bolt_is_under_way_at_first_and_its_end_is_heard_later(
    world: World, bell: PluginContext
) -> None:
    world.cloud.behaviour.commands.effect_delay = 20
    sent = await after(world, 8, bell.command(LOCK, Operation.UNLOCK))
    assert sent.outcome.state is CommandState.UNDER_WAY
    ended = await after(world, 40, sent.ended())
    assert ended.state is CommandState.CONFIRMED
    assert ended.error is None


async def test_a_bolt_that_does_not_move_is_never_called_moved(
    world: World, bell: PluginContext
) -> None:
    world.cloud.behaviour.commands.ignore_next = 1
    sent = await after(world, 8, bell.command(LOCK, Operation.UNLOCK))
    assert (await after(world, 60, sent.ended())).state is CommandState.NOT_CONFIRMED


async def test_a_command_that_another_replaces_ends_as_replaced(
    world: World, running: Running, bell: PluginContext
) -> None:
    world.cloud.behaviour.commands.effect_delay = 20
    sent = await after(world, 8, bell.command(LOCK, Operation.UNLOCK))
    other = asyncio.create_task(running.post("/api/lock", {"id": LOCK}))
    assert (await after(world, 9, sent.ended())).state is CommandState.SUPERSEDED
    await other


async def test_an_unlock_whose_answer_is_lost_is_not_sent_twice_and_its_doubt_is_told(
    world: World, bell: PluginContext
) -> None:
    world.cloud.faults.fail(COMMAND, status=500, times=9)
    sent = await after(world, 9, bell.command(LOCK, Operation.UNLOCK))
    assert sent.outcome.state is CommandState.UNDER_WAY
    assert "may or may not have been unlocked" in str(sent.outcome.error)
    assert (await after(world, 60, sent.ended())).state is CommandState.NOT_CONFIRMED
    assert world.cloud.calls.by_action[COMMAND] == 1


@pytest.mark.parametrize(
    ("device_id", "operation", "error"),
    [
        ("nobody", Operation.LOCK, UnknownDeviceError),
        ("plug", Operation.LOCK, InvalidRequestError),
        (LOCK, Operation.QUERY, InvalidRequestError),
    ],
)
async def test_what_is_no_lock_or_no_command_is_refused(
    world: World, device_id: str, operation: Operation, error: type[GatewayError]
) -> None:
    world.cloud.add_device("plug", "Plug", kind="switch")
    running = await world.start()
    with pytest.raises(error):
        await running.gateway._context.command(device_id, operation)
    assert world.cloud.calls.by_action.get(COMMAND, 0) == 0


async def test_a_lock_in_passage_mode_is_not_locked(world: World, bell: PluginContext) -> None:
    turn(world, to_mode(1))
    await world.clock.advance(31)
    with pytest.raises(PassageModeError):
        await after(world, 9, bell.command(LOCK, Operation.LOCK))
    assert world.cloud.calls.by_action.get(COMMAND, 0) == 0


async def test_a_lock_that_is_offline_is_sent_nothing(world: World, bell: PluginContext) -> None:
    world.cloud.devices[LOCK].go_offline()
    await world.clock.advance(70)
    with pytest.raises(DeviceOfflineError):
        await after(world, 9, bell.command(LOCK, Operation.UNLOCK))
    assert world.cloud.calls.by_action.get(COMMAND, 0) == 0


async def test_what_u_tec_refuses_is_raised(world: World, bell: PluginContext) -> None:
    world.cloud.behaviour.actions.reject_code = "BAD_REQUEST"
    with pytest.raises(UtecRejectedError):
        await after(world, 9, bell.command(LOCK, Operation.LOCK))


async def test_a_plugin_has_the_limit_of_everybody(world: World, bell: PluginContext) -> None:
    operations = [Operation.LOCK, Operation.UNLOCK] * 3
    for operation in operations:
        await after(world, 6, bell.command(LOCK, operation))
    with pytest.raises(TooManyCommandsError):
        await bell.command(LOCK, Operation.LOCK)
    assert "lock refused (plugin bell.py)" in log_of(world)
