import asyncio
from collections.abc import Callable

import pytest

from tests.conftest import LOCK, OTHER_LOCK, Running, World
from tests.contract.integrations import POLL_SECONDS, Integration15
from tests.steps import bolt, health_of, is_error, lock_state
from utec_gateway.simulator.cloud import SimulatedCloud

STALE_AFTER = 60.0
POLL = 15.0


def refuse_tokens(cloud: SimulatedCloud) -> None:
    cloud.expire_access_tokens()
    cloud.faults.fail("/token")


OUTAGES: dict[str, Callable[[SimulatedCloud], None]] = {
    "server errors": lambda cloud: cloud.faults.fail("/action"),
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
    await running.clock.advance(STALE_AFTER + POLL + POLL_SECONDS)
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


async def test_a_device_nobody_knows_is_said_to_be_unknown(running: Running) -> None:
    stranger = "02:51:4D:FF:FF:FF"
    for answer in (
        await running.post("/api/status", {"id": stranger}),
        await running.get(f"/api/status?id={stranger}"),
        await running.post("/api/lock", {"id": stranger}),
        await running.post("/unlock", {"id": stranger}),
    ):
        assert is_error(answer, 404, "unknown_device")
