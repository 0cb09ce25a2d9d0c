"""The picture shows what the cloud said, for as long as that can be relied on."""

from datetime import timedelta
from typing import Any

import pytest

from tests.utec.given import Given
from utec_gateway.core.errors import UnknownDeviceError
from utec_gateway.core.models import Device, DeviceReport, StateEntry
from utec_gateway.devices.cache import Picture
from utec_gateway.options.schema import Options
from utec_gateway.simulator.virtual_time import VirtualClock

LOCK, OTHER = "02:51:4D:00:00:01", "02:51:4D:00:00:02"
STALE_AFTER = 120


@pytest.fixture
async def picture(clock: VirtualClock) -> Picture:
    shown = Picture(clock, Given(Options(stale_after_seconds=STALE_AFTER)))
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
    }
    states = tuple(StateEntry(*names[name], value) for name, value in values.items())
    return DeviceReport(device_id, states, error)


def shown(picture: Picture, device_id: str = LOCK) -> dict[str, Any]:
    """Return what the integrations are told, by name."""
    status = picture.status(picture.find(device_id))
    assert status["id"] == device_id
    names = [f"{entry['capability']}/{entry['name']}" for entry in status["states"]]
    assert len(set(names)) == len(names)
    assert names[0] == "st.healthCheck/status"
    return {entry["name"]: entry["value"] for entry in status["states"]}


async def test_before_the_first_report_nothing_is_known(picture: Picture) -> None:
    assert shown(picture) == {"status": "Offline"}


async def test_a_report_is_shown_as_it_came(picture: Picture) -> None:
    picture.reported([report(health="Online", lock="Locked", mode=0, battery=4)], picture.now())
    assert shown(picture) == {"status": "Online", "lockState": "Locked", "lockMode": 0, "level": 4}
    assert shown(picture, OTHER) == {"status": "Offline"}


async def test_a_later_report_changes_only_what_it_says(picture: Picture) -> None:
    picture.reported([report(lock="Locked", battery=4, door="Closed")], picture.now())
    picture.reported([report(lock="Unlocked")], picture.now())
    assert (shown(picture)["lockState"], shown(picture)["level"]) == ("Unlocked", 4)
    assert shown(picture)["sensorState"] == "Closed"


async def test_the_same_reading_in_another_casing_is_the_same_reading(picture: Picture) -> None:
    picture.reported([report(lock="Locked")], picture.now())
    again = DeviceReport(LOCK, (StateEntry("ST.LOCK", "LOCKSTATE", "Unlocked"),))
    picture.reported([again], picture.now())
    assert [entry.value for entry in picture.find(LOCK).states] == ["Unlocked"]


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
    empty: DeviceReport, picture: Picture, clock: VirtualClock
) -> None:
    picture.reported([report(lock="Locked")], picture.now())
    for _ in range(4):
        await clock.advance(40)
        picture.reported([empty], picture.now())
    assert "lockState" not in shown(picture)
    assert shown(picture)["status"] == "Offline"


async def test_a_device_without_a_bolt_is_fresh_by_any_reading(
    picture: Picture, clock: VirtualClock
) -> None:
    for _ in range(4):
        picture.reported([report(battery=3)], picture.now())
        await clock.advance(40)
    assert shown(picture) == {"status": "Online", "level": 3}


async def test_a_reading_is_shown_until_it_is_stale_and_not_a_second_longer(
    picture: Picture, clock: VirtualClock
) -> None:
    picture.reported([report(lock="Locked", door="Closed", battery=4, mode=0)], picture.now())
    await clock.advance(STALE_AFTER)
    assert shown(picture)["lockState"] == "Locked"
    await clock.advance(1)
    assert shown(picture) == {"status": "Offline", "level": 4, "lockMode": 0}
    picture.reported([report(lock="Locked", door="Closed")], picture.now())
    assert shown(picture)["lockState"] == "Locked"
    assert shown(picture)["sensorState"] == "Closed"


async def test_a_machine_that_slept_shows_nothing_from_before(
    picture: Picture, clock: VirtualClock
) -> None:
    picture.reported([report(lock="Locked")], picture.now())
    clock.jump(timedelta(hours=8))
    assert "lockState" not in shown(picture)


async def test_a_clock_set_back_does_not_freeze_the_picture(
    picture: Picture, clock: VirtualClock
) -> None:
    picture.reported([report(lock="Locked")], picture.now())
    clock.jump(timedelta(days=-1))
    assert shown(picture)["lockState"] == "Locked"
    await clock.advance(STALE_AFTER + 1)
    assert "lockState" not in shown(picture)


async def test_a_door_sensor_that_falls_silent_fades_although_the_bolt_is_reported(
    picture: Picture, clock: VirtualClock
) -> None:
    picture.reported([report(lock="Locked", door="Closed")], picture.now())
    for _ in range(10):
        await clock.advance(60)
        picture.reported([report(lock="Locked")], picture.now())
    assert shown(picture)["lockState"] == "Locked"
    assert "sensorState" not in shown(picture)


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
    value: Any, picture: Picture, *, is_shown: bool
) -> None:
    picture.reported([report(lock="Locked")], picture.now())
    picture.reported([report(lock=value, battery=2)], picture.now())
    assert ("lockState" in shown(picture)) is is_shown
    assert shown(picture)["level"] == 2


OFFLINE = [report(health="Offline", lock="Locked"), report(error="DEVICE_OFFLINE")]


@pytest.mark.parametrize("offline", OFFLINE)
async def test_one_offline_reading_is_a_blip_and_two_are_the_truth(
    offline: DeviceReport, picture: Picture
) -> None:
    picture.reported([report(health="Online", lock="Locked")], picture.now())
    assert not any(after.is_offline for after, _ in picture.reported([offline], picture.now()))
    assert shown(picture)["status"] == "Online"
    ((after, before),) = picture.reported([offline], picture.now())
    assert after.is_offline
    assert not before.is_offline
    assert shown(picture) == {"status": "Offline"}


@pytest.mark.parametrize("offline", OFFLINE)
async def test_two_offline_readings_count_only_in_a_row(
    offline: DeviceReport, picture: Picture
) -> None:
    for one in (offline, report(health="Online", lock="Locked"), offline):
        picture.reported([one], picture.now())
    assert not picture.find(LOCK).is_offline


async def test_an_answer_without_health_leaves_an_offline_lock_offline(picture: Picture) -> None:
    for one in (OFFLINE[0], OFFLINE[0], report(lock="Locked"), report()):
        picture.reported([one], picture.now())
    assert shown(picture) == {"status": "Offline"}
    picture.reported([report(health="Online", lock="Locked")], picture.now())
    assert shown(picture) == {"status": "Online", "lockState": "Locked"}


async def test_only_what_changes_to_the_eye_is_told(picture: Picture) -> None:
    assert len(picture.reported([report(lock="Locked")], picture.now())) == 1
    assert (
        picture.reported([report(lock="Locked"), report(device_id="never heard of")], picture.now())
        == []
    )
    ((after, before),) = picture.reported([report(lock="Unlocked")], picture.now())
    assert (before.reported_state, after.reported_state) == ("locked", "unlocked")


async def test_a_device_is_gone_when_three_discoveries_in_a_row_say_so(picture: Picture) -> None:
    only = [{"id": LOCK}]
    picture.reported([report(device_id=OTHER, lock="Locked")], picture.now())
    for entries in (only, only, [*only, {"id": OTHER}], only, only, [], only):
        assert picture.find(OTHER).states
        picture.discovered(entries)
    with pytest.raises(UnknownDeviceError):
        picture.find(OTHER)
    assert [device.id for device in picture.devices] == [LOCK]


async def test_an_empty_discovery_proves_nothing(picture: Picture) -> None:
    for _ in range(10):
        picture.discovered([])
    assert len(picture.devices) == 2


async def test_a_renamed_device_keeps_its_readings(picture: Picture) -> None:
    picture.reported([report(lock="Locked")], picture.now())
    picture.discovered([{"id": LOCK, "name": "Garden"}, {"id": OTHER}])
    assert picture.find(LOCK).name == "Garden"
    assert shown(picture)["lockState"] == "Locked"


async def test_after_a_restart_the_devices_are_known_and_their_state_is_not(
    clock: VirtualClock,
) -> None:
    picture = Picture(clock, Given())
    picture.discovered([{"id": LOCK, "name": "Front"}])
    assert picture.find(LOCK) == Device(LOCK, {"id": LOCK, "name": "Front"})
    assert shown(picture) == {"status": "Offline"}


async def test_an_answer_that_was_overtaken_does_not_undo_a_newer_one(
    picture: Picture, clock: VirtualClock
) -> None:
    asked_early = picture.now()
    await clock.advance(2)
    picture.reported([report(lock="Unlocked")], picture.now())
    assert picture.reported([report(lock="Locked")], asked_early) == []
    assert shown(picture)["lockState"] == "Unlocked"


async def test_only_a_reading_that_is_young_and_from_a_lock_that_answers_is_fresh(
    picture: Picture, clock: VirtualClock
) -> None:
    def door() -> Any:
        return picture.fresh(picture.find(LOCK), "st.DoorSensor", "sensorState")

    assert door() is None
    picture.reported([report(lock="Locked", door="Closed", health="Online")], picture.now())
    assert door() == "Closed"
    await clock.advance(STALE_AFTER + 1)
    picture.reported([report(lock="Locked", health="Online")], picture.now())
    assert door() is None
    picture.reported([report(lock="Locked", door="Open", health="Online")], picture.now())
    assert door() == "Open"
    for _ in range(2):
        picture.reported([report(health="Offline")], picture.now())
    assert door() is None
