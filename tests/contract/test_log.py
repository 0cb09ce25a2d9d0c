import json
import logging

import pytest

from tests.conftest import World
from tests.steps import on_disk, refreshes, timed
from utec_gateway.simulator.cloud import SimulatedCloud
from utec_gateway.simulator.enums import BadTokenAnswer


def was_said(world: World, level: str, message: str) -> bool:
    """Tell whether a line of the file says these words at this level."""
    log = (world.data_dir / "gateway.log").read_text()
    assert [line for line in log.splitlines() if f" {level} " in line and message in line], log
    return True


async def test_the_start_and_the_sign_in_are_found_by_their_old_words(world: World) -> None:
    await world.start()
    assert was_said(world, "INFO", "Scheduler started")
    assert was_said(world, "INFO", "Token will expire at: 2026-01-12")


async def test_a_renewal_is_found_by_its_old_words(world: World) -> None:
    running = await world.start()
    await running.post("/api/oauth/refresh")
    assert was_said(world, "INFO", "Access token refreshed successfully")
    assert "Scheduled token refresh" not in (world.data_dir / "gateway.log").read_text()


async def test_a_scheduled_renewal_is_found_by_its_old_words(
    world: World, cloud: SimulatedCloud
) -> None:
    cloud.behaviour.oauth.expires_in = 1200
    running = await world.start()
    await running.clock.advance(1000)
    assert was_said(world, "WARNING", "Token expired or expiring soon, attempting refresh...")
    assert was_said(world, "INFO", "Access token refreshed successfully")
    assert was_said(world, "INFO", "Scheduled token refresh successful")


@pytest.mark.parametrize("refusal", list(BadTokenAnswer))
async def test_a_refused_token_is_found_by_its_old_words(
    world: World,
    cloud: SimulatedCloud,
    refusal: BadTokenAnswer,
) -> None:
    running = await world.start()
    cloud.behaviour.actions.bad_token_answer = refusal
    await running.clock.advance(120)
    cloud.expire_access_tokens()
    await running.post("/api/status/refresh")
    assert was_said(world, "WARNING", "Got 401, attempting token refresh (attempt 1)")


async def test_a_revoked_sign_in_is_found_by_its_old_words(
    world: World, cloud: SimulatedCloud
) -> None:
    running = await world.start()
    cloud.revoke_everything()
    await running.post("/api/oauth/refresh")
    assert was_said(world, "ERROR", "Token refresh failed: ")
    await running.clock.advance(60)
    assert was_said(world, "ERROR", "Unable to obtain valid access token")


async def test_a_failing_token_endpoint_is_found_by_its_old_words(
    world: World, cloud: SimulatedCloud
) -> None:
    running = await world.start()
    cloud.faults.fail("/token")
    await timed(running.clock, running.post("/api/oauth/refresh"), limit=300)
    assert was_said(world, "ERROR", "Token refresh failed: ")


async def test_a_sign_in_that_cannot_be_renewed_is_found_by_its_old_words(world: World) -> None:
    await world.start()
    await world.stop()
    state = on_disk(world)
    state["token"] |= {"refresh_token": "", "expires_at": "2020-01-01T00:00:00+00:00"}
    state["previous_refresh_token"] = None
    (world.data_dir / "state.json").write_text(json.dumps(state))
    async with world.as_it_is() as again:
        await again.clock.advance(61)
        await again.post("/api/oauth/refresh")
    assert was_said(world, "ERROR", "No refresh token available")
    assert refreshes(world.cloud) == 0


async def test_the_log_is_read_as_plain_text_and_can_be_cleared(world: World) -> None:
    running = await world.start()
    async with running.client.get(running.url + "/logs") as response:
        assert response.content_type == "text/plain"
        assert "Scheduler started" in await response.text()
    status, body = await running.post("/logs/clear")
    assert (status, body["status"]) == (200, "ok")
    _, text = await running.get("/logs")
    assert "Scheduler started" not in text
    logging.getLogger("utec_gateway.contract").warning("after the clearing")
    assert "after the clearing" in (await running.get("/logs"))[1]
