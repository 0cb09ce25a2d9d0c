"""What is no number is not read as one, by nobody: page, messages, commands, integrations."""

from typing import Any

import pytest

from tests.conftest import LOCK, Running
from tests.steps import bolt, command, open_notifications, states_of
from tests.web.panel.asking import page, words
from utec_gateway.simulator.cloud import SimulatedCloud

ODD: list[Any] = [True, False, "full", "3", 4.5, [4], {"level": 4}, None]


def say(cloud: SimulatedCloud, *, battery: Any, mode: Any, bolt: str = "Locked") -> None:
    """Let every Query say so of the lock."""
    states = [
        {"capability": "st.healthCheck", "name": "status", "value": "Online"},
        {"capability": "st.lock", "name": "lockState", "value": bolt},
        {"capability": "st.lock", "name": "lockMode", "value": mode},
        {"capability": "st.batteryLevel", "name": "level", "value": battery},
    ]
    cloud.faults.clear()
    cloud.faults.answer("Device/Query", {"payload": {"devices": [{"id": LOCK, "states": states}]}})


@pytest.fixture
async def never_told(world: Any, cloud: SimulatedCloud) -> Running:
    """A gateway that has heard of no battery and no mode yet."""
    cloud.faults.fail("Device/Query")
    running: Running = await world.start(max_retries=0)
    cloud.faults.clear()
    return running


@pytest.mark.parametrize("odd", ODD)
async def test_an_odd_battery_level_is_shown_to_nobody(
    never_told: Running, cloud: SimulatedCloud, odd: Any
) -> None:
    say(cloud, battery=odd, mode=0)
    await never_told.clock.advance(120)
    assert await bolt(never_told) == "Locked"
    _, body = await never_told.post("/api/status", {"id": LOCK})
    assert ("st.batteryLevel", "level") not in states_of(body)
    text = words((await page(never_told))[1])
    assert "of 5" not in text
    assert "battery" not in " ".join(open_notifications(never_told))


@pytest.mark.parametrize("level", [0, -1, 6, 100, 10**30])
async def test_a_battery_level_that_there_is_not_is_no_message(
    never_told: Running, cloud: SimulatedCloud, level: int
) -> None:
    say(cloud, battery=level, mode=0)
    await never_told.clock.advance(600)
    assert open_notifications(never_told) == []
    assert "of 5" not in words((await page(never_told))[1])


async def test_an_odd_battery_level_leaves_the_last_good_one(
    running: Running, cloud: SimulatedCloud
) -> None:
    say(cloud, battery=True, mode=0)
    await running.clock.advance(60)
    assert "Battery: 4 of 5" in (await page(running))[1]


@pytest.mark.parametrize("odd", ODD)
async def test_an_odd_mode_is_not_passage_mode(
    never_told: Running, cloud: SimulatedCloud, odd: Any
) -> None:
    say(cloud, battery=4, mode=odd)
    await never_told.clock.advance(60)
    assert "Passage" not in words((await page(never_told))[1])
    answer = await command(never_told, "lock")
    assert answer.status == 200


async def test_passage_mode_stays_while_an_odd_mode_is_reported(
    running: Running, cloud: SimulatedCloud
) -> None:
    say(cloud, battery=4, mode=1, bolt="Unlocked")
    await running.clock.advance(60)
    say(cloud, battery=4, mode=False, bolt="Unlocked")
    await running.clock.advance(60)
    assert (await command(running, "lock")).body["code"] == "passage_mode"
