"""What is written for what: all that is not the sign-in leaves the state file alone."""

import pytest

from tests.conftest import LOCK, World
from tests.steps import meanwhile, refresh
from tests.storage.conftest import Disk


@pytest.fixture(autouse=True)
def _on_this_disk(world: World, disk: Disk) -> None:
    world.executor = disk


async def test_a_refresh_writes_the_state_file_twice(world: World, disk: Disk) -> None:
    """Once to prove the disk before U-tec is asked, once to save the token before it is used."""
    running = await world.start()
    disk.writes.clear()
    assert (await refresh(running))[0] == 200
    await running.gateway.store.close()
    assert disk.writes["state.json"] == 2
    assert disk.writes.keys() == {"state.json", "state.previous.json", "journal.json"}


async def test_a_refresh_that_fails_for_hours_writes_the_state_file_for_the_proof_only(
    world: World, disk: Disk
) -> None:
    running = await world.start()
    world.cloud.faults.fail("/token")
    disk.writes.clear()
    assert (await refresh(running))[0] >= 500
    assert disk.writes["state.json"] == 1


async def test_devices_and_batteries_leave_the_state_file_alone(world: World, disk: Disk) -> None:
    running = await world.start()
    disk.writes.clear()
    world.cloud.add_device("02:51:4D:00:00:03", "Side Door")
    await meanwhile(running, running.post("/api/devices/refresh"))
    world.cloud.devices[LOCK].behaviour.battery_stuck_at = 2
    await world.clock.advance(300)
    assert disk.writes == {"devices.json": 1, "batteries.json": 1, "journal.json": 1}


async def test_a_notification_and_its_end_leave_the_state_file_alone(
    world: World, disk: Disk
) -> None:
    running = await world.start()
    disk.writes.clear()
    running.gateway.tracker.raise_issue("trouble", "Trouble", "one")
    await world.clock.advance(1)
    running.gateway.tracker.resolve("trouble")
    await world.clock.advance(1)
    assert disk.writes["issues.json"] > 0
    assert disk.writes.keys() <= {"issues.json", "journal.json"}
