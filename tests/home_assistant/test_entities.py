"""What a real Home Assistant Core shows of the devices, and what it does with them, over MQTT."""

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import pytest
import pytest_asyncio

from tests.broker import Broker
from tests.conftest import LOCK, OTHER_LOCK
from tests.home_assistant.home import Home
from utec_gateway.gateway import Gateway
from utec_gateway.options.schema import MqttOptions
from utec_gateway.simulator.states import DoorState, LockState, jam, unlock

pytestmark = pytest.mark.asyncio(loop_scope="session")

GARDEN, DIMMER, PLUG = OTHER_LOCK, "02:51:4D:00:00:03", "02:51:4D:00:00:04"
QUIET_FOR = 3.0
"""Seconds in which a bolt that something was to move must have moved."""


@pytest_asyncio.fixture(loop_scope="session")
async def house(home: Home, mqtt: Broker) -> AsyncIterator[Home]:
    """A home with devices of every kind, whose gateway is to use Core's broker."""
    home.cloud.add_device(GARDEN, "Garden Door", "lock_with_sensor")
    home.cloud.add_device(DIMMER, "Hall Lamp", "dimmer")
    home.cloud.add_device(PLUG, "Pump", "plug")
    home.cloud.behaviour.commands.effect_delay = 0.5
    home.options["mqtt"] = {"mode": "enabled", "host": mqtt.host, "port": mqtt.port}
    yield home
    await home.stop()
    await home.core.remove_all_devices()


async def start(house: Home) -> Gateway:
    """Start, and wait until Home Assistant shows everything and bolts may be moved."""
    gateway = await house.start()
    await house.core.until("lock.front_door", "locked")
    await house.core.until("switch.pump", "off")
    house.clock.leap(5)
    return gateway


def set_topic(broker_retained: dict[str, str], node: str = "Front Door") -> str:
    """Return where a lock takes commands, as its announcement says."""
    for payload in broker_retained.values():
        found = json.loads(payload) if payload.startswith('{"device"') else {}
        if found.get("device", {}).get("name") == node:
            return str(found["components"]["lock"]["command_topic"])
    raise AssertionError(node)


async def test_every_device_is_there_with_names_and_classes_as_home_assistant_has_them(
    house: Home,
) -> None:
    await start(house)
    entities = await house.core.entities()
    ours = {name: one for name, one in entities.items() if one["platform"] == "mqtt"}
    shown = {name for name, one in ours.items() if one["disabled_by"] is None}
    assert {name for name in shown if "garden" in name} == {
        "lock.garden_door",
        "binary_sensor.garden_door_door",
        "sensor.garden_door_battery",
        "binary_sensor.garden_door_battery_low",
        "binary_sensor.garden_door_connectivity",
        "sensor.garden_door_mode",
        "event.garden_door_activity",
        "button.garden_door_refresh",
    }
    assert {name for name in ours.keys() - shown if "garden" in name} == {
        "sensor.garden_door_battery_level",
        "sensor.garden_door_last_confirmed",
    }
    assert {"light.hall_lamp", "switch.pump"} <= shown
    assert {name for name in shown if "gateway" in name} == {
        "binary_sensor.u_tec_gateway_sign_in",
        "binary_sensor.u_tec_gateway_u_tec_connectivity",
        "sensor.u_tec_gateway_sign_in_valid_until",
        "sensor.u_tec_gateway_next_refresh",
        "sensor.u_tec_gateway_cloud_calls_per_hour",
        "button.u_tec_gateway_refresh_sign_in",
        "button.u_tec_gateway_refresh_devices",
    }
    devices = await house.core.devices()
    assert devices["Garden Door"]["via_device_id"] == devices["U-tec Gateway"]["id"]
    assert not [line for line in house.core.log_lines() if "mqtt" in line]


async def test_the_states_are_those_of_the_devices(house: Home) -> None:
    await start(house)
    states = await house.core.states()
    assert {
        name: states[name]["state"]
        for name in (
            "binary_sensor.garden_door_door",
            "binary_sensor.garden_door_connectivity",
            "binary_sensor.u_tec_gateway_sign_in",
            "binary_sensor.u_tec_gateway_u_tec_connectivity",
            "sensor.garden_door_mode",
            "light.hall_lamp",
        )
    } == {
        "binary_sensor.garden_door_door": "off",
        "binary_sensor.garden_door_connectivity": "on",
        "binary_sensor.u_tec_gateway_sign_in": "off",
        "binary_sensor.u_tec_gateway_u_tec_connectivity": "on",
        "sensor.garden_door_mode": "Normal",
        "light.hall_lamp": "off",
    }
    assert states["sensor.garden_door_battery"]["state"] in {"10", "30", "50", "70", "100"}
    assert states["sensor.garden_door_battery"]["attributes"]["unit_of_measurement"] == "%"


async def test_a_lock_is_unlocked_from_home_assistant_and_seen_to_be(house: Home) -> None:
    await start(house)
    async with house.core.events("state_changed") as changes:
        await house.core.call("lock", "unlock", entity_id="lock.front_door")
        await house.core.until("lock.front_door", "unlocked")
    seen = [
        one["data"]["new_state"]["state"]
        for one in changes
        if one["data"]["entity_id"] == "lock.front_door"
    ]
    assert seen[0] == "unlocking"
    assert house.cloud.devices[LOCK].states.lock_state is LockState.UNLOCKED
    event = await house.core.until(
        "event.front_door_activity",
        lambda state: state and state["attributes"].get("event_type") == "unlocked",
    )
    assert event["attributes"]["source"] == "command"
    assert event["attributes"]["origin"] == "mqtt"
    assert event["attributes"]["seconds"] > 0
    await house.core.call("lock", "lock", entity_id="lock.front_door")
    await house.core.until("lock.front_door", "locked")


async def test_what_happens_at_the_door_is_seen_and_told(house: Home) -> None:
    gateway = await start(house)
    house.cloud.devices[GARDEN].operate(unlock)
    await gateway.account.poller.poll()
    await house.core.until("lock.garden_door", "unlocked")
    house.cloud.devices[GARDEN].operate(lambda states: replace(states, door=DoorState.OPEN))
    await gateway.account.poller.poll()
    await house.core.until("binary_sensor.garden_door_door", "on")
    house.cloud.devices[GARDEN].operate(jam)
    await gateway.account.poller.poll()
    await house.core.until("lock.garden_door", "jammed")
    event = await house.core.until(
        "event.garden_door_activity",
        lambda state: state["attributes"].get("event_type") == "jammed",
    )
    assert event["attributes"]["source"] == "outside"


async def test_a_lock_that_does_not_obey_is_shown_as_it_is_and_that_is_said(house: Home) -> None:
    await start(house)
    house.cloud.devices[LOCK].behaviour.deaf = True
    await house.core.call("lock", "unlock", entity_id="lock.front_door")
    await house.core.until("lock.front_door", "unlocking")
    for _ in range(7):
        house.clock.leap(10)
        await house.clock.sleep(0.2)
    await house.core.until("lock.front_door", "locked")
    await house.core.until(
        "event.front_door_activity",
        lambda state: state["attributes"].get("event_type") == "unlock_not_confirmed",
    )
    await house.until(lambda shown: any("not_confirmed" in key for key in shown))


async def test_what_nobody_knows_any_more_is_unknown_and_never_the_old_state(house: Home) -> None:
    await start(house)
    house.cloud.behaviour.actions.reject_code = "INTERNAL_ERROR"
    house.clock.leap(61)
    await house.core.until("lock.front_door", "unknown")
    await house.core.until("binary_sensor.garden_door_door", "unknown")
    await house.core.until("switch.pump", "unknown")
    await house.core.until("light.hall_lamp", "unknown")
    house.cloud.behaviour.actions.reject_code = None
    for _ in range(5):
        house.clock.leap(15)
        await house.clock.sleep(0.2)
    await house.core.until("lock.front_door", "locked")


async def test_an_offline_lock_is_unavailable_and_comes_back(house: Home) -> None:
    gateway = await start(house)
    house.cloud.devices[LOCK].go_offline()
    for _ in range(2):
        await gateway.account.poller.poll()
    await house.core.until("lock.front_door", "unavailable")
    await house.core.until("binary_sensor.front_door_connectivity", "off")
    assert (await house.core.state("lock.garden_door"))["state"] == "locked"
    house.cloud.devices[LOCK].go_online()
    await gateway.account.poller.poll()
    await house.core.until("lock.front_door", "locked")


async def test_everything_is_unavailable_while_the_gateway_is_gone(house: Home) -> None:
    await start(house)
    await house.stop()
    for entity in ("lock.front_door", "light.hall_lamp", "binary_sensor.u_tec_gateway_sign_in"):
        await house.core.until(entity, "unavailable")
    await start(house)


async def test_a_core_that_restarts_shows_everything_again(house: Home) -> None:
    await start(house)
    before = {name: one["state"] for name, one in (await house.core.states("door")).items()}
    await house.core.restart()
    await house.core.until("lock.front_door", "locked")
    await house.core.until("binary_sensor.garden_door_door", "off")
    after = {name: one["state"] for name, one in (await house.core.states("door")).items()}
    assert after.keys() == before.keys()


async def test_a_broker_that_lost_everything_gets_it_again(house: Home, mqtt: Broker) -> None:
    await start(house)
    await mqtt.restart()
    await house.core.until("lock.front_door", lambda state: state["state"] == "locked")
    await mqtt.until_retained(lambda retained: any("front_door" not in t for t in retained))


async def test_an_unlock_that_is_retained_moves_nothing(house: Home, mqtt: Broker) -> None:
    await start(house)
    topic = set_topic(await mqtt.retained())
    await house.stop()
    await mqtt.publish(topic, "UNLOCK", retain=True, qos=1)
    await start(house)
    await mqtt.until_retained(lambda retained: topic not in retained)
    await asyncio.sleep(QUIET_FOR)  # noqa: TID251 - nothing is to happen, in real time
    assert house.cloud.devices[LOCK].states.lock_state is LockState.LOCKED
    await house.core.until("lock.front_door", "locked")


async def test_without_allow_unlock_home_assistant_is_refused_and_told(house: Home) -> None:
    house.options["mqtt"]["allow_unlock"] = False
    await start(house)
    await house.core.call("lock", "unlock", entity_id="lock.front_door")
    event = await house.core.until(
        "event.front_door_activity",
        lambda state: state["attributes"].get("event_type") == "refused",
    )
    assert "switched off" in event["attributes"]["reason"]
    assert house.cloud.devices[LOCK].states.lock_state is LockState.LOCKED
    await house.core.call("lock", "lock", entity_id="lock.front_door")
    await house.core.until("lock.front_door", "locked")


async def test_a_light_takes_its_level_and_a_plug_turns_on(house: Home) -> None:
    await start(house)
    await house.core.call("light", "turn_on", entity_id="light.hall_lamp", brightness_pct=40)
    await house.core.until("light.hall_lamp", lambda state: _level(state) == 102)
    assert house.cloud.devices[DIMMER].states.level == 40
    await house.core.call("light", "turn_off", entity_id="light.hall_lamp")
    await house.core.until("light.hall_lamp", "off")
    await house.core.call("switch", "turn_on", entity_id="switch.pump")
    await house.core.until("switch.pump", "on")


def _level(state: dict[str, Any]) -> object:
    return state.get("attributes", {}).get("brightness")


async def test_the_buttons_do_what_they_say(house: Home) -> None:
    gateway = await start(house)
    before = gateway.account.tokens.token
    await house.core.call("button", "press", entity_id="button.u_tec_gateway_refresh_sign_in")
    await house.happened(lambda: _is_newer(gateway, before))
    house.cloud.devices[GARDEN].operate(unlock)
    await house.core.call("button", "press", entity_id="button.garden_door_refresh")
    await house.core.until("lock.garden_door", "unlocked")


async def _is_newer(gateway: Gateway, before: object) -> bool:
    return gateway.account.tokens.token != before


async def test_a_problem_of_the_sign_in_is_shown_with_the_issues(house: Home) -> None:
    gateway = await start(house)
    house.cloud.refuse_grants()
    await house.core.call("button", "press", entity_id="button.u_tec_gateway_refresh_sign_in")
    state = await house.core.until("binary_sensor.u_tec_gateway_sign_in", "on")
    titles = [one["title"] for one in state["attributes"]["issues"]]
    assert "Sign in to U-tec again" in titles
    house.cloud.accept_grants()
    await house.sign_in(gateway)
    await house.core.until("binary_sensor.u_tec_gateway_sign_in", "off")


async def test_a_device_that_a_person_deletes_stays_away_until_a_restart(house: Home) -> None:
    gateway = await start(house)
    await house.core.remove_device("Pump")
    await gateway.account.poller.poll()
    house.clock.leap(61)
    await asyncio.sleep(QUIET_FOR)  # noqa: TID251 - nothing is to happen, in real time
    assert await house.core.states("pump") == {}
    await house.stop()
    await start(house)


async def test_switched_off_it_takes_everything_along(house: Home, mqtt: Broker) -> None:
    gateway = await start(house)
    await gateway.settings.change({"mqtt": {"mode": "disabled"}})
    await mqtt.until_retained(lambda retained: not any("utec" in topic for topic in retained))
    assert "Front Door" not in await house.core.devices()
    assert await house.core.states("lock.") == {}
    assert gateway.settings.options.mqtt == MqttOptions(
        mode="disabled", host=mqtt.host, port=mqtt.port
    )
