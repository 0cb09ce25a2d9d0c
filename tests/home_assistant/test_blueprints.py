"""The blueprints, run by a real Home Assistant Core for a real gateway and a simulated lock."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
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
from utec_gateway.core.clock import SystemClock
from utec_gateway.core.errors import GatewayError
from utec_gateway.gateway import Gateway
from utec_gateway.simulator.behaviour import CommandBehaviour
from utec_gateway.simulator.devices import SimulatedDevice
from utec_gateway.simulator.states import (
    PASSAGE_MODE,
    DoorState,
    LockState,
    unlock,
)

pytestmark = pytest.mark.asyncio(loop_scope="session")

BLUEPRINTS = Path(__file__).parents[2] / "blueprints/automation"
BOLT, DOOR = "lock.front_door", "binary_sensor.front_door_door"
SIGN_IN = "binary_sensor.u_tec_gateway_sign_in"
PARTS = ("automation", "helpers.script", "helpers.template", "components.template")
"""Of Core, which would complain about a blueprint."""
SAID = "said"
LEFT_OPEN = "Doors that are not locked or not closed"
GONE, OVER = "The U-tec Gateway is gone", "The U-tec Gateway is well again"
SIGN_IN_AGAIN = "Sign in to U-tec again"
WAIT = 1.0
"""Seconds in place of the minutes."""
SETTLED = 4 * WAIT
"""Seconds after which what does not happen would have happened."""
OLD_ENOUGH = 2.5
"""Seconds after which a connection to the broker may unlock."""
POLLED_WITHIN = 16.0
STRIDE = 2.0
"""Seconds that pass at each look; more at once, and readings would be too old to be shown."""
TELL = [{"event": SAID, "event_data": {"title": "{{ title }}", "message": "{{ message }}"}}]
Said = list[Json]


def seconds(number: float) -> Json:
    return {"seconds": number}


def soon() -> str:
    """Return a time of day in a few seconds, by the clock of Core."""
    return f"{SystemClock().now() + timedelta(seconds=SETTLED):%H:%M:%S}"


@dataclass
class Front:
    """A front door with a lock, and with a sensor."""

    home: Home
    core: Core
    said: Said
    device: SimulatedDevice
    gateway: Gateway
    automations: list[str] = field(default_factory=list)

    async def start(self) -> None:
        """Start the gateway again."""
        self.gateway = await self.home.start()

    async def automate(self, name: str, **inputs: Any) -> None:
        """Make an automation of a blueprint."""
        self.automations.append(name)
        path = self.core.add_blueprint(BLUEPRINTS / f"{name}.yaml")
        await self.core.add_automation(name, {"use_blueprint": {"path": path, "input": inputs}})

    def happens(self, **states: Any) -> None:
        """Change something at the door by hand, and have the gateway notice it."""
        self.device.operate(lambda before: replace(before, **states))
        self.home.clock.leap(POLLED_WITHIN)

    async def shows(self, bolt: str, door: str = "off") -> None:
        await self.core.until(BOLT, bolt)
        await self.core.until(DOOR, door)

    async def gives_up(self) -> None:
        """Let the time pass that the bolt has to move, until the gateway says that it did not."""

        async def look() -> Json:
            self.home.clock.leap(STRIDE)
            return await self.core.state(BOLT)

        await programs.until(look, lambda shown: shown["state"] == "unlocked")

    async def told(self, number: int = 1) -> Sequence[Json]:
        """Wait until somebody was told so often, and return what."""

        async def look() -> Said:
            return self.said

        heard = await programs.until(look, lambda said: len(said) >= number)
        return [one["data"] for one in heard]

    async def notified(self, title: str) -> str:
        """Wait for a notification as a blueprint makes it by itself, and return its message."""

        async def look() -> Sequence[str]:
            shown = (await self.core.notifications()).values()
            return [one["message"] for one in shown if one["title"] == title]

        return (await programs.until(look, bool))[0]

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
        front = Front(home, core, said, device, await home.start())
        await front.shows("locked")
        yield front
        for name in front.automations:
            await core.remove_automation(name)
        assert not [line for part in PARTS for line in core.log_lines(part)]


# Lock again


async def lock_again(front: Front, **inputs: Any) -> None:
    usual = {"lock": BOLT, "door": DOOR, "wait": seconds(WAIT), "not_locked": TELL}
    await front.automate("lock_again", **usual | inputs)


async def test_a_closed_door_is_locked_again_and_nothing_is_said(front: Front) -> None:
    await lock_again(front)
    front.happens(lock_state=LockState.UNLOCKED, door=DoorState.OPEN)
    await front.shows("unlocked", "on")
    front.happens(door=DoorState.CLOSED)
    await front.shows("unlocked")
    await front.shows("locked")
    assert front.device.states.lock_state is LockState.LOCKED
    await front.settle()
    assert not front.said


async def test_an_open_door_is_not_locked(front: Front) -> None:
    await lock_again(front)
    front.happens(lock_state=LockState.UNLOCKED, door=DoorState.OPEN)
    await front.shows("unlocked", "on")
    await front.settle()
    assert not front.home.cloud.calls.commands_for(LOCK)


async def test_a_door_that_opens_again_begins_the_wait_anew(front: Front) -> None:
    await lock_again(front, wait=seconds(SETTLED))
    front.happens(lock_state=LockState.UNLOCKED)
    await front.shows("unlocked")
    front.happens(door=DoorState.OPEN)
    await front.shows("unlocked", "on")
    await front.settle()
    assert not front.home.cloud.calls.commands_for(LOCK)
    front.happens(door=DoorState.CLOSED)
    await front.shows("locked")


async def test_a_door_of_which_nobody_knows_whether_it_is_closed_is_not_locked(
    front: Front,
) -> None:
    await lock_again(front)
    front.happens(lock_state=LockState.UNLOCKED, door=DoorState.UNKNOWN)
    await front.shows("unlocked", "unknown")
    await front.settle()
    assert not front.home.cloud.calls.commands_for(LOCK)


async def test_without_a_sensor_it_is_locked_again_after_unlocking(front: Front) -> None:
    await lock_again(front, door="")
    front.home.clock.leap(OLD_ENOUGH)
    await front.core.call("lock", "unlock", entity_id=BOLT)
    await front.core.until(BOLT, "unlocked")
    await front.core.until(BOLT, "locked")
    await front.settle()
    assert not front.said


async def test_what_somebody_locks_meanwhile_is_not_locked_twice(front: Front) -> None:
    await lock_again(front, wait=seconds(SETTLED))
    front.happens(lock_state=LockState.UNLOCKED)
    await front.core.until(BOLT, "unlocked")
    front.happens(lock_state=LockState.LOCKED)
    await front.core.until(BOLT, "locked")
    await front.settle()
    await front.settle()
    assert not front.home.cloud.calls.commands_for(LOCK)
    assert not front.said


async def test_what_somebody_locks_in_vain_meanwhile_is_locked_again(front: Front) -> None:
    await lock_again(front)
    front.device.commands = CommandBehaviour(ignore_probability=1)
    front.happens(lock_state=LockState.UNLOCKED)
    await front.core.until(BOLT, "unlocked")
    await front.core.call("lock", "lock", entity_id=BOLT)
    await front.core.until(BOLT, "locking")
    await front.settle()
    await front.gives_up()
    front.device.commands = None
    await front.core.until(BOLT, "locked")
    assert not front.said


async def test_a_bolt_that_does_not_move_is_told_of_once(front: Front) -> None:
    await lock_again(front)
    front.device.commands = CommandBehaviour(ignore_next=1)
    front.happens(lock_state=LockState.UNLOCKED)
    await front.core.until(BOLT, "locking")
    await front.gives_up()
    told = await front.told()
    assert told[0]["title"] == "Front Door is not locked"
    assert "confirm" in told[0]["message"]
    await front.settle()
    assert len(front.said) == 1


async def test_passage_mode_is_told_of(front: Front) -> None:
    await lock_again(front)
    front.happens(lock_state=LockState.UNLOCKED, lock_mode=PASSAGE_MODE)
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


# Left open


async def left_open(front: Front, **inputs: Any) -> None:
    usual = {"locks": [BOLT], "wait": seconds(WAIT), "every_day": False, "notify": TELL}
    await front.automate("left_open", **usual | inputs)


@pytest.mark.parametrize(
    ("states", "words"),
    [
        ({"lock_state": LockState.UNLOCKED}, "Front Door: unlocked"),
        ({"lock_state": LockState.JAMMED}, "Front Door: jammed"),
        ({"lock_state": LockState.UNKNOWN}, "Front Door: unknown"),
        ({"door": DoorState.OPEN}, "Front Door Door: open"),
    ],
)
async def test_a_door_that_was_left_open_is_told_of_once(
    front: Front, states: dict[str, Any], words: str
) -> None:
    await left_open(front, doors=[DOOR])
    front.happens(**states)
    told = await front.told()
    assert told[0]["message"] == words
    await front.settle()
    assert len(front.said) == 1


async def test_a_door_that_is_closed_and_locked_in_time_is_not_told_of(front: Front) -> None:
    await left_open(front, doors=[DOOR], wait=seconds(SETTLED))
    front.happens(lock_state=LockState.UNLOCKED, door=DoorState.OPEN)
    await front.shows("unlocked", "on")
    front.happens(lock_state=LockState.LOCKED, door=DoorState.CLOSED)
    await front.shows("locked")
    await front.settle()
    await front.settle()
    assert not front.said


async def test_a_state_that_changes_from_bad_to_bad_does_not_begin_the_wait_anew(
    front: Front,
) -> None:
    await left_open(front, wait=seconds(SETTLED))
    front.happens(lock_state=LockState.UNLOCKED)
    await front.shows("unlocked")
    await front.home.stop()
    await front.core.until(BOLT, "unavailable")
    told = await front.told()
    assert told[0]["message"] == "Front Door: unavailable"


async def test_what_is_unlocked_when_home_assistant_starts_is_told_of(front: Front) -> None:
    await front.automate("left_open", locks=[BOLT], wait=seconds(SETTLED))
    front.happens(lock_state=LockState.UNLOCKED)
    await front.shows("unlocked")
    await front.core.restart()
    assert await front.notified(LEFT_OPEN) == "Front Door: unlocked"


async def test_at_the_time_of_day_all_doors_that_are_open_are_told_of_together(
    front: Front,
) -> None:
    front.happens(lock_state=LockState.UNLOCKED, door=DoorState.OPEN)
    await front.shows("unlocked", "on")
    await left_open(front, doors=[DOOR], after_a_while=False, every_day=True, time=soon())
    told = await front.told()
    assert told[0]["message"] == "Front Door: unlocked\nFront Door Door: open"


async def test_at_the_time_of_day_nothing_is_said_of_doors_that_are_locked(front: Front) -> None:
    await left_open(front, doors=[DOOR], after_a_while=False, every_day=True, time=soon())
    await front.core.until(
        "automation.left_open", lambda one: one and one["attributes"]["last_triggered"]
    )
    await front.settle()
    assert not front.said


# The gateway needs a person


async def needs_a_person(front: Front, **inputs: Any) -> None:
    usual = {"sign_in": SIGN_IN, "absence": seconds(WAIT), "notify": TELL}
    await front.automate("needs_a_person", **usual | inputs)


async def be_refused(front: Front) -> None:
    front.home.cloud.refuse_grants()
    with pytest.raises(GatewayError):
        await front.gateway.account.tokens.refresh()


async def sign_in_again(front: Front) -> None:
    front.home.cloud.accept_grants()
    await front.home.sign_in(front.gateway)


async def test_a_person_is_told_once_that_the_sign_in_is_refused_and_that_it_is_over(
    front: Front,
) -> None:
    await needs_a_person(front)
    await be_refused(front)
    told = await front.told()
    assert told[0]["title"] == SIGN_IN_AGAIN
    assert "Your locks keep working until" in told[0]["message"]
    await front.settle()
    assert len(front.said) == 1
    await sign_in_again(front)
    told = await front.told(2)
    assert told[1]["title"] == OVER
    await front.settle()
    assert len(front.said) == 2


async def test_a_person_is_reminded_while_it_lasts_and_not_told_that_it_is_over_unasked(
    front: Front,
) -> None:
    await needs_a_person(front, remind_every=seconds(WAIT), notify_over=False)
    await be_refused(front)
    told = await front.told(3)
    assert {one["title"] for one in told} == {SIGN_IN_AGAIN}
    await sign_in_again(front)
    await front.core.until(SIGN_IN, "off")
    await front.settle()
    assert OVER not in {one["title"] for one in await front.told()}


async def test_without_reminders_a_person_is_told_once(front: Front) -> None:
    await needs_a_person(front, remind=False, remind_every=seconds(WAIT))
    await be_refused(front)
    await front.told()
    await front.settle()
    assert len(front.said) == 1


async def test_a_gateway_that_is_gone_is_told_of_and_what_it_wants_when_it_is_back(
    front: Front,
) -> None:
    await be_refused(front)
    await front.core.until(SIGN_IN, "on")
    await needs_a_person(front)
    await front.home.stop()
    await front.told()
    await front.start()
    told = await front.told(2)
    assert [one["title"] for one in told] == [GONE, SIGN_IN_AGAIN]


async def test_a_gateway_that_restarts_is_not_told_of(front: Front) -> None:
    await needs_a_person(front, absence=seconds(10 * WAIT))
    await front.home.stop()
    await front.core.until(SIGN_IN, "unavailable")
    await front.settle()
    await front.start()
    await front.core.until(SIGN_IN, "off")
    await front.settle()
    assert not front.said


async def test_a_gateway_that_is_gone_when_home_assistant_starts_is_told_of(front: Front) -> None:
    await front.automate("needs_a_person", sign_in=SIGN_IN, absence=seconds(SETTLED))
    await front.home.stop()
    await front.core.restart()
    assert "MQTT does not reach it" in await front.notified(GONE)
