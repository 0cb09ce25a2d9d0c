"""With `allow_unlock` off, nothing that unlocks leaves the gateway, by whichever way it comes."""

import asyncio
from dataclasses import replace
from typing import Any

import pytest

from tests.conftest import LOCK, Running, World
from tests.issues.test_jammed import titles
from tests.steps import Answer, timed
from tests.web.panel.asking import submit
from utec_gateway.core.models import Operation
from utec_gateway.devices.permission import UnlockNotAllowedError
from utec_gateway.simulator.states import LockState, to_mode, unlock

SENTENCE = (
    "Front Door was not unlocked: unlocking is turned off in the gateway's options (allow_unlock)."
)
UNLOCKING: list[tuple[str, dict[str, Any]]] = [
    ("/api/unlock", {}),
    ("/unlock", {}),
    ("/api/mode", {"mode": "passage"}),
]
LOCKING: list[tuple[str, dict[str, Any]]] = [
    ("/api/lock", {}),
    ("/api/mode", {"mode": "lockout"}),
    ("/api/mode", {"mode": "normal"}),
]


@pytest.fixture
async def locking_only(world: World) -> Running:
    return await world.start(allow_unlock=False)


async def ask(running: Running, path: str, **more: Any) -> Answer:
    return await timed(running.clock, running.post(path, {"id": LOCK, **more}))


@pytest.mark.parametrize(("path", "more"), UNLOCKING, ids=str)
async def test_no_program_unlocks(
    path: str, more: dict[str, Any], world: World, locking_only: Running
) -> None:
    status, answer, seconds = await ask(locking_only, path, **more)
    assert (status, answer) == (403, {"detail": SENTENCE, "code": "unlock_not_allowed"})
    assert seconds == 0
    await world.clock.advance(60)
    assert world.cloud.calls.commands == []
    assert len(titles(locking_only)) == 1, "who asked through a program sees no answer"


@pytest.mark.parametrize(("path", "more"), LOCKING, ids=str)
async def test_every_program_still_locks(
    path: str, more: dict[str, Any], world: World, locking_only: Running
) -> None:
    door = world.cloud.devices[LOCK]
    door.operate(to_mode(1) if more == {"mode": "normal"} else unlock)
    await world.clock.advance(31)
    _, answer, _ = await ask(locking_only, path, **more)
    assert answer["status"] == "ok"
    assert door.states.lock_state is LockState.LOCKED


async def test_the_panel_does_not_unlock_and_says_so(world: World, locking_only: Running) -> None:
    tag = locking_only.gateway.account.cache.find(LOCK).tag
    _, _, text = await submit(locking_only, "/move", device=tag, operation="unlock")
    assert "unlocking is turned off" in text
    assert world.cloud.calls.commands == []


@pytest.mark.parametrize("operation", [Operation.UNLOCK, Operation.PASSAGE_MODE])
async def test_no_plugin_unlocks(operation: Operation, world: World, locking_only: Running) -> None:
    plugin = replace(locking_only.gateway._context, name="bell.py")
    with pytest.raises(UnlockNotAllowedError):
        await plugin.command(LOCK, operation)
    assert world.cloud.calls.commands == []


async def test_an_unlock_that_is_getting_ready_does_not_leave_any_more(
    world: World, running: Running
) -> None:
    world.cloud.devices[LOCK].go_offline()
    await world.clock.advance(70)
    world.cloud.devices[LOCK].go_online()
    world.cloud.behaviour.actions.latency = 2.0
    asked = asyncio.ensure_future(running.post("/api/unlock", {"id": LOCK}))
    await world.clock.advance(1)
    assert not asked.done()
    await running.gateway.settings.change({"allow_unlock": False})
    await world.clock.advance(8)
    status, answer = await asked
    assert (status, answer["code"]) == (403, "unlock_not_allowed")
    assert world.cloud.calls.commands == []


async def test_an_unlock_leaves_again_once_it_is_allowed(
    world: World, locking_only: Running
) -> None:
    await ask(locking_only, "/api/unlock")
    await locking_only.gateway.settings.change({"allow_unlock": True})
    _, answer, _ = await ask(locking_only, "/api/unlock")
    assert answer["status"] == "ok"
    assert world.cloud.calls.commands_for(LOCK) == ["unlock"]
