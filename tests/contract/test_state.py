import json
import re
from pathlib import Path

import pytest

from tests.conftest import LOCK, OTHER_LOCK, World
from tests.contract.starting import gateway_on
from tests.steps import on_disk, together
from utec_gateway.simulator.cloud import SimulatedCloud

GARBAGE = {
    "empty": b"",
    "cut off": b'{"version": 1, "token": {"access_tok',
    "zeros": bytes(512),
    "a list": b"[]",
    "a token that is no token": b'{"version": 1, "token": "SIM"}',
}
ALARM = " (WARNING|ERROR|CRITICAL) "
BROKEN = pytest.mark.parametrize("garbage", GARBAGE.values(), ids=GARBAGE)


def state_files(world: World) -> list[Path]:
    return [path for path in world.data_dir.iterdir() if path.name.startswith("state")]


async def live_a_little(world: World) -> None:
    """Sign in, renew once, stop."""
    running = await world.start()
    await running.post("/api/oauth/refresh")
    await running.clock.advance(31)
    await world.stop()


async def test_the_state_is_for_the_owner_alone(world: World) -> None:
    await live_a_little(world)
    assert {path.stat().st_mode & 0o777 for path in state_files(world)} == {0o600}


async def test_the_state_holds_what_a_restart_needs(world: World) -> None:
    await live_a_little(world)
    state = on_disk(world)
    assert {"access_token", "refresh_token", "expires_at", "issued_at", "scope"} <= set(
        state["token"]
    )
    assert state["token"]["expires_at"] == "2026-01-12T11:00:00+00:00"
    assert state["token"]["issued_at"] == "2026-01-05T12:00:00+00:00"
    assert state["api_key"]
    devices = (world.data_dir / "devices.json").read_text()
    assert LOCK in devices
    assert OTHER_LOCK in devices


async def test_devices_are_remembered_over_a_restart_without_the_cloud(
    world: World, cloud: SimulatedCloud
) -> None:
    await live_a_little(world)
    cloud.faults.fail("/action")
    running = await world.start(sign_in=False)
    ((status, body),) = await together(running.clock, running.get("/api/devices"))
    assert status == 200
    assert [each["id"] for each in body["payload"]["devices"]] == [LOCK, OTHER_LOCK]


@BROKEN
async def test_a_damaged_state_falls_back_to_the_older_generation(
    world: World, garbage: bytes
) -> None:
    await live_a_little(world)
    key = on_disk(world)["api_key"]
    (world.data_dir / "state.json").write_bytes(garbage)
    async with gateway_on(world) as again:
        await again.clock.advance(61)
        status, _ = await again.post("/api/status", {"id": LOCK})
        assert status == 200
    assert on_disk(world)["api_key"] == key


@BROKEN
async def test_a_state_beyond_repair_is_set_aside_and_said_aloud(
    world: World, garbage: bytes
) -> None:
    await live_a_little(world)
    for path in state_files(world):
        path.write_bytes(garbage)
    names = {path.name for path in world.data_dir.iterdir()}
    async with gateway_on(world) as again:
        _, health = await again.get("/health")
        assert health["health"] in {"reauth_required", "setup_required"}
        assert health["token_valid"] is False
    aside = [path for path in world.data_dir.iterdir() if path.name not in names]
    assert any(
        re.search(r"2026-?01-?05", path.name) and path.read_bytes() == garbage for path in aside
    )
    log = (world.data_dir / "gateway.log").read_text()
    assert [line for line in log.splitlines() if "state" in line and re.search(ALARM, line)]


async def test_signing_in_after_the_loss_works(world: World, cloud: SimulatedCloud) -> None:
    await live_a_little(world)
    for path in state_files(world):
        path.write_bytes(b"{")
    running = await world.start(sign_in=False)
    code = cloud.issue_code(world.options["redirect_uri"])
    assert (await running.post("/api/oauth/exchange", {"code": code}))[0] == 200
    await world.stop()
    assert on_disk(world)["token"]["access_token"]


async def test_the_history_of_renewals_does_not_grow_for_ever(
    world: World, cloud: SimulatedCloud
) -> None:
    running = await world.start()
    for _ in range(100):
        await running.post("/api/oauth/refresh")
    files = [world.data_dir / name for name in ("state.json", "journal.json")]
    sizes = [path.stat().st_size for path in files]
    for _ in range(100):
        await running.post("/api/oauth/refresh")
    assert cloud.calls.by_action["token/refresh_token"] == 200
    for path, size in zip(files, sizes, strict=True):
        assert abs(path.stat().st_size - size) < 500


async def test_no_half_written_file_is_left_behind(world: World) -> None:
    await live_a_little(world)
    for path in state_files(world):
        json.loads(path.read_text())


async def test_a_new_token_is_on_disk_before_the_cloud_sees_it(
    world: World, cloud: SimulatedCloud
) -> None:
    running = await world.start()
    cloud.faults.hang("/action")
    await running.post("/api/oauth/refresh")
    await running.clock.advance(30)
    assert on_disk(world)["token"]["refresh_token"] not in cloud.calls.refresh_tokens_presented
    cloud.faults.clear()
