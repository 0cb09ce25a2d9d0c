"""Rows C1 to C9 of the fault table: locks as they are, and what else hangs on the account."""

from typing import Any

import pytest

from tests.conftest import LOCK, OTHER_LOCK, World
from tests.steps import (
    HOUR,
    back_to_normal,
    bolt,
    command,
    device_names,
    health,
    open_notifications,
    states,
)
from utec_gateway.core.models import Device
from utec_gateway.simulator.states import LockState, States, jam, lock, to_mode, unlock

THIRD = "02:51:4D:00:00:03"
NOT_CONFIRMED = f"lock_not_confirmed_{Device(LOCK, {}).tag}"


@pytest.mark.parametrize(
    ("kind", "own", "shows_mode", "door"),
    [
        pytest.param("lock", {}, True, None, id="C1 utec-lock"),
        pytest.param("lock", {}, False, None, id="C1 utec-lock without lockMode"),
        pytest.param("lock_with_sensor", {}, True, "Closed", id="C1 utec-lock-sensor"),
        pytest.param("lock_with_sensor", {"door": None}, True, None, id="C1 sensor, no door state"),
        pytest.param("unknown_lock", {}, True, None, id="C1 unknown handleType"),
    ],
)
async def test_every_lock_on_the_market_is_seen_and_obeys(
    kind: str, own: dict[str, Any], shows_mode: bool, door: str | None, world: World
) -> None:
    world.cloud.add_device(THIRD, "Cellar", kind, **own).behaviour.shows_lock_mode = shows_mode
    running = await world.start()
    await world.clock.advance(1)
    seen = await states(running, THIRD)
    assert seen["st.lock/lockState"] == "Locked"
    assert seen.get("st.doorSensor/sensorState") == door
    assert ("st.lock/lockMode" in seen) is shows_mode
    assert (await command(running, "unlock", THIRD))[1]["status"] == "ok"
    assert await bolt(running, THIRD) == "Unlocked"


async def test_a_lock_that_reports_nothing_hides_no_other_and_is_shown_as_unknown(
    world: World,
) -> None:
    """C1: no states."""
    device = world.cloud.add_device(THIRD, "Cellar", "unknown_lock")
    device.become(States())
    running = await world.start()
    await world.clock.advance(60)
    assert await device_names(running) == ["Front Door", "Back Door", "Cellar"]
    assert await bolt(running, THIRD) is None
    assert await bolt(running) == "Locked"


async def test_what_the_cloud_wants_echoed_is_echoed(world: World) -> None:
    """C2: customData, off on the other lock."""
    world.cloud.devices[LOCK].behaviour.custom_data = {"deviceInfo": ["as", {"it": "came"}]}
    world.cloud.behaviour.actions.strict = True
    running = await world.start()
    assert (await command(running, "unlock"))[1]["status"] == "ok"
    await world.clock.advance(HOUR)
    assert world.cloud.calls.problems == []
    await world.stop()
    running = await world.start(sign_in=False)
    await world.clock.advance(5)
    assert await bolt(running) == "Unlocked"
    assert world.cloud.calls.problems == []


@pytest.mark.parametrize("kind", ["dimmer", "switch", "plug", "bulb"])
async def test_lights_on_the_account_do_no_harm_to_the_locks(kind: str, world: World) -> None:
    """C3: dimmer, switch, plug, bulb; st.lock is the wrong capability for them."""
    world.cloud.add_device(THIRD, "Hall Light", kind)
    running = await world.start()
    await world.clock.advance(30)
    assert (await states(running, THIRD))["st.switch/switch"] == "off"
    assert await bolt(running, THIRD) is None
    status, answer, _ = await command(running, "lock", THIRD)
    assert status != 200 or answer["status"] == "pending"
    assert await bolt(running, THIRD) is None
    assert (await command(running, "unlock"))[1]["status"] == "ok"


@pytest.mark.parametrize(
    ("state", "shown"),
    [
        pytest.param(LockState.JAMMED, "Jammed", id="C4 Jammed"),
        pytest.param(LockState.UNKNOWN, None, id="C4 Unknown"),
    ],
)
async def test_a_bolt_half_way_is_never_shown_as_locked(
    state: LockState, shown: str | None, world: World
) -> None:
    running = await world.start()
    world.cloud.devices[LOCK].become(States(lock_state=state, lock_mode=0, battery=3))
    await world.clock.advance(31)
    assert await bolt(running) == shown
    world.cloud.devices[LOCK].operate(lock)
    await back_to_normal(running, within=31)


@pytest.mark.parametrize("level", [1, 2, 3, 4, 5], ids=[f"C4 battery {n}" for n in range(1, 6)])
async def test_the_battery_is_shown_as_it_was_reported(level: int, world: World) -> None:
    world.cloud.devices[LOCK].behaviour.battery_stuck_at = level
    running = await world.start()
    await world.clock.advance(1)
    assert (await states(running))["st.batteryLevel/level"] == level


@pytest.mark.parametrize("seconds", [1, 10, 300], ids=["C5 1 s", "C5 10 s", "C5 5 min"])
async def test_a_lock_that_locks_itself_again_is_shown_locked_again(
    seconds: float, world: World
) -> None:
    world.cloud.devices[LOCK].behaviour.auto_lock_after = seconds
    running = await world.start()
    status, answer, _ = await command(running, "unlock")
    assert status == 200
    assert answer["status"] in {"ok", "pending"}
    await world.clock.advance(seconds + 40)
    assert await bolt(running) == "Locked"
    assert await health(running) == "healthy"


async def test_a_lock_held_open_says_why_it_will_not_lock(world: World) -> None:
    """C6: passage mode."""
    running = await world.start()
    world.cloud.devices[LOCK].operate(to_mode(1))
    await world.clock.advance(31)
    assert await bolt(running) == "Unlocked"
    status, answer, _ = await command(running, "lock")
    assert (status, answer["code"]) == (409, "passage_mode")
    assert world.cloud.calls.commands == []
    assert await bolt(running) == "Unlocked"
    world.cloud.devices[LOCK].operate(to_mode(0))
    assert (await command(running, "lock"))[1]["status"] == "ok", "not on old news"


async def test_passage_mode_set_a_second_ago_never_ends_in_locked(world: World) -> None:
    """C6: the gateway does not know it yet; the acknowledgement must not fool it."""
    running = await world.start()
    await world.clock.advance(1)
    world.cloud.devices[LOCK].operate(to_mode(1))
    status, answer, _ = await command(running, "lock")
    assert status != 200 or answer["status"] == "pending"
    await world.clock.advance(70)
    assert await bolt(running) == "Unlocked"


async def test_a_lock_closed_to_codes_is_shown_locked(world: World) -> None:
    """C6: mode 2."""
    running = await world.start()
    world.cloud.devices[LOCK].operate(unlock)
    world.cloud.devices[LOCK].operate(to_mode(2))
    await world.clock.advance(31)
    seen = await states(running)
    assert (seen["st.lock/lockState"], seen["st.lock/lockMode"]) == ("Locked", 2)


async def test_one_offline_reading_is_a_blip_and_not_shown(world: World) -> None:
    """C7: one-poll blip."""
    running = await world.start()
    await world.clock.advance(1)
    world.cloud.devices[LOCK].behaviour.offline_reads = 1
    for _ in range(20):
        await world.clock.advance(5)
        assert await bolt(running) == "Locked"
        assert (await states(running))["st.healthCheck/status"] == "Online"


async def test_an_offline_lock_is_unknown_and_refuses_at_once(world: World) -> None:
    """C7: long outage; the cloud goes on saying Locked."""
    running = await world.start()
    await world.clock.advance(1)
    world.cloud.devices[LOCK].go_offline()
    world.cloud.devices[LOCK].operate(unlock)
    await world.clock.advance(65)
    seen = await states(running)
    assert seen["st.healthCheck/status"] == "Offline"
    assert "st.lock/lockState" not in seen
    assert await bolt(running, OTHER_LOCK) == "Locked"
    for verb in ("lock", "unlock"):
        status, answer, _ = await command(running, verb)
        assert (status, answer["code"]) == (503, "device_offline")
    assert world.cloud.calls.commands == []
    assert await health(running) == "healthy"
    world.cloud.devices[LOCK].go_online()
    await world.clock.advance(31)
    assert await bolt(running) == "Unlocked"


async def test_a_command_to_a_lock_that_went_offline_a_second_ago_says_so(world: World) -> None:
    """C7: DEVICE_OFFLINE."""
    running = await world.start()
    world.cloud.devices[LOCK].go_offline()
    status, answer, _ = await command(running, "unlock")
    assert (status, answer["code"]) == (503, "device_offline")
    world.cloud.devices[LOCK].go_online()
    await back_to_normal(running, within=31)


async def test_a_deaf_lock_is_told_of_and_never_shown_as_locked(world: World) -> None:
    """C7: Online yet deaf."""
    running = await world.start()
    world.cloud.devices[LOCK].operate(unlock)
    world.cloud.devices[LOCK].behaviour.deaf = True
    await world.clock.advance(31)
    assert (await command(running, "lock"))[1]["status"] == "pending"
    for _ in range(9):
        assert await bolt(running) == "Unlocked"
        await world.clock.advance(10)
    assert open_notifications(running) == [NOT_CONFIRMED]
    world.cloud.devices[LOCK].behaviour.deaf = False
    assert (await command(running, "lock"))[1]["status"] == "ok"
    await world.clock.settle()
    assert open_notifications(running) == []


@pytest.mark.parametrize("change", [unlock, jam], ids=["C8 key", "C8 jammed by hand"])
async def test_what_happens_at_the_door_is_seen_within_one_poll(change: Any, world: World) -> None:
    running = await world.start()
    await world.clock.advance(1)
    world.cloud.devices[LOCK].operate(change)
    await world.clock.advance(31)
    assert await bolt(running) == world.cloud.devices[LOCK].states.lock_state
    world.cloud.devices[LOCK].operate(lock)
    await back_to_normal(running, within=31)


@pytest.mark.parametrize("offline", [False, True], ids=["C9 online", "C9 offline queue"])
async def test_door_codes_on_the_lock_are_neither_touched_nor_told(
    offline: bool, world: World
) -> None:
    device = world.cloud.devices[LOCK]
    device.users.add({"name": "Guest", "type": 0, "password": 84627193})
    running = await world.start(log_level="debug")
    if offline:
        device.go_offline(120)
    await world.clock.advance(HOUR / 6)
    assert (await command(running, "unlock"))[1]["status"] == "ok"
    assert [user["name"] for user in device.users.list()] == ["Owner", "Guest"]
    assert {call.capability for call in world.cloud.calls.commands} == {"st.lock"}
    told = str(await running.get("/api/devices")) + str(await running.get("/api/status/latest"))
    assert "84627193" not in told + (world.data_dir / "gateway.log").read_text()
