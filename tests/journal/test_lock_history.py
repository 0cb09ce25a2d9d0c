"""How locks stood in the last day: what was seen, and nothing of when nobody looked."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from tests.conftest import LOCK, Running, World
from utec_gateway.core.models import Device
from utec_gateway.core.readings import Capability, LockState, Reading, Readings
from utec_gateway.journal.lock_history import KEPT_FOR, MOST_CHANGES, LockHistory, ShownState
from utec_gateway.plugin_api.device_status import DeviceStatus
from utec_gateway.simulator.states import unlock

LOCKS = frozenset({Capability.LOCK})
DOOR = Device("02:51:4D:00:00:41", {"name": "Front Door"}, capabilities=LOCKS)
OTHER = Device("02:51:4D:00:00:42", {"name": "Back Door"}, capabilities=LOCKS)
NOW = datetime(2026, 11, 26, 12, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


def standing(device: Device, state: LockState) -> DeviceStatus:
    """Return how a lock stands that can be reached, and what it reports."""
    readings = Readings(lock_state=Reading(state))
    return DeviceStatus(replace(device, offline_readings=0), readings)


def states(history: LockHistory, device: Device = DOOR) -> list[str]:
    return [str(state) for _, state in history.of(device.tag)]


def test_only_what_is_new_is_kept() -> None:
    history = LockHistory()
    seen = (LockState.LOCKED, LockState.LOCKED, LockState.UNLOCKED, LockState.UNLOCKED)
    news = [
        history.take_in([standing(DOOR, state)], NOW + number * MINUTE)
        for number, state in enumerate(seen)
    ]
    assert news == [True, False, True, False]
    assert states(history) == ["locked", "unlocked"]


def test_a_lock_that_is_offline_or_not_listed_any_more_is_not_said_to_be_locked() -> None:
    history = LockHistory()
    status = standing(DOOR, LockState.LOCKED)
    history.take_in([status], NOW)
    offline = replace(status, device=replace(DOOR, offline_readings=2))
    history.take_in([offline], NOW + MINUTE)
    history.take_in([standing(OTHER, LockState.LOCKED)], NOW + 2 * MINUTE)
    assert states(history) == ["locked", "offline", "unknown"]


def test_a_device_without_a_bolt_has_no_history() -> None:
    history = LockHistory()
    lamp = replace(DOOR, capabilities=frozenset({Capability.SWITCH}))
    assert not history.take_in([standing(lamp, LockState.UNKNOWN)], NOW)
    assert states(history, lamp) == []


def test_a_lock_that_is_gone_is_forgotten_after_a_day() -> None:
    history = LockHistory()
    history.take_in([standing(DOOR, LockState.LOCKED)], NOW)
    history.take_in([], NOW + MINUTE)
    history.take_in([], NOW + KEPT_FOR)
    assert states(history) == ["locked", "unknown"]
    history.take_in([], NOW + KEPT_FOR + MINUTE)
    assert states(history) == []
    assert history.to_json() == {}


def test_a_clock_that_goes_back_takes_back_what_it_said() -> None:
    history = LockHistory()
    history.take_in([standing(DOOR, LockState.LOCKED)], NOW)
    history.take_in([standing(DOOR, LockState.UNLOCKED)], NOW + 60 * MINUTE)
    history.take_in([standing(DOOR, LockState.LOCKED)], NOW + MINUTE)
    assert states(history) == ["locked"]


@given(
    st.lists(st.tuples(st.integers(-7200, 40000), st.sampled_from(LockState)), max_size=300),
)
def test_it_is_in_the_order_of_time_short_and_the_same_once_read(
    seen: list[tuple[int, LockState]],
) -> None:
    history, now = LockHistory(), NOW
    for seconds, state in seen:
        now += timedelta(seconds=seconds)
        history.take_in([standing(DOOR, state)], now)
    changes = history.of(DOOR.tag)
    assert len(changes) <= MOST_CHANGES
    assert all(one.at <= two.at and one.state is not two.state for one, two in pairwise(changes))
    again = LockHistory()
    again.load(history.to_json(), now)
    kept, known = states(again), states(history)
    expected = known if known[-1:] == ["unknown"] else [*known, "unknown"]
    assert kept == (expected[-len(kept) :] if known else [])


async def test_a_gateway_watches_its_locks(world: World) -> None:
    running = await world.start()
    await running.clock.advance(20)
    tag = running.gateway.account.cache.find(LOCK).tag
    world.cloud.devices[LOCK].operate(unlock)
    await running.clock.advance(20)
    world.cloud.devices[LOCK].go_offline()
    await running.clock.advance(60)
    world.cloud.devices[LOCK].go_online()
    await running.clock.advance(60)
    assert seen(running, tag) == ["locked", "unlocked", "offline", "unlocked"]


async def test_while_u_tec_does_not_answer_nobody_knows(world: World) -> None:
    running = await world.start()
    await running.clock.advance(20)
    tag = running.gateway.account.cache.find(LOCK).tag
    world.cloud.faults.fail("/action")
    await running.clock.advance(3600)
    assert seen(running, tag) == ["locked", "unknown"]
    world.cloud.faults.clear()
    await running.clock.advance(1800)
    assert seen(running, tag) == ["locked", "unknown", "locked"]


def seen(running: Running, tag: str) -> list[str]:
    return [str(state) for _, state in running.gateway.journal.lock_history(tag)]


def test_every_state_of_a_lock_can_be_shown() -> None:
    assert {str(state) for state in LockState} <= {str(state) for state in ShownState}
