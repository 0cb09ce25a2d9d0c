"""Rows A7 to A12 of the fault table: what becomes of the grants behind a sign-in."""

from collections.abc import Callable

import pytest

from tests.conftest import SLOW, World
from tests.promises.troubles import TOKEN_TROUBLES
from tests.steps import (
    COMMAND,
    DAY,
    HOUR,
    QUERY,
    REFRESH,
    assert_signed_in,
    back_to_normal,
    bolt,
    command,
    health,
    is_error,
    on_disk,
    open_notifications,
    refresh,
    refreshes,
    sign_in_again,
)
from utec_gateway.simulator.cloud import SimulatedCloud
from utec_gateway.simulator.enums import GrantErrorShape, Rotation
from utec_gateway.simulator.faults import Faults


@pytest.mark.parametrize("rotation", Rotation, ids=[f"A7 {name}" for name in Rotation])
async def test_the_sign_in_outlives_every_kind_of_rotation(
    rotation: Rotation, world: World
) -> None:
    world.cloud.behaviour.oauth.rotation = rotation
    running = await world.start(renew_every_hours=1, **SLOW)
    await world.clock.advance(DAY / 2)
    await world.stop()
    running = await world.start(sign_in=False, renew_every_hours=1, **SLOW)
    await back_to_normal(running, within=DAY / 2)
    assert 22 <= refreshes(world.cloud) <= 25
    assert world.cloud.calls.most_refreshes_at_once == 1
    assert world.cloud.calls.by_action["token/authorization_code"] == 1


async def test_a_refresh_token_that_lives_half_a_day_is_replaced_in_time_for_ever(
    world: World,
) -> None:
    """A7: dead after N seconds."""
    world.cloud.behaviour.oauth.refresh_token_lifetime = DAY / 2
    running = await world.start(renew_every_hours=6, **SLOW)
    await back_to_normal(running, within=2 * DAY)
    assert world.cloud.calls.by_action["token/authorization_code"] == 1


async def test_a_revoked_sign_in_is_reported_at_once_and_works_to_its_last_hour(
    world: World,
) -> None:
    """A7: dead now."""
    world.cloud.behaviour.oauth.expires_in = int(2 * DAY)
    running = await world.start(**SLOW)
    world.cloud.revoke_refresh_tokens()
    await world.clock.advance(DAY + 60)
    assert await health(running) == "reauth_required"
    assert open_notifications(running) == ["reauth_required"]
    await world.clock.advance(0.9 * DAY)
    assert await bolt(running) == "Locked"
    assert (await command(running, "lock"))[1]["status"] == "ok"
    await world.clock.advance(0.2 * DAY)
    assert await bolt(running) is None
    assert (await command(running, "lock"))[0] == 401
    assert refreshes(world.cloud) <= 6, "rarely, and once for the person at the door"
    await sign_in_again(world, running)
    await back_to_normal(running, within=60)


LOSSES: dict[str, Callable[[Faults], None]] = {
    "hung up": lambda faults: faults.drop(REFRESH, after_acting=True, times=1),
    "cut off": lambda faults: faults.cut_off(REFRESH, after_acting=True, times=1),
    "500": lambda faults: faults.fail(REFRESH, after_acting=True, times=1),
    "time-out": lambda faults: faults.hang(REFRESH, after_acting=True, times=1),
}


@pytest.mark.parametrize("loss", LOSSES)
@pytest.mark.parametrize(
    "rotation",
    [Rotation.KEEP_OLD, Rotation.REVOKE_ON_FIRST_USE, Rotation.NO_NEW_TOKEN],
    ids=["A8 old one kept", "A8 old one dies on first use", "A8 no new one"],
)
async def test_an_answer_lost_on_its_way_costs_nothing_where_the_old_token_lives(
    rotation: Rotation, loss: str, world: World
) -> None:
    world.cloud.behaviour.oauth.rotation = rotation
    running = await world.start()
    LOSSES[loss](world.cloud.faults)
    assert (await refresh(running))[0] == 200
    assert refreshes(world.cloud) == 2
    world.cloud.faults.clear()
    assert (await refresh(running))[0] == 200
    await back_to_normal(running, within=60)


@pytest.mark.parametrize("loss", LOSSES, ids=[f"A8 strictly single-use, {loss}" for loss in LOSSES])
async def test_a_single_use_token_lost_with_its_answer_is_told_while_days_are_left(
    loss: str, world: World
) -> None:
    world.cloud.behaviour.oauth.rotation = Rotation.REVOKE_AT_ONCE
    running = await world.start()
    LOSSES[loss](world.cloud.faults)
    assert (await refresh(running))[0] == 401
    world.cloud.faults.clear()
    assert open_notifications(running) == ["reauth_required"]
    assert (await command(running, "unlock"))[1]["status"] == "ok"
    assert await bolt(running) == "Unlocked"


async def test_a_single_use_token_lost_with_its_answer_is_found_in_the_one_before(
    world: World,
) -> None:
    """A8: the cloud kept the one before alive, so the previous refresh token saves the day."""
    world.cloud.behaviour.oauth.rotation = Rotation.KEEP_OLD
    running = await world.start()
    await refresh(running)
    world.cloud.behaviour.oauth.rotation = Rotation.REVOKE_AT_ONCE
    LOSSES["hung up"](world.cloud.faults)
    assert (await refresh(running))[0] == 200
    assert_signed_in(running)


@pytest.mark.parametrize("shape", GrantErrorShape, ids=[f"A9 {name}" for name in GrantErrorShape])
async def test_a_refusal_in_any_shape_is_told_once_and_questioned_rarely(
    shape: GrantErrorShape, world: World
) -> None:
    world.cloud.behaviour.oauth.grant_error_shape = shape
    running = await world.start(**SLOW)
    before = on_disk(world)["token"]
    world.cloud.refuse_grants()
    status, answer = await refresh(running)
    assert (status, answer["code"]) == (401, "reauth_required")
    await world.clock.advance(DAY + HOUR)
    assert refreshes(world.cloud) == 1 + 3
    assert open_notifications(running) == ["reauth_required"]
    assert on_disk(world)["token"] == before
    assert await bolt(running) == "Locked"
    world.cloud.accept_grants()
    assert (await sign_in_again(world, running))[0] == 200
    await back_to_normal(running, within=60)


@pytest.mark.parametrize(
    "shape", GrantErrorShape, ids=[f"A9 code, {one}" for one in GrantErrorShape]
)
async def test_a_refused_sign_in_leaves_the_working_one_alone(
    shape: GrantErrorShape, world: World
) -> None:
    world.cloud.behaviour.oauth.grant_error_shape = shape
    running = await world.start()
    status, answer = await running.post("/api/oauth/exchange", {"code": "not-a-code"})
    assert (status, answer["code"]) == (400, "code_refused")
    assert (await refresh(running))[0] == 200


@pytest.mark.parametrize("trouble", TOKEN_TROUBLES, ids=[f"A10 {name}" for name in TOKEN_TROUBLES])
async def test_a_token_endpoint_in_trouble_for_hours_is_waited_for(
    trouble: str, world: World
) -> None:
    running = await world.start(renew_every_hours=1, **SLOW)
    before = on_disk(world)["token"]
    TOKEN_TROUBLES[trouble](world.cloud.faults, "/token")
    await world.clock.advance(2 * HOUR)
    assert await bolt(running) == "Locked"
    assert (await command(running, "lock"))[1]["status"] == "ok"
    assert await health(running) == "degraded"
    assert_signed_in(running)
    assert on_disk(world)["token"] == before
    assert refreshes(world.cloud) <= 60
    status, answer = await refresh(running)
    assert status in {502, 503}
    assert is_error((status, answer), status)
    world.cloud.faults.clear()
    await back_to_normal(running)
    assert on_disk(world)["token"] != before


@pytest.mark.parametrize("fate", ["A11 used twice", "A11 too late", "A11 for another address"])
async def test_a_code_that_is_no_good_leaves_the_working_sign_in_alone(
    fate: str, world: World
) -> None:
    running = await world.start()
    code = world.cloud.issue_code(world.options["redirect_uri"])
    if fate == "A11 used twice":
        assert (await running.post("/api/oauth/exchange", {"code": code}))[0] == 200
    elif fate == "A11 too late":
        await world.clock.advance(61)
    else:
        code = world.cloud.issue_code("https://elsewhere.example/callback")
    token = running.gateway.account.tokens.token
    status, answer = await running.post("/api/oauth/exchange", {"code": code})
    assert (status, answer["code"]) == (400, "code_refused")
    assert running.gateway.account.tokens.token == token
    assert (await refresh(running))[0] == 200


def die_now(cloud: SimulatedCloud) -> None:
    cloud.expire_access_tokens()


def die_of_use(cloud: SimulatedCloud) -> None:
    cloud.behaviour.oauth.access_token_calls = 5
    cloud.expire_access_tokens()


@pytest.mark.parametrize("death", [die_now, die_of_use], ids=["A12 now", "A12 after N calls"])
async def test_an_access_token_that_dies_early_is_replaced_before_anybody_notices(
    death: Callable[[SimulatedCloud], None], world: World
) -> None:
    running = await world.start()
    death(world.cloud)
    for _ in range(10):
        await world.clock.advance(60)
        assert await bolt(running) == "Locked"
        assert await health(running) == "healthy"
    asked = world.cloud.calls.by_action[QUERY]
    assert 1 <= refreshes(world.cloud) <= 1 + asked / 4
    assert (await command(running, "unlock"))[1]["status"] == "ok"
    assert world.cloud.calls.commands_for("02:51:4D:00:00:01") == ["unlock"]
    assert world.cloud.calls.by_action[COMMAND] <= 2


async def test_stopping_or_signing_in_again_never_logs_out(world: World) -> None:
    """A12: on Logout."""
    world.cloud.behaviour.oauth.logout_revokes = True
    running = await world.start()
    await sign_in_again(world, running)
    await world.stop()
    running = await world.start(sign_in=False)
    assert world.cloud.calls.by_action["User/Logout"] == 0
    assert (await refresh(running))[0] == 200
