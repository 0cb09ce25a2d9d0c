"""Rows C1 to C4: the kinds of device."""

import pytest

from tests.simulator.conftest import LOCK, Client
from utec_gateway.simulator.devices import SimulatedDevice
from utec_gateway.simulator.scenario import load_scenario
from utec_gateway.simulator.states import DoorState, LockState
from utec_gateway.simulator.virtual_time import VirtualClock


async def test_there_is_one_of_each_kind(client: Client) -> None:
    load_scenario(client.cloud, "every_kind")
    found = {entry["name"]: entry for entry in await client.discover()}
    answer = await client.query(*(entry["id"] for entry in found.values()))
    names = {entry["id"]: name for name, entry in found.items()}
    states = {
        names[device["id"]]: {(state["capability"], state["name"]) for state in device["states"]}
        for device in answer.payload["devices"]
    }
    door, lock_mode = ("st.doorSensor", "sensorState"), ("st.lock", "lockMode")
    assert door in states["Lock With Door State"]
    assert door not in states["Sensor Type Without Door State"]
    assert found["Sensor Type Without Door State"]["handleType"] == "utec-lock-sensor"
    assert lock_mode in states["Plain Lock"]
    assert lock_mode not in states["Lock Without Mode"]
    assert found["Unknown Type"]["handleType"] == "utec-generic"
    assert ("st.lock", "lockState") in states["Unknown Type"]
    assert states["Unknown Type Without States"] == set()
    assert states["Hall Dimmer"] >= {("st.switch", "switch"), ("st.switchLevel", "level")}
    assert ("st.switch", "switch") in states["Fountain Plug"]
    assert found["Reading Bulb"]["category"] == "Light"
    assert found["Reading Bulb"]["handleType"] == "utec-dimmer"
    assert found["Lock With Custom Data"]["customData"] == {"cluster": "sim-7", "shard": 3}


async def test_custom_data_must_be_echoed(client: Client, lock: SimulatedDevice) -> None:
    assert "customData" not in (await client.discover())[0]
    lock.behaviour.custom_data = {"shard": 3}
    echoed = {"devices": [{"id": LOCK, "customData": {"shard": 3}}]}
    assert "devices" in (await client.act("Device/Query", echoed)).payload
    assert client.cloud.calls.problems == []
    await client.query()
    problem = "Device/Query: customData is not echoed as it was given"
    assert client.cloud.calls.problems == [problem]
    client.cloud.behaviour.actions.strict = True
    assert (await client.query()).error_code == "BAD-REQUEST"


@pytest.mark.parametrize("kind", ["dimmer", "bulb"])
async def test_a_level_turns_a_light_on_and_zero_turns_it_off(
    client: Client, clock: VirtualClock, kind: str
) -> None:
    client.cloud.add_device(LOCK, "Light", kind)

    async def light() -> tuple[object, object]:
        await clock.advance(4)
        answer = await client.query()
        return answer.state("st.switch", "switch"), answer.state("st.switchLevel", "level")

    await client.command("setLevel", {"level": 40}, "st.switchLevel")
    assert await light() == ("on", 40)
    await client.command("setLevel", {"level": 0}, "st.switchLevel")
    assert await light() == ("off", 40)
    await client.command("setLevel", {"level": 80}, "st.switch")  # the vendor's own sample
    assert await light() == ("off", 40)
    await client.command("on", capability="st.switch")
    assert await light() == ("on", 40)
    await client.command("lock")
    assert await light() == ("on", 40)


@pytest.mark.parametrize("kind", ["switch", "plug"])
async def test_a_switch_is_on_or_off(client: Client, clock: VirtualClock, kind: str) -> None:
    client.cloud.add_device(LOCK, "Switch", kind)
    await client.command("on", capability="st.switch")
    await clock.advance(4)
    assert (await client.query()).state("st.switch", "switch") == "on"
    await client.command("off", capability="st.switch")
    await clock.advance(4)
    assert (await client.query()).state("st.switch", "switch") == "off"


async def test_a_new_lock_is_locked_in_normal_mode_with_battery_four(
    client: Client, lock: SimulatedDevice
) -> None:
    answer = await client.query(lock.device_id)
    assert [state["value"] for state in answer.device["states"]] == ["Online", "Locked", 0, 4]


async def test_a_lock_may_start_otherwise(client: Client) -> None:
    client.cloud.add_device(
        LOCK,
        "Door",
        "lock_with_sensor",
        lock_state=LockState.UNKNOWN,
        door=DoorState.OPEN,
        battery=1,
    )
    answer = await client.query()
    assert answer.state("st.lock", "lockState") == "Unknown"
    assert answer.state("st.doorSensor", "sensorState") == "Open"
    assert answer.state("st.batteryLevel", "level") == 1


async def test_a_battery_may_claim_to_be_full(client: Client, lock: SimulatedDevice) -> None:
    lock.behaviour.battery_stuck_at = 5
    assert (await client.query()).state("st.batteryLevel", "level") == 5
    assert lock.states.battery == 4
