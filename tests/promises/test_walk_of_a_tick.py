"""The walk of a tick, end to end: one test for everything that can go wrong on the way."""

from datetime import timedelta

from tests.conftest import World
from tests.steps import (
    DAY,
    HOUR,
    REFRESH,
    assert_signed_in,
    back_to_normal,
    bolt,
    command,
    health,
    on_disk,
    open_notifications,
    refresh,
    refreshes,
    states,
)


async def test_a_tick_renews_only_what_is_due(world: World) -> None:
    running = await world.start(poll_interval_seconds=600, stale_after_seconds=900)
    await world.clock.advance(DAY - 60)
    assert refreshes(world.cloud) == 0
    await back_to_normal(running, within=120)
    assert refreshes(world.cloud) == 1


async def test_a_due_renewal_keeps_no_request_waiting_while_the_token_works(world: World) -> None:
    running = await world.start(renew_every_hours=1)
    await world.clock.advance(HOUR - 5)
    world.cloud.faults.hang(REFRESH)
    await world.clock.advance(10)
    await world.clock.settle()
    assert world.cloud.calls.refreshes_now == 1
    assert (await command(running, "unlock"))[1]["status"] == "ok"
    assert await bolt(running) == "Unlocked"


async def test_a_renewal_merges_over_the_old_token(world: World) -> None:
    """A new answer without refresh token or scope keeps the old ones."""
    running = await world.start()
    old = on_disk(world)["token"]
    answer = {"access_token": "SIM-ACCESS-bare", "expires_in": 601200}
    world.cloud.faults.answer(REFRESH, answer, times=1)
    assert (await refresh(running))[0] == 200
    new = on_disk(world)["token"]
    assert new["access_token"] == "SIM-ACCESS-bare"
    assert (new["refresh_token"], new["scope"]) == (old["refresh_token"], old["scope"])


async def test_a_tick_after_a_suspend_is_one_renewal(world: World) -> None:
    running = await world.start()
    world.clock.jump(timedelta(days=2))
    await world.clock.advance(61)
    assert refreshes(world.cloud) == 1
    assert_signed_in(running)


async def test_a_token_endpoint_in_trouble_is_news_after_six_hours(world: World) -> None:
    running = await world.start(poll_interval_seconds=600, stale_after_seconds=900)
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
    running = await world.start(renew_every_hours=6)
    world.cloud.faults.fail("/token")
    await world.clock.advance(DAY - HOUR)
    assert len(open_notifications(running)) == 1
    world.cloud.faults.clear()
    await back_to_normal(running)
    assert open_notifications(running) == []


async def test_a_refused_grant_is_one_notification_at_once_and_rare_attempts(
    world: World,
) -> None:
    running = await world.start(poll_interval_seconds=600, stale_after_seconds=900)
    world.cloud.refuse_grants()
    await world.clock.advance(DAY + 60)
    assert open_notifications(running) == ["reauth_required"]
    assert await health(running) == "reauth_required"
    await world.clock.advance(2 * DAY)
    assert refreshes(world.cloud) == 1 + 4, "after 1, 6, 24 and 48 hours"
    saved = on_disk(world, "issues.json")["notifications"]
    assert [one["id"] for one in saved].count("reauth_required") == 1
    assert (await states(running))["st.lock/lockState"] == "Locked"
