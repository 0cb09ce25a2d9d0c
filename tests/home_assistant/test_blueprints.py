"""The blueprints, run by a real Home Assistant Core for a real gateway and a simulated lock."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from tests import programs
from tests.broker import Broker
from tests.conftest import LOCK
from tests.home_assistant.core import Core
from tests.home_assistant.core_client import Json
from tests.home_assistant.home import Home
from utec_gateway.simulator.behaviour import CommandBehaviour
from utec_gateway.simulator.devices import SimulatedDevice
from utec_gateway.simulator.states import (
    PASSAGE_MODE,
    DoorState,
    LockState,
    to_mode,
    unlock,
)

pytestmark = pytest.mark.asyncio(loop_scope="session")

BLUEPRINTS = Path(__file__).parents[2] / "blueprints/automation"
BOLT, DOOR = "lock.front_door", "binary_sensor.front_door_door"
REFRESH = "button.front_door_refresh"
SIGN_IN = "binary_sensor.u_tec_gateway_sign_in"
SAID = "said"
WAIT = 2.0
"""Seconds in place of the minutes."""
SETTLED = 3 * WAIT
"""Seconds after which what does not happen would have happened."""
CONFIRMED_WITHIN = 70.0
"""Seconds after which the gateway has given up on a command."""
TELL = [{"event": SAID, "event_data": {"title": "{{ title }}", "message": "{{ message }}"}}]
Said = list[Json]


def seconds(number: float) -> Json:
    return {"seconds": number}


@dataclass
class Front:
    """A front door with a lock, and with a sensor."""

    home: Home
    core: Core
    said: Said
    device: SimulatedDevice
    automations: list[str] = field(default_factory=list)

    async def automate(self, name: str, **inputs: Any) -> None:
        """Make an automation of a blueprint."""
        self.automations.append(name)
        path = self.core.add_blueprint(BLUEPRINTS / f"{name}.yaml")
        await self.core.add_automation(name, {"use_blueprint": {"path": path, "input": inputs}})

    async def happens(self, **states: Any) -> None:
        """Change something at the door by hand, and have the gateway notice it."""
        self.device.operate(lambda before: replace(before, **states))
        await self.core.call("button", "press", entity_id=REFRESH)

    async def shows(self, bolt: str, door: str = "off") -> None:
        await self.core.until(BOLT, bolt)
        await self.core.until(DOOR, door)

    async def told(self, number: int = 1) -> Sequence[Json]:
        """Wait until somebody was told so often, and return what."""

        async def look() -> Said:
            return self.said

        heard = await programs.until(look, lambda said: len(said) >= number)
        return [one["data"] for one in heard]

    async def settle(self) -> None:
        """Wait for what must not happen."""
        await asyncio.sleep(SETTLED)  # noqa: TID251 - Core lives in real time


@pytest_asyncio.fixture(loop_scope="session")
async def front(core: Core, mqtt: Broker, home: Home) -> AsyncIterator[Front]:
    """A front door that Home Assistant shows as locked and closed."""
    home.options = {"mqtt": {"mode": "enabled", "host": mqtt.host, "port": mqtt.port}}
    device = home.cloud.add_device(LOCK, "Front Door", "lock_with_sensor")
    home.cloud.behaviour.commands.effect_delay = 0.2
    async with core.events(SAID) as said:
        front = Front(home, core, said, device)
        await home.start()
        await front.shows("locked")
        yield front
        for name in front.automations:
            await core.remove_automation(name)


# Lock again


async def lock_again(front: Front, **inputs: Any) -> None:
    usual = {"lock": BOLT, "door": DOOR, "wait": seconds(WAIT), "not_locked": TELL}
    await front.automate("lock_again", **usual | inputs)


async def test_a_closed_door_is_locked_again_and_nothing_is_said(front: Front) -> None:
    await lock_again(front)
    await front.happens(lock_state=LockState.UNLOCKED, door=DoorState.OPEN)
    await front.shows("unlocked", "on")
    await front.happens(door=DoorState.CLOSED)
    await front.shows("unlocked")
    await front.shows("locked")
    assert front.device.states.lock_state is LockState.LOCKED
    await front.settle()
    assert not front.said


async def test_an_open_door_is_not_locked(front: Front) -> None:
    await lock_again(front)
    await front.happens(lock_state=LockState.UNLOCKED, door=DoorState.OPEN)
    await front.shows("unlocked", "on")
    await front.settle()
    assert not front.home.cloud.calls.commands_for(LOCK)


async def test_a_door_that_opens_again_begins_the_wait_anew(front: Front) -> None:
    await lock_again(front, wait=seconds(8))
    await front.happens(lock_state=LockState.UNLOCKED)
    await front.shows("unlocked")
    await front.happens(door=DoorState.OPEN)
    await front.shows("unlocked", "on")
    await asyncio.sleep(8)  # noqa: TID251 - Core lives in real time
    assert not front.home.cloud.calls.commands_for(LOCK)
    await front.happens(door=DoorState.CLOSED)
    await front.shows("locked")


async def test_a_door_of_which_nobody_knows_whether_it_is_closed_is_not_locked(
    front: Front,
) -> None:
    await lock_again(front)
    await front.happens(lock_state=LockState.UNLOCKED, door=DoorState.UNKNOWN)
    await front.shows("unlocked", "unknown")
    await front.settle()
    assert not front.home.cloud.calls.commands_for(LOCK)


async def test_without_a_sensor_it_is_locked_again_after_unlocking(front: Front) -> None:
    await lock_again(front, door="")
    await front.core.call("lock", "unlock", entity_id=BOLT)
    await front.core.until(BOLT, "unlocked")
    await front.core.until(BOLT, "locked")
    await front.settle()
    assert not front.said


async def test_what_somebody_locks_meanwhile_is_not_locked_twice(front: Front) -> None:
    await lock_again(front, door="")
    await front.happens(lock_state=LockState.UNLOCKED)
    await front.core.until(BOLT, "unlocked")
    await front.happens(lock_state=LockState.LOCKED)
    await front.core.until(BOLT, "locked")
    await front.settle()
    assert not front.home.cloud.calls.commands_for(LOCK)
    assert not front.said


async def test_a_bolt_that_does_not_move_is_told_of_once(front: Front) -> None:
    await lock_again(front)
    front.device.commands = CommandBehaviour(ignore_next=1)
    await front.happens(lock_state=LockState.UNLOCKED)
    await front.core.until(BOLT, "locking")
    front.home.clock.leap(CONFIRMED_WITHIN)
    told = await front.told()
    assert told[0]["title"] == "Front Door is not locked"
    assert "confirm" in told[0]["message"]
    await front.settle()
    assert len(front.said) == 1


async def test_passage_mode_is_told_of(front: Front) -> None:
    await lock_again(front)
    front.device.operate(to_mode(PASSAGE_MODE))
    await front.core.call("button", "press", entity_id=REFRESH)
    told = await front.told()
    assert "Front Door is in passage mode" in told[0]["message"]
    assert front.device.states.lock_state is LockState.UNLOCKED


@pytest.mark.parametrize("after_outage", [False, True])
async def test_what_is_found_unlocked_after_a_restart_is_locked_only_if_people_want_that(
    front: Front, *, after_outage: bool
) -> None:
    await lock_again(front, after_outage=after_outage)
    await front.home.stop()
    await front.shows("unavailable", "unavailable")
    front.device.operate(unlock)
    await front.home.start()
    await front.shows("unlocked")
    await front.settle()
    assert (front.device.states.lock_state is LockState.LOCKED) == after_outage
