"""When U-tec is asked again: as it wishes, at the interval while it is silent, rarely refused."""

from datetime import timedelta
from email.utils import format_datetime

import pytest

from tests.conftest import LOCK, SLOW, Running, World
from tests.steps import (
    COMMAND,
    DAY,
    HOUR,
    QUERY,
    REFRESH,
    assert_signed_in,
    bolt,
    command,
    health,
    meanwhile,
    open_notifications,
    refresh,
    refreshes,
)
from tests.web.panel.asking import page, words
from utec_gateway.core.errors import TokenRefreshError
from utec_gateway.simulator.enums import GrantErrorShape
from utec_gateway.simulator.faults import Fault

MINUTE = 60.0
INVALID_TOKEN = {"payload": {"error": {"code": "INVALID_TOKEN", "message": "no"}}}
AMBIGUOUS: dict[str, Fault] = {
    "403 Forbidden": Fault("/token", status=403, body='{"message":"Forbidden"}'),
    "403 web page": Fault("/token", status=403, body="<html>Access denied"),
    "401 and nothing": Fault("/token", status=401, body=""),
    "401 Unauthorized": Fault("/token", status=401, body='{"message":"Unauthorized"}'),
    "envelope 401": Fault("/token", status=200, body='{"code":401,"data":{"message":"no"}}'),
    "envelope 403": Fault("/token", status=200, body='{"code":403,"message":"no"}'),
}
"""Answers of the token endpoint that a rate limit or a firewall gives, and that refuse nothing."""


async def troubles(running: Running) -> str:
    """Return what /health says is wrong."""
    return " ".join((await running.get("/health"))[1]["troubles"])


def log(world: World) -> str:
    return (world.data_dir / "gateway.log").read_text("utf-8")


def slow_down(world: World, target: str, status: int, *, by_date: bool) -> None:
    """Have an endpoint ask for an hour's rest whenever it is asked in this hour."""
    at = world.clock.now() + timedelta(hours=1)
    header = format_datetime(at, usegmt=True) if by_date else "3600"
    fault = Fault(target, status=status, body="{}", retry_after=header, for_seconds=HOUR)
    world.cloud.faults.add(fault)


@pytest.mark.parametrize("by_date", [False, True], ids=["seconds", "date"])
@pytest.mark.parametrize("status", [429, 503])
async def test_the_action_endpoint_is_left_alone_for_as_long_as_it_asks(
    status: int, world: World, *, by_date: bool
) -> None:
    running = await world.start()
    slow_down(world, "/action", status, by_date=by_date)
    world.cloud.calls.reset()
    await world.clock.advance(HOUR - MINUTE)
    assert world.cloud.calls.by_action.total() == 1
    await world.clock.advance(3 * MINUTE)
    assert await health(running) == "healthy"
    assert await bolt(running) == "Locked"


async def test_no_client_can_make_the_gateway_ask_while_u_tec_asks_to_slow_down(
    world: World,
) -> None:
    running = await world.start()
    slow_down(world, "/action", 429, by_date=False)
    await world.clock.advance(MINUTE)
    world.cloud.calls.reset()
    for _ in range(20):
        assert (await running.post("/api/status/refresh"))[0] == 200
        await running.post("/api/devices/refresh")
        await world.clock.advance(10)
    assert world.cloud.calls.by_action.total() == 0


async def test_a_command_is_sent_although_u_tec_asks_to_slow_down(world: World) -> None:
    running = await world.start()
    slow_down(world, QUERY, 429, by_date=False)
    await world.clock.advance(MINUTE)
    world.cloud.faults.clear()
    assert (await command(running, "unlock"))[1]["status"] == "ok"
    assert world.cloud.calls.commands_for(LOCK) == ["unlock"]


async def test_a_command_that_is_told_to_slow_down_is_not_repeated_by_itself(
    world: World,
) -> None:
    running = await world.start()
    world.cloud.faults.rate_limit(COMMAND, retry_after="3600")
    assert (await command(running, "lock"))[0] == 503
    assert world.cloud.calls.by_action[COMMAND] == 1


async def test_who_asks_to_slow_down_is_not_called_silent(world: World) -> None:
    running = await world.start()
    slow_down(world, "/action", 429, by_date=False)
    await world.clock.advance(30 * MINUTE)
    assert "U-tec asks the gateway to slow down until 2026-01-05 13:00 UTC." in await troubles(
        running
    )
    text = words((await page(running))[1])
    assert "U-tec asks the gateway to slow down until" in text
    assert "internet connection" not in text
    until = (world.clock.now() + timedelta(minutes=30)).astimezone()
    assert f"U-tec asks to slow down until {until:%H:%M}" in log(world)
    (notification,) = running.gateway.tracker.open
    assert "slow down until" in notification.message
    assert "internet" not in notification.message


async def test_a_server_that_wants_a_month_of_rest_gets_a_day(world: World) -> None:
    running = await world.start()
    world.cloud.faults.rate_limit("/action", retry_after=str(30 * int(DAY)), times=1)
    await world.clock.advance(DAY - MINUTE)
    assert await health(running) == "degraded"
    await world.clock.advance(2 * MINUTE)
    assert await health(running) == "healthy"


@pytest.mark.parametrize("by_date", [False, True], ids=["seconds", "date"])
@pytest.mark.parametrize("status", [429, 503])
async def test_the_token_endpoint_is_left_alone_for_as_long_as_it_asks(
    status: int, world: World, *, by_date: bool
) -> None:
    running = await world.start(renew_every_hours=1, **SLOW)
    await world.clock.advance(HOUR - 30)
    slow_down(world, "/token", status, by_date=by_date)
    await world.clock.advance(HOUR - MINUTE)
    assert refreshes(world.cloud) == 1
    assert "U-tec asks the gateway to slow down until" in await troubles(running)
    assert_signed_in(running)
    await world.clock.advance(3 * MINUTE)
    assert refreshes(world.cloud) == 2
    assert await health(running) == "healthy"


async def test_neither_reads_nor_a_dead_token_make_the_token_endpoint_asked_in_its_rest(
    world: World,
) -> None:
    running = await world.start()
    slow_down(world, "/token", 429, by_date=False)
    world.cloud.expire_access_tokens()
    await world.clock.advance(HOUR - MINUTE)
    assert refreshes(world.cloud) == 1
    assert await bolt(running) is None
    await world.clock.advance(3 * MINUTE)
    assert await bolt(running) == "Locked"


async def test_a_person_who_asks_for_a_refresh_gets_one_whatever_the_pause(world: World) -> None:
    running = await world.start()
    world.cloud.faults.rate_limit("/token", retry_after="3600", times=1)
    assert (await refresh(running))[0] == 503
    assert (await refresh(running))[0] == 200


@pytest.mark.parametrize("ambiguity", AMBIGUOUS)
async def test_an_ambiguous_answer_costs_no_sign_in_and_is_not_stormed(
    ambiguity: str, world: World
) -> None:
    running = await world.start(renew_every_hours=1, **SLOW)
    world.cloud.faults.add(AMBIGUOUS[ambiguity])
    await world.clock.advance(6 * HOUR)
    assert_signed_in(running)
    assert await health(running) == "degraded"
    assert "reauth_required" not in open_notifications(running)
    assert refreshes(world.cloud) <= 6 * 16
    world.cloud.faults.clear()
    await world.clock.advance(6 * MINUTE)
    assert await health(running) == "healthy"


async def test_after_a_refusal_u_tec_is_asked_after_an_hour_after_six_and_then_daily(
    world: World,
) -> None:
    running = await world.start(**SLOW)
    world.cloud.refuse_grants()
    assert (await refresh(running))[0] == 401
    asked_at = []
    for minutes in range(1, 3 * 24 * 60):
        before = refreshes(world.cloud)
        await world.clock.advance(MINUTE)
        if refreshes(world.cloud) > before:
            asked_at.append(round(minutes / 60))
    assert asked_at == [1, 6, 24, 48]
    assert open_notifications(running) == ["reauth_required"]


async def test_a_refusal_that_was_a_mistake_heals_by_itself_and_takes_its_message_back(
    world: World,
) -> None:
    running = await world.start(**SLOW)
    world.cloud.refuse_grants()
    await refresh(running)
    assert await health(running) == "reauth_required"
    assert open_notifications(running) == ["reauth_required"]
    world.cloud.accept_grants()
    await world.clock.advance(HOUR + MINUTE)
    assert await health(running) == "healthy"
    assert open_notifications(running) == []
    assert_signed_in(running)


async def test_a_refusal_that_was_a_mistake_heals_after_the_access_token_has_expired(
    world: World,
) -> None:
    world.cloud.behaviour.oauth.expires_in = int(2 * HOUR)
    running = await world.start()
    world.cloud.refuse_grants()
    await world.clock.advance(5 * HOUR)
    assert await bolt(running) is None
    world.cloud.accept_grants()
    await world.clock.advance(4 * HOUR)
    assert await bolt(running) == "Locked"
    assert open_notifications(running) == []


async def test_the_rare_attempts_after_a_refusal_keep_their_pace_over_restarts(
    world: World,
) -> None:
    running = await world.start(**SLOW)
    world.cloud.refuse_grants()
    await refresh(running)
    for _ in range(10):
        await world.clock.advance(5 * MINUTE)
        await world.stop()
        running = await world.start(sign_in=False, **SLOW)
    assert refreshes(world.cloud) == 1
    await world.clock.advance(11 * MINUTE)
    assert refreshes(world.cloud) == 2


@pytest.mark.parametrize("shape", GrantErrorShape)
async def test_a_person_who_presses_refresh_after_a_refusal_really_asks(
    shape: GrantErrorShape, world: World
) -> None:
    world.cloud.behaviour.oauth.grant_error_shape = shape
    running = await world.start(**SLOW)
    world.cloud.refuse_grants()
    for number in (1, 2, 3):
        assert (await refresh(running))[0] == 401
        assert refreshes(world.cloud) == number
    world.cloud.accept_grants()
    assert (await refresh(running))[0] == 200
    assert await health(running) == "healthy"
    assert open_notifications(running) == []


async def test_after_a_refusal_a_command_asks_and_nothing_else_does(world: World) -> None:
    running = await world.start(auto_refresh_enabled=False, **SLOW)
    world.cloud.refuse_grants()
    world.cloud.expire_access_tokens()
    with pytest.raises(TokenRefreshError):
        await meanwhile(running, running.gateway.account.tokens.refresh())
    await world.clock.advance(2 * HOUR)
    assert (await command(running, "lock"))[0] == 401
    world.cloud.accept_grants()
    assert (await command(running, "lock"))[1]["status"] == "ok"


@pytest.mark.parametrize("minutes", [2, 5, 60])
async def test_without_a_connection_the_truth_is_back_at_the_next_poll(
    minutes: int, world: World
) -> None:
    running = await world.start()
    port = int(world.cloud.url.rpartition(":")[2])
    await world.cloud.stop()
    await world.clock.advance(minutes * MINUTE)
    assert "has been no news" in await troubles(running)
    await world.cloud.start(port=port)
    await world.clock.advance(30 + 5)
    assert await bolt(running) == "Locked"
    assert await health(running) == "healthy"


@pytest.mark.parametrize(("minutes", "within"), [(3, 35), (5, 35), (15, 245), (600, 305)])
async def test_after_errors_the_truth_is_back_at_the_interval_and_later_within_five_minutes(
    minutes: int, within: float, world: World
) -> None:
    running = await world.start(max_retries=0)
    world.cloud.faults.fail("/action")
    await world.clock.advance(minutes * MINUTE)
    world.cloud.faults.clear()
    await world.clock.advance(within)
    assert await bolt(running) == "Locked"


async def test_a_cloud_that_answers_with_errors_for_hours_is_asked_ever_more_rarely(
    world: World,
) -> None:
    await world.start(max_retries=0)
    world.cloud.calls.reset()
    world.cloud.faults.fail("/action")
    await world.clock.advance(5 * MINUTE)
    assert 19 <= world.cloud.calls.by_action[QUERY] <= 21
    await world.clock.advance(HOUR)
    world.cloud.calls.reset()
    await world.clock.advance(HOUR)
    assert world.cloud.calls.by_action[QUERY] <= 12


async def test_an_expired_sign_in_is_back_soon_after_the_connection(world: World) -> None:
    world.cloud.behaviour.oauth.expires_in = int(HOUR)
    running = await world.start()
    port = int(world.cloud.url.rpartition(":")[2])
    await world.cloud.stop()
    await world.clock.advance(2 * HOUR)
    await world.cloud.start(port=port)
    await world.clock.advance(2 * MINUTE)
    assert await bolt(running) == "Locked"


async def test_one_refused_token_that_is_seconds_old_is_no_news_to_anybody(world: World) -> None:
    running = await world.start()
    await refresh(running)
    world.cloud.faults.answer(QUERY, INVALID_TOKEN, times=1)
    status, _ = await meanwhile(running, running.post("/api/status/refresh"))
    assert status == 200
    assert await health(running) == "healthy"
    assert refreshes(world.cloud) == 1


async def test_a_token_that_u_tec_refuses_is_called_so_and_not_silence(world: World) -> None:
    running = await world.start()
    world.cloud.faults.answer("/action", INVALID_TOKEN)
    await world.clock.advance(5 * MINUTE)
    assert "refuse" in await troubles(running)
    assert "answered" not in await troubles(running)


async def test_what_a_silent_cloud_is_called_says_what_happened(world: World) -> None:
    running = await world.start()
    world.cloud.faults.fail("/action")
    await world.clock.advance(2 * MINUTE)
    assert "U-tec failed with HTTP 500" in await troubles(running)


async def test_the_clock_that_goes_back_behind_a_refusal_does_not_end_the_attempts(
    world: World,
) -> None:
    running = await world.start(**SLOW)
    world.cloud.refuse_grants()
    await refresh(running)
    running.clock.jump(timedelta(days=-30))
    world.cloud.accept_grants()
    await world.clock.advance(2 * MINUTE)
    assert world.cloud.calls.by_action[REFRESH] == 2
    assert await health(running) == "healthy"
