from tests.conftest import LOCK, OTHER_LOCK, World
from tests.steps import on_disk, together
from utec_gateway.simulator.cloud import SimulatedCloud


async def live_a_little(world: World) -> None:
    """Sign in, renew once, stop."""
    running = await world.start()
    await running.post("/api/oauth/refresh")
    await running.clock.advance(31)
    await world.stop()


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
