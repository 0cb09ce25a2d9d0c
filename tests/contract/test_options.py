import json
from typing import Any

import pytest

from tests.conftest import LOCK, QUIET, World
from tests.contract.starting import gateway_on
from tests.steps import on_disk
from utec_gateway.simulator.cloud import SimulatedCloud

DEFAULTS = {
    "redirect_uri": "http://localhost:9501",
    "auto_refresh_enabled": True,
    "refresh_buffer_minutes": 5,
    "status_poll_interval": 30,
    "api_base_url": "https://api.u-tec.com",
    "oauth_base_url": "https://oauth.u-tec.com",
    "action_path": "/action",
    "scope": "openapi",
    "access_key": "",
    "secret_key": "",
}
UNREADABLE = {
    "empty": b"",
    "cut off": b'{"client_id": "sim-cl',
    "a list": b"[]",
    "null": b"null",
    "not text": b"\xff\xfe\x00\x01",
    "blank": b"\n\n",
}
OUT_OF_RANGE = [
    ("refresh_buffer_minutes", 0),
    ("refresh_buffer_minutes", 61),
    ("renew_every_hours", 169),
    ("max_retries", 11),
    ("poll_interval_seconds", 9),
    ("poll_interval_seconds", 3601),
    ("stale_after_seconds", 4),
    ("stale_after_seconds", 3601),
    ("trusted_networks", ["not a network"]),
    ("auto_refresh_enabled", "perhaps"),
]


def everything_said(world: World, health: object) -> str:
    """Return all that a person could read: the log, its file, the health."""
    return (world.data_dir / "gateway.log").read_text() + str(health)


@pytest.mark.parametrize("content", [None, *UNREADABLE.values()], ids=["absent", *UNREADABLE])
async def test_the_gateway_comes_up_on_defaults_without_readable_options(
    world: World, content: bytes | None
) -> None:
    if content is not None:
        (world.data_dir / "options.json").write_bytes(content)
    async with gateway_on(world) as running:
        status, body = await running.get("/api/config")
        assert status == 200
        assert DEFAULTS.items() <= body.items()
        _, health = await running.get("/health")
        assert (health["status"], health["health"]) == ("ok", "setup_required")
        if content is not None:
            assert "options" in everything_said(world, health).lower()


@pytest.mark.parametrize(("option", "value"), OUT_OF_RANGE)
async def test_one_wrong_option_does_not_keep_the_doors_from_working(
    world: World, option: str, value: Any
) -> None:
    running = await world.start(**{option: value})
    status, health = await running.get("/health")
    assert status == 200
    assert option in everything_said(world, health)


async def test_an_option_from_the_future_is_no_reason_to_stop(world: World) -> None:
    running = await world.start(option_of_tomorrow={"a": 1})
    assert (await running.post("/api/status", {"id": LOCK}))[0] == 200


async def test_a_broken_file_is_not_thrown_away_by_reading_it(world: World) -> None:
    broken = b'{"client_id": "precious", '
    (world.data_dir / "options.json").write_bytes(broken)
    async with gateway_on(world) as running:
        await running.get("/api/config")
    assert any(broken == path.read_bytes() for path in world.data_dir.iterdir() if path.is_file())


@pytest.mark.parametrize(
    ("value", "expected"), [("false", False), ("true", True), ("0", False), ("1", True)]
)
async def test_the_environment_wins_over_the_file_for_renewal(
    world: World, value: str, *, expected: bool
) -> None:
    world.environment["AUTO_REFRESH_ENABLED"] = value
    running = await world.start(auto_refresh_enabled=not expected)
    _, health = await running.get("/health")
    assert health["auto_refresh_enabled"] is expected
    _, config = await running.get("/api/config")
    assert config["auto_refresh_enabled"] is expected


async def test_the_environment_wins_over_the_file_for_the_buffer(
    world: World, cloud: SimulatedCloud
) -> None:
    world.environment["REFRESH_BUFFER_MINUTES"] = "45"
    cloud.behaviour.oauth.expires_in = 2 * 3600
    running = await world.start(renew_every_hours=0, **QUIET)
    _, config = await running.get("/api/config")
    assert config["refresh_buffer_minutes"] == 45
    cloud.calls.reset()
    await running.clock.advance((120 - 46) * 60)
    assert cloud.calls.by_action["token/refresh_token"] == 0
    await running.clock.advance(120)
    assert cloud.calls.by_action["token/refresh_token"] == 1


@pytest.mark.parametrize("value", ["soon", "0", "99", ""])
async def test_nonsense_in_the_environment_does_not_stop_the_gateway(
    world: World, value: str
) -> None:
    world.environment["REFRESH_BUFFER_MINUTES"] = value
    running = await world.start(refresh_buffer_minutes=12)
    _, config = await running.get("/api/config")
    assert 1 <= config["refresh_buffer_minutes"] <= 60


async def test_the_environment_is_not_written_into_the_file(world: World) -> None:
    world.environment["REFRESH_BUFFER_MINUTES"] = "45"
    running = await world.start(refresh_buffer_minutes=12)
    await running.post("/api/config", {"scope": "more"})
    assert on_disk(world, "options.json")["refresh_buffer_minutes"] == 12


async def test_retries_are_the_owners_to_choose(world: World, cloud: SimulatedCloud) -> None:
    running = await world.start(max_retries=0)
    await running.clock.advance(29)
    cloud.calls.reset()
    cloud.faults.fail("/action")
    await running.clock.advance(10)
    assert cloud.calls.by_action["Device/Query"] == 1


async def test_a_failed_look_is_tried_again_at_once_as_often_as_allowed(
    world: World, cloud: SimulatedCloud
) -> None:
    running = await world.start(max_retries=2)
    cloud.faults.fail("/action", times=2)
    await running.clock.advance(31)
    cloud.calls.reset()
    await running.clock.advance(0)
    status, body = await running.get("/api/status/latest")
    assert status == 200
    await running.clock.advance(20)
    _, body = await running.get("/api/status/latest")
    assert body["last_updated"] > running.clock.now().timestamp() - 31


async def test_quiet_logs_are_quiet(world: World) -> None:
    running = await world.start(log_level="warning")
    await running.post("/api/oauth/refresh")
    assert "INFO" not in (world.data_dir / "gateway.log").read_text()


async def test_a_written_options_file_is_for_the_owner_alone(world: World) -> None:
    running = await world.start()
    await running.post("/api/config", {"secret_key": "another-one"})
    path = world.data_dir / "options.json"
    assert json.loads(path.read_text())["client_secret"] == "another-one"
    assert path.stat().st_mode & 0o077 == 0
