"""What is published of the devices: never an old state as a present one, whatever they are."""

import json
from collections.abc import Mapping
from functools import partial
from typing import Any

import pytest

from tests.conftest import LOCK, OTHER_LOCK
from tests.plugins.mqtt.house import STRIDE, House, tag_of
from utec_gateway.simulator.states import DoorState, LockState, jam, to_mode

ID = "02:51:4D:00:00:21"
KEYS = {
    "online",
    "lock",
    "mode",
    "door",
    "battery",
    "battery_level",
    "battery_low",
    "state",
    "brightness",
    "codes",
    "codes_waiting",
    "sensors",
}


async def test_a_lock_whose_state_u_tec_does_not_know_is_unknown(house: House) -> None:
    house.cloud.add_device(LOCK, "Front Door", lock_state=LockState.UNKNOWN)
    await house.connected()
    shown = await house.until_shown(LOCK, lambda shown: shown["battery"])
    assert (shown["online"], shown["lock"]) == (True, None)
    assert '"lock":null' in house.heard(house.state_topic())[-1]


async def test_what_was_last_known_fades_when_u_tec_is_silent_and_the_lock_stays_reachable(
    house: House,
) -> None:
    await house.connected()
    house.cloud.faults.fail("Device/Query")
    began = house.clock.monotonic()
    shown = await house.until_shown(LOCK, lambda shown: shown["lock"] is None, leaping=STRIDE)
    assert shown["online"] is True
    assert (shown["battery"], shown["mode"]) == (None, None)
    assert house.clock.monotonic() - began <= 60 + 10 * STRIDE
    await house.until_shown(OTHER_LOCK, lambda shown: shown["lock"] is None)


async def test_what_is_known_holds_until_it_is_stale(house: House) -> None:
    await house.connected()
    house.cloud.faults.fail("Device/Query")
    seen = house.gateway.account.cache.find(LOCK).seen
    assert seen
    house.clock.leap(seen.monotonic + 58 - house.clock.monotonic())
    said = len(house.shown())
    await house.send("what is said again after it")
    await house.broker.until(lambda _: len(house.shown()) > said)
    assert house.shown()[-1]["lock"] == "LOCKED"


async def test_an_offline_lock_has_no_state_and_comes_back(house: House) -> None:
    await house.connected()
    house.cloud.devices[LOCK].go_offline()
    shown = await house.until_shown(LOCK, lambda shown: not shown["online"], leaping=STRIDE)
    assert {shown[key] for key in ("lock", "mode", "door", "battery")} == {None}
    assert house.shown(OTHER_LOCK)[-1]["online"] is True
    house.cloud.devices[LOCK].go_online()
    await house.until_shown(
        LOCK, lambda shown: shown["online"] and shown["lock"] == "LOCKED", leaping=STRIDE
    )


async def test_after_a_restart_nothing_is_shown_that_was_known_before(house: House) -> None:
    await house.connected()
    await house.stop()
    house.cloud.faults.fail("Device/Query")
    house.broker.messages.clear()
    await house.start()
    await house.until_shown(LOCK, lambda shown: shown["lock"] is None)
    assert house.bolts() == [None]


@pytest.mark.parametrize(
    ("level", "percent", "low"),
    [(1, 10, "ON"), (2, 30, "ON"), (3, 50, "OFF"), (4, 70, "OFF"), (5, 100, "OFF")],
)
async def test_a_battery_is_shown_in_percent(
    house: House, level: int, percent: int, low: str
) -> None:
    house.cloud.add_device(LOCK, "Front Door", battery=level)
    await house.connected()
    shown = await house.until_shown(LOCK, lambda shown: shown["battery"])
    assert (shown["battery"], shown["battery_level"], shown["battery_low"]) == (percent, level, low)


async def test_a_jam_and_the_modes_are_shown(house: House) -> None:
    await house.connected()
    house.cloud.devices[LOCK].operate(jam)
    await house.until_shown(LOCK, lambda shown: shown["lock"] == "JAMMED", leaping=STRIDE)
    for number, name in ((1, "Passage"), (2, "Lockout"), (0, "Normal")):
        house.cloud.devices[LOCK].operate(to_mode(number))
        await house.until_shown(LOCK, partial(has_mode, name), leaping=STRIDE)
    options = (await house.announced())["components"]["mode"]["options"]
    assert options == ["Normal", "Passage", "Lockout"]


def has_mode(mode: str, shown: Mapping[str, Any]) -> bool:
    return bool(shown["mode"] == mode)


@pytest.mark.parametrize("kind", ["lock", "lock_with_sensor"])
async def test_a_door_is_there_only_where_there_is_a_sensor(house: House, kind: str) -> None:
    has_sensor = kind == "lock_with_sensor"
    house.cloud.add_device(LOCK, "Front Door", kind=kind)
    await house.connected()
    shown = await house.until_shown(LOCK, lambda shown: shown["lock"])
    assert shown["door"] == ("OFF" if has_sensor else None)
    found = await house.broker.until_retained(
        lambda found: "battery_low" in found.get(house.discovery(), "")
    )
    assert ("door" in json.loads(found[house.discovery()])["components"]) is has_sensor


async def test_an_open_door_is_shown_and_an_event(house: House) -> None:
    device = house.cloud.add_device(LOCK, "Front Door", kind="lock_with_sensor")
    await house.connected()
    device.become(device.kind.states.__class__(LockState.LOCKED, 0, DoorState.OPEN, 4))
    await house.until_shown(LOCK, lambda shown: shown["door"] == "ON", leaping=STRIDE)
    assert (await house.until_event("door_opened"))["source"] == "outside"
    device.become(device.kind.states)
    await house.until_event("door_closed")


async def test_a_battery_that_becomes_low_is_an_event(house: House) -> None:
    device = house.cloud.devices[LOCK]
    await house.connected()
    device.become(device.kind.states.__class__(LockState.LOCKED, 0, None, 2))
    await house.until_event("battery_low")


@pytest.mark.parametrize(
    ("kind", "platform", "device_class"),
    [
        ("plug", "switch", "outlet"),
        ("switch", "switch", "switch"),
        ("dimmer", "light", None),
        ("bulb", "light", None),
        ("lock", "lock", None),
    ],
)
async def test_every_kind_of_device_has_its_main_entity_with_the_devices_name(
    house: House, kind: str, platform: str, device_class: str | None
) -> None:
    house.cloud.add_device(ID, "Something", kind=kind)
    await house.connected()
    found = await house.broker.until_retained(
        lambda found: f'"{platform}"' in found.get(house.discovery(ID), "")
    )
    announced = json.loads(found[house.discovery(ID)])
    main = announced["components"][platform]
    assert (main["platform"], main["name"], main.get("device_class")) == (
        platform,
        None,
        device_class,
    )
    assert announced["device"]["name"] == "Something"
    assert announced["device"]["via_device"] == f"utec_{house.installation}"
    assert set(house.shown(ID)[-1]) == KEYS, "a missing key is a warning in Home Assistant"


async def test_sensors_of_an_unknown_kind_are_shown(house: House) -> None:
    house.cloud.add_device(ID, "Air", kind="unknown_sensor")
    await house.connected()
    shown = await house.until_shown(ID, lambda shown: shown["sensors"])
    assert 21.5 in shown["sensors"].values()
    assert 48 in shown["sensors"].values()
    found = await house.broker.until_retained(
        lambda found: "reported_" in found.get(house.discovery(ID), "")
    )
    components = json.loads(found[house.discovery(ID)])["components"]
    reported = [one for key, one in components.items() if key.startswith("reported_")]
    assert {one["platform"] for one in reported} == {"sensor"}
    for key in shown["sensors"]:
        assert f"value_json.sensors.get('{key}')" in str(reported)


NAMES = [
    "Tür “vorne” 'x' \"y\"",
    "🚪🔒",
    "two\nlines\r\n\tand a tab\x00",
    "{{ states('lock.front_door') }} {% raw %}",
    "x" * 300,
    "\ud800 half a surrogate",
    "</script><b>bold</b>",
    "+/#",
    "",
    "\u202egnol",
]
IDS = ["a/+/#", "#", "$SYS/x", "x" * 100, "Ä ö/ü", "' OR 1=1", "{{ x }}", "\u2028", ".", " "]


@pytest.mark.parametrize(
    ("name", "device_id"), [*zip(NAMES, IDS, strict=True)], ids=range(len(IDS))
)
async def test_names_and_ids_with_every_kind_of_character_are_announced(
    house: House, name: str, device_id: str
) -> None:
    house.cloud.add_device(device_id, name)
    await house.connected()
    announced = await house.announced(device_id)
    shown: str = announced["device"]["name"]
    assert shown.isprintable()
    assert 0 < len(shown) <= 100
    topics = {one.topic for one in house.broker.messages}
    assert not [one for one in topics if set(one) - set("abcdefghijklmnopqrstuvwxyz0123456789_/")]
    house.clock.leap(2.5)
    await house.send("UNLOCK", device_id)
    await house.until_event("unlocked", device_id)
    assert house.cloud.calls.commands_for(device_id) == ["unlock"]


async def test_the_gateway_shows_how_it_stands(house: House) -> None:
    await house.connected()
    topic = f"{house.base}/gateway/state"

    def state() -> dict[str, Any]:
        found: dict[str, Any] = json.loads(house.heard(topic)[-1])
        return found

    await house.broker.until(lambda _: state()["cloud"] == "ON")
    assert state()["sign_in_problem"] == "OFF"
    assert state()["valid_until"].endswith("+00:00")
    assert state()["next_refresh"].endswith("+00:00")
    assert state()["calls_last_hour"] > 0
    house.cloud.revoke_everything()
    await house.broker.until(lambda _: _pass(house) and state()["sign_in_problem"] == "ON")
    issue = state()["issues"][0]
    assert set(issue) == {"title", "message", "severity", "since"}


def _pass(house: House) -> bool:
    house.clock.leap(STRIDE)
    return True


async def test_without_a_sign_in_the_gateway_is_there_and_says_so(house: House) -> None:
    await house.start(sign_in=False)
    found = await house.broker.until_retained(lambda found: "online" in found.values())
    own = {f"{house.base}/{name}" for name in ("gateway/state", "last_confirmed", "bridge")}
    assert set(found) == {house.discovery(None), *own}
    state = json.loads(found[f"{house.base}/gateway/state"])
    assert (state["cloud"], state["valid_until"], state["next_refresh"]) == (None, None, None)


async def test_when_u_tec_does_not_answer_the_gateway_says_so(house: House) -> None:
    await house.connected()
    house.cloud.faults.fail("Device/Query")
    house.cloud.faults.fail("Device/Discovery")
    topic = f"{house.base}/gateway/state"
    await house.broker.until(
        lambda _: _pass(house) and json.loads(house.heard(topic)[-1])["cloud"] == "OFF"
    )


async def test_when_a_lock_was_last_confirmed_has_a_zone(house: House) -> None:
    await house.connected()
    topic, tag = f"{house.base}/last_confirmed", tag_of(LOCK)
    await house.broker.until(lambda _: "+00:00" in str(json.loads(house.heard(topic)[-1]).get(tag)))
