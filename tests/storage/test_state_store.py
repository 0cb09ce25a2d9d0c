"""The state file survives power cuts, full disks and impatient callers."""

import asyncio
import json
import resource
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.storage.conftest import Disk
from utec_gateway.core.errors import StateNotSavedError
from utec_gateway.core.models import Token
from utec_gateway.simulator.virtual_time import VirtualClock
from utec_gateway.storage.state import State, parse_state
from utec_gateway.storage.state_store import SAVE_AGAIN_AFTER, StateStore

NOW = datetime(2026, 1, 5, 12, tzinfo=UTC)
TOKEN = Token("a1", "r1", NOW, NOW)


@pytest.fixture
async def store(tmp_path: Path, clock: VirtualClock, disk: Disk) -> StateStore:
    return StateStore(tmp_path / "state.json", clock, disk)


def words_in(state: State) -> list[str]:
    """Return what the changes of this test have added."""
    return (state.previous_refresh_token or "").split()


def noting(word: str) -> Callable[[State], State]:
    """Return a change that remembers one more word."""
    return lambda state: replace(state, previous_refresh_token=" ".join([*words_in(state), word]))


def names_in(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


def on_disk(path: Path) -> State:
    return parse_state(json.loads(path.read_bytes()))


async def test_the_first_start_makes_a_key_and_keeps_it(
    store: StateStore, tmp_path: Path, clock: VirtualClock, disk: Disk
) -> None:
    await store.load()
    again = StateStore(tmp_path / "state.json", clock, disk)
    assert again.exists
    await again.load()
    assert again.state.api_key == store.state.api_key
    await again.update(noting("one"))
    assert on_disk(tmp_path / "state.previous.json") == store.state
    assert len(store.state.api_key) >= 43
    assert (store.recovery, again.recovery) == (None, None)


async def test_what_was_changed_is_on_the_disk_and_the_one_before_beside_it(
    store: StateStore, tmp_path: Path
) -> None:
    await store.load()
    await store.update(noting("one"))
    await store.update(lambda state: replace(state, token=TOKEN))
    assert on_disk(tmp_path / "state.json") == store.state
    assert store.state.token == TOKEN
    await store.save()  # what is saved already does not push out the older generation
    assert on_disk(tmp_path / "state.previous.json") == replace(store.state, token=None)
    assert names_in(tmp_path) == {"state.json", "state.previous.json"}


async def test_nobody_else_may_read_either_generation(store: StateStore, tmp_path: Path) -> None:
    for name in ("state.json.new", "state.previous.json.new", "state.json"):
        (tmp_path / name).write_text("left behind by a crash")
        (tmp_path / name).chmod(0o666)
    (tmp_path / "state.json").unlink()
    await store.load()
    await store.update(noting("one"))
    for name in ("state.json", "state.previous.json"):
        assert (tmp_path / name).stat().st_mode & 0o777 == 0o600


async def test_everybody_who_hides_secrets_hears_of_a_state_before_it_is_written(
    clock: VirtualClock, disk: Disk, tmp_path: Path
) -> None:
    path, seen = tmp_path / "state.json", list[tuple[str, str | None, bool]]()

    def hide(source: str, secret: str | None) -> None:
        written = path.exists() and bool(secret) and f'"{secret}"' in path.read_text()
        seen.append((source, secret, written))

    store = StateStore(path, clock, disk, hide=hide)
    await store.load()
    assert ("api_key", store.state.api_key, False) in seen
    await store.update(lambda state: replace(state, token=TOKEN, previous_refresh_token="r0"))
    assert seen[-4:] == [
        ("api_key", store.state.api_key, True),
        ("previous_refresh_token", "r0", False),
        ("access_token", "a1", False),
        ("refresh_token", "r1", False),
    ]


async def test_a_change_that_cannot_be_saved_is_used_and_said(
    store: StateStore, disk: Disk, tmp_path: Path
) -> None:
    await store.load()
    disk.is_full = True
    await store.update(noting("one"))
    assert words_in(store.state) == ["one"]
    assert store.problem == "The state cannot be saved: No space left on device"
    assert words_in(on_disk(tmp_path / "state.json")) == []
    with pytest.raises(StateNotSavedError, match="No space left"):
        await store.save()


@contextmanager
def largest_file(size: int) -> Iterator[None]:
    """Let no file grow beyond that."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


async def test_a_disk_that_fills_up_while_writing_leaves_both_generations_whole(
    store: StateStore, tmp_path: Path
) -> None:
    await store.load()
    await store.update(noting("one"))
    before = store.state
    with largest_file((tmp_path / "state.json").stat().st_size):
        await store.update(noting("a-word-so-long-that-it-does-not-fit-on-the-disk-any-more"))
    assert store.problem == "The state cannot be saved: File too large"
    assert on_disk(tmp_path / "state.json") == before
    assert words_in(on_disk(tmp_path / "state.previous.json")) == []
    await store.save()
    assert on_disk(tmp_path / "state.json") == store.state


async def test_a_failed_save_is_tried_again_after_a_minute(
    store: StateStore, disk: Disk, tmp_path: Path, clock: VirtualClock
) -> None:
    await store.load()
    assert store.save_again_in() == float("inf")
    disk.is_full = True
    await store.update(noting("one"))
    assert store.save_again_in() == SAVE_AGAIN_AFTER
    await clock.advance(70)
    assert store.save_again_in() == -10
    disk.is_full = False
    await store.save()
    assert store.problem is None
    assert store.save_again_in() == float("inf")
    assert on_disk(tmp_path / "state.json") == store.state


async def test_a_disk_that_is_full_at_the_first_start_does_not_stop_it(
    store: StateStore, tmp_path: Path
) -> None:
    (tmp_path / "state.json.new").mkdir()
    await store.load()
    assert store.problem


async def test_changes_made_at_once_are_all_kept_one_after_the_other(
    store: StateStore, disk: Disk, tmp_path: Path, clock: VirtualClock
) -> None:
    await store.load()
    disk.gate = asyncio.Event()
    names = [f"word-{number}" for number in range(20)]
    updates = [asyncio.create_task(store.update(noting(name))) for name in names]
    await clock.settle()
    disk.gate.set()
    await asyncio.gather(*updates)
    assert words_in(on_disk(tmp_path / "state.json")) == names
    assert disk.most_at_once == 1


async def test_a_change_is_not_seen_before_it_is_on_the_disk(
    store: StateStore, disk: Disk, clock: VirtualClock
) -> None:
    await store.load()
    disk.gate = asyncio.Event()
    update = asyncio.create_task(store.update(noting("one")))
    await clock.settle()
    assert not words_in(store.state)
    disk.gate.set()
    await update
    assert words_in(store.state)


async def test_a_caller_that_goes_away_does_not_take_its_change_along(
    store: StateStore, disk: Disk, clock: VirtualClock
) -> None:
    await store.load()
    disk.gate = asyncio.Event()
    update = asyncio.create_task(store.update(noting("one")))
    await clock.settle()
    update.cancel()
    await asyncio.gather(update, return_exceptions=True)
    disk.gate.set()
    await store.update(noting("two"))
    assert words_in(store.state) == ["one", "two"]


async def test_closing_waits_for_what_an_impatient_caller_left_behind(
    store: StateStore, disk: Disk, clock: VirtualClock, tmp_path: Path
) -> None:
    await store.load()
    disk.gate = asyncio.Event()
    update = asyncio.create_task(store.update(noting("one")))
    await clock.settle()
    update.cancel()
    closing = asyncio.create_task(store.close())
    await clock.settle()
    assert not closing.done()
    disk.gate.set()
    await closing
    assert on_disk(tmp_path / "state.json") == store.state
    assert words_in(store.state)


async def test_a_change_that_fails_changes_nothing_and_blocks_nobody(store: StateStore) -> None:
    await store.load()
    with pytest.raises(ZeroDivisionError):
        await store.update(lambda _: 1 // 0)  # type: ignore[arg-type, return-value]
    await store.update(noting("one"))
    assert words_in(store.state) == ["one"]


def written_at(folder: Path) -> dict[str, int]:
    return {path.name: path.stat().st_mtime_ns for path in folder.iterdir()}


def keys_on_disk(folder: Path) -> list[str]:
    """Return the keys that a restart could bring back."""
    return [on_disk(path).api_key for path in sorted(folder.glob("state*.json"))]


async def test_a_replaced_key_is_in_neither_generation(store: StateStore, tmp_path: Path) -> None:
    await store.load()
    await store.update(noting("one"))
    await store.replace_key()
    assert keys_on_disk(tmp_path) == [store.state.api_key] * 2
    await store.update(noting("two"))
    assert keys_on_disk(tmp_path) == [store.state.api_key] * 2


async def test_a_replaced_key_stays_replaced_when_the_state_file_is_damaged(
    store: StateStore, tmp_path: Path, clock: VirtualClock, disk: Disk
) -> None:
    await store.load()
    await store.update(noting("one"))
    await store.replace_key()
    (tmp_path / "state.json").write_bytes(b'{"torn')
    again = StateStore(tmp_path / "state.json", clock, disk)
    await again.load()
    assert again.state.api_key == store.state.api_key
    assert words_in(again.state) == ["one"]


async def test_a_key_that_was_replaced_onto_a_full_disk_is_gone_from_both_when_there_is_room(
    store: StateStore, disk: Disk, tmp_path: Path
) -> None:
    await store.load()
    await store.update(noting("one"))
    disk.is_full = True
    await store.replace_key()
    assert store.problem
    disk.is_full = False
    await store.save()
    await store.close()
    assert keys_on_disk(tmp_path) == [store.state.api_key] * 2


async def test_an_older_generation_that_cannot_be_replaced_is_a_problem_and_tried_again(
    store: StateStore, tmp_path: Path
) -> None:
    await store.load()
    await store.update(noting("one"))
    (tmp_path / "state.previous.json.new").mkdir()
    await store.replace_key()
    assert store.problem
    assert store.save_again_in() <= SAVE_AGAIN_AFTER
    (tmp_path / "state.previous.json.new").rmdir()
    await store.save()
    await store.close()
    assert store.problem is None
    assert keys_on_disk(tmp_path) == [store.state.api_key] * 2


@pytest.mark.parametrize("written", ["", "short", "a key of somebody's own, and a long one"])
async def test_a_key_that_was_blanked_or_changed_by_hand_is_in_both_generations_after_a_start(
    written: str, store: StateStore, tmp_path: Path, clock: VirtualClock, disk: Disk
) -> None:
    await store.load()
    await store.update(noting("one"))
    await store.update(noting("two"))
    edited = replace(store.state, api_key=written)
    (tmp_path / "state.json").write_text(json.dumps(edited.to_json()))
    again = StateStore(tmp_path / "state.json", clock, disk)
    await again.load()
    assert again.state.api_key not in {store.state.api_key, "", "short"}
    assert keys_on_disk(tmp_path) == [again.state.api_key] * 2
    assert words_in(again.state) == words_in(store.state)


async def test_a_start_with_nothing_to_mend_leaves_the_files_alone(
    store: StateStore, tmp_path: Path, clock: VirtualClock, disk: Disk
) -> None:
    await store.load()
    await store.update(noting("one"))
    before = written_at(tmp_path)
    await StateStore(tmp_path / "state.json", clock, disk).load()
    assert written_at(tmp_path) == before


async def test_a_power_cut_between_the_two_files_costs_nothing(
    store: StateStore, tmp_path: Path, clock: VirtualClock, disk: Disk
) -> None:
    await store.load()
    await store.update(noting("one"))
    (tmp_path / "state.json").rename(tmp_path / "state.previous.json")
    (tmp_path / "state.json.new").write_bytes(b'{"half')
    again = StateStore(tmp_path / "state.json", clock, disk)
    await again.load()
    assert again.state == store.state
