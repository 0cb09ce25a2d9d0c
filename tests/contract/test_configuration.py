from typing import Any

import pytest

from tests.conftest import LOCK, Running, World
from tests.steps import is_error, on_disk
from utec_gateway.simulator.cloud import SimulatedCloud

INVALID = [  # one for each name; tests/options has every value
    ("refresh_buffer_minutes", 0),
    ("refresh_buffer_minutes", "soon"),
    ("status_poll_interval", 3601),
    ("auto_refresh_enabled", None),
    ("api_base_url", "ftp://api.u-tec.com"),
    ("oauth_base_url", 5),
    ("access_key", 5),
    ("secret_key", ["x"]),
    ("redirect_uri", {"a": 1}),
    ("scope", 7),
]


async def test_settings_are_shown_under_their_old_names_without_secrets(
    running: Running, world: World, cloud: SimulatedCloud
) -> None:
    status, body = await running.get("/api/config")
    assert status == 200
    assert {
        "api_base_url": cloud.url,
        "oauth_base_url": cloud.url,
        "action_path": "/action",
        "access_key": "***",
        "secret_key": "***",
        "scope": "openapi",
        "redirect_uri": world.options["redirect_uri"],
        "status_poll_interval": 15,
        "auto_refresh_enabled": True,
        "refresh_buffer_minutes": 5,
    }.items() <= body.items()
    assert body["token_status"] == {
        "has_token": True,
        "has_refresh_token": True,
        "expires_at": "2026-01-12T11:00:00+00:00",
        "is_expired": False,
        "time_until_expiry": "6 days, 23:00:00",
    }
    assert cloud.client_secret not in str(body)


async def test_missing_secrets_are_shown_as_missing(world: World) -> None:
    running = await world.start(sign_in=False, client_id="", client_secret="")
    _, body = await running.get("/api/config")
    assert (body["access_key"], body["secret_key"]) == ("", "")
    assert body["token_status"]["has_token"] is False
    assert body["token_status"]["has_refresh_token"] is False


async def test_one_setting_changes_and_the_others_stay(
    running: Running, world: World, cloud: SimulatedCloud
) -> None:
    before = on_disk(world, "options.json")
    _, shown_before = await running.get("/api/config")
    status, body = await running.post("/api/config", {"refresh_buffer_minutes": 10})
    assert (status, body["status"]) == (200, "ok")
    _, shown_after = await running.get("/api/config")
    assert shown_after == shown_before | {"refresh_buffer_minutes": 10}
    after = on_disk(world, "options.json")
    assert after["refresh_buffer_minutes"] == 10
    assert before.items() <= after.items()
    assert after["client_secret"] == cloud.client_secret


async def test_a_change_survives_a_restart(world: World) -> None:
    running = await world.start()
    await running.post("/api/config", {"status_poll_interval": 45, "scope": "openapi more"})
    await world.stop()
    async with world.as_it_is() as again:
        _, body = await again.get("/api/config")
    assert (body["status_poll_interval"], body["scope"]) == (45, "openapi more")
    assert on_disk(world, "options.json")["poll_interval_seconds"] == 45


async def test_the_old_names_are_kept_under_the_new_ones_in_the_options_file(
    running: Running, world: World
) -> None:
    changes = {"access_key": "sim-client-id-2", "secret_key": "another-secret"}
    status, body = await running.post("/api/config", changes)
    assert status == 200
    assert "another-secret" not in str(body)
    saved = on_disk(world, "options.json")
    assert (saved["client_id"], saved["client_secret"]) == ("sim-client-id-2", "another-secret")


async def test_a_new_poll_interval_takes_effect_at_once(
    running: Running, cloud: SimulatedCloud
) -> None:
    await running.post("/api/config", {"status_poll_interval": 10})
    await running.clock.advance(31)
    cloud.calls.reset()
    await running.clock.advance(100)
    assert 9 <= cloud.calls.by_action["Device/Query"] <= 11


async def test_a_new_client_id_is_used_for_the_next_sign_in(running: Running) -> None:
    await running.post("/api/config", {"access_key": "another-client"})
    _, body = await running.get("/api/oauth/authorize-url")
    assert "client_id=another-client" in body["url"]


async def test_sending_the_stars_back_does_not_replace_the_secret(
    running: Running, world: World, cloud: SimulatedCloud
) -> None:
    stars = {"access_key": "***", "secret_key": "***", "refresh_buffer_minutes": 6}
    status, _ = await running.post("/api/config", stars)
    assert status == 200
    saved = on_disk(world, "options.json")
    assert (saved["client_id"], saved["client_secret"]) == (cloud.client_id, cloud.client_secret)
    assert saved["refresh_buffer_minutes"] == 6


@pytest.mark.parametrize(("field", "value"), INVALID)
async def test_a_wrong_value_is_refused_by_name_and_nothing_is_half_applied(
    running: Running, world: World, field: str, value: Any
) -> None:
    before = (world.data_dir / "options.json").read_bytes()
    _, shown_before = await running.get("/api/config")
    good = {"scope": "changed"} if field != "scope" else {"refresh_buffer_minutes": 9}
    status, body = await running.post("/api/config", {**good, field: value})
    assert is_error((status, body), 400)
    assert field in body["detail"]
    assert (await running.get("/api/config"))[1] == shown_before
    assert (world.data_dir / "options.json").read_bytes() == before


async def test_changing_a_setting_keeps_the_sign_in_and_the_picture(running: Running) -> None:
    await running.post("/api/config", {"refresh_buffer_minutes": 20, "status_poll_interval": 60})
    _, health = await running.get("/health")
    assert health["token_valid"] is True
    status, _ = await running.post("/api/status", {"id": LOCK})
    assert status == 200


async def test_recipients_on_one_line_are_kept_one_by_one(running: Running, world: World) -> None:
    email = {"recipients": ["me@example.com, Jane <you@example.com>; me@example.com"]}
    status, body = await running.post("/api/config", {"email": email})
    assert status == 200
    assert body["email"]["recipients"] == ["me@example.com", "you@example.com"]
    assert on_disk(world, "options.json")["email"]["recipients"] == body["email"]["recipients"]
