"""The cache shows what the cloud said, for as long as that can be relied on."""

from datetime import timedelta
from typing import Any

import pytest

from tests.utec.given import Given
from utec_gateway.core.errors import UnknownDeviceError
from utec_gateway.core.models import Device, DeviceReport, StateEntry
from utec_gateway.core.readings import Capability, DoorState
from utec_gateway.devices.cache import DeviceCache
from utec_gateway.options.schema import Options
from utec_gateway.simulator.virtual_time import VirtualClock

LOCK, OTHER = "02:51:4D:00:00:01", "02:51:4D:00:00:02"
STALE_AFTER = 120


@pytest.fixture
async def cache(clock: VirtualClock) -> DeviceCache:
    shown = DeviceCache(clock, Given(Options(stale_after_seconds=STALE_AFTER)))
    shown.discovered([{"id": LOCK, "name": "Front"}, {"id": OTHER, "name": "Back"}])
    return shown


def report(*, device_id: str = LOCK, error: str | None = None, **values: Any) -> DeviceReport:
    """Return a report with these readings, named in short."""
    names = {
        "lock": ("st.lock", "lockState"),
        "mode": ("st.lock", "lockMode"),
        "door": ("st.doorSensor", "sensorState"),
        "battery": ("st.batteryLevel", "level"),
        "health": ("st.healthCheck", "status"),
        "switch": ("st.switch", "switch"),
        "dimmed": ("st.switchLevel", "level"),
    }
    states = tuple(StateEntry(*names[name], value) for name, value in values.items())
    return DeviceReport(device_id, states, error)


def shown(cache: DeviceCache, device_id: str = LOCK) -> dict[str, Any]:
    """Return what the integrations are told, by name."""
    status: dict[str, Any] = cache.status(cache.find(device_id))
    assert status["id"] == device_id
    names = [f"{entry['capability']}/{entry['name']}" for entry in status["states"]]
    assert len(set(names)) == len(names)
    assert names[0] == "st.healthCheck/status"
    return {entry["name"]: entry["value"] for entry in status["states"]}


async def test_before_the_first_report_nothing_is_known(cache: DeviceCache) -> None:
    assert shown(cache) == {"status": "Offline"}


async def test_a_report_is_shown_as_it_came(cache: DeviceCache) -> None:
    cache.reported([report(health="Online", lock="Locked", mode=0, battery=4)], cache.now())
    assert shown(cache) == {"status": "Online", "lockState": "Locked", "lockMode": 0, "level": 4}
    assert shown(cache, OTHER) == {"status": "Offline"}


async def test_a_later_report_changes_only_what_it_says(cache: DeviceCache) -> None:
    cache.reported([report(lock="Locked", battery=4, door="Closed")], cache.now())
    cache.reported([report(lock="Unlocked")], cache.now())
    assert (shown(cache)["lockState"], shown(cache)["level"]) == ("Unlocked", 4)
    assert shown(cache)["sensorState"] == "Closed"


async def test_the_same_reading_in_another_casing_is_the_same_reading(cache: DeviceCache) -> None:
    cache.reported([report(lock="Locked")], cache.now())
    again = DeviceReport(LOCK, (StateEntry("ST.LOCK", "LOCKSTATE", "Unlocked"),))
    cache.reported([again], cache.now())
    assert [entry.value for entry in cache.find(LOCK).states] == ["Unlocked"]


@pytest.mark.parametrize(
    "empty",
    [
        report(),
        report(error="INTERNAL_ERROR"),
        report(health="Online"),
        report(battery=3),
        report(device_id=OTHER, lock="Locked"),
    ],
)
async def test_a_report_without_the_bolt_confirms_nothing_about_it(
    empty: DeviceReport, cache: DeviceCache, clock: VirtualClock
) -> None:
    cache.reported([report(lock="Locked")], cache.now())
    for _ in range(4):
        await clock.advance(40)
        cache.reported([empty], cache.now())
    assert "lockState" not in shown(cache)
    assert shown(cache)["status"] == "Offline"


async def test_a_device_without_a_bolt_is_fresh_by_any_reading(
    cache: DeviceCache, clock: VirtualClock
) -> None:
    for _ in range(4):
        cache.reported([report(battery=3)], cache.now())
        await clock.advance(40)
    assert shown(cache) == {"status": "Online", "level": 3}


async def test_a_reading_is_shown_until_it_is_stale_and_not_a_second_longer(
    cache: DeviceCache, clock: VirtualClock
) -> None:
    cache.reported([report(lock="Locked", door="Closed", battery=4, mode=0)], cache.now())
    await clock.advance(STALE_AFTER)
    assert shown(cache)["lockState"] == "Locked"
    await clock.advance(1)
    assert shown(cache) == {"status": "Offline", "level": 4, "lockMode": 0}
    cache.reported([report(lock="Locked", door="Closed")], cache.now())
    assert shown(cache)["lockState"] == "Locked"
    assert shown(cache)["sensorState"] == "Closed"


async def test_a_machine_that_slept_shows_nothing_from_before(
    cache: DeviceCache, clock: VirtualClock
) -> None:
    cache.reported([report(lock="Locked")], cache.now())
    clock.jump(timedelta(hours=8))
    assert "lockState" not in shown(cache)


async def test_a_clock_set_back_does_not_freeze_the_cache(
    cache: DeviceCache, clock: VirtualClock
) -> None:
    cache.reported([report(lock="Locked")], cache.now())
    clock.jump(timedelta(days=-1))
    assert shown(cache)["lockState"] == "Locked"
    await clock.advance(STALE_AFTER + 1)
    assert "lockState" not in shown(cache)


async def test_a_door_sensor_that_falls_silent_fades_although_the_bolt_is_reported(
    cache: DeviceCache, clock: VirtualClock
) -> None:
    cache.reported([report(lock="Locked", door="Closed")], cache.now())
    for _ in range(10):
        await clock.advance(60)
        cache.reported([report(lock="Locked")], cache.now())
    assert shown(cache)["lockState"] == "Locked"
    assert "sensorState" not in shown(cache)


@pytest.mark.parametrize(
    ("value", "is_shown"),
    [
        ("Locked", True),
        ("Unlocked", True),
        ("Jammed", True),
        ("locked", True),
        ("Unknown", False),
        ("Halfway", False),
        ("", False),
        (None, False),
        (1, False),
        (["Locked"], False),
    ],
)
async def test_a_bolt_that_is_neither_here_nor_there_is_left_out(
    value: Any, cache: DeviceCache, *, is_shown: bool
) -> None:
    cache.reported([report(lock="Locked")], cache.now())
    cache.reported([report(lock=value, battery=2)], cache.now())
    assert ("lockState" in shown(cache)) is is_shown
    assert shown(cache)["level"] == 2


OFFLINE = [report(health="Offline", lock="Locked"), report(error="DEVICE_OFFLINE")]


@pytest.mark.parametrize("offline", OFFLINE)
async def test_one_offline_reading_is_a_blip_and_two_are_the_truth(
    offline: DeviceReport, cache: DeviceCache
) -> None:
    cache.reported([report(health="Online", lock="Locked")], cache.now())
    assert not any(after.is_offline for after, _ in cache.reported([offline], cache.now()))
    assert shown(cache)["status"] == "Online"
    ((after, before),) = cache.reported([offline], cache.now())
    assert after.is_offline
    assert not before.is_offline
    assert shown(cache) == {"status": "Offline"}


@pytest.mark.parametrize("offline", OFFLINE)
async def test_two_offline_readings_count_only_in_a_row(
    offline: DeviceReport, cache: DeviceCache
) -> None:
    for one in (offline, report(health="Online", lock="Locked"), offline):
        cache.reported([one], cache.now())
    assert not cache.find(LOCK).is_offline


async def test_an_answer_without_health_leaves_an_offline_lock_offline(cache: DeviceCache) -> None:
    for one in (OFFLINE[0], OFFLINE[0], report(lock="Locked"), report()):
        cache.reported([one], cache.now())
    assert shown(cache) == {"status": "Offline"}
    cache.reported([report(health="Online", lock="Locked")], cache.now())
    assert shown(cache) == {"status": "Online", "lockState": "Locked"}


async def test_only_what_changes_to_the_eye_is_told(cache: DeviceCache) -> None:
    assert len(cache.reported([report(lock="Locked")], cache.now())) == 1
    assert (
        cache.reported([report(lock="Locked"), report(device_id="never heard of")], cache.now())
        == []
    )
    ((after, before),) = cache.reported([report(lock="Unlocked")], cache.now())
    assert (before.reported_state, after.reported_state) == ("locked", "unlocked")


async def test_a_device_is_gone_when_three_discoveries_in_a_row_say_so(cache: DeviceCache) -> None:
    only = [{"id": LOCK}]
    cache.reported([report(device_id=OTHER, lock="Locked")], cache.now())
    for entries in (only, only, [*only, {"id": OTHER}], only, only, [], only):
        assert cache.find(OTHER).states
        cache.discovered(entries)
    with pytest.raises(UnknownDeviceError):
        cache.find(OTHER)
    assert [device.id for device in cache.devices] == [LOCK]


async def test_an_empty_discovery_proves_nothing(cache: DeviceCache) -> None:
    for _ in range(10):
        cache.discovered([])
    assert len(cache.devices) == 2


async def test_a_renamed_device_keeps_its_readings(cache: DeviceCache) -> None:
    cache.reported([report(lock="Locked")], cache.now())
    cache.discovered([{"id": LOCK, "name": "Garden"}, {"id": OTHER}])
    assert cache.find(LOCK).name == "Garden"
    assert shown(cache)["lockState"] == "Locked"


async def test_after_a_restart_the_devices_are_known_and_their_state_is_not(
    clock: VirtualClock,
) -> None:
    cache = DeviceCache(clock, Given())
    cache.discovered([{"id": LOCK, "name": "Front"}])
    assert cache.find(LOCK) == Device(LOCK, {"id": LOCK, "name": "Front"})
    assert shown(cache) == {"status": "Offline"}


async def test_an_answer_that_was_overtaken_does_not_undo_a_newer_one(
    cache: DeviceCache, clock: VirtualClock
) -> None:
    asked_early = cache.now()
    await clock.advance(2)
    cache.reported([report(lock="Unlocked")], cache.now())
    assert cache.reported([report(lock="Locked")], asked_early) == []
    assert shown(cache)["lockState"] == "Unlocked"


async def test_only_a_reading_that_is_young_and_from_a_lock_that_answers_is_fresh(
    cache: DeviceCache, clock: VirtualClock
) -> None:
    def door() -> DoorState | None:
        return cache.fresh(cache.find(LOCK), cache.find(LOCK).readings.door)

    assert door() is None
    cache.reported([report(lock="Locked", door="Closed", health="Online")], cache.now())
    assert door() is DoorState.CLOSED
    await clock.advance(STALE_AFTER + 1)
    cache.reported([report(lock="Locked", health="Online")], cache.now())
    assert door() is None
    cache.reported([report(lock="Locked", door="Open", health="Online")], cache.now())
    assert door() is DoorState.OPEN
    for _ in range(2):
        cache.reported([report(health="Offline")], cache.now())
    assert door() is None


async def test_a_device_that_reports_to_be_another_kind_keeps_nothing_of_the_old_one(
    cache: DeviceCache,
) -> None:
    cache.reported([report(health="Online", lock="Locked", mode=0, battery=4)], cache.now())
    cache.reported([report(health="Online", switch="off")], cache.now())
    assert shown(cache) == {"status": "Online", "switch": "off"}
    assert cache.find(LOCK).capabilities == {Capability.SWITCH}


async def test_a_report_of_one_part_makes_no_other_kind(cache: DeviceCache) -> None:
    cache.reported([report(health="Online", switch="on", dimmed=40)], cache.now())
    cache.reported([report(dimmed=50)], cache.now())
    cache.reported([report(battery=4)], cache.now())
    assert cache.find(LOCK).capabilities == {Capability.SWITCH, Capability.LEVEL}
    assert shown(cache)["switch"] == "on"


async def test_a_device_that_is_listed_as_another_kind_keeps_no_reading(
    cache: DeviceCache,
) -> None:
    cache.discovered([{"id": LOCK, "handleType": "utec-dimmer"}])
    cache.reported([report(health="Online", switch="on", dimmed=40)], cache.now())
    cache.discovered([{"id": LOCK, "handleType": "utec-dimmer", "name": "Renamed"}])
    assert shown(cache)["level"] == 40
    cache.discovered([{"id": LOCK, "handleType": "utec-switch"}])
    assert cache.find(LOCK).capabilities == {Capability.SWITCH}
    assert shown(cache) == {"status": "Offline"}


async def test_a_lock_is_offline_since_the_first_of_its_offline_readings(
    cache: DeviceCache, clock: VirtualClock
) -> None:
    cache.reported([report(health="Online", lock="Locked")], cache.now())
    assert cache.find(LOCK).offline_since is None
    await clock.advance(30)
    first = cache.now()
    for _ in range(3):
        cache.reported([report(health="Offline")], cache.now())
        await clock.advance(30)
    assert cache.find(LOCK).offline_since == first
    cache.reported([report(health="Online")], cache.now())
    assert cache.find(LOCK).offline_since is None


async def test_nobody_knows_since_when_a_lock_is_offline_that_never_was_online(
    cache: DeviceCache,
) -> None:
    for _ in range(3):
        cache.reported([report(health="Offline")], cache.now())
    assert cache.find(LOCK).is_offline
    assert cache.find(LOCK).offline_since is None
