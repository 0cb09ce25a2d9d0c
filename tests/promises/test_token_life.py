"""The token's life: when it is renewed, by how many, and what a failed renewal costs."""

import asyncio
import json
from datetime import timedelta

from tests.conftest import QUIET, World
from tests.steps import (
    DAY,
    HOUR,
    REFRESH,
    assert_signed_in,
    bolt,
    command,
    edit_expiry,
    health,
    lifetime_left,
    meanwhile,
    on_disk,
    open_notifications,
    refresh,
    refreshes,
    sign_in_again,
)
from utec_gateway.core.models import Token

LIFETIME = 601200.0


async def test_a_token_is_renewed_when_less_than_the_buffer_is_left(world: World) -> None:
    await world.start(renew_every_hours=0, refresh_buffer_minutes=60, **QUIET)
    await world.clock.advance(LIFETIME - HOUR - 2)
    assert refreshes(world.cloud) == 0
    await world.clock.advance(4)
    assert refreshes(world.cloud) == 1


async def test_a_token_is_renewed_daily_so_that_trouble_shows_days_ahead(world: World) -> None:
    await world.start(renew_every_hours=24, **QUIET)
    await world.clock.advance(DAY - 2)
    assert refreshes(world.cloud) == 0
    await world.clock.advance(4)
    assert refreshes(world.cloud) == 1
    await world.clock.advance(3 * DAY)
    assert refreshes(world.cloud) == 4


async def test_a_renewal_is_not_made_while_automatic_renewal_is_switched_off(
    world: World,
) -> None:
    running = await world.start(auto_refresh_enabled=False, **QUIET)
    await world.clock.advance(LIFETIME - 60)
    assert refreshes(world.cloud) == 0
    assert_signed_in(running)


async def test_an_expiry_edited_into_the_past_is_renewed_at_the_next_start(world: World) -> None:
    await world.start(**QUIET)
    await world.stop()
    edit_expiry(world, world.clock.now() - timedelta(days=1))
    running = await world.start(sign_in=False, **QUIET)
    await world.clock.advance(2)
    assert refreshes(world.cloud) == 1
    assert lifetime_left(running) > timedelta(days=6)
    assert await health(running) == "healthy"


async def test_two_hundred_callers_with_an_expired_token_make_one_renewal(world: World) -> None:
    running = await world.start(auto_refresh_enabled=False, **QUIET)
    world.cloud.behaviour.actions.latency = 1.0  # seconds in which everybody piles up
    world.clock.jump(timedelta(days=8))
    tokens = running.gateway.account.tokens
    callers = [tokens.access_token() for _ in range(150)] + [tokens.refresh() for _ in range(50)]
    got = await meanwhile(running, asyncio.gather(*callers))
    assert len({one.access_token if isinstance(one, Token) else one for one in got}) == 1
    assert refreshes(world.cloud) == 1
    assert world.cloud.calls.most_refreshes_at_once == 1


async def test_two_hundred_requests_over_http_make_one_renewal_at_a_time(world: World) -> None:
    running = await world.start(**QUIET)
    world.cloud.behaviour.actions.latency = 1.0
    posts = [running.post("/api/oauth/refresh") for _ in range(200)]
    answers = await meanwhile(running, asyncio.gather(*posts))
    assert {status for status, _ in answers} == {200}
    assert world.cloud.calls.most_refreshes_at_once == 1
    assert refreshes(world.cloud) <= 2  # a caller may arrive as the first renewal lands


def spy_on_disk(world: World, seen: list[tuple[str, str]]) -> None:
    """Note for every access token used what refresh token the disk then held."""
    grants, path = world.cloud.grants, world.data_dir / "state.json"
    accepts = grants.accepts

    def watched(access_token: str) -> bool:
        saved = json.loads(path.read_bytes())["token"]
        seen.append((access_token, saved["access_token"]))
        return accepts(access_token)

    grants.accepts = watched  # type: ignore[method-assign] # the cloud's doorman takes notes


async def test_a_renewed_sign_in_is_on_disk_before_it_is_first_used(world: World) -> None:
    running = await world.start(**QUIET)
    seen: list[tuple[str, str]] = []
    spy_on_disk(world, seen)
    for _ in range(5):
        await world.clock.advance(61)  # a token refused sooner is waited for
        world.cloud.expire_access_tokens()
        await meanwhile(running, running.post("/api/status/refresh"))
    renewed = {used for used, _ in seen}
    assert len(renewed) == 6
    assert all(used == saved for used, saved in seen)


async def test_the_previous_refresh_token_is_kept_until_the_new_one_has_worked(
    world: World,
) -> None:
    running = await world.start(**QUIET)
    first = on_disk(world)["token"]["refresh_token"]
    await refresh(running)
    assert on_disk(world)["previous_refresh_token"] == first
    second = on_disk(world)["token"]["refresh_token"]
    await refresh(running)
    assert on_disk(world)["previous_refresh_token"] == second


async def test_the_previous_refresh_token_is_tried_once_when_the_new_one_is_refused(
    world: World,
) -> None:
    running = await world.start(**QUIET)
    first = on_disk(world)["token"]["refresh_token"]
    await refresh(running)
    second = on_disk(world)["token"]["refresh_token"]
    del world.cloud.grants._refresh_tokens[second]
    world.cloud.calls.reset()
    assert (await refresh(running))[0] == 200
    assert world.cloud.calls.refresh_tokens_presented == [second, first]
    assert_signed_in(running)


async def test_when_both_refresh_tokens_are_refused_each_was_tried_exactly_once(
    world: World,
) -> None:
    running = await world.start(**QUIET)
    await refresh(running)
    state = on_disk(world)
    world.cloud.revoke_refresh_tokens()
    world.cloud.calls.reset()
    status, answer = await refresh(running)
    assert (status, answer["code"]) == (401, "reauth_required")
    assert world.cloud.calls.refresh_tokens_presented == [
        state["token"]["refresh_token"],
        state["previous_refresh_token"],
    ]


async def test_a_sign_in_during_a_renewal_in_flight_is_the_one_that_stays(world: World) -> None:
    running = await world.start(**QUIET)
    world.cloud.faults.hang(REFRESH)
    renewal = asyncio.ensure_future(running.post("/api/oauth/refresh"))
    await world.clock.settle()
    assert (await sign_in_again(world, running))[0] == 200
    signed_in = running.gateway.account.tokens.token
    world.cloud.faults.clear()
    await meanwhile(running, renewal)
    assert running.gateway.account.tokens.token == signed_in
    assert signed_in
    assert on_disk(world)["token"]["access_token"] == signed_in.access_token
    assert_signed_in(running)
    assert (await refresh(running))[0] == 200


async def test_a_sign_in_during_a_renewal_that_is_refused_is_not_asked_for_again(
    world: World,
) -> None:
    running = await world.start(**QUIET)
    world.cloud.faults.hang(REFRESH)
    renewal = asyncio.ensure_future(running.post("/api/oauth/refresh"))
    await world.clock.settle()
    world.cloud.revoke_refresh_tokens()
    await sign_in_again(world, running)
    world.cloud.faults.clear()
    await meanwhile(running, renewal)
    assert_signed_in(running)
    assert "reauth_required" not in open_notifications(running)


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
