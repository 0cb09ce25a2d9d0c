"""Switches, dimmers and lock modes are moved like bolts: accepted is not done."""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import pytest

from tests.conftest import LOCK, OTHER_LOCK, Running, World
from tests.contract.integrations import Integration, Integration13, Integration15
from tests.issues.test_jammed import said, titles
from tests.steps import Answer, states, timed
from utec_gateway.journal.entry import Kind
from utec_gateway.simulator.kinds import KINDS
from utec_gateway.simulator.states import LockState, States, SwitchState, to_mode, to_switch

DIMMER, PLUG, AIR = "02:51:4D:00:00:0D", "02:51:4D:00:00:0E", "02:51:4D:00:00:0F"
SWITCH = "st.switch/switch"
LEVEL = "st.switchLevel/level"


@pytest.fixture
async def running(world: World) -> Running:
    """A gateway with a dimmer, a plug and something unknown beside the locks."""
    world.cloud.add_device(DIMMER, "Hall Dimmer", "dimmer")
    world.cloud.add_device(PLUG, "Fountain Plug", "plug")
    world.cloud.add_device(AIR, "Greenhouse Air", "unknown_sensor")
    return await world.start()


def dial(running: Running, level: int) -> "asyncio.Task[tuple[int, Any]]":
    """Turn the dimmer to a level, and wait for nothing."""
    body = {"id": DIMMER, "level": level}
    return asyncio.ensure_future(running.post("/api/level", body))


async def ask(running: Running, verb: str, device_id: str, **more: Any) -> Answer:
    """Send a command as a client that gives up after ten seconds."""
    request = running.post(f"/api/{verb}", {"id": device_id, **more})
    return await timed(running.clock, request)


def sent(world: World, device_id: str) -> list[str]:
    return world.cloud.calls.commands_for(device_id)


CHANGES: list[tuple[str, str, dict[str, Any], dict[str, Any]]] = [
    ("switch", PLUG, {"on": True}, {"switch": SwitchState.ON}),
    ("switch", DIMMER, {"on": True}, {"switch": SwitchState.ON, "level": 50}),
    ("level", DIMMER, {"level": 1}, {"switch": SwitchState.ON, "level": 1}),
    ("level", DIMMER, {"level": 100}, {"switch": SwitchState.ON, "level": 100}),
    ("mode", LOCK, {"mode": "passage"}, {"lock_mode": 1, "lock_state": LockState.UNLOCKED}),
    ("mode", LOCK, {"mode": "lockout"}, {"lock_mode": 2, "lock_state": LockState.LOCKED}),
]


@pytest.mark.parametrize(("verb", "device_id", "more", "states_then"), CHANGES, ids=str)
async def test_a_command_is_done_when_a_query_shows_it(
    verb: str,
    device_id: str,
    more: dict[str, Any],
    states_then: dict[str, Any],
    world: World,
    running: Running,
) -> None:
    status, answer, seconds = await ask(running, verb, device_id, **more)
    assert (status, answer["status"]) == (200, "ok")
    assert 4 <= seconds <= 8, "the simulated device needs four seconds"
    now = world.cloud.devices[device_id].states
    assert {name: getattr(now, name) for name in states_then} == states_then
    (shown,) = answer["payload"]["devices"]
    assert shown["id"] == device_id
    assert len(sent(world, device_id)) == 1


async def test_off_is_off_by_switch_and_by_level_zero(world: World, running: Running) -> None:
    for verb, more in (("switch", {"on": False}), ("level", {"level": 0})):
        world.cloud.devices[DIMMER].operate(to_switch(SwitchState.ON))
        _, answer, _ = await ask(running, verb, DIMMER, **more)
        assert answer["status"] == "ok"
        assert world.cloud.devices[DIMMER].states == States(switch=SwitchState.OFF, level=50)
    assert sent(world, DIMMER) == ["off", "off"]


async def test_normal_mode_ends_passage_mode_and_locks(world: World, running: Running) -> None:
    door = world.cloud.devices[LOCK]
    door.operate(to_mode(1))
    _, answer, _ = await ask(running, "mode", LOCK, mode="normal")
    assert answer["status"] == "ok"
    assert (door.states.lock_mode, door.states.lock_state) == (0, LockState.LOCKED)


async def test_accepted_is_not_done(world: World, running: Running) -> None:
    world.cloud.behaviour.commands.ignore_next = 1
    status, answer, seconds = await ask(running, "switch", PLUG, on=True)
    assert (status, answer["status"]) == (200, "pending")
    assert seconds <= 9
    await world.clock.advance(1.5)
    assert titles(running) == [], "it has ten seconds"
    await world.clock.advance(1)
    assert titles(running) == ["Fountain Plug: command not confirmed"]
    asked = world.cloud.calls.by_action["Device/Query"]
    assert asked <= 8, "five confirming queries, and a poll every five seconds"
    _, answer, _ = await ask(running, "switch", PLUG, on=True)
    assert answer["status"] == "ok"
    assert said(world)[-1] == "Over: Fountain Plug: command not confirmed"


async def test_a_switch_that_moves_later_takes_back_that_it_did_not(
    world: World, running: Running
) -> None:
    world.cloud.behaviour.commands.effect_delay = 25.0
    await ask(running, "switch", PLUG, on=True)
    await world.clock.advance(5)
    assert titles(running) == ["Fountain Plug: command not confirmed"]
    await world.clock.advance(50)
    assert titles(running) == []


async def test_a_passage_mode_that_does_not_open_the_door_is_not_confirmed(
    world: World, running: Running
) -> None:
    door = world.cloud.devices[LOCK]
    door.operate(lambda now: replace(now, lock_mode=1, lock_state=LockState.LOCKED), 1)
    world.cloud.behaviour.commands.ignore_next = 1
    _, answer, _ = await ask(running, "mode", LOCK, mode="passage")
    assert answer["status"] == "pending"
    await world.clock.advance(60)
    assert titles(running) == ["Front Door: command not confirmed"]


async def test_thirty_turns_of_a_dial_send_one_command(world: World, running: Running) -> None:
    turns = []
    for level in range(30, 60):
        turns.append(dial(running, level))
        await world.clock.advance(0.1)
    assert sent(world, DIMMER) == []
    await world.clock.advance(9)
    answers = [(await turn)[1]["status"] for turn in turns]
    assert answers == ["pending"] * 29 + ["ok"]
    assert sent(world, DIMMER) == ["setLevel"]
    assert world.cloud.devices[DIMMER].states.level == 59
    entries = [one for one in running.gateway.journal.entries if one.kind is Kind.COMMAND]
    assert [(one.operation, one.level) for one in entries] == [("set_level", 59)]


async def test_levels_that_are_further_apart_are_commands_of_their_own(
    world: World, running: Running
) -> None:
    first = dial(running, 10)
    await world.clock.advance(0.6)
    _, answer, _ = await ask(running, "level", DIMMER, level=20)
    assert answer["status"] == "ok"
    assert (await first)[1]["status"] == "pending"
    assert sent(world, DIMMER) == ["setLevel", "setLevel"]


async def test_the_last_of_different_commands_wins(world: World, running: Running) -> None:
    dimmed = dial(running, 80)
    await world.clock.advance(1)
    _, answer, _ = await ask(running, "switch", DIMMER, on=False)
    assert answer["status"] == "ok"
    assert (await dimmed)[1]["status"] == "pending"
    assert (await states(running, DIMMER))[SWITCH] == "off"


async def test_a_switch_may_be_moved_six_times_a_minute(world: World, running: Running) -> None:
    for number in range(6):
        await ask(running, "switch", PLUG, on=number % 2 == 0)
    status, answer, _ = await ask(running, "switch", PLUG, on=True)
    assert (status, answer["code"]) == (429, "too_many_commands")
    assert len(sent(world, PLUG)) == 6


@pytest.mark.parametrize(
    ("verb", "device_id", "more", "times"),
    [
        ("switch", PLUG, {"on": True}, 2),
        ("level", DIMMER, {"level": 5}, 2),
        ("mode", LOCK, {"mode": "lockout"}, 2),
        ("mode", LOCK, {"mode": "passage"}, 1),
    ],
    ids=str,
)
async def test_what_may_have_run_is_sent_again_unless_it_unlocks(
    verb: str, device_id: str, more: dict[str, Any], times: int, world: World, running: Running
) -> None:
    world.cloud.behaviour.commands.ignore_next = 1
    world.cloud.faults.fail("Device/Command", after_acting=True, times=1)
    status, answer, _ = await ask(running, verb, device_id, **more)
    if times == 1:
        assert (status, answer["code"]) == (504, "not_confirmed")
        assert "may or may not have been unlocked" in answer["detail"]
    await world.clock.advance(60)
    assert len(sent(world, device_id)) == times


NONE_FOR: list[tuple[str, str, dict[str, Any], str]] = [
    ("switch", LOCK, {"on": True}, "Front Door cannot be turned on or off."),
    ("level", LOCK, {"level": 5}, "Front Door cannot be dimmed."),
    ("lock", PLUG, {}, "Fountain Plug is not a lock."),
    ("unlock", DIMMER, {}, "Hall Dimmer is not a lock."),
    ("mode", PLUG, {"mode": "passage"}, "Fountain Plug does not report a lock mode."),
    ("level", PLUG, {"level": 5}, "Fountain Plug cannot be dimmed."),
    ("switch", AIR, {"on": False}, "Greenhouse Air cannot be turned on or off."),
]


@pytest.mark.parametrize(("verb", "device_id", "more", "detail"), NONE_FOR, ids=str)
async def test_a_command_for_another_kind_of_device_is_refused(
    verb: str, device_id: str, more: dict[str, Any], detail: str, world: World, running: Running
) -> None:
    status, answer, _ = await ask(running, verb, device_id, **more)
    assert (status, answer) == (400, {"detail": detail, "code": "invalid_request"})
    assert sent(world, device_id) == []


async def test_a_lock_that_reports_no_mode_is_given_none(world: World) -> None:
    world.cloud.devices[LOCK].behaviour.shows_lock_mode = False
    running = await world.start()
    status, answer, _ = await ask(running, "mode", LOCK, mode="normal")
    assert (status, answer["detail"]) == (400, "Front Door does not report a lock mode.")


@pytest.mark.parametrize("level", [1, 9, 91, 100])
async def test_a_level_beyond_the_devices_own_range_is_refused(level: int, world: World) -> None:
    dimmer = world.cloud.add_device(DIMMER, "Hall Dimmer", "dimmer")
    dimmer.kind = replace(dimmer.kind, level_range=(10, 90))
    running = await world.start()
    status, answer, _ = await ask(running, "level", DIMMER, level=level)
    assert (status, answer["detail"]) == (
        400,
        "Hall Dimmer has levels from 10 to 90; level 0 turns it off.",
    )
    assert sent(world, DIMMER) == []
    assert (await ask(running, "level", DIMMER, level=10)).body["status"] == "ok"


async def test_nothing_is_sent_to_a_plug_that_is_offline(world: World, running: Running) -> None:
    world.cloud.devices[PLUG].go_offline()
    await world.clock.advance(70)
    status, answer, _ = await ask(running, "switch", PLUG, on=True)
    assert (status, answer["code"]) == (503, "device_offline")
    assert "Check its Wi-Fi and power supply." in answer["detail"]
    assert sent(world, PLUG) == []
    assert titles(running) == ["Fountain Plug: command not carried out"]


TURNED_INTO: dict[str, tuple[str, str, dict[str, Any]]] = {
    "a plug": ("plug", "lock", {}),
    "a lock": ("lock", "level", {"level": 5}),
}


@pytest.mark.parametrize("kind", TURNED_INTO)
async def test_a_device_that_has_changed_its_kind_takes_no_command_of_the_old_one(
    kind: str, world: World, running: Running
) -> None:
    name, verb, more = TURNED_INTO[kind]
    device_id = LOCK if name == "plug" else DIMMER
    world.cloud.devices[device_id].turn_into(KINDS[name])
    await world.clock.advance(40)
    status, answer, _ = await ask(running, verb, device_id, **more)
    assert (status, answer["code"]) == (400, "invalid_request")
    assert sent(world, device_id) == []
    assert len(await states(running, LOCK)) > 1, "the others are none the worse"


async def test_a_device_that_changes_its_kind_while_it_is_asked_takes_no_command(
    world: World, running: Running
) -> None:
    plug = world.cloud.devices[PLUG]
    plug.go_offline()
    await world.clock.advance(70)
    plug.turn_into(KINDS["lock"])
    plug.go_online()
    status, answer, _ = await ask(running, "switch", PLUG, on=True)
    assert (status, answer["code"]) == (400, "invalid_request")
    assert sent(world, PLUG) == []


async def test_an_unknown_device_is_listed_with_what_it_says(running: Running) -> None:
    _, listed = await running.get("/api/devices")
    assert "Greenhouse Air" in {entry["name"] for entry in listed["payload"]["devices"]}
    shown = await states(running, AIR)
    assert shown["st.temperatureMeasurement/temperature"] == 21.5
    device = running.gateway.account.cache.find(AIR)
    assert device.capabilities == frozenset()
    assert {one.name: one.reading.value for one in device.readings.sensors} == {
        "temperatureMeasurement temperature": 21.5,
        "humidityMeasurement humidity": 48,
    }


@pytest.mark.parametrize("generation", [Integration13, Integration15])
async def test_the_integrations_ignore_what_they_do_not_know(
    generation: type[Integration], world: World, running: Running
) -> None:
    await ask(running, "switch", PLUG, on=True)
    client = generation(running)
    seen = asyncio.ensure_future(client.refresh())
    await world.clock.until(seen.done)
    known = {LOCK: True, OTHER_LOCK: True}
    assert client.believes == known | dict.fromkeys((DIMMER, PLUG, AIR))
    moved = asyncio.ensure_future(client.move("unlock", LOCK))
    await world.clock.until(moved.done)
    assert (await moved)["status"] == "ok"
    assert client.refusals == [] if generation is Integration15 else len(client.refusals) == 1


BAD: Mapping[str, Callable[[], list[Any]]] = {
    "level": lambda: [-1, 101, 1.5, "50", True, None, [5]],
    "on": lambda: [1, 0, "on", "true", None],
    "mode": lambda: ["Passage", "open", "", 1, True, None, ["normal"]],
}
VERBS = {"level": ("level", DIMMER), "on": ("switch", PLUG), "mode": ("mode", LOCK)}


@pytest.mark.parametrize(
    ("name", "value"),
    [(name, value) for name, values in BAD.items() for value in values()],
    ids=repr,
)
async def test_a_value_that_does_not_exist_is_refused_in_words(
    name: str, value: Any, world: World, running: Running
) -> None:
    verb, device_id = VERBS[name]
    status, answer, seconds = await ask(running, verb, device_id, **{name: value})
    assert (status, answer["code"], seconds) == (400, "invalid_request", 0)
    assert answer["detail"].startswith(f'"{name}" must be ')
    assert world.cloud.calls.commands == []
