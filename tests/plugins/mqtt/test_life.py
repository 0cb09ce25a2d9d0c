"""What Home Assistant can rely on, whatever becomes of the broker, the gateway, and the network."""

import asyncio
import json
import re
import signal
import sys
from subprocess import DEVNULL

import aiomqtt
import pytest

from tests.conftest import LOCK, OTHER_LOCK
from tests.plugins.mqtt.house import STRIDE, House, index_of
from tests.programs import DIES_WITH_US
from utec_gateway.plugin_api import BrokerState
from utec_gateway.simulator.states import unlock


async def test_the_gateway_comes_first_and_online_last(house: House) -> None:
    await house.connected()
    await house.stop()
    house.broker.messages.clear()
    await house.connected()
    heard = house.broker.messages
    order = [
        index_of(heard, house.discovery(None)),
        index_of(heard, house.discovery(LOCK)),
        index_of(heard, f"{house.base}/gateway/state"),
        index_of(heard, house.bridge, "online"),
    ]
    assert order == sorted(order)


async def test_after_a_reconnect_online_is_the_last_word_again(house: House) -> None:
    await house.connected()
    await house.broker.stop()
    house.broker.messages.clear()
    await house.broker.start()
    heard = await house.broker.until(
        lambda messages: any(one.topic == house.bridge for one in messages)
    )
    until_online = {one.topic for one in heard[: index_of(heard, house.bridge, "online")]}
    for device in (LOCK, OTHER_LOCK):
        assert {house.discovery(device), house.state_topic(device)} <= until_online


async def test_a_broker_that_was_restarted_empty_holds_everything_again(house: House) -> None:
    await house.connected()
    before = await house.broker.retained()
    assert len(before) == 3 * len(("discovery", "state")) + len(("last_confirmed", "bridge"))
    await house.broker.kill()
    await house.broker.start()
    await house.broker.until_retained(
        lambda retained: set(retained) == set(before) and retained[house.bridge] == "online"
    )
    assert house.shown(LOCK)[-1]["lock"] == "LOCKED"


async def test_a_clean_stop_says_offline_and_nothing_after_it(house: House) -> None:
    await house.connected()
    house.broker.messages.clear()
    await house.stop()
    await house.broker.until_retained(lambda retained: retained[house.bridge] == "offline")
    assert house.heard(house.bridge)[-1] == "offline"
    assert house.heard(house.bridge).count("online") == 0


async def test_a_frozen_broker_that_thaws_holds_what_happened_meanwhile(house: House) -> None:
    await house.connected()
    house.broker.freeze()
    house.cloud.devices[LOCK].operate(unlock)
    house.clock.leap(20)
    await house.until_logged("Front Door is unlocked")
    house.broker.thaw()
    await house.until_shown(LOCK, lambda shown: shown["lock"] == "UNLOCKED")


async def test_a_broker_that_stays_frozen_is_away_and_found_again(house: House) -> None:
    """It takes the ten seconds that an exchange with the broker may take."""
    await house.connected()
    house.broker.freeze()
    house.cloud.devices[LOCK].operate(unlock)
    await house.until_state(BrokerState.UNREACHABLE, leaping=5)
    house.broker.thaw()
    await house.until_state(BrokerState.CONNECTED, leaping=5)
    await house.until_shown(LOCK, lambda shown: shown["lock"] == "UNLOCKED", leaping=5)
    assert house.heard(house.bridge)[-1] == "online"


async def test_a_lock_answers_http_while_the_broker_is_frozen(house: House) -> None:
    await house.connected()
    house.cloud.devices[LOCK].operate(unlock)
    await house.until_shown(LOCK, lambda shown: shown["lock"] == "UNLOCKED", leaping=5)
    house.broker.freeze()
    assert (await house.post("/api/lock", {"id": LOCK}))[1]["status"] == "ok"
    status, answer = await house.get("/health")
    assert (status, answer["health"]) == (200, "healthy")
    assert house.state is BrokerState.CONNECTED, "nobody has noticed yet"


async def test_a_gateway_stops_although_the_broker_is_frozen(house: House) -> None:
    await house.connected()
    house.broker.freeze()
    await house.stop()
    house.broker.thaw()


async def test_a_gateway_waits_for_a_broker_that_starts_later(house: House) -> None:
    await house.broker.stop()
    await house.start()
    await house.until_state(BrokerState.UNREACHABLE)
    assert "does not answer" in house.problem
    assert (await house.get("/health"))[0] == 200
    for _ in range(3):
        await house.broker.start()
        await house.until_state(BrokerState.CONNECTED, leaping=10)
        await house.broker.stop()
        await house.until_state(BrokerState.UNREACHABLE)


async def test_a_broker_that_is_away_for_an_hour_is_one_line_in_the_log(house: House) -> None:
    await house.broker.stop()
    await house.start()
    await house.until_state(BrokerState.UNREACHABLE)
    for _ in range(60):
        house.clock.leap(60)
        await asyncio.sleep(0.02)  # noqa: TID251 - the connection is refused in real time
    assert len(await house.until_logged("does not answer", "tries again")) == 1


async def test_a_will_that_comes_late_is_put_right(house: House) -> None:
    await house.connected()
    await house.broker.publish(house.bridge, "offline", retain=True, qos=1)
    await house.broker.until_retained(lambda found: found[house.bridge] == "online")


async def test_with_mqtt_5_a_will_that_comes_late_is_put_right_too(house: House) -> None:
    house.mqtt["version"] = "5"
    await house.connected()
    await house.broker.publish(house.bridge, "offline", retain=True, qos=1)
    await house.broker.until_retained(lambda found: found[house.bridge] == "online")


@pytest.mark.parametrize("version", ["3.1.1", "5"])
async def test_everything_is_published_in_every_version(house: House, version: str) -> None:
    house.mqtt["version"] = version
    await house.connected()
    before = set(await house.broker.retained())
    await house.broker.restart()
    await house.broker.until_retained(
        lambda found: set(found) == before and found[house.bridge] == "online"
    )
    # 3.1.1 is p2 in the log of Mosquitto 2.0, and p4 in that of 2.1
    spoken = rf"\(p{5 if version == '5' else '[24]'}, c1, k30"
    clean = rf"as utec-{house.installation} {spoken}"
    assert re.search(clean, house.broker.log()), "a clean session"


@pytest.mark.parametrize("prefix", ["homeassistant", "ours"])
async def test_home_assistants_birth_brings_everything_again_after_a_moment(
    house: House, prefix: str
) -> None:
    house.mqtt["discovery_prefix"] = prefix
    await house.connected()
    before = set(await house.broker.retained())
    house.broker.messages.clear()
    await house.broker.publish(f"{prefix}/status", "online")
    await house.broker.until(lambda heard: any(one.topic == f"{prefix}/status" for one in heard))
    await house.until_shown(LOCK, lambda shown: shown["lock"] == "LOCKED", leaping=STRIDE)
    heard = await house.broker.until(
        lambda messages: before <= {one.topic for one in messages if one.retain}
    )
    assert index_of(heard, house.discovery(None)) < index_of(heard, house.bridge)


@pytest.mark.parametrize(("payload", "retain"), [("online", True), ("offline", False)])
async def test_a_birth_that_was_retained_and_a_death_bring_nothing(
    house: House, payload: str, *, retain: bool
) -> None:
    await house.broker.publish("homeassistant/status", payload, retain=retain, qos=1)
    await house.connected()
    house.broker.messages.clear()
    if not retain:
        await house.broker.publish("homeassistant/status", payload, qos=1)
    for _ in range(24):
        house.clock.leap(0.5)
        await asyncio.sleep(0.01)  # noqa: TID251 - the network is real
    assert not [one for one in house.broker.messages if one.topic == house.discovery()]


async def test_a_gateway_that_is_killed_is_offline_by_its_will(house: House) -> None:
    (house.folder / "options.json").write_text(json.dumps({"mqtt": house.mqtt}))
    command = (sys.executable, "-m", "utec_gateway", "--data-dir", house.folder)
    ports = ("--api-port", "0", "--panel-port", "0")
    process = await asyncio.create_subprocess_exec(
        *DIES_WITH_US, *command, *ports, stdout=DEVNULL, stderr=DEVNULL
    )
    found = await house.broker.until_retained(lambda found: "online" in found.values())
    assert found[house.bridge] == "online"
    process.send_signal(signal.SIGKILL)
    await process.wait()
    await house.broker.until_retained(lambda found: found[house.bridge] == "offline")
    assert set(await house.broker.retained()) >= {house.discovery(None)}, "it is not removed"


async def test_a_second_client_with_our_id_stops_nothing_else(house: House) -> None:
    await house.connected()
    async with aiomqtt.Client(
        house.broker.host, house.broker.port, identifier=f"utec-{house.installation}"
    ):
        await house.until_state(BrokerState.UNREACHABLE)
        assert (await house.get("/health"))[0] == 200
    await house.until_state(BrokerState.CONNECTED, leaping=5)
    assert (await house.broker.retained())[house.bridge] == "online"


async def test_a_setting_that_is_not_the_brokers_leaves_the_connection_alone(house: House) -> None:
    await house.connected()
    house.broker.messages.clear()
    await house.gateway.settings.change({"poll_interval_seconds": 20})
    await house.change(allow_unlock=False)
    house.cloud.devices[LOCK].operate(unlock)
    await house.until_shown(LOCK, lambda shown: shown["lock"] == "UNLOCKED", leaping=STRIDE)
    assert house.heard(house.bridge) == []
