"""The journal: kept over restarts, and worth less than anything that it could get in the way of."""

import json
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import LOCK, World, at_once
from tests.journal.test_lock_history import DOOR, OTHER, standing
from tests.steps import ended_command, timed
from utec_gateway.core.activity import Activity, ActivityKind
from utec_gateway.core.errors import GatewayError
from utec_gateway.core.models import Device, Operation
from utec_gateway.core.notification import Notification
from utec_gateway.core.outcome import CommandOutcome, CommandState, EndedCommand
from utec_gateway.core.readings import LockState, Reading, Readings
from utec_gateway.core.refresh_record import RefreshRecord
from utec_gateway.journal.entry import Entry, Kind, Sort
from utec_gateway.journal.journal import (
    ENTRIES_KEPT,
    KEPT,
    REFRESHES_KEPT,
    SAVED_EVERY,
    SAVED_WITHIN,
    Journal,
)
from utec_gateway.simulator.states import unlock
from utec_gateway.simulator.virtual_time import VirtualClock

SECRET = "q7Zk-20_9fTbVw1x"
MOVED = CommandOutcome(Operation.UNLOCK, 0.0, CommandState.CONFIRMED, 3.14159)


def redact(text: str) -> str:
    return text.replace(SECRET, "***")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "journal.json"


@pytest.fixture
async def journal(path: Path, clock: VirtualClock) -> Journal:
    return Journal(path, clock, redact, at_once)


def saved(path: Path) -> str:
    return path.read_text()


def is_saved(path: Path) -> bool:
    return path.exists()


def damage_it(path: Path, content: bytes) -> None:
    path.write_bytes(content)


async def read_again(path: Path, clock: VirtualClock) -> tuple[Entry, ...]:
    """Return what a gateway that starts on this file remembers."""
    fresh = Journal(path, clock, redact, at_once)
    await fresh.load({})
    return fresh.entries


def news(clock: VirtualClock, message: str = "U-tec refused it.") -> Notification:
    return Notification("reauth_required", "Sign in again", message, clock.now())


async def test_everything_is_the_same_after_a_restart(
    journal: Journal, path: Path, clock: VirtualClock
) -> None:
    journal.started()
    journal.command_ended(ended_command("Gärten 🔒", MOVED))
    journal.told(news(clock))
    await clock.advance(60)
    journal.over("Sign in again")
    journal.stopped()
    await journal.close()
    assert [entry.kind for entry in journal.entries] == [
        Kind.STARTED,
        Kind.COMMAND,
        Kind.TOLD,
        Kind.OVER,
        Kind.STOPPED,
    ]
    assert journal.entries[1].duration == 3.1
    assert await read_again(path, clock) == journal.entries


@pytest.mark.parametrize(
    ("state", "word"),
    [
        (CommandState.CONFIRMED, "confirmed"),
        (CommandState.NOT_CONFIRMED, "not_confirmed"),
        (CommandState.FAILED, "failed"),
        (CommandState.SUPERSEDED, "replaced"),
    ],
)
async def test_the_end_of_a_command_has_the_word_that_0_1_0_has_for_it(
    state: CommandState, word: str, journal: Journal, path: Path, clock: VirtualClock
) -> None:
    journal.command_ended(ended_command("Front Door", CommandOutcome(Operation.LOCK, 0.0, state)))
    await journal.close()
    assert [entry["outcome"] for entry in json.loads(saved(path))] == [word]
    assert [entry.outcome for entry in await read_again(path, clock)] == [state]


async def test_a_level_is_kept_and_what_is_none_is_forgotten(
    journal: Journal, path: Path, clock: VirtualClock
) -> None:
    for level in (40, 0):
        dimmed = CommandOutcome(Operation.SET_LEVEL, 0.0, CommandState.CONFIRMED, level=level)
        journal.command_ended(ended_command("Hall Dimmer", dimmed))
    await journal.close()
    assert [entry.level for entry in await read_again(path, clock)] == [40, 0]
    for odd in (True, "40", 101, [40], None):
        raw = [{**entry, "level": odd} for entry in json.loads(saved(path))]
        damage_it(path, json.dumps(raw).encode())
        assert [entry.level for entry in await read_again(path, clock)] == [None, None]


@pytest.mark.parametrize(
    "damage",
    [
        {"at": None},
        {"at": "yesterday"},
        {"at": "9999-12-31T00:00:00+00:00"},
        {"kind": "party"},
        {"outcome": "perhaps"},
        {"operation": "fly"},
        {"took": "long"},
        {"took": None},
        {"took": float("inf")},
        {"took": float("nan")},
    ],
    ids=str,
)
async def test_a_damaged_entry_costs_itself_only(
    damage: dict[str, Any], journal: Journal, path: Path, clock: VirtualClock
) -> None:
    journal.started()
    journal.command_ended(ended_command("Front Door", MOVED))
    await journal.close()
    first, second = json.loads(saved(path))
    entries = [{**second, **damage}, "text", [], first, {}, second]
    damage_it(path, json.dumps(entries).encode())
    assert await read_again(path, clock) == journal.entries


async def test_a_command_reaches_the_lock_while_the_journal_cannot_be_saved(world: World) -> None:
    (world.data_dir / "journal.json.new").mkdir()
    running = await world.start()
    answer = await timed(running.clock, running.post("/api/unlock", {"id": LOCK}))
    assert answer.status == 200
    assert running.gateway.journal.entries[-1].outcome is CommandState.CONFIRMED
    assert not (world.data_dir / "journal.json").exists()


async def test_the_oldest_entries_make_room(
    journal: Journal, path: Path, clock: VirtualClock
) -> None:
    for number in range(ENTRIES_KEPT + 50):
        journal.over(f"Title {number}")
    await journal.close()
    kept = await read_again(path, clock)
    assert len(kept) == ENTRIES_KEPT
    assert (kept[0].subject, kept[-1].subject) == ("Title 50", f"Title {ENTRIES_KEPT + 49}")


async def test_refreshes_and_the_rest_do_not_push_each_other_out(
    journal: Journal, path: Path, clock: VirtualClock
) -> None:
    for number in range(ENTRIES_KEPT + 50):
        journal.refreshed(RefreshRecord(clock.now(), succeeded=False, detail=f"why {number}"))
        journal.over(f"Title {number}")
    await journal.close()
    kept = await read_again(path, clock)
    assert len(kept) == ENTRIES_KEPT + REFRESHES_KEPT
    assert len(journal.refreshes) == REFRESHES_KEPT
    newest = RefreshRecord(clock.now(), succeeded=False, detail=f"why {ENTRIES_KEPT + 49}")
    assert journal.refreshes[-1] == newest


async def test_refreshes_are_the_same_after_a_restart(
    journal: Journal, path: Path, clock: VirtualClock
) -> None:
    for succeeded, detail in ((True, "signed in"), (True, "renewed"), (False, "It said no")):
        journal.refreshed(RefreshRecord(clock.now(), succeeded, detail))
    await journal.close()
    again = Journal(path, clock, redact, at_once)
    await again.load({})
    assert again.refreshes == journal.refreshes
    assert [one.detail for one in again.refreshes] == ["signed in", "renewed", "It said no"]


async def test_no_secret_gets_into_the_file_nor_onto_the_page(
    journal: Journal, path: Path, clock: VirtualClock
) -> None:
    failed = CommandOutcome(
        Operation.LOCK, 0.0, CommandState.FAILED, 1.0, GatewayError(f"Refused {SECRET}")
    )
    journal.command_ended(ended_command(f"Door {SECRET}", failed))
    journal.told(news(clock, f"It said {SECRET}"))
    journal.over(f"Over {SECRET}")
    journal.refreshed(RefreshRecord(clock.now(), succeeded=False, detail=f"Because {SECRET}"))
    await journal.close()
    assert SECRET not in saved(path) + repr(journal.entries)
    assert saved(path).count("***") == 5


async def test_a_life_of_a_gateway_is_entered_in_its_order(world: World) -> None:
    running = await world.start()
    await timed(running.clock, running.post("/api/unlock", {"id": LOCK}))
    await world.stop()
    running = await world.start()
    assert [(entry.kind, entry.subject) for entry in running.gateway.journal.entries] == [
        (Kind.STARTED, ""),
        (Kind.REFRESHED, ""),
        (Kind.COMMAND, "Front Door"),
        (Kind.STOPPED, ""),
        (Kind.STARTED, ""),
    ]


def activity(
    clock: VirtualClock, kind: ActivityKind, device: Device = DOOR, *, by_command: bool = False
) -> Activity:
    return Activity(kind, device, clock.now(), MOVED if by_command else None)


def jammed(device: Device) -> Device:
    """Return a lock whose bolt is stuck."""
    return replace(device, readings=Readings(lock_state=Reading(LockState.JAMMED)))


def told_of(device: Device, clock: VirtualClock, kind: str = "jammed") -> Notification:
    return Notification(f"{kind}_{device.tag}", f"{device.name} is jammed", "Look.", clock.now())


def kinds(journal: Journal) -> list[Kind]:
    return [one.kind for one in journal.entries]


async def test_what_a_lock_does_by_itself_is_the_same_after_a_restart(
    journal: Journal, path: Path, clock: VirtualClock
) -> None:
    for kind in (ActivityKind.UNLOCKED, ActivityKind.DOOR_OPENED, ActivityKind.OFFLINE):
        journal.happened(activity(clock, kind))
    await journal.close()
    assert [(one.subject, one.tag, one.activity) for one in journal.entries] == [
        ("Front Door", DOOR.tag, ActivityKind.UNLOCKED),
        ("Front Door", DOOR.tag, ActivityKind.DOOR_OPENED),
        ("Front Door", DOOR.tag, ActivityKind.OFFLINE),
    ]
    assert await read_again(path, clock) == journal.entries
    assert DOOR.id not in saved(path)


async def test_what_came_of_a_command_is_entered_as_that_command_only(
    journal: Journal, clock: VirtualClock
) -> None:
    journal.happened(activity(clock, ActivityKind.UNLOCKED, by_command=True))
    journal.command_ended(EndedCommand(DOOR, MOVED))
    assert kinds(journal) == [Kind.COMMAND]
    assert journal.entries[0].tag == DOOR.tag


async def test_a_failure_that_people_were_told_of_is_one_entry(
    journal: Journal, path: Path, clock: VirtualClock
) -> None:
    given_up = CommandOutcome(Operation.LOCK, 0.0, CommandState.NOT_CONFIRMED, 60.0)
    journal.command_ended(EndedCommand(jammed(DOOR), given_up))
    journal.happened(activity(clock, ActivityKind.JAMMED, OTHER))
    journal.told(told_of(DOOR, clock, "lock_not_confirmed"))
    journal.told(told_of(OTHER, clock))
    assert kinds(journal) == [Kind.COMMAND, Kind.ACTIVITY]
    assert [one.was_told for one in journal.entries] == [True, True]
    assert {one.activity for one in journal.entries} == {ActivityKind.JAMMED}
    await journal.close()
    assert await read_again(path, clock) == journal.entries


async def test_what_people_are_told_later_or_of_another_lock_is_an_entry_of_its_own(
    journal: Journal, clock: VirtualClock
) -> None:
    journal.happened(activity(clock, ActivityKind.JAMMED))
    journal.told(told_of(OTHER, clock))
    await clock.advance(121)
    journal.told(told_of(DOOR, clock))
    assert kinds(journal) == [Kind.ACTIVITY, Kind.TOLD, Kind.TOLD]
    assert [one.tag for one in journal.entries] == [DOOR.tag, OTHER.tag, DOOR.tag]


async def test_a_movement_that_ends_a_worry_is_one_entry(
    journal: Journal, clock: VirtualClock
) -> None:
    journal.happened(activity(clock, ActivityKind.LOCKED))
    journal.over("Front Door is jammed", f"jammed_{DOOR.tag}")
    assert kinds(journal) == [Kind.ACTIVITY]
    journal.over("The battery of Front Door is low", f"battery_low_{DOOR.tag}")
    journal.over("Back Door is jammed", f"jammed_{OTHER.tag}")
    assert kinds(journal) == [Kind.ACTIVITY, Kind.OVER, Kind.OVER]


async def test_a_busy_door_pushes_out_nothing_but_its_own_past(
    journal: Journal, clock: VirtualClock
) -> None:
    journal.started()
    journal.command_ended(EndedCommand(DOOR, MOVED))
    journal.happened(activity(clock, ActivityKind.UNLOCKED))
    for _ in range(600):
        journal.happened(activity(clock, ActivityKind.DOOR_OPENED))
    assert kinds(journal)[:3] == [Kind.STARTED, Kind.COMMAND, Kind.ACTIVITY]
    doors = [one for one in journal.entries if one.activity is ActivityKind.DOOR_OPENED]
    assert len(doors) == KEPT[Sort.DOOR]


async def test_what_nobody_asked_for_is_saved_within_a_minute_and_not_each_time(
    journal: Journal, path: Path, clock: VirtualClock
) -> None:
    assert journal.due_in() == SAVED_EVERY
    for _ in range(10):
        journal.happened(activity(clock, ActivityKind.DOOR_OPENED))
        await clock.settle()
    assert not is_saved(path)
    assert journal.due_in() == SAVED_WITHIN
    await journal.save()
    assert len(json.loads(saved(path))) == 10
    assert journal.due_in() == SAVED_EVERY


async def test_the_gateway_saves_it_by_itself(world: World) -> None:
    running = await world.start()
    await running.clock.advance(20)
    world.cloud.devices[LOCK].operate(unlock)
    await running.clock.advance(150)
    assert '"activity": "unlocked"' in saved(world.data_dir / "journal.json")


@pytest.mark.parametrize(
    "damage", [{"activity": None}, {"activity": "danced"}, {"activity": []}, {"subject": None}]
)
async def test_a_damaged_activity_costs_itself_only(
    damage: dict[str, Any], journal: Journal, path: Path, clock: VirtualClock
) -> None:
    journal.happened(activity(clock, ActivityKind.UNLOCKED))
    await journal.close()
    (whole,) = json.loads(saved(path))
    damage_it(path, json.dumps([{**whole, **damage}, whole]).encode())
    assert (await read_again(path, clock))[-1:] == journal.entries


async def test_a_file_of_an_older_version_is_read_and_left_as_it_is(
    journal: Journal, path: Path, clock: VirtualClock
) -> None:
    """0.3.0 wrote these keys, in this order, of every entry; 0.1.0 neither origins nor levels."""
    now = clock.now().isoformat()
    entry: dict[str, Any] = {"at": now, "kind": "command", "subject": "Front Door", "detail": ""}
    entry |= {"operation": "unlock", "outcome": "confirmed"}
    entry |= {"origins": [{"kind": "panel", "address": ""}], "level": None, "took": 3.1}
    content = json.dumps([entry])
    damage_it(path, content.encode())
    assert await journal.load({})
    (read,) = journal.entries
    assert (read.subject, read.tag, read.was_told) == ("Front Door", "", False)
    assert read.is_of(DOOR.tag, "Front Door")
    assert not read.is_of(OTHER.tag, "Back Door")
    assert saved(path) == content


async def test_an_older_version_finds_everything_that_it_needs(
    journal: Journal, path: Path, clock: VirtualClock
) -> None:
    """It leaves out the entries of kinds that it does not know, and those without these keys."""
    journal.command_ended(EndedCommand(DOOR, MOVED))
    journal.happened(activity(clock, ActivityKind.UNLOCKED))
    journal.statuses_changed([standing(DOOR, LockState.LOCKED)])
    await journal.close()
    needed = {"at", "kind", "subject", "detail", "operation", "outcome", "took"}
    known = [one for one in json.loads(saved(path)) if needed <= one.keys()]
    assert [one["kind"] for one in known] == ["command"]


async def test_how_the_locks_stood_is_known_after_a_restart_but_for_the_time_between(
    journal: Journal, path: Path, clock: VirtualClock
) -> None:
    journal.statuses_changed([standing(DOOR, LockState.LOCKED)])
    await clock.advance(60)
    journal.stopped()
    await journal.close()
    await clock.advance(60)
    again = Journal(path, clock, redact, at_once)
    await again.load({})
    await clock.advance(60)
    again.statuses_changed([standing(DOOR, LockState.LOCKED)])
    history = again.lock_history(DOOR.tag)
    assert [str(state) for _, state in history] == ["locked", "unknown", "locked"]
    assert [(after.at - before.at).total_seconds() for before, after in pairwise(history)] == [
        60,
        120,
    ]


async def test_after_a_power_cut_nobody_knows_since_the_last_save(
    journal: Journal, path: Path, clock: VirtualClock
) -> None:
    journal.statuses_changed([standing(DOOR, LockState.UNLOCKED)])
    await clock.advance(1800)
    await journal.save()
    await clock.advance(3000)
    again = Journal(path, clock, redact, at_once)
    await again.load({})
    begin, end = again.lock_history(DOOR.tag)
    assert [str(begin.state), str(end.state)] == ["unlocked", "unknown"]
    assert (end.at - begin.at).total_seconds() == 1800


@pytest.mark.parametrize(
    "damage",
    [
        {"until": None},
        {"until": "then"},
        {"states": []},
        {"states": 5},
        {"states": {"x": 5}},
        {"states": {"x": [["now", "locked"]]}},
        {"states": {"x": [[1e300, "locked"]]}},
        {"states": {"x": [[1, "open"]]}},
        {"kind": "x"},
    ],
    ids=str,
)
async def test_damaged_lock_states_are_unknown(
    damage: dict[str, Any], journal: Journal, path: Path, clock: VirtualClock
) -> None:
    journal.started()
    journal.statuses_changed([standing(DOOR, LockState.LOCKED)])
    await journal.close()
    states, entry = json.loads(saved(path))
    damage_it(path, json.dumps([{**states, **damage}, entry]).encode())
    again = Journal(path, clock, redact, at_once)
    await again.load({})
    assert again.entries == journal.entries
    assert again.lock_history("x") == ()


async def test_a_name_that_holds_a_secret_is_redacted_of_what_a_lock_does(
    journal: Journal, path: Path, clock: VirtualClock
) -> None:
    named = Device("id", {"name": f"Door {SECRET}"})
    journal.happened(activity(clock, ActivityKind.UNLOCKED, named))
    await journal.close()
    assert SECRET not in saved(path) + repr(journal.entries)
