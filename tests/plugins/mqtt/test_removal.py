"""Nothing of ours stays on a broker that should be gone, and nothing goes that should stay."""

import asyncio
import json
import shutil
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from tests.broker import Broker
from tests.browser.leaping_clock import LeapingClock
from tests.conftest import LOCK, OTHER_LOCK
from tests.plugins.mqtt.house import House, tag_of
from utec_gateway.plugin_api import BrokerState
from utec_gateway.simulator.cloud import SimulatedCloud
from utec_gateway.simulator.kinds import KINDS

OF_A_DEVICE = len(("discovery", "state"))
OF_A_HOUSE = 3 * OF_A_DEVICE + len(("last_confirmed", "bridge"))


def of(device_id: str, topics: Any) -> set[str]:
    """Return those topics that are a device's."""
    return {topic for topic in topics if tag_of(device_id) in topic}


async def discover(house: House) -> None:
    """Have U-tec's list of devices read once more."""
    house.clock.leap(61)
    await house.gateway.account.poller.discover()


async def taken_out_of_the_account(house: House, device_id: str) -> None:
    """Let U-tec's list lack a device for as long as it takes to be believed."""
    del house.cloud.devices[device_id]
    for _ in range(3):
        await discover(house)


async def test_a_device_that_left_the_account_is_taken_away_wholly(house: House) -> None:
    await house.connected()
    house.broker.messages.clear()
    await taken_out_of_the_account(house, OTHER_LOCK)
    found = await house.broker.until_retained(lambda found: not of(OTHER_LOCK, found))
    assert len(of(LOCK, found)) == OF_A_DEVICE
    said = house.heard(house.discovery(OTHER_LOCK))
    assert json.loads(said[-2])["device"]["name"] == "Back Door", "announced in full before"
    assert said[-1] == ""


async def test_a_device_that_came_back_is_announced_again(house: House) -> None:
    await house.connected()
    back = house.cloud.devices[OTHER_LOCK]
    await taken_out_of_the_account(house, OTHER_LOCK)
    await house.broker.until_retained(lambda found: not of(OTHER_LOCK, found))
    house.cloud.devices[OTHER_LOCK] = back
    await discover(house)
    await house.broker.until_retained(lambda found: len(of(OTHER_LOCK, found)) == OF_A_DEVICE)


async def test_a_device_that_is_missing_once_stays(house: House) -> None:
    await house.connected()
    before = await house.broker.retained()
    del house.cloud.devices[OTHER_LOCK]
    await discover(house)
    await discover(house)
    assert set(await house.broker.retained()) == set(before)


async def test_a_device_that_left_while_the_broker_was_away_is_taken_away_later(
    house: House,
) -> None:
    """What the broker retained all the same, as one with a disk does."""
    await house.connected()
    before = await house.broker.retained()
    await house.broker.stop()
    await house.until_state(BrokerState.UNREACHABLE)
    await taken_out_of_the_account(house, OTHER_LOCK)
    await house.broker.start()
    for topic in of(OTHER_LOCK, before):
        await house.broker.publish(topic, before[topic], retain=True, qos=1)
    await house.until_state(BrokerState.CONNECTED, leaping=5)
    await house.broker.until_retained(lambda found: not of(OTHER_LOCK, found))


@pytest.mark.parametrize("lost", ["devices.json", "both"])
async def test_a_list_of_devices_that_got_lost_removes_nothing(house: House, lost: str) -> None:
    await house.connected()
    before = await house.broker.retained()
    await house.stop()
    (house.folder / "devices.json").unlink()
    if lost == "both":
        house.cloud.faults.fail("Device/Discovery")
    house.broker.messages.clear()
    await house.start()
    await house.until_state(BrokerState.CONNECTED)
    for _ in range(20):
        house.clock.leap(10)
        await asyncio.sleep(0.02)  # noqa: TID251 - the network is real
    assert set(await house.broker.retained()) == set(before)
    assert "" not in house.heard(house.discovery(LOCK))


async def test_an_empty_list_by_mistake_removes_nothing(house: House) -> None:
    await house.connected()
    before = await house.broker.retained()
    house.cloud.behaviour.actions.discovery_glitches = 2
    await discover(house)
    await discover(house)
    assert set(await house.broker.retained()) == set(before)


async def test_a_part_that_is_gone_is_taken_away_and_the_rest_stays(house: House) -> None:
    house.cloud.add_device(LOCK, "Front Door", kind="lock_with_sensor")
    await house.connected()
    before = (await house.announced())["components"]
    assert "door" in before
    house.cloud.devices[LOCK].turn_into(KINDS["switch"])
    await discover(house)
    await house.until_shown(LOCK, lambda shown: shown["lock"] is None, leaping=1)

    async def components() -> dict[str, Any]:
        found: dict[str, Any] = (await house.announced())["components"]
        return found

    await house.broker.until_retained(
        lambda found: (
            json.loads(found[house.discovery()])["components"]["lock"] == {"platform": "lock"}
        )
    )
    after = await components()
    assert after["switch"]["platform"] == "switch"
    await house.stop()
    await house.connected()
    assert (await components())["lock"] == {"platform": "lock"}, "a Core that slept hears it too"


async def test_before_the_first_report_the_earlier_announcement_stays(house: House) -> None:
    house.cloud.add_device(LOCK, "Front Door", kind="lock_with_sensor")
    await house.connected()
    before = await house.announced()
    await house.stop()
    house.cloud.faults.fail("Device/Query")
    house.broker.messages.clear()
    await house.start()
    await house.until_state(BrokerState.CONNECTED)
    assert {json.dumps(json.loads(one)) for one in house.heard(house.discovery())} == {
        json.dumps(before)
    }
    assert house.shown()[-1]["lock"] is None, "an old state is no present one"


@pytest.mark.parametrize("how", ["test", "restart"])
async def test_what_a_person_deleted_stays_away_until_a_test_or_a_restart(
    house: House, how: str
) -> None:
    await house.connected()
    await house.broker.publish(house.discovery(OTHER_LOCK), "", retain=True, qos=1)
    await house.broker.until_retained(lambda found: not of(OTHER_LOCK, found))
    for _ in range(10):
        house.clock.leap(30)
        await asyncio.sleep(0.02)  # noqa: TID251 - the network is real
    house.gateway.account.poller.request_poll()
    found = await house.broker.retained()
    assert not of(OTHER_LOCK, found)
    assert of(LOCK, found)
    if how == "test":
        (said,) = (await house.gateway.hooks.test_broker()).values()
        assert said.delivered
    else:
        await house.stop()
        await house.start()
    await house.broker.until_retained(lambda found: len(of(OTHER_LOCK, found)) == OF_A_DEVICE)


async def test_what_a_person_deleted_stays_away_over_a_reconnect(house: House) -> None:
    await house.connected()
    await house.broker.publish(house.discovery(OTHER_LOCK), "", retain=True, qos=1)
    await house.broker.until_retained(lambda found: not of(OTHER_LOCK, found))
    await house.broker.restart()
    await house.broker.until_retained(
        lambda found: of(LOCK, found) and found.get(house.bridge) == "online"
    )
    assert not of(OTHER_LOCK, await house.broker.retained())


async def nothing_is_left(house: House) -> None:
    await house.broker.until_retained(lambda found: not found)


async def test_switching_mqtt_off_takes_everything_away(house: House) -> None:
    await house.connected()
    house.broker.messages.clear()
    await house.change(mode="disabled")
    await nothing_is_left(house)
    await house.until_state(BrokerState.OFF)
    said = house.heard(house.discovery())
    assert json.loads(said[-2])["device"]["name"] == "Front Door", "announced in full before"
    await house.change(mode="auto")
    await house.until_state(BrokerState.CONNECTED)
    await house.broker.until_retained(lambda found: len(found) == OF_A_HOUSE)


async def test_switching_mqtt_off_while_the_gateway_is_down_takes_everything_away(
    house: House,
) -> None:
    await house.connected()
    await house.stop()
    house.mqtt["mode"] = "disabled"
    await house.start()
    await nothing_is_left(house)
    await house.until_state(BrokerState.OFF)


async def test_switching_mqtt_off_while_the_broker_is_away_waits_for_it(house: House) -> None:
    await house.connected()
    before = await house.broker.retained()
    await house.broker.stop()
    await house.until_state(BrokerState.UNREACHABLE)
    await house.change(mode="disabled")
    await house.broker.start()
    for topic, payload in before.items():
        await house.broker.publish(topic, payload, retain=True, qos=1)
    await house.until_state(BrokerState.OFF, leaping=5)
    await nothing_is_left(house)


async def test_where_mqtt_was_never_on_no_broker_is_asked(house: House) -> None:
    house.mqtt["mode"] = "disabled"
    await house.start()
    await house.until_state(BrokerState.OFF)
    assert await house.broker.retained() == {}
    assert "as utec-" not in house.broker.log()


@pytest.mark.parametrize("running", [True, False])
@pytest.mark.parametrize(
    "change",
    [
        {"base_topic": "elsewhere"},
        {"discovery_prefix": "discovered"},
        {"base_topic": "a/b", "discovery_prefix": "c/d"},
    ],
)
async def test_topics_of_an_earlier_setting_are_emptied(
    house: House, change: dict[str, str], *, running: bool
) -> None:
    await house.connected()
    before = set(await house.broker.retained())
    ids = unique_ids(await house.announced())
    if running:
        await house.change(**change)
    else:
        await house.stop()
        house.mqtt |= change
        await house.start()
    ours = (f"{house.base}/", house.discovery(None).removesuffix("/config"))
    await house.broker.until_retained(
        lambda found: (
            len(found) == len(before)
            and found.get(house.bridge) == "online"
            and house.base in found.get(house.discovery(), "")
            and not [topic for topic in found if not topic.startswith(ours)]
        )
    )
    assert unique_ids(await house.announced()) == ids


def unique_ids(announced: dict[str, Any]) -> set[str]:
    return {one["unique_id"] for one in announced["components"].values()}


async def test_a_renamed_device_has_its_new_name_and_the_same_ids(house: House) -> None:
    await house.connected()
    before = await house.announced()
    house.cloud.devices[LOCK].name = "Garden Gate"
    await discover(house)
    await house.broker.until_retained(
        lambda found: json.loads(found[house.discovery()])["device"]["name"] == "Garden Gate"
    )
    after = await house.announced()
    assert unique_ids(after) == unique_ids(before)
    assert after["device"]["identifiers"] == before["device"]["identifiers"]


@pytest.fixture
async def neighbors(
    house: House, broker: Broker, cloud: SimulatedCloud, clock: LeapingClock, tmp_path: Path
) -> AsyncIterator[tuple[House, House]]:
    """Two gateways on one broker; even their devices are the same."""
    folder = tmp_path / "neighbor"
    folder.mkdir()
    other = House(broker, cloud, clock, folder, dict(house.mqtt))
    await house.connected()
    await other.connected()
    yield house, other
    await other.stop()


async def test_two_gateways_on_one_broker_do_not_touch_each_other(
    neighbors: tuple[House, House],
) -> None:
    house, other = neighbors
    theirs = {topic for topic in await house.broker.retained() if other.installation in topic}
    assert len(theirs) == OF_A_HOUSE
    house.clock.leap(2.5)
    await house.send("UNLOCK")
    await house.until_event("unlocked")
    assert [one["source"] for one in other.events()] in ([], ["outside"])
    await house.change(mode="disabled")
    found = await house.broker.until_retained(
        lambda found: not any(house.installation in topic for topic in found)
    )
    assert set(found) == theirs
    assert found[other.bridge] == "online"


async def test_an_installation_that_moves_to_another_machine_keeps_its_ids(
    house: House, broker: Broker, cloud: SimulatedCloud, clock: LeapingClock, tmp_path: Path
) -> None:
    await house.connected()
    before = await house.broker.retained()
    await house.stop()
    moved = tmp_path / "moved"
    shutil.copytree(house.folder, moved)
    other = House(broker, cloud, clock, moved, dict(house.mqtt))
    await other.connected()
    assert set(await broker.retained()) == set(before)
    assert other.installation == house.installation
    await other.stop()


ODD_MEMORIES = [
    b"",
    b"{",
    b"[]",
    b'"text"',
    b'{"installation": 5, "announced": []}',
    b'{"installation": "a/b", "announced": {"x": 1}}',
    b'{"installation": "abcd", "announced": {"x": {"payload": {}, "topics": 5}}}',
    b'{"installation": "abcd", "announced": {"x": {"payload": {"components": 3}, "topics": []}}}',
    (
        b'{"installation": "ab", "announced": {"homeassistant/device/utec_ab/config": '
        b'{"payload": {"components": {"a": 1}}, "topics": []}}}'
    ),
    (
        b'{"installation": "ab", "announced": {"homeassistant/device/utec_ab/config": '
        b'{"payload": {"components": {}}, "topics": [1, null, "#", ""]}}}'
    ),
    b'{"installation": "abcd", "announced": {"+/#": {"payload": {}, "topics": []}}}',
]


@pytest.mark.parametrize("content", ODD_MEMORIES, ids=range(len(ODD_MEMORIES)))
async def test_an_odd_memory_stops_nothing(house: House, content: bytes) -> None:
    (house.folder / "plugin-mqtt.json").write_bytes(content)
    await house.connected()
    assert house.installation.isalnum()
    assert (await house.broker.retained())[house.bridge] == "online"
    await house.gateway.settings.change({"poll_interval_seconds": 20})
    await discover(house)
    assert house.state is BrokerState.CONNECTED


async def test_old_topics_are_emptied_even_when_the_broker_went_away_in_between(
    house: House,
) -> None:
    """It does so when everything is announced elsewhere, and before the rest is emptied."""
    await house.connected()
    before = await house.broker.retained()
    await house.stop()
    house.mqtt["base_topic"] = "elsewhere"
    house.cloud.faults.fail("Device/Query")
    await house.start()
    await house.broker.until(
        lambda heard: any(one.topic == house.discovery(OTHER_LOCK) for one in heard)
    )
    await house.broker.kill()
    await house.stop()
    await house.broker.start()
    for topic, payload in before.items():
        await house.broker.publish(topic, payload, retain=True, qos=1)
    await house.start()
    await house.broker.until_retained(
        lambda found: found and not any(topic.startswith("utec_gateway/") for topic in found)
    )
