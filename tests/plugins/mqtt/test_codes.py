"""Access codes on the broker: how many, what waits, what happened by name, and never a code."""

import json
from datetime import timedelta
from typing import Any

from tests.conftest import LOCK, OTHER_LOCK
from tests.guests import CODE
from tests.plugins.mqtt.house import STRIDE, House
from utec_gateway.access_codes.new_guest import NewGuest
from utec_gateway.core.access_codes import Guest, Schedule

CODE_EVENTS = ["code_on_lock", "code_removed", "code_not_confirmed"]
SENSORS = {"codes", "codes_waiting"}
OWNER = 1
"""A user of every lock."""


async def invite(house: House, name: str = "Anna") -> Guest:
    """Make a guest who comes now."""
    codes = house.gateway.account.codes
    now = codes.zone().local(house.clock.now())
    new = NewGuest(name, Schedule(now, now + timedelta(days=2)), CODE)
    return (await codes.add(LOCK, new)).guest


async def components(house: House, *, with_codes: bool, device_id: str = LOCK) -> dict[str, Any]:
    """Return the entities of a lock once those for codes are there, or gone."""

    def has_come(found: Any) -> bool:
        announced = json.loads(found.get(house.discovery(device_id), "{}"))
        there = announced.get("components", {})
        return "lock" in there and ("unique_id" in there.get("codes", ())) is with_codes

    found = await house.broker.until_retained(has_come)
    there: dict[str, Any] = json.loads(found[house.discovery(device_id)])["components"]
    return there


async def test_without_the_option_nothing_of_codes_is_announced(house: House) -> None:
    await house.connected()
    there = await components(house, with_codes=False)
    assert not SENSORS & there.keys()
    assert not set(CODE_EVENTS) & set(there["activity"]["event_types"])
    assert {house.shown()[-1][key] for key in SENSORS} == {None}


async def test_each_lock_has_diagnostic_sensors_that_stay_while_it_is_offline(house: House) -> None:
    house.options["manage_codes"] = True
    await house.connected()
    for lock in (LOCK, OTHER_LOCK):
        there = await components(house, with_codes=True, device_id=lock)
        for key in SENSORS:
            assert there[key]["entity_category"] == "diagnostic"
            assert there[key]["availability"] == [{"topic": house.bridge}]
        assert there["codes"]["name"] == "Codes"
        assert there["activity"]["event_types"][-3:] == CODE_EVENTS


async def test_the_number_is_unknown_until_the_cloud_has_listed_the_users(house: House) -> None:
    house.options["manage_codes"] = True
    house.cloud.faults.fail("st.lockUser/list")
    await house.connected()
    await house.until_shown(LOCK, lambda shown: shown["lock"] == "LOCKED")
    assert {(one["codes"], one["codes_waiting"]) for one in house.shown()} == {(None, None)}
    house.cloud.faults.clear()
    await house.until_shown(LOCK, lambda shown: shown["codes"] == OWNER, leaping=STRIDE)


async def test_a_guest_is_counted_waits_arrives_and_goes_by_name(house: House) -> None:
    house.options["manage_codes"] = True
    await house.connected()
    house.cloud.devices[LOCK].go_offline()
    guest = await invite(house)
    await house.until_shown(
        LOCK,
        lambda shown: (shown["codes"], shown["codes_waiting"]) == (OWNER + 1, 1),
        leaping=STRIDE,
    )
    house.cloud.devices[LOCK].go_online()
    told = await house.until_event("code_on_lock")
    assert told == {"event_type": "code_on_lock", "guest": "Anna", "expired": False}
    await house.until_shown(
        LOCK,
        lambda shown: (shown["codes"], shown["codes_waiting"]) == (OWNER + 1, 0),
        leaping=STRIDE,
    )
    await house.gateway.account.codes.remove(LOCK, guest.id)
    assert (await house.until_event("code_removed"))["guest"] == "Anna"
    await house.until_shown(LOCK, lambda shown: shown["codes"] == OWNER, leaping=STRIDE)
    everything = [f"{one.topic} {one.payload}" for one in house.broker.messages]
    assert not [said for said in everything if CODE.digits in said]
    assert not any("Anna" in one.topic for one in house.broker.messages)


async def test_the_entities_go_when_the_option_is_switched_off(house: House) -> None:
    house.options["manage_codes"] = True
    await house.connected()
    await components(house, with_codes=True)
    await house.gateway.settings.change({"manage_codes": False})
    there = await components(house, with_codes=False)
    assert not set(CODE_EVENTS) & set(there["activity"]["event_types"])
    said = [json.loads(one)["components"] for one in house.heard(house.discovery()) if one]
    assert {"platform": "sensor"} in [one.get("codes") for one in said], "or they would stay"


async def test_the_entities_go_when_the_option_is_off_after_a_restart(house: House) -> None:
    house.options["manage_codes"] = True
    await house.connected()
    await components(house, with_codes=True)
    await house.stop()
    house.broker.messages.clear()
    house.options["manage_codes"] = False
    await house.connected()
    await components(house, with_codes=False)
    said = [json.loads(one)["components"] for one in house.heard(house.discovery()) if one]
    assert {"platform": "sensor"} in [one.get("codes") for one in said], "or they would stay"
