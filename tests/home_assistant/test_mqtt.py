"""Core's MQTT integration, by hand: what our entities rest on."""

import json
from pathlib import Path

import pytest
from playwright.async_api import Browser, expect

from tests.broker import Broker
from tests.home_assistant.core import Core
from tests.home_assistant.frontend import frontend

pytestmark = pytest.mark.asyncio(loop_scope="session")

DISCOVERY = {
    "device": {"identifiers": ["front"], "name": "Front Door"},
    "origin": {"name": "test"},
    "components": {
        "lock": {
            "platform": "lock",
            "unique_id": "front_lock",
            "name": None,
            "state_topic": "front/state",
            "command_topic": "front/set",
        },
    },
}


async def test_a_lock_announced_on_the_broker_is_there_and_locks(core: Core, mqtt: Broker) -> None:
    await mqtt.publish("homeassistant/device/front/config", json.dumps(DISCOVERY), retain=True)
    await core.until("lock.front_door", "unknown")
    await mqtt.publish("front/state", "UNLOCKED", retain=True)
    await core.until("lock.front_door", "unlocked")
    await core.call("lock", "lock", entity_id="lock.front_door")
    await mqtt.until(lambda messages: [m.payload for m in messages if m.topic == "front/set"])
    await core.remove_device("Front Door")
    await mqtt.until_retained(lambda retained: set(retained) == {"front/state"})
    assert await core.states("lock.") == {}


async def test_the_page_of_a_device_shows_its_lock(
    core: Core, mqtt: Broker, browser: Browser, tmp_path: Path
) -> None:
    await mqtt.publish("homeassistant/device/front/config", json.dumps(DISCOVERY), retain=True)
    await mqtt.publish("front/state", "JAMMED", retain=True)
    await core.until("lock.front_door", "jammed")
    device = (await core.devices())["Front Door"]["id"]
    async with frontend(core, browser, f"/config/devices/device/{device}") as page:
        await expect(page.get_by_role("button", name="Lock", exact=True)).to_be_visible()
        await page.screenshot(path=tmp_path / "device.png")
