"""When a person is needed, and when not: what the reviewer of the sign-in proved."""

import json

from tests.conftest import SLOW, World
from tests.steps import DAY, bolt, open_notifications

INVALID_TOKEN = {"payload": {"error": {"code": "INVALID_TOKEN", "message": "no"}}}


async def test_credentials_corrected_while_the_gateway_was_stopped_are_tried(
    world: World,
) -> None:
    world.cloud.behaviour.oauth.client_secret_required = True
    running = await world.start(**SLOW)
    await world.stop()
    running = await world.start(client_secret="mistyped", **SLOW)
    await running.clock.advance(DAY + 60)
    assert (await running.get("/health"))[1]["health"] == "reauth_required"
    await world.stop()
    running = await world.start(**SLOW)
    await running.clock.advance(60)
    assert (await running.get("/health"))[1]["health"] == "healthy"
    assert open_notifications(running) == []


async def test_one_stray_refusal_does_not_end_what_still_works(world: World) -> None:
    running = await world.start(**SLOW)
    world.cloud.refuse_grants()
    await running.clock.advance(DAY + 60)
    assert open_notifications(running) == ["reauth_required"]
    world.cloud.faults.answer("/action", INVALID_TOKEN, times=1)
    await running.clock.advance(3600)
    assert await bolt(running) == "Locked"


async def test_a_sign_in_that_cannot_be_renewed_is_told_days_ahead(world: World) -> None:
    answer = {"access_token": world.cloud.issue_tokens().access_token, "expires_in": 601200}
    world.cloud.faults.answer("token/authorization_code", answer)
    running = await world.start(**SLOW)
    (notification,) = running.gateway.tracker.open
    assert notification.id == "reauth_required"
    assert "Your locks keep working until Monday 12 January" in notification.message


async def test_a_key_that_somebody_blanked_is_replaced_and_opens_nothing(world: World) -> None:
    running = await world.start()
    await world.stop()
    path = world.data_dir / "state.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), "api_key": ""}))
    running = await world.start(trusted_networks=[])
    assert (await running.get("/api/devices"))[0] == 401
    assert (await running.get("/k//api/devices"))[0] in {401, 404}
    assert len(running.gateway.store.state.api_key) >= 43


async def test_a_buffer_longer_than_the_tokens_life_is_named_and_not_obeyed(
    world: World,
) -> None:
    world.cloud.behaviour.oauth.expires_in = 600
    running = await world.start(refresh_buffer_minutes=60, **SLOW)
    log = (world.data_dir / "gateway.log").read_text()
    assert 'The option "refresh_buffer_minutes" (60) is longer than half the token' in log
    await running.clock.advance(3600)
    assert world.cloud.calls.by_action["token/refresh_token"] <= 13
