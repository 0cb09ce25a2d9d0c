"""The walk of a command, end to end: one test for everything that can go wrong on the way."""

import asyncio

import pytest

from tests.conftest import LOCK, OTHER_LOCK, World
from tests.steps import (
    COMMAND,
    QUERY,
    assert_signed_in,
    bolt,
    command,
    meanwhile,
    refreshes,
)
from utec_gateway.simulator.states import to_mode, unlock

INVALID_TOKEN = {"payload": {"error": {"code": "INVALID_TOKEN", "message": "no"}}}
HINT = [{"capability": "st.deferredResponse", "name": "seconds", "value": 20}]


async def test_a_command_walks_from_the_integration_to_the_bolt_and_back(world: World) -> None:
    running = await world.start()
    world.cloud.devices[LOCK].operate(unlock)
    await world.clock.advance(31)
    queries = world.cloud.calls.by_action[QUERY]
    status, answer, _ = await command(running, "lock")
    assert (status, answer["status"]) == (200, "ok")
    (device,) = answer["payload"]["devices"]
    assert device["id"] == LOCK
    assert {"capability": "st.lock", "name": "lockState", "value": "Locked"} in device["states"]
    assert world.cloud.calls.commands_for(LOCK) == ["lock"]
    assert world.cloud.calls.by_action[QUERY] - queries <= 5
    assert world.cloud.calls.problems == []


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"{}", b'{"id": 5}', b'{"id": ""}'])
async def test_a_body_without_a_device_sends_nothing(body: bytes, world: World) -> None:
    running = await world.start()
    async with running.client.post(f"{running.url}/api/unlock", data=body) as answer:
        assert answer.status == 400
        assert (await answer.json())["code"] == "invalid_request"
    assert world.cloud.calls.commands == []


async def test_an_unknown_device_is_told_apart_and_nothing_is_sent(world: World) -> None:
    running = await world.start()
    status, answer, _ = await command(running, "unlock", "02:51:4D:99:99:99")
    assert (status, answer["code"]) == (404, "unknown_device")
    assert world.cloud.calls.commands == []


async def test_locked_is_not_assumed_between_the_acknowledgement_and_the_sight_of_it(
    world: World,
) -> None:
    running = await world.start()
    world.cloud.devices[LOCK].operate(unlock)
    await world.clock.advance(31)
    world.cloud.faults.answer(COMMAND, {"payload": {"devices": [{"id": LOCK, "states": HINT}]}})
    assert (await command(running, "lock"))[1]["status"] == "pending"
    await world.clock.advance(70)
    assert await bolt(running) == "Unlocked"


async def test_unlock_is_not_resent_after_a_timeout(world: World) -> None:
    running = await world.start()
    world.cloud.faults.hang(COMMAND)
    status, answer, _ = await command(running, "unlock")
    assert (status, answer["code"]) == (504, "not_confirmed")
    await world.clock.advance(120)
    assert world.cloud.calls.by_action[COMMAND] == 1
    assert await bolt(running) == "Locked"


async def test_lock_is_sent_again_after_a_failure_that_proves_nothing(world: World) -> None:
    running = await world.start()
    world.cloud.devices[LOCK].operate(unlock)
    await world.clock.advance(31)
    world.cloud.faults.fail(COMMAND, times=1)
    assert (await command(running, "lock"))[1]["status"] == "ok"
    assert world.cloud.calls.by_action[COMMAND] == 2
    assert await bolt(running) == "Locked"


async def test_a_refused_token_is_renewed_once_and_the_command_sent_once_more(
    world: World,
) -> None:
    running = await world.start()
    await world.clock.advance(120)
    world.cloud.faults.answer(COMMAND, INVALID_TOKEN, times=1)
    assert (await command(running, "unlock"))[1]["status"] == "ok"
    assert world.cloud.calls.by_action[COMMAND] == 2
    assert world.cloud.calls.commands_for(LOCK) == ["unlock"]
    assert refreshes(world.cloud) == 1


async def test_a_token_refused_twice_ends_the_command_with_a_reason(world: World) -> None:
    running = await world.start()
    world.cloud.faults.answer(COMMAND, INVALID_TOKEN)
    status, answer, _ = await command(running, "unlock")
    assert (status, answer["code"]) == (502, "invalid_token")
    assert answer["detail"]
    assert refreshes(world.cloud) == 1


async def test_a_command_whose_renewal_fails_says_so_and_was_not_run(world: World) -> None:
    running = await world.start()
    world.cloud.expire_access_tokens()
    world.cloud.revoke_refresh_tokens()
    status, answer, _ = await command(running, "unlock")
    assert (status, answer["code"]) == (401, "reauth_required")
    assert world.cloud.calls.commands == []
    await world.clock.advance(60)
    assert world.cloud.devices[LOCK].states.lock_state == "Locked"


async def test_a_command_while_the_token_endpoint_hangs_is_answered_in_time(world: World) -> None:
    running = await world.start()
    world.cloud.expire_access_tokens()
    world.cloud.faults.hang("/token")
    for verb in ("lock", "unlock"):
        status, answer, _ = await command(running, verb)
        assert status >= 500 or answer["status"] == "pending"
    assert_signed_in(running)


async def test_an_unlock_given_up_late_is_not_carried_out_later(world: World) -> None:
    """The caller was told "perhaps"; a door that opens a minute later opens to nobody."""
    running = await world.start()
    world.cloud.expire_access_tokens()
    world.cloud.faults.hang("/token")
    await command(running, "unlock")
    world.cloud.faults.clear()
    await world.clock.settle()
    await world.clock.advance(120)
    assert world.cloud.calls.commands == []
    assert world.cloud.devices[LOCK].states.lock_state == "Locked"


async def test_an_offline_lock_refuses_the_command_and_nothing_is_sent(world: World) -> None:
    running = await world.start()
    await world.clock.advance(1)
    world.cloud.devices[LOCK].go_offline()
    await world.clock.advance(65)
    status, answer, _ = await command(running, "unlock")
    assert (status, answer["code"]) == (503, "device_offline")
    assert world.cloud.calls.commands == []


async def test_passage_mode_refuses_lock_and_nothing_is_sent(world: World) -> None:
    running = await world.start()
    world.cloud.devices[LOCK].operate(to_mode(1))
    await world.clock.advance(31)
    status, answer, _ = await command(running, "lock")
    assert (status, answer["code"]) == (409, "passage_mode")
    assert world.cloud.calls.commands == []


async def test_a_hundred_hands_on_one_button_send_one_command(world: World) -> None:
    running = await world.start()
    posts = [running.post("/api/unlock", {"id": LOCK}) for _ in range(100)]
    answers = await meanwhile(running, asyncio.gather(*posts))
    assert {answer["status"] for _, answer in answers} == {"ok"}
    assert world.cloud.calls.commands_for(LOCK) == ["unlock"]


async def test_a_lock_in_trouble_does_not_hold_up_another(world: World) -> None:
    running = await world.start()
    world.cloud.faults.hang(COMMAND, times=1)
    stuck = asyncio.ensure_future(running.post("/api/unlock", {"id": LOCK}))
    await world.clock.settle()
    assert (await command(running, "unlock", OTHER_LOCK))[1]["status"] == "ok"
    await meanwhile(running, stuck)
