"""The buttons of a lock's card, the sensible one filled, and what stands where there is none."""

import re
from dataclasses import replace

import pytest

from tests.conftest import LOCK, Running, World
from tests.web.panel.asking import page, submit, words
from utec_gateway.core.command import Command
from utec_gateway.core.command_origin import Origin, OriginKind
from utec_gateway.core.models import Operation
from utec_gateway.simulator.states import (
    PASSAGE_MODE,
    Change,
    DoorState,
    States,
    jam,
    lock,
    to_mode,
    unlock,
)

PRESSED = re.compile(r"<(?:button|a class)([^>]*)>([^<]+)</")


async def card(running: Running) -> str:
    """Return the markup of the front door's card."""
    tag = running.gateway.account.cache.find(LOCK).tag
    _, text = await page(running)
    return text.partition(f'id="device-{tag}"')[2].partition("</li>")[0]


def in_sight(shown: str) -> list[str]:
    """Return what can be pressed without unfolding anything; what stands out has a star."""
    closed = shown.partition("<details")[0]
    return [
        text if "quiet" in attributes else f"{text} *"
        for attributes, text in PRESSED.findall(closed)
    ]


def folded(shown: str) -> list[str]:
    return [text for _, text in PRESSED.findall(shown.partition("<details")[2])]


def in_passage_mode(states: States) -> States:
    return to_mode(PASSAGE_MODE)(states)


@pytest.mark.parametrize(
    ("change", "state", "seen", "hidden"),
    [
        (lock, "Locked", ["Unlock"], ["Passage (held open)", "Lockout"]),
        (unlock, "Unlocked", ["Lock *"], ["Unlock", "Passage (held open)", "Lockout"]),
        (jam, "Jammed", ["Lock again *"], ["Unlock", "Passage (held open)", "Lockout"]),
        (in_passage_mode, "Held open", ["End passage mode and lock *"], ["Lockout"]),
    ],
)
async def test_the_sensible_button_stands_out_and_the_others_are_folded(
    change: Change, state: str, seen: list[str], hidden: list[str], world: World
) -> None:
    world.cloud.devices[LOCK].operate(change)
    running = await world.start()
    shown = await card(running)
    assert f'<p class="state">{state}</p>' in shown
    assert in_sight(shown) == seen
    assert folded(shown) == hidden


async def test_of_an_unknown_lock_locking_stands_out(world: World, running: Running) -> None:
    world.cloud.faults.fail("/action")
    await running.clock.advance(300)
    shown = await card(running)
    assert in_sight(shown) == ["Lock *"]
    assert re.search(r"Unknown was locked last seen 2026-01-05T12:0\S+Z", words(shown))
    assert 'aria-label="Battery: 4 of 5, last known"' in shown


async def test_ending_passage_mode_locks(world: World) -> None:
    world.cloud.devices[LOCK].operate(in_passage_mode)
    running = await world.start()
    await submit(running, "/move", device=tag(running), operation="normal_mode")
    await running.clock.advance(20)
    shown = await card(running)
    assert '<p class="state">Locked</p>' in shown
    assert "a lock ignores" not in words(shown)


def tag(running: Running) -> str:
    return running.gateway.account.cache.find(LOCK).tag


async def test_the_button_sends_what_it_says_for_its_own_lock(
    world: World, running: Running
) -> None:
    world.cloud.devices[LOCK].operate(unlock)
    await running.clock.advance(31)
    action = f"/move?device={tag(running)}"
    assert f'formaction="{action[1:]}" name="operation" value="lock"' in await card(running)
    answer = await submit(running, action, operation="lock")
    assert answer[:2] == (303, f"./#device-{tag(running)}")
    await running.clock.advance(9)
    assert world.cloud.calls.commands_for(LOCK) == ["lock"]


async def test_an_offline_lock_says_what_to_check_and_marks_what_is_old(
    world: World, running: Running
) -> None:
    world.cloud.devices[LOCK].go_offline()
    await running.clock.advance(90)
    shown = await card(running)
    assert in_sight(shown) == []
    assert folded(shown) == []
    assert re.search(
        r"Offline was locked since 2026-01-05T12:00:\S+Z Check its Wi-Fi and batteries\.",
        words(shown),
    )
    assert 'class="meta old"' in shown
    assert 'aria-label="Battery: 4 of 5, last known"' in shown


async def test_a_locked_door_that_may_not_be_unlocked_says_why_it_has_no_button(
    world: World,
) -> None:
    running = await world.start(allow_unlock=False)
    shown = await card(running)
    assert in_sight(shown) == ["Lock"]
    assert "Unlocking is turned off in the gateway" in words(shown)
    world.cloud.devices[LOCK].operate(unlock)
    await running.clock.advance(31)
    shown = await card(running)
    assert in_sight(shown) == ["Lock *"]
    assert "Unlocking is turned off" not in words(shown)


@pytest.mark.parametrize(
    ("origin", "said"),
    [
        (Origin(OriginKind.PANEL), "from the panel"),
        (Origin(OriginKind.API, "192.0.2.7"), "from the API"),
        (Origin(OriginKind.PLUGIN, "mqtt"), "over MQTT"),
        (Origin(OriginKind.PLUGIN, "my_plugin"), "from my_plugin"),
    ],
)
async def test_a_command_under_way_says_who_asked_and_can_be_taken_back(
    origin: Origin, said: str, running: Running
) -> None:
    running.gateway.account.commands.start(LOCK, Command(Operation.UNLOCK), origin)
    await running.clock.advance(0.5)
    shown = await card(running)
    assert f"Unlocking 0 s · {said}" in words(shown)
    assert 'role="progressbar" aria-label="Unlocking"' in shown
    assert in_sight(shown) == ["Lock *"]
    assert "192.0.2.7" not in shown


async def test_a_jam_that_a_command_ran_into_is_said_once(world: World) -> None:
    running = await world.start()
    world.cloud.behaviour.commands.ignore_next = 1
    await submit(running, "/move", device=tag(running), operation="unlock")
    world.cloud.devices[LOCK].operate(jam)
    await running.clock.advance(70)
    shown = await card(running)
    assert '<p class="state">Jammed</p>' in shown
    assert "Not confirmed" not in words(shown)


async def test_a_failure_is_gone_once_the_lock_is_where_it_was_sent(
    world: World, running: Running
) -> None:
    world.cloud.behaviour.commands.ignore_next = 1
    await submit(running, "/move", device=tag(running), operation="unlock")
    await running.clock.advance(70)
    assert "Not confirmed" in words(await card(running))
    world.cloud.devices[LOCK].operate(unlock)
    await running.clock.advance(60)
    assert "Not confirmed" not in words(await card(running))


async def test_what_is_no_lock_has_cards_under_a_heading_of_its_own(world: World) -> None:
    world.cloud.add_device("02:51:4D:00:00:0E", "Fountain Plug", "plug")
    world.cloud.add_device("02:51:4D:00:00:0F", "Greenhouse Air", "unknown_sensor")
    running = await world.start()
    _, text = await page(running)
    headings = re.findall(r"<h([23])[^>]*>([^<]+)</h", text.partition('<div id="devices">')[2])
    assert headings[:7] == [
        ("2", "Locks"),
        ("3", "Front Door"),
        ("3", "Back Door"),
        ("2", "Lights and switches"),
        ("3", "Fountain Plug"),
        ("2", "Other devices"),
        ("3", "Greenhouse Air"),
    ]


async def test_a_door_that_is_open_is_said_beside_its_lock(world: World) -> None:
    world.cloud.devices[LOCK].operate(lambda states: replace(unlock(states), door=DoorState.OPEN))
    running = await world.start()
    shown = await card(running)
    assert "Unlocked Door open" in words(shown)
    assert "The bolt is out" not in words(shown)
