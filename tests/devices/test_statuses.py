"""How every device stands, for those who mirror it: told in the moment in which it changes."""

import pytest

from tests.conftest import LOCK, OTHER_LOCK, Running, World
from tests.steps import command
from utec_gateway.core.models import Operation
from utec_gateway.core.readings import NOTHING_REPORTED, LockState
from utec_gateway.plugin_api.device_status import DeviceStatus
from utec_gateway.simulator.states import unlock

STALE = 60.0


class Mirror:
    """Keeps what it was told last, and when."""

    def __init__(self, running: Running) -> None:
        self.clock = running.clock
        self.told: list[tuple[float, tuple[DeviceStatus, ...]]] = []
        self.statuses = running.gateway.account._statuses
        self.statuses.changed.subscribe(
            lambda statuses: self.told.append((self.clock.monotonic(), statuses))
        )

    def bolts(self, device_id: str = LOCK) -> list[tuple[float, LockState]]:
        """Return each lock state that was told, with the moment in which it was told first."""
        found: list[tuple[float, LockState]] = []
        for at, statuses in self.told:
            (one,) = (status for status in statuses if status.id == device_id)
            if not found or found[-1][1] is not one.readings.lock_state.value:
                found.append((at, one.readings.lock_state.value))
        return found


def now(running: Running, device_id: str = LOCK) -> DeviceStatus:
    statuses = running.gateway.account._statuses.now()
    return next(one for one in statuses if one.id == device_id)


async def test_every_device_is_there_with_what_may_be_shown(running: Running) -> None:
    await running.clock.advance(1)
    statuses = running.gateway.account._statuses.now()
    assert [one.id for one in statuses] == [LOCK, OTHER_LOCK]
    assert [one.readings.lock_state.value for one in statuses] == [LockState.LOCKED] * 2
    assert [one.command for one in statuses] == [None, None]


async def test_a_reading_fades_exactly_when_it_is_stale(world: World, running: Running) -> None:
    await running.clock.advance(1)
    world.cloud.faults.fail("Device/Query")
    mirror = Mirror(running)
    seen = now(running).device.seen
    assert seen
    await running.clock.advance(2 * STALE)
    (at, state), *others = [one for one in mirror.bolts() if one[1] is not LockState.LOCKED]
    assert (state, others) == (LockState.UNKNOWN, [])
    assert at - seen.monotonic == pytest.approx(STALE, abs=1.1)
    assert at - seen.monotonic >= STALE
    assert now(running).readings == NOTHING_REPORTED
    assert now(running).device.reported_state is LockState.LOCKED, "the device still says it"
    assert not now(running).device.is_offline


async def test_a_poll_before_it_is_stale_keeps_it(running: Running) -> None:
    mirror = Mirror(running)
    await running.clock.advance(10 * STALE)
    assert {state for _, state in mirror.bolts()} == {LockState.LOCKED}


async def test_the_limit_that_is_set_counts(world: World) -> None:
    running = await world.start(poll_interval_seconds=3600, stale_after_seconds=300)
    await running.clock.advance(1)
    mirror = Mirror(running)
    world.cloud.faults.fail("Device/Query")
    await running.clock.advance(299)
    assert now(running).readings.lock_state.value is LockState.LOCKED
    await running.clock.advance(5)
    assert now(running).readings.lock_state.value is LockState.UNKNOWN
    assert mirror.bolts()[-1][1] is LockState.UNKNOWN


async def test_without_devices_nothing_is_due(world: World) -> None:
    running = await world.start(sign_in=False)
    statuses = running.gateway.account._statuses
    assert statuses.now() == ()
    assert statuses.due_in() > 0


async def test_an_offline_lock_shows_nothing(world: World, running: Running) -> None:
    world.cloud.devices[LOCK].go_offline()
    await running.clock.advance(3 * 16)
    assert now(running).device.is_offline
    assert now(running).readings == NOTHING_REPORTED
    assert now(running, OTHER_LOCK).readings.lock_state.value is LockState.LOCKED


async def test_a_movement_is_told_with_the_poll_that_saw_it(world: World, running: Running) -> None:
    await running.clock.advance(1)
    mirror = Mirror(running)
    world.cloud.devices[LOCK].operate(unlock)
    await running.clock.advance(16)
    assert mirror.bolts()[-1][1] is LockState.UNLOCKED


async def test_a_command_is_told_when_it_begins_and_when_it_ends(running: Running) -> None:
    mirror = Mirror(running)
    await command(running, "unlock")
    await running.clock.advance(1)
    found = [
        one.command.operation if one.command else None
        for _, statuses in mirror.told
        for one in statuses
        if one.id == LOCK
    ]
    assert Operation.UNLOCK in found
    assert found[-1] is None
