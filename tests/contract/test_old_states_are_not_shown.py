import asyncio
from collections.abc import Callable
from dataclasses import replace

import pytest

from tests.conftest import LOCK, OTHER_LOCK, Running, World
from tests.contract.integrations import Integration15
from tests.steps import bolt, health_of, is_error, lock_state, together
from utec_gateway.simulator.cloud import SimulatedCloud
from utec_gateway.simulator.enums import QueryShape
from utec_gateway.simulator.states import LockState

STALE_AFTER = 120.0
POLL = 30.0


def refuse_tokens(cloud: SimulatedCloud) -> None:
    cloud.expire_access_tokens()
    cloud.faults.fail("/token")


OUTAGES: dict[str, Callable[[SimulatedCloud], None]] = {
    "server errors": lambda cloud: cloud.faults.fail("/action"),
    "no answer": lambda cloud: cloud.faults.hang("/action"),
    "dropped connections": lambda cloud: cloud.faults.drop("/action"),
    "half an answer": lambda cloud: cloud.faults.cut_off("/action"),
    "web pages": lambda cloud: cloud.faults.html("/action"),
    "empty 400s": lambda cloud: cloud.faults.empty("/action"),
    "too many requests": lambda cloud: cloud.faults.rate_limit("/action"),
    "answers of another shape": lambda cloud: cloud.faults.answer("/action", []),
    "empty payloads": lambda cloud: cloud.faults.answer("/action", {"payload": {}}),
    "rejection": lambda cloud: setattr(cloud.behaviour.actions, "reject_code", "BAD-REQUEST"),
    "the sign-in revoked": lambda cloud: cloud.revoke_everything(),
    "tokens refused": refuse_tokens,
}


@pytest.mark.parametrize("outage", OUTAGES)
async def test_a_lock_does_not_stay_locked_in_home_assistant_while_the_cloud_is_down(
    running: Running, cloud: SimulatedCloud, outage: str
) -> None:
    home = Integration15(running)
    polling = asyncio.ensure_future(home.keep_polling(rounds=12))
    await running.clock.advance(61)
    assert home.believes == {LOCK: True, OTHER_LOCK: True}
    OUTAGES[outage](cloud)
    await running.clock.advance(STALE_AFTER + 2 * POLL)
    assert home.believes == {LOCK: None, OTHER_LOCK: None}
    assert home.refusals == []
    await running.clock.advance(600)
    await polling
    cloud.faults.clear()


@pytest.mark.parametrize("path", ["/api/status?id=" + LOCK, "/api/status/latest"])
async def test_no_way_of_reading_shows_a_state_older_than_the_limit(
    running: Running, cloud: SimulatedCloud, path: str
) -> None:
    cloud.faults.fail("/action")
    await running.clock.advance(STALE_AFTER - 10)
    _, body = await running.get(path)
    assert lock_state(body) == "Locked"
    await running.clock.advance(11)
    status, body = await running.get(path)
    assert (status, lock_state(body), health_of(body)) == (200, None, "Offline")


async def test_the_limit_is_the_owners_to_set(world: World, cloud: SimulatedCloud) -> None:
    running = await world.start(stale_after_seconds=300)
    cloud.faults.fail("/action")
    await running.clock.advance(290)
    assert await bolt(running) == "Locked"
    await running.clock.advance(11)
    assert await bolt(running) is None


async def test_the_state_comes_back_when_the_cloud_does(
    running: Running, cloud: SimulatedCloud
) -> None:
    cloud.faults.fail("/action", for_seconds=600)
    await running.clock.advance(600)
    assert await bolt(running) is None
    await running.clock.advance(15 * 60)
    _, body = await running.post("/api/status", {"id": LOCK})
    assert (lock_state(body), health_of(body)) == ("Locked", "Online")


async def test_devices_are_still_listed_while_the_cloud_is_down(
    running: Running, cloud: SimulatedCloud
) -> None:
    cloud.faults.fail("/action")
    await running.clock.advance(3600)
    status, body = await running.get("/api/devices")
    assert status == 200
    assert [device["id"] for device in body["payload"]["devices"]] == [LOCK, OTHER_LOCK]


async def test_a_restart_during_an_outage_does_not_freeze_home_assistant(
    world: World, cloud: SimulatedCloud
) -> None:
    home = Integration15(await world.start())
    await home.refresh()
    assert home.believes == {LOCK: True, OTHER_LOCK: True}
    await world.stop()
    cloud.faults.fail("/action")
    home.running = await world.start(sign_in=False)
    await home.running.clock.advance(STALE_AFTER)
    await home.refresh()
    assert home.believes == {LOCK: None, OTHER_LOCK: None}


async def test_a_lock_that_does_not_know_itself_is_not_called_unlocked(
    world: World, cloud: SimulatedCloud
) -> None:
    cloud.devices[LOCK].operate(lambda states: replace(states, lock_state=LockState.UNKNOWN))
    home = Integration15(await world.start())
    await home.refresh()
    assert home.believes[LOCK] is None


async def test_a_lock_offline_for_two_polls_becomes_unknown(
    running: Running, cloud: SimulatedCloud
) -> None:
    cloud.devices[LOCK].go_offline()
    await running.clock.advance(2 * POLL + 1)
    await running.clock.advance(POLL)
    status, body = await running.post("/api/status", {"id": LOCK})
    assert (status, lock_state(body), health_of(body)) == (200, None, "Offline")
    assert await bolt(running, OTHER_LOCK) == "Locked"


async def test_one_missed_heartbeat_does_not_blank_the_lock(
    running: Running, cloud: SimulatedCloud
) -> None:
    cloud.devices[LOCK].behaviour.offline_reads = 1
    await running.clock.advance(POLL + 1)
    assert await bolt(running) == "Locked"
    await running.clock.advance(POLL)
    assert await bolt(running) == "Locked"


@pytest.mark.parametrize("shape", list(QueryShape)[1:])
async def test_a_lock_the_cloud_says_nothing_about_becomes_unknown_alone(
    running: Running, cloud: SimulatedCloud, shape: QueryShape
) -> None:
    cloud.devices[LOCK].behaviour.query_shape = shape
    await running.clock.advance(STALE_AFTER + POLL + 1)
    status, body = await running.post("/api/status", {"id": LOCK})
    assert (status, lock_state(body), health_of(body)) == (200, None, "Offline")
    assert await bolt(running, OTHER_LOCK) == "Locked"


async def test_without_sign_in_and_picture_the_answer_says_sign_in(world: World) -> None:
    running = await world.start(sign_in=False)
    for answer in (
        await running.get("/api/devices"),
        await running.post("/api/status", {"id": LOCK}),
        await running.get("/api/status/latest"),
    ):
        assert is_error(answer, 401, "reauth_required")


async def test_before_the_first_picture_the_answer_says_the_cloud_is_unavailable(
    world: World, cloud: SimulatedCloud
) -> None:
    cloud.faults.fail("/action")
    running = await world.start()
    for asked in (running.post("/api/status", {"id": LOCK}), running.get("/api/status/latest")):
        (answer,) = await together(running.clock, asked)
        assert is_error(answer, 503, "utec_unavailable")


async def test_a_device_nobody_knows_is_said_to_be_unknown(running: Running) -> None:
    stranger = "02:51:4D:FF:FF:FF"
    for answer in (
        await running.post("/api/status", {"id": stranger}),
        await running.get(f"/api/status?id={stranger}"),
        await running.post("/api/lock", {"id": stranger}),
        await running.post("/unlock", {"id": stranger}),
    ):
        assert is_error(answer, 404, "unknown_device")
