import json
from datetime import timedelta
from typing import Any

import pytest

from tests.conftest import LOCK, Running, World
from tests.contract.starting import gateway_on
from tests.steps import bolt, is_error, on_disk, timed, together
from utec_gateway.simulator.cloud import SimulatedCloud
from utec_gateway.simulator.enums import (
    BadTokenAnswer,
    ExpiresInShape,
    GrantErrorShape,
    Rotation,
    TokenShape,
)

HOUR = 3600.0
DAY = 24 * HOUR
SLOW_POLLS: dict[str, Any] = {"poll_interval_seconds": 1800, "stale_after_seconds": 3600}
REFRESH = "/api/oauth/refresh"


def renewals(cloud: SimulatedCloud) -> int:
    return cloud.calls.by_action["token/refresh_token"]


async def is_valid(running: Running) -> bool:
    _, body = await running.get("/health")
    valid: bool = body["token_valid"]
    return valid


async def sure_refresh(running: Running) -> tuple[int, Any]:
    answer = await timed(running.clock, running.post(REFRESH), limit=120)
    return answer.status, answer.body


@pytest.mark.parametrize("shape", list(TokenShape))
async def test_a_renewal_on_request_is_told_as_the_old_gateway_did(
    running: Running, cloud: SimulatedCloud, shape: TokenShape
) -> None:
    cloud.behaviour.oauth.token_shape = shape
    await running.clock.advance(60)
    status, body = await running.post(REFRESH)
    assert status == 200
    assert {
        "status": "ok",
        "message": "Token refreshed successfully",
        "expires_at": "2026-01-12T11:01:00+00:00",
    }.items() <= body.items()
    assert "SIM-" not in str(body)
    assert renewals(cloud) == 1


async def test_nobody_signed_in_means_nothing_to_renew(world: World, cloud: SimulatedCloud) -> None:
    running = await world.start(sign_in=False)
    assert is_error(await sure_refresh(running), 401, "reauth_required")
    assert renewals(cloud) == 0


@pytest.mark.parametrize("shape", list(GrantErrorShape))
async def test_a_refused_renewal_asks_for_a_sign_in_and_is_not_repeated(
    running: Running, cloud: SimulatedCloud, shape: GrantErrorShape
) -> None:
    cloud.behaviour.oauth.grant_error_shape = shape
    cloud.refuse_grants()
    assert is_error(await sure_refresh(running), 401, "reauth_required")
    await running.clock.advance(4 * HOUR)
    assert renewals(cloud) <= 2


@pytest.mark.parametrize("trouble", ["fail", "html", "empty", "drop", "cut_off", "hang"])
async def test_a_cloud_in_trouble_does_not_cost_the_sign_in(
    running: Running, cloud: SimulatedCloud, trouble: str
) -> None:
    getattr(cloud.faults, trouble)("/token")
    status, body = await sure_refresh(running)
    assert is_error((status, body), status)
    assert status in {502, 503}
    cloud.faults.clear()
    await running.clock.advance(60)
    assert (await sure_refresh(running))[0] == 200


async def test_a_token_is_renewed_daily_so_that_trouble_shows_early(
    world: World, cloud: SimulatedCloud
) -> None:
    running = await world.start(**SLOW_POLLS)
    await running.clock.advance(DAY - 120)
    assert renewals(cloud) == 0
    await running.clock.advance(240)
    assert renewals(cloud) == 1
    await running.clock.advance(DAY)
    assert renewals(cloud) == 2


async def test_without_daily_renewal_the_token_is_renewed_minutes_before_its_end(
    world: World, cloud: SimulatedCloud
) -> None:
    cloud.behaviour.oauth.expires_in = 3 * 3600
    running = await world.start(renew_every_hours=0, refresh_buffer_minutes=60, **SLOW_POLLS)
    await running.clock.advance(2 * HOUR - 120)
    assert renewals(cloud) == 0
    await running.clock.advance(240)
    assert renewals(cloud) == 1
    assert await is_valid(running)


async def test_with_renewal_switched_off_no_schedule_renews(
    world: World, cloud: SimulatedCloud
) -> None:
    running = await world.start(auto_refresh_enabled=False, **SLOW_POLLS)
    await running.clock.advance(DAY + 120)
    assert renewals(cloud) == 0


@pytest.mark.parametrize(
    "rotation",
    [
        Rotation.KEEP_OLD,
        Rotation.REVOKE_AT_ONCE,
        Rotation.REVOKE_ON_FIRST_USE,
        Rotation.NO_NEW_TOKEN,
    ],
)
async def test_the_sign_in_outlives_many_tokens(
    world: World, cloud: SimulatedCloud, rotation: Rotation
) -> None:
    cloud.behaviour.oauth.rotation = rotation
    cloud.behaviour.oauth.expires_in = 900
    running = await world.start()
    for _ in range(6):
        await running.clock.advance(HOUR / 4)
        assert await bolt(running) == "Locked"
    assert renewals(cloud) >= 6
    assert cloud.calls.most_refreshes_at_once == 1
    assert cloud.calls.by_action["token/authorization_code"] == 1


@pytest.mark.parametrize("shape", list(ExpiresInShape))
async def test_a_token_whose_lifetime_is_told_oddly_still_works(
    world: World, cloud: SimulatedCloud, shape: ExpiresInShape
) -> None:
    cloud.behaviour.oauth.expires_in_shape = shape
    cloud.behaviour.oauth.expires_in = 900
    running = await world.start()
    await running.clock.advance(HOUR)
    assert await bolt(running) == "Locked"


async def test_a_rotated_sign_in_survives_a_restart(world: World, cloud: SimulatedCloud) -> None:
    cloud.behaviour.oauth.rotation = Rotation.REVOKE_AT_ONCE
    running = await world.start()
    assert (await running.post(REFRESH))[0] == 200
    await world.stop()
    again = await world.start(sign_in=False)
    assert (await again.post(REFRESH))[0] == 200


async def test_a_renewal_whose_answer_was_lost_does_not_lose_the_account(
    running: Running, cloud: SimulatedCloud
) -> None:
    cloud.behaviour.oauth.rotation = Rotation.REVOKE_ON_FIRST_USE
    cloud.faults.drop("/token", after_acting=True, times=1)
    await sure_refresh(running)
    await running.clock.advance(60)
    assert (await sure_refresh(running))[0] == 200


async def test_everybody_asking_at_once_renews_once(
    running: Running, cloud: SimulatedCloud
) -> None:
    cloud.behaviour.actions.latency = 1.0
    answers = await together(running.clock, *(running.post(REFRESH) for _ in range(10)))
    assert {status for status, _ in answers} == {200}
    assert cloud.calls.most_refreshes_at_once == 1


@pytest.mark.parametrize("refusal", list(BadTokenAnswer))
async def test_a_token_that_dies_early_is_noticed_and_replaced(
    running: Running, cloud: SimulatedCloud, refusal: BadTokenAnswer
) -> None:
    cloud.behaviour.actions.bad_token_answer = refusal
    await running.clock.advance(120)
    cloud.expire_access_tokens()
    status, _ = await running.post("/api/status/refresh")
    assert status == 200
    assert renewals(cloud) == 1


async def test_setting_the_expiry_to_the_past_by_hand_renews_after_a_restart(
    world: World, cloud: SimulatedCloud
) -> None:
    await world.start()
    await world.stop()
    state = on_disk(world)
    state["token"]["expires_at"] = "2020-01-01T00:00:00+00:00"
    (world.data_dir / "state.json").write_text(json.dumps(state, indent=1))
    async with gateway_on(world) as again:
        await again.clock.advance(61)
        assert renewals(cloud) == 1
        assert await is_valid(again)
        assert (await again.post("/api/status", {"id": LOCK}))[0] == 200
    assert on_disk(world)["token"]["expires_at"] > "2026-01-12"


async def test_a_suspended_machine_renews_when_it_wakes(
    running: Running, cloud: SimulatedCloud
) -> None:
    await running.clock.advance(100)
    running.clock.jump(timedelta(days=8))
    await running.clock.advance(120)
    assert renewals(cloud) >= 1
    assert await bolt(running) == "Locked"
