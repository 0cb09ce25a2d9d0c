"""Renewals that fail: what may pass costs nothing, and only a refusal asks for a person."""

import pytest

from tests.conftest import SLOW, World
from tests.steps import (
    DAY,
    HOUR,
    REFRESH,
    assert_signed_in,
    back_to_normal,
    bolt,
    command,
    health,
    meanwhile,
    open_notifications,
    refresh,
    refreshes,
    sign_in_again,
    token_requests,
)

INVALID_TOKEN = {"payload": {"error": {"code": "INVALID_TOKEN", "message": "no"}}}


async def test_a_failed_renewal_that_was_not_due_does_not_darken_the_health_for_a_day(
    world: World,
) -> None:
    """Somebody presses "renew now" in a bad minute; an hour later all is well, and says so."""
    running = await world.start()
    world.cloud.faults.fail("/token")
    assert (await refresh(running))[0] == 503
    assert await health(running) == "degraded"
    world.cloud.faults.clear()
    await world.clock.advance(HOUR)
    assert await health(running) == "healthy"


async def test_a_token_is_used_to_its_last_minute_while_renewals_fail(world: World) -> None:
    world.cloud.behaviour.oauth.expires_in = int(DAY)
    running = await world.start(renew_every_hours=6, **SLOW)
    world.cloud.faults.fail("/token")
    await world.clock.advance(DAY - 120)
    assert await bolt(running) == "Locked"
    assert await health(running) == "degraded"
    assert (await command(running, "lock"))[1]["status"] == "ok"
    await world.clock.advance(HOUR)
    assert await bolt(running) is None
    assert await health(running) == "degraded"
    assert "reauth_required" not in open_notifications(running)
    world.cloud.faults.clear()
    await back_to_normal(running)


async def test_days_without_token_endpoint_beyond_expiry_end_in_a_renewal_not_in_a_sign_in(
    world: World,
) -> None:
    world.cloud.behaviour.oauth.expires_in = int(1.75 * DAY)
    running = await world.start(renew_every_hours=6, **SLOW)
    world.cloud.faults.fail("/token")
    await world.clock.advance(2 * DAY - HOUR)
    before = refreshes(world.cloud)
    await world.clock.advance(HOUR)
    assert refreshes(world.cloud) - before <= 60, "a cloud in trouble is not to be stormed"
    world.cloud.faults.clear()
    await back_to_normal(running)
    assert world.cloud.calls.by_action["token/authorization_code"] == 1


async def test_the_cloud_down_altogether_for_days_costs_no_sign_in(world: World) -> None:
    world.cloud.behaviour.oauth.expires_in = int(1.75 * DAY)
    running = await world.start(renew_every_hours=0, **SLOW)
    port = int(world.cloud.url.rpartition(":")[2])
    await world.cloud.stop()
    await world.clock.advance(2 * DAY)
    assert await bolt(running) is None
    await world.cloud.start(port=port)
    await back_to_normal(running)


async def test_a_refusal_stands_over_restarts_until_somebody_signs_in(world: World) -> None:
    running = await world.start(**SLOW)
    world.cloud.revoke_refresh_tokens()
    assert (await refresh(running))[0] == 401
    assert await health(running) == "reauth_required"
    assert open_notifications(running) == ["reauth_required"]
    await world.clock.advance(2 * DAY)
    assert (await command(running, "lock"))[1]["status"] == "ok", "the access token still works"
    assert (await refresh(running))[0] == 401
    await world.stop()
    running = await world.start(sign_in=False, **SLOW)
    await world.clock.advance(DAY)
    assert (await refresh(running))[0] == 401
    assert await health(running) == "reauth_required"
    rare = (HOUR, 6 * HOUR, DAY, 2 * DAY, 3 * DAY)
    assert token_requests(world.cloud) <= 1 + 3 + len(rare), "three by a person, the others rare"
    assert (await sign_in_again(world, running))[0] == 200
    await world.clock.advance(60)
    assert open_notifications(running) == []
    assert (await refresh(running))[0] == 200
    await back_to_normal(running, within=DAY)


@pytest.mark.parametrize("status", [200, 401])
async def test_a_cloud_that_refuses_every_token_is_not_stormed_with_renewals(
    status: int, world: World
) -> None:
    running = await world.start()
    world.cloud.faults.answer("/action", INVALID_TOKEN, status=status)
    await world.clock.advance(6 * HOUR)
    assert refreshes(world.cloud) <= 90
    assert world.cloud.calls.busiest_minute(REFRESH) <= 4
    assert await bolt(running) is None
    assert_signed_in(running)
    world.cloud.faults.clear()
    await back_to_normal(running)


async def test_a_client_that_insists_does_not_make_a_refusing_cloud_a_storm_of_renewals(
    world: World,
) -> None:
    """A token renewed ten seconds ago and refused again is not cured by renewing once more."""
    running = await world.start()
    world.cloud.faults.answer("/action", INVALID_TOKEN)
    for _ in range(60):
        await meanwhile(running, running.post("/api/status/refresh"))
        await world.clock.advance(10)
    assert refreshes(world.cloud) <= 20


async def test_a_token_endpoint_in_trouble_is_news_after_six_hours(world: World) -> None:
    running = await world.start(**SLOW)
    world.cloud.faults.fail("/token")
    await world.clock.advance(DAY + 5 * HOUR)
    assert open_notifications(running) == []
    await world.clock.advance(2 * HOUR)
    assert open_notifications(running) == ["renewal_failing"]
    assert await bolt(running) == "Locked"


async def test_a_sign_in_about_to_run_out_in_an_outage_is_told_before_the_locks_go_dark(
    world: World,
) -> None:
    world.cloud.behaviour.oauth.expires_in = int(DAY)
    running = await world.start(renew_every_hours=6, **SLOW)
    world.cloud.faults.fail("/token")
    await world.clock.advance(DAY - HOUR)
    assert len(open_notifications(running)) == 1
    world.cloud.faults.clear()
    await back_to_normal(running)
    assert open_notifications(running) == []
