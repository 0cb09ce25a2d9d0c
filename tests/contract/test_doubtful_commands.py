import asyncio
from collections.abc import Callable

import pytest

from tests.conftest import LOCK, OTHER_LOCK, Running, World
from tests.steps import COMMAND, assert_signed_in, bolt, command, is_error, meanwhile, together
from utec_gateway.simulator.cloud import SimulatedCloud
from utec_gateway.simulator.enums import BadTokenAnswer
from utec_gateway.simulator.states import unlock

Fault = Callable[[SimulatedCloud], None]
LOST: dict[str, Fault] = {
    "a server error": lambda cloud: cloud.faults.fail(COMMAND, times=1),
    "a bad gateway": lambda cloud: cloud.faults.html(COMMAND, status=502, times=1),
    "a dropped connection": lambda cloud: cloud.faults.drop(COMMAND, times=1),
    "half an answer": lambda cloud: cloud.faults.cut_off(COMMAND, times=1),
}


def dead_token(cloud: SimulatedCloud) -> None:
    cloud.expire_access_tokens()
    cloud.faults.fail("/token")


TROUBLES: dict[str, Fault] = {
    "queries that hang": lambda cloud: cloud.faults.hang("Device/Query"),
    "queries that fail": lambda cloud: cloud.faults.fail("Device/Query"),
    "a dead token and a token endpoint that fails": dead_token,
    "a revoked sign-in": lambda cloud: cloud.revoke_everything(),
    "a slow cloud": lambda cloud: setattr(cloud.behaviour.actions, "latency", 6.0),
    "a very slow cloud": lambda cloud: setattr(cloud.behaviour.actions, "latency", 30.0),
    "a deaf lock": lambda cloud: setattr(cloud.devices[LOCK].behaviour, "deaf", True),
}
BAD_TOKEN = pytest.mark.parametrize("refusal", list(BadTokenAnswer))


async def start_open(world: World) -> Running:
    world.cloud.devices[LOCK].operate(unlock)
    return await world.start()


@pytest.mark.parametrize("name", ["lock", "unlock"])
@pytest.mark.parametrize("trouble", TROUBLES)
async def test_whatever_goes_wrong_home_assistant_has_an_answer_within_ten_seconds(
    world: World, cloud: SimulatedCloud, name: str, trouble: str
) -> None:
    running = await (start_open(world) if name == "lock" else world.start())
    TROUBLES[trouble](cloud)
    answer = await command(running, name)
    assert answer.seconds < 10
    if answer.status == 200:
        assert answer.body["status"] in {"ok", "pending"}
    else:
        assert is_error((answer.status, answer.body), answer.status)
    cloud.faults.clear()


@pytest.mark.parametrize("trouble", LOST)
async def test_an_unlock_whose_answer_was_lost_is_not_sent_again(
    running: Running, cloud: SimulatedCloud, trouble: str
) -> None:
    LOST[trouble](cloud)
    answer = await command(running, "unlock")
    assert is_error((answer.status, answer.body), 504, "not_confirmed")
    await running.clock.advance(300)
    assert cloud.calls.by_action[COMMAND] == 1
    assert cloud.devices[LOCK].states.lock_state == "Locked"


@pytest.mark.parametrize("trouble", LOST)
async def test_a_lock_whose_answer_was_lost_is_sent_again_so_that_the_door_closes(
    world: World, cloud: SimulatedCloud, trouble: str
) -> None:
    running = await start_open(world)
    LOST[trouble](cloud)
    answer = await command(running, "lock")
    assert answer.status == 200
    await running.clock.advance(20)
    assert cloud.calls.by_action[COMMAND] == 2
    assert cloud.devices[LOCK].states.lock_state == "Locked"


@BAD_TOKEN
@pytest.mark.parametrize("name", ["lock", "unlock"])
async def test_a_dead_token_is_renewed_once_and_the_command_sent_again(
    world: World, cloud: SimulatedCloud, name: str, refusal: BadTokenAnswer
) -> None:
    running = await (start_open(world) if name == "lock" else world.start())
    await running.clock.advance(120)
    cloud.behaviour.actions.bad_token_answer = refusal
    cloud.expire_access_tokens()
    cloud.calls.reset()
    answer = await command(running, name)
    assert (answer.status, answer.body.get("status")) == (200, "ok")
    assert cloud.calls.by_action["token/refresh_token"] == 1
    assert cloud.calls.by_action[COMMAND] == 2
    assert cloud.calls.commands_for(LOCK) == [name]


@BAD_TOKEN
async def test_a_cloud_that_refuses_every_token_is_not_asked_for_ever(
    running: Running, cloud: SimulatedCloud, refusal: BadTokenAnswer
) -> None:
    await running.clock.advance(120)
    cloud.behaviour.actions.bad_token_answer = refusal
    cloud.expire_access_tokens()
    cloud.behaviour.oauth.access_token_calls = 0
    cloud.calls.reset()
    answer = await command(running, "unlock")
    assert is_error((answer.status, answer.body), 502, "invalid_token")
    assert cloud.calls.by_action[COMMAND] == 3, "the fresh token is tried twice"
    assert cloud.calls.by_action["token/refresh_token"] == 1


async def test_a_command_after_the_grant_was_revoked_asks_for_a_sign_in(
    running: Running, cloud: SimulatedCloud
) -> None:
    cloud.revoke_everything()
    answer = await command(running, "unlock")
    assert is_error((answer.status, answer.body), 401, "reauth_required")
    assert cloud.calls.commands == []


async def test_many_locks_with_one_dead_token_renew_it_once(
    world: World, cloud: SimulatedCloud
) -> None:
    running = await world.start()
    cloud.behaviour.actions.latency = 0.2
    cloud.expire_access_tokens()
    cloud.calls.reset()
    answers = await together(
        running.clock, *(running.post("/api/unlock", {"id": each}) for each in cloud.devices)
    )
    assert [status for status, _ in answers] == [200, 200]
    assert cloud.calls.by_action["token/refresh_token"] == 1
    assert cloud.calls.most_refreshes_at_once == 1


async def test_unlock_is_not_resent_after_a_timeout(world: World) -> None:
    running = await world.start()
    world.cloud.faults.hang(COMMAND)
    status, answer, _ = await command(running, "unlock")
    assert (status, answer["code"]) == (504, "not_confirmed")
    await world.clock.advance(120)
    assert world.cloud.calls.by_action[COMMAND] == 1
    assert await bolt(running) == "Locked"


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


async def test_a_lock_in_trouble_does_not_hold_up_another(world: World) -> None:
    running = await world.start()
    world.cloud.faults.hang(COMMAND, times=1)
    stuck = asyncio.ensure_future(running.post("/api/unlock", {"id": LOCK}))
    await world.clock.settle()
    assert (await command(running, "unlock", OTHER_LOCK))[1]["status"] == "ok"
    await meanwhile(running, stuck)
