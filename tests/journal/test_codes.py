"""What happened to the codes of guests is in the journal by name, and pushes out nothing else."""

from pathlib import Path

import pytest

from tests.conftest import LOCK, World, at_once
from tests.guests import CODE, invite, take_back
from tests.journal.test_journal import SECRET, kinds, news, read_again, redact, saved
from tests.journal.test_lock_history import DOOR, OTHER
from utec_gateway.core.access_codes import CodeEvent, CodeEventKind
from utec_gateway.core.notification import Notification
from utec_gateway.journal.entry import CODES, Kind, Sort
from utec_gateway.journal.journal import KEPT, Journal
from utec_gateway.simulator.virtual_time import VirtualClock

DAY = 86400


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "journal.json"


@pytest.fixture
async def journal(path: Path, clock: VirtualClock) -> Journal:
    return Journal(path, clock, redact, at_once)


def event(
    clock: VirtualClock, kind: CodeEventKind, name: str = "Anna", *, is_expired: bool = False
) -> CodeEvent:
    return CodeEvent(kind, DOOR, name, clock.now(), is_expired)


async def test_each_event_is_the_same_after_a_restart(
    journal: Journal, path: Path, clock: VirtualClock
) -> None:
    for kind in CodeEventKind:
        journal.code_happened(event(clock, kind))
    journal.code_happened(event(clock, CodeEventKind.REMOVED, is_expired=True))
    await journal.close()
    assert set(kinds(journal)) == CODES
    assert {(one.subject, one.detail, one.tag) for one in journal.entries} == {
        (DOOR.name, "Anna", DOOR.tag)
    }
    assert await read_again(path, clock) == journal.entries


async def test_a_removal_says_whether_somebody_asked_for_it(
    journal: Journal, clock: VirtualClock
) -> None:
    journal.code_happened(event(clock, CodeEventKind.REMOVED))
    journal.code_happened(event(clock, CodeEventKind.REMOVED, is_expired=True))
    assert kinds(journal) == [Kind.CODE_REMOVED, Kind.CODE_EXPIRED]


async def test_codes_push_out_codes_only(journal: Journal, clock: VirtualClock) -> None:
    journal.started()
    for number in range(KEPT[Sort.CODE] + 50):
        journal.code_happened(event(clock, CodeEventKind.ON_LOCK, f"Guest {number}"))
    for _ in range(KEPT[Sort.OTHER] - 1):
        journal.over("Something")
    codes = [one.detail for one in journal.entries if one.kind in CODES]
    assert (len(codes), codes[0]) == (KEPT[Sort.CODE], "Guest 50")
    assert journal.entries[0].kind is Kind.STARTED


async def test_a_secret_that_somebody_uses_as_a_name_is_not_kept(
    journal: Journal, path: Path, clock: VirtualClock
) -> None:
    journal.code_happened(event(clock, CodeEventKind.ON_LOCK, f"Anna {SECRET}"))
    await journal.close()
    assert SECRET not in saved(path)


async def test_a_code_that_is_not_confirmed_and_the_notification_of_it_are_one_entry(
    journal: Journal, clock: VirtualClock
) -> None:
    journal.code_happened(event(clock, CodeEventKind.NOT_CONFIRMED))
    for lock in (DOOR, OTHER):
        key = f"code_not_confirmed_{lock.tag}"
        journal.told(Notification(key, "A code is not confirmed", "Look.", clock.now()))
    journal.told(news(clock))
    assert kinds(journal) == [Kind.CODE_NOT_CONFIRMED, Kind.TOLD, Kind.TOLD]
    assert journal.entries[0].was_told


async def test_a_guest_comes_and_goes_by_name_and_without_the_code(world: World) -> None:
    running = await world.start(manage_codes=True)
    anna = await invite(running, "Anna")
    await world.clock.advance(10)
    await take_back(running, anna)
    await invite(running, "Ben", days=1)
    await world.clock.advance(3 * DAY)
    told = [(one.kind, one.detail) for one in running.gateway.journal.entries if one.kind in CODES]
    assert sorted(told) == [
        (Kind.CODE_EXPIRED, "Ben"),
        (Kind.CODE_ON_LOCK, "Anna"),
        (Kind.CODE_ON_LOCK, "Ben"),
        (Kind.CODE_REMOVED, "Anna"),
    ]
    assert {one.tag for one in running.gateway.journal.entries if one.kind in CODES} == {
        running.gateway.account.cache.find(LOCK).tag
    }
    await world.stop()
    assert CODE.digits not in saved(world.data_dir / "journal.json")
