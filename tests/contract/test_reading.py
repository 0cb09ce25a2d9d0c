import re
from typing import Any

import pytest

from tests.conftest import LOCK, OTHER_LOCK, Running, World
from tests.steps import lock_state, states_of
from utec_gateway.simulator.cloud import SimulatedCloud
from utec_gateway.simulator.states import unlock

FRONT_DOOR = {
    "id": LOCK,
    "name": "Front Door",
    "category": "SmartLock",
    "handleType": "utec-lock",
    "deviceInfo": {"manufacturer": "U-tec", "model": "U-Bolt-PRO", "hwVersion": "02.34.0020"},
    "attributes": {"batteryLevelRange": {"min": 1, "max": 5, "step": 1}},
    "simUndocumented": "?",
}
FRONT_DOOR_STATES = {
    ("st.healthCheck", "status"): "Online",
    ("st.lock", "lockState"): "Locked",
    ("st.lock", "lockMode"): 0,
    ("st.batteryLevel", "level"): 4,
}


async def test_health_tells_docker_and_people_that_all_is_well(running: Running) -> None:
    status, body = await running.get("/health")
    assert status == 200
    assert (
        body
        | {
            "status": "ok",
            "health": "healthy",
            "token_valid": True,
            "token_expires_at": "2026-01-12T11:00:00+00:00",
            "time_until_expiry": "6 days, 23:00:00",
            "auto_refresh_enabled": True,
            "scheduler_running": True,
        }
        == body
    )
    assert re.match(r"\d+\.\d+", body["version"])


async def test_health_counts_hours_and_minutes_as_the_old_gateway_did(
    world: World, cloud: SimulatedCloud
) -> None:
    cloud.behaviour.oauth.expires_in = 2 * 3600 + 30 * 60
    running = await world.start()
    _, body = await running.get("/health")
    assert body["token_expires_at"] == "2026-01-05T14:30:00+00:00"
    assert body["time_until_expiry"] == "2:30:00"


async def test_health_asks_for_the_setup_when_nothing_is_configured(world: World) -> None:
    running = await world.start(sign_in=False, client_id="", client_secret="")
    status, body = await running.get("/health")
    assert status == 200
    assert (body["status"], body["health"], body["token_valid"]) == ("ok", "setup_required", False)


async def test_health_asks_for_a_new_sign_in_once_the_old_one_is_revoked(
    running: Running, cloud: SimulatedCloud
) -> None:
    cloud.revoke_everything()
    await running.clock.advance(120)
    status, body = await running.get("/health")
    assert status == 200
    assert (body["health"], body["token_valid"]) == ("reauth_required", False)


async def test_health_is_degraded_but_answers_while_the_cloud_is_down(
    running: Running, cloud: SimulatedCloud
) -> None:
    cloud.faults.fail("/action")
    await running.clock.advance(600)
    status, body = await running.get("/health")
    assert (status, body["status"], body["health"]) == (200, "ok", "degraded")


async def test_health_admits_that_renewal_is_switched_off(world: World) -> None:
    running = await world.start(auto_refresh_enabled=False)
    _, body = await running.get("/health")
    assert body["auto_refresh_enabled"] is False


@pytest.mark.parametrize("path", ["/api/devices", "/devices"])
async def test_devices_are_listed_as_the_cloud_described_them(running: Running, path: str) -> None:
    status, body = await running.get(path)
    assert status == 200
    assert body["payload"]["devices"] == [
        FRONT_DOOR,
        FRONT_DOOR | {"id": OTHER_LOCK, "name": "Back Door"},
    ]


async def test_custom_data_and_missing_details_pass_through_untouched(
    world: World, cloud: SimulatedCloud
) -> None:
    cloud.devices[LOCK].behaviour.custom_data = {"zone": {"a": [1, None]}}
    cloud.devices[OTHER_LOCK].behaviour.bare = True
    running = await world.start()
    _, body = await running.get("/api/devices")
    first, second = body["payload"]["devices"]
    assert first == FRONT_DOOR | {"customData": {"zone": {"a": [1, None]}}}
    assert set(second) == {"id", "name", "category", "handleType", "simUndocumented"}


@pytest.mark.parametrize(
    "request_body",
    [
        {"id": LOCK},
        {"devices": [LOCK]},
        {"devices": [{"id": LOCK}]},
        {"devices": [{"id": LOCK, "customData": {}}]},
    ],
)
async def test_the_status_of_one_lock_is_told_however_it_is_asked(
    running: Running, request_body: dict[str, Any]
) -> None:
    status, body = await running.post("/api/status", request_body)
    assert status == 200
    assert [device["id"] for device in body["payload"]["devices"]] == [LOCK]
    assert states_of(body) == FRONT_DOOR_STATES


async def test_several_locks_are_told_of_in_one_answer(running: Running) -> None:
    status, body = await running.post("/api/status", {"devices": [{"id": LOCK}, OTHER_LOCK]})
    assert status == 200
    assert {device["id"] for device in body["payload"]["devices"]} == {LOCK, OTHER_LOCK}


async def test_the_status_can_be_asked_with_a_browser(running: Running) -> None:
    assert await running.get(f"/api/status?id={LOCK}") == await running.post(
        "/api/status", {"id": LOCK}
    )


async def test_the_latest_picture_shows_every_device_and_its_age(
    running: Running, cloud: SimulatedCloud
) -> None:
    await running.clock.advance(31)
    looked_at = running.clock.now().timestamp() - 1
    status, body = await running.get("/api/status/latest")
    assert status == 200
    assert {device["id"] for device in body["payload"]["devices"]} == {LOCK, OTHER_LOCK}
    assert abs(body["last_updated"] - looked_at) <= 1
    cloud.faults.fail("/action")
    await running.clock.advance(60)
    _, later = await running.get("/api/status/latest")
    assert later["last_updated"] == body["last_updated"]


async def test_a_refresh_shows_the_door_as_it_is_now_for_one_query(
    running: Running, cloud: SimulatedCloud
) -> None:
    await running.clock.advance(5)
    cloud.devices[LOCK].operate(unlock)
    cloud.calls.reset()
    status, body = await running.post("/api/status/refresh")
    assert status == 200
    assert lock_state(body) == "Unlocked"
    assert lock_state(body, OTHER_LOCK) == "Locked"
    assert abs(body["last_updated"] - running.clock.now().timestamp()) <= 1
    assert cloud.calls.by_action["Device/Query"] == 1


async def test_reading_alone_never_asks_the_cloud(running: Running, cloud: SimulatedCloud) -> None:
    cloud.calls.reset()
    for _ in range(50):
        await running.post("/api/status", {"id": LOCK})
        await running.get("/api/status/latest")
        await running.get("/api/devices")
    assert sum(cloud.calls.by_action.values()) == 0
