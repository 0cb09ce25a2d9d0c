"""What happens at locks is said once, with where it came from."""

from dataclasses import replace

import pytest

from tests.conftest import LOCK, Running, World
from tests.steps import command
from utec_gateway.core.activity import Activity, ActivityKind
from utec_gateway.devices.activities import Activities
from utec_gateway.simulator.kinds import KINDS
from utec_gateway.simulator.states import (
    Change,
    DoorState,
    LockState,
    States,
    jam,
    lock,
    to_mode,
    unlock,
)

POLL = 16.0
"""Virtual seconds within which every lock is asked for."""


class Heard:
    """Everything that was said of what happens at the locks."""

    def __init__(self, running: Running) -> None:
        account = running.gateway.account
        self.clock = running.clock
        self.activities: list[Activity] = []
        heard = Activities(account.poller.changed, account._outcomes, running.clock)
        heard.occurred.subscribe(self.activities.append)

    async def poll(self) -> None:
        await self.clock.advance(POLL)

    @property
    def kinds(self) -> list[str]:
        return [str(one.kind) for one in self.activities]

    @property
    def sources(self) -> list[bool]:
        """Return of each whether a command was its cause."""
        return [one.command is not None for one in self.activities]


@pytest.fixture
async def heard(running: Running) -> Heard:
    listening = Heard(running)
    await listening.poll()
    return listening


def turn(world: World, change: Change) -> None:
    world.cloud.devices[LOCK].operate(change)


def become(world: World, **states: object) -> None:
    """Have some readings be otherwise."""
    turn(world, lambda now: replace(now, **states))  # type: ignore[arg-type]


async def test_what_is_known_for_the_first_time_has_not_happened(heard: Heard) -> None:
    assert heard.activities == []


async def test_what_stays_as_it_is_has_not_happened(heard: Heard) -> None:
    for _ in range(5):
        await heard.poll()
    assert heard.activities == []


async def test_every_movement_by_hand_is_said_once_with_its_lock(
    world: World, heard: Heard
) -> None:
    for change in (unlock, lock, jam, lock):
        turn(world, change)
        await heard.poll()
        await heard.poll()
    assert heard.kinds == ["unlocked", "locked", "jammed", "locked"]
    assert heard.sources == [False] * 4
    assert {one.device.name for one in heard.activities} == {"Front Door"}
    assert heard.activities[0].at < heard.activities[1].at <= heard.clock.now()


async def test_a_state_that_is_unknown_for_a_while_is_no_movement(
    world: World, heard: Heard
) -> None:
    for state in (LockState.UNKNOWN, LockState.LOCKED, LockState.UNKNOWN, LockState.UNLOCKED):
        become(world, lock_state=state)
        await heard.poll()
    assert heard.kinds == ["unlocked"]


async def test_a_door_is_said_to_open_and_close(world: World) -> None:
    world.cloud.add_device(LOCK, "Front Door", kind="lock_with_sensor")
    heard = Heard(await world.start())
    await heard.poll()
    for door in (DoorState.OPEN, DoorState.UNKNOWN, DoorState.CLOSED, DoorState.CLOSED):
        become(world, door=door)
        await heard.poll()
    assert heard.kinds == ["door_opened", "door_closed"]


async def test_a_battery_is_said_to_be_low_once_until_it_was_changed(
    world: World, heard: Heard
) -> None:
    for level in (3, 2, 1, 2, 5, 2):
        become(world, battery=level)
        await heard.poll()
    assert heard.kinds == ["battery_low", "battery_low"]


async def test_a_battery_that_is_low_at_the_start_is_no_news(world: World) -> None:
    become(world, battery=1)
    heard = Heard(await world.start())
    await heard.poll()
    await heard.poll()
    assert heard.activities == []


async def test_a_lock_is_offline_after_two_readings_and_online_after_one(
    world: World, heard: Heard
) -> None:
    world.cloud.devices[LOCK].behaviour.offline_reads = 1
    await heard.poll()
    await heard.poll()
    assert heard.kinds == [], "one Offline is a blip"
    world.cloud.devices[LOCK].go_offline()
    for _ in range(4):
        await heard.poll()
    assert heard.kinds == ["offline"]
    world.cloud.devices[LOCK].go_online()
    await heard.poll()
    assert heard.kinds == ["offline", "online"]


async def test_what_happened_while_a_lock_was_offline_is_said_when_it_is_seen(
    world: World, heard: Heard
) -> None:
    world.cloud.devices[LOCK].go_offline()
    for _ in range(3):
        await heard.poll()
    turn(world, unlock)
    await heard.poll()
    assert heard.kinds == ["offline"], "an offline lock repeats what it knew"
    world.cloud.devices[LOCK].go_online()
    await heard.poll()
    assert sorted(heard.kinds) == ["offline", "online", "unlocked"]


@pytest.mark.parametrize(("verb", "kind"), [("unlock", "unlocked"), ("lock", "locked")])
async def test_a_movement_by_a_command_is_said_once_and_names_it(
    world: World, running: Running, heard: Heard, verb: str, kind: str
) -> None:
    if verb == "lock":
        turn(world, unlock)
        await heard.poll()
        heard.activities.clear()
    await command(running, verb)
    for _ in range(3):
        await heard.poll()
    assert heard.kinds == [kind]
    outcome = heard.activities[0].command
    assert outcome
    assert outcome.is_confirmed
    assert outcome.duration > 0
    assert [str(one) for one in outcome.origins] == ["API from 127.0.0.1"]


@pytest.mark.parametrize("verb", ["unlock", "lock"])
async def test_a_command_that_was_not_confirmed_is_said_when_it_is_given_up(
    world: World, running: Running, heard: Heard, verb: str
) -> None:
    if verb == "lock":
        turn(world, unlock)
        await heard.poll()
        heard.activities.clear()
    world.cloud.behaviour.commands.ignore_next = 1
    await command(running, verb)
    assert heard.activities == []
    await running.clock.advance(120)
    assert heard.kinds == [f"{verb}_not_confirmed"]
    assert heard.sources == [True]


async def test_a_command_that_is_refused_says_why(
    world: World, running: Running, heard: Heard
) -> None:
    turn(world, to_mode(1))
    await heard.poll()
    heard.activities.clear()
    assert (await command(running, "lock")).status == 409
    assert heard.kinds == ["refused"]
    outcome = heard.activities[0].command
    assert outcome
    assert outcome.error


async def test_a_jam_while_a_command_is_under_way_is_the_commands(
    world: World, running: Running, heard: Heard
) -> None:
    world.cloud.behaviour.commands.ends_jammed = True
    await command(running, "unlock")
    await running.clock.advance(120)
    assert heard.kinds[0] == "jammed"
    assert heard.sources[0]


async def test_the_opposite_movement_by_hand_under_a_command_is_an_outside_one(
    world: World, running: Running, heard: Heard
) -> None:
    turn(world, unlock)
    await heard.poll()
    heard.activities.clear()
    world.cloud.behaviour.commands.ignore_next = 1
    await command(running, "unlock")
    turn(world, lock)
    await running.clock.advance(120)
    locked = [one for one in heard.activities if one.kind is ActivityKind.LOCKED]
    assert [one.command for one in locked] == [None]


async def test_a_device_that_is_no_lock_is_not_spoken_of(world: World) -> None:
    world.cloud.add_device("02:51:4D:00:00:31", "Lamp", kind="dimmer")
    heard = Heard(await world.start())
    await heard.poll()
    world.cloud.devices["02:51:4D:00:00:31"].go_offline()
    for _ in range(4):
        await heard.poll()
    assert heard.activities == []


async def test_a_lock_that_is_new_is_not_spoken_of_until_it_moves(
    world: World, heard: Heard
) -> None:
    states: States = KINDS["lock"].states
    new = world.cloud.add_device("02:51:4D:00:00:32", "Shed")
    await heard.clock.advance(4000)
    assert heard.activities == []
    new.become(unlock(states))
    await heard.poll()
    assert [(one.device.name, str(one.kind)) for one in heard.activities] == [("Shed", "unlocked")]
