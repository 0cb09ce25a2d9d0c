from typing import Any

import pytest

from tests.conftest import LOCK, World
from utec_gateway.simulator.cloud import SimulatedCloud

DEFAULTS = {
    "redirect_uri": "http://localhost:9501",
    "auto_refresh_enabled": True,
    "refresh_buffer_minutes": 5,
    "status_poll_interval": 15,
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
    "not text": b"\xff\xfe\x00\x01",
}
OUT_OF_RANGE = [
    ("refresh_buffer_minutes", 0),
    ("poll_interval_seconds", 9),
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
    async with world.as_it_is() as running:
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
    async with world.as_it_is() as running:
        await running.get("/api/config")
    assert any(broken == path.read_bytes() for path in world.data_dir.iterdir() if path.is_file())


async def test_retries_are_the_owners_to_choose(world: World, cloud: SimulatedCloud) -> None:
    running = await world.start(max_retries=0)
    await running.clock.advance(29)
    cloud.calls.reset()
    cloud.faults.fail("/action")
    await running.clock.advance(10)
    assert cloud.calls.by_action["Device/Query"] == 1


async def test_quiet_logs_are_quiet(world: World) -> None:
    running = await world.start(log_level="warning")
    await running.post("/api/oauth/refresh")
    assert "INFO" not in (world.data_dir / "gateway.log").read_text()
