"""The guests that we made, on the disk: there before anything is sent, and without a code."""

import asyncio
import json
import logging
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from tests.access_codes.given import NOW, added, on_lock, record
from tests.access_codes.house import USERS, House
from tests.conftest import LOCK, World
from tests.storage.conftest import Disk
from utec_gateway.access_codes.guest_book import GuestBook
from utec_gateway.access_codes.record import Record
from utec_gateway.core.access_codes import CodeState
from utec_gateway.core.errors import StateNotSavedError
from utec_gateway.simulator.virtual_time import VirtualClock

FILE = "access_codes.json"


@pytest.fixture
def disk() -> Disk:
    return Disk()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / FILE


@pytest.fixture
def book(path: Path, clock: VirtualClock, disk: Disk) -> GuestBook:
    return GuestBook(path, clock, disk)


def mode(path: Path) -> int:
    return path.stat().st_mode & 0o777


def text(path: Path) -> str:
    return path.read_text()


def damage(path: Path, content: str) -> None:
    path.write_text(content)


async def read_again(path: Path, clock: VirtualClock, disk: Disk) -> tuple[Record, ...]:
    book = GuestBook(path, clock, disk)
    await book.load()
    return book.of_lock("tag")


async def test_who_is_written_down_is_on_the_disk_at_once(
    book: GuestBook, path: Path, clock: VirtualClock, disk: Disk
) -> None:
    await book.write_down(added())
    assert await read_again(path, clock, disk) == (replace(added(), has_code=False),)


async def test_the_file_is_for_nobody_else_to_read(book: GuestBook, path: Path) -> None:
    await book.write_down(added())
    assert mode(path) == 0o600


async def test_guests_are_found_by_their_lock_in_the_order_in_which_they_were_made(
    book: GuestBook,
) -> None:
    there = record("Dan", tag="other")
    for one in (record("Cleo"), there, record("Anna"), record("Ben")):
        await book.write_down(one)
    assert [one.name for one in book.of_lock("tag")] == ["Cleo", "Anna", "Ben"]
    await book.write_down(added("Cleo"))
    assert [one.name for one in book.of_lock("tag")] == ["Cleo", "Anna", "Ben"]
    assert book.find("other", there.id) == there
    assert book.find("tag", there.id) is None
    assert book.find("tag", "nobody") is None


async def test_a_disk_that_is_full_leaves_what_was_known(book: GuestBook, disk: Disk) -> None:
    await book.write_down(on_lock("Anna"))
    disk.is_full = True
    for one in (record("Ben"), on_lock("Anna").no_longer_wanted(NOW)):
        with pytest.raises(StateNotSavedError, match="nothing was sent"):
            await book.write_down(one)
    assert book.of_lock("tag") == (on_lock("Anna"),)


async def test_what_a_list_has_shown_is_saved_when_the_disk_takes_it(
    book: GuestBook, path: Path, clock: VirtualClock, disk: Disk
) -> None:
    await book.write_down(added())
    disk.is_full = True
    book.update([on_lock()])
    await clock.settle()
    assert book.of_lock("tag") == (on_lock(),)
    disk.is_full = False
    await book.close()
    assert [one.user_id for one in await read_again(path, clock, disk)] == [7]


async def test_who_is_dropped_is_in_no_file(
    book: GuestBook, path: Path, clock: VirtualClock
) -> None:
    await book.write_down(on_lock("Anna"))
    await book.write_down(on_lock("Ben"))
    book.update([], [on_lock("Anna"), on_lock("Nobody")])
    await clock.settle()
    assert "Anna" not in text(path)
    assert [one.name for one in book.of_lock("tag")] == ["Ben"]


async def test_who_is_over_is_forgotten_and_nothing_is_written_otherwise(
    book: GuestBook, clock: VirtualClock, disk: Disk
) -> None:
    await book.write_down(on_lock("Anna"))
    await book.write_down(on_lock("Ben", made_at=NOW - timedelta(days=9)))
    book.drop_if(lambda one: one.name == "Nobody")
    await clock.settle()
    assert disk.writes[FILE] == 2
    book.drop_if(lambda one: one.name == "Anna")
    await clock.settle()
    assert disk.writes[FILE] == 3
    assert [one.name for one in book.of_lock("tag")] == ["Ben"]


async def test_what_is_being_written_arrives_before_the_end(
    book: GuestBook, path: Path, clock: VirtualClock, disk: Disk
) -> None:
    disk.gate = asyncio.Event()
    book.update([on_lock()])
    closing = asyncio.ensure_future(book.close())
    await clock.settle()
    assert not closing.done()
    disk.gate.set()
    await closing
    assert "Anna" in text(path)


@pytest.mark.parametrize("content", ["", "{", "null", "5", '{"a": 1}', "\x00" * 9, "[" * 10**5])
async def test_a_damaged_file_counts_as_empty(
    path: Path, clock: VirtualClock, disk: Disk, content: str
) -> None:
    damage(path, content)
    assert not await read_again(path, clock, disk)


async def test_a_damaged_file_is_said_in_the_log(
    path: Path, book: GuestBook, caplog: pytest.LogCaptureFixture
) -> None:
    damage(path, "{")
    with caplog.at_level(logging.WARNING):
        await book.load()
    assert "The list of guests with access codes cannot be read" in caplog.text


async def test_a_damaged_entry_costs_no_other_one(
    path: Path, clock: VirtualClock, disk: Disk, book: GuestBook
) -> None:
    await book.write_down(on_lock("Anna"))
    (entry,) = json.loads(text(path))
    damage(path, json.dumps([None, 5, {**entry, "id": "x", "ends": "never"}, entry]))
    assert [one.name for one in await read_again(path, clock, disk)] == ["Anna"]


class TestFullDisk:
    """A gateway whose disk is full says so, and sends nothing."""

    async def test_nobody_is_made(self, world: World, disk: Disk) -> None:
        world.executor = disk
        house = await House.start(world)
        disk.is_full = True
        with pytest.raises(StateNotSavedError):
            await house.add()
        assert house.calls("add") == 0
        assert not house.guests()
        disk.is_full = False
        await house.add_on_lock()

    async def test_nobody_is_taken_back(self, world: World, disk: Disk) -> None:
        world.executor = disk
        house = await House.start(world)
        guest_id = await house.add_on_lock()
        disk.is_full = True
        with pytest.raises(StateNotSavedError):
            await house.do(house.codes.remove(LOCK, guest_id))
        assert house.calls("delete") == 0
        assert house.guest().state is CodeState.ON_LOCK
        disk.is_full = False

    async def test_nobody_is_changed(self, world: World, disk: Disk) -> None:
        world.executor = disk
        house = await House.start(world)
        guest_id = await house.add_on_lock()
        before = house.guest()
        disk.is_full = True
        with pytest.raises(StateNotSavedError):
            await house.do(house.codes.change(LOCK, guest_id, house.stay(days=5)))
        assert house.calls("update") == 0
        assert house.guest() == before
        disk.is_full = False


async def test_guests_are_known_after_a_restart_with_how_they_stand(world: World) -> None:
    house = await House.start(world)
    guest_id = await house.add_on_lock()
    before = house.guest()
    house = await house.restart()
    assert house.guest() == before
    assert house.guest().id == guest_id
    assert mode(world.data_dir / FILE) == 0o600
    assert house.world.cloud.calls.by_command[f"{USERS}/add"] == 1
