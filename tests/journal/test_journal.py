"""The journal: kept over restarts, and worth less than anything that it could get in the way of."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import LOCK, World, at_once
from tests.steps import ended_command, timed
from utec_gateway.core.errors import GatewayError
from utec_gateway.core.models import Notification, Operation
from utec_gateway.core.outcome import CommandOutcome, CommandState
from utec_gateway.core.refresh_record import RefreshRecord
from utec_gateway.journal.entry import Entry, Kind
from utec_gateway.journal.journal import ENTRIES_KEPT, REFRESHES_KEPT, Journal
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
