"""A file whose loss costs no sign-in: damaged or not, full disk or not, everything goes on."""

import asyncio
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.conftest import at_once
from tests.storage.conftest import Disk
from utec_gateway.simulator.virtual_time import VirtualClock
from utec_gateway.storage.json_file import JsonFile, parse_date, parse_dates, parse_each
from utec_gateway.utec.envelope import parse_discovery, parse_payload
from utec_gateway.utec.transport import Answer


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "words.json"


def content(path: Path) -> bytes | None:
    return path.read_bytes() if path.exists() else None


def damage_it(path: Path, damage: bytes) -> None:
    path.write_bytes(damage)


def test_nobody_else_may_read_it(path: Path) -> None:
    asyncio.run(JsonFile(path, "The list", list, at_once).save())
    assert path.stat().st_mode & 0o777 == 0o600


async def test_what_is_saved_is_loaded_again(path: Path) -> None:
    assert await JsonFile(path, "The list", lambda: ["Gärten", 1.5, None], at_once).save()
    assert await JsonFile(path, "The list", list, at_once).load() == ["Gärten", 1.5, None]


async def test_a_missing_file_is_no_trouble_and_nothing_is_written_for_nothing(
    path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    file = JsonFile(path, "The list", list, at_once)
    assert await file.load() is None
    assert await file.save()
    assert (content(path), caplog.text) == (None, "")


@pytest.mark.parametrize("damage", [b"", b"{", b"\xff", b"[" * 100_000], ids=lambda one: one[:3])
async def test_a_damaged_file_is_a_warning_and_is_replaced_by_the_next_save(
    damage: bytes, path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    damage_it(path, damage)
    file = JsonFile(path, "The list", list, at_once)
    assert await file.load() is None
    assert [line.levelname for line in caplog.records] == ["WARNING"]
    assert "The list cannot be read and starts empty: " in caplog.text
    assert await file.save()
    assert content(path) == b"[]"


async def test_changes_that_wait_for_the_disk_go_there_together_and_in_order(
    path: Path, disk: Disk, clock: VirtualClock
) -> None:
    words: list[str] = []
    file = JsonFile(path, "The list", lambda: words, disk)
    disk.gate = asyncio.Event()
    for word in ("one", "two", "three"):
        words.append(word)
        file.save_soon()
        await clock.settle()
    disk.gate.set()
    await file.close(clock)
    assert await JsonFile(path, "The list", list, at_once).load() == ["one", "two", "three"]
    assert disk.writes.total() == 2, "the one that had begun, and one for all that came meanwhile"


async def test_what_a_full_disk_refused_is_saved_at_the_next_chance(
    path: Path, disk: Disk, clock: VirtualClock, caplog: pytest.LogCaptureFixture
) -> None:
    file = JsonFile(path, "The list", lambda: ["one"], disk)
    disk.is_full = True
    assert not await file.save()
    assert "The list cannot be saved: No space left on device" in caplog.text
    disk.is_full = False
    await file.close(clock)
    assert content(path) == b'["one"]'


async def test_a_disk_that_hangs_does_not_keep_the_gateway_from_stopping(
    path: Path, disk: Disk, clock: VirtualClock
) -> None:
    file = JsonFile(path, "The list", lambda: ["one"], disk)
    disk.gate = asyncio.Event()
    closing = asyncio.create_task(file.close(clock))
    await clock.advance(3)
    assert closing.done()


@pytest.mark.parametrize("depth", [10, 300, 600])
async def test_whatever_a_discovery_may_hold_can_be_remembered(depth: int, path: Path) -> None:
    deep = b"[" * depth + b"]" * depth
    body = b'{"payload":{"devices":[{"id":"one","attributes":' + deep + b"}]}}"
    entries = parse_discovery(parse_payload(Answer(200, body)))
    assert await JsonFile(path, "The list", lambda: list(entries), at_once).save()
    assert await JsonFile(path, "The list", list, at_once).load() == list(entries)


def test_what_can_be_read_of_a_list_is_read() -> None:
    assert list(parse_each(["1", None, "x", {}, "2"], int)) == [1, 2]
    for rubbish in (None, 5, "12", {"a": 1}):
        assert list(parse_each(rubbish, int)) == []


def test_what_can_be_read_of_dates_by_name_is_read() -> None:
    now = datetime(2026, 1, 5, 12, tzinfo=UTC)
    assert parse_dates({"a": now.isoformat(), "b": "soon", "c": None}) == {"a": now}
    for rubbish in (None, 5, "12", [now.isoformat()]):
        assert parse_dates(rubbish) == {}
    assert parse_date("2026-01-05T12:00:00") == now
