"""The spare: what was received and not saved yet wins at the next start, and nothing else does."""

import asyncio
import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.conftest import World
from tests.plugins.installing import install
from tests.storage.conftest import Disk
from utec_gateway.core.models import Token
from utec_gateway.core.refusal import Refusal
from utec_gateway.simulator.virtual_time import VirtualClock
from utec_gateway.storage.state import State
from utec_gateway.storage.state_store import StateStore

NOW = datetime(2026, 1, 5, 12, tzinfo=UTC)
CLIENT, OTHER_CLIENT = "the client's fingerprint", "another client's fingerprint"
SAID = "taken from the spare"


def token(number: int) -> Token:
    """Return the pair of that number; its dates go backwards, as a clock may."""
    issued_at = NOW - timedelta(days=number)
    return Token(f"access {number}", f"refresh {number}", issued_at, issued_at + timedelta(days=7))


def signed_in(pair: Token) -> Callable[[State], State]:
    return lambda state: replace(state, token=pair, previous_refresh_token=None, refusal=None)


Start = Callable[..., StateStore]


@pytest.fixture
def new_store(tmp_path: Path, clock: VirtualClock, disk: Disk) -> Start:
    """Return what makes a store on the same folder, as another start does."""

    def start(client: str = CLIENT) -> StateStore:
        disk.gate = None
        return StateStore(tmp_path / "state.json", clock, disk, lambda: client)

    return start


def spare_of(world: World) -> str:
    return (world.data_dir / "state.spare.json").read_text()


@pytest.fixture
async def store(new_store: Start) -> StateStore:
    """A store that has saved the first pair."""
    store = new_store()
    await store.load()
    store.receive(token(1))
    await store.update(signed_in(token(1)))
    return store


class Folder:
    """What lies in the data folder."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._spare = path / "state.spare.json"

    @property
    def has_spare(self) -> bool:
        return self._spare.exists()

    @property
    def mode(self) -> int:
        return self._spare.stat().st_mode & 0o777

    def read(self) -> bytes:
        return self._spare.read_bytes()

    def write(self, content: bytes) -> None:
        self._spare.write_bytes(content)

    def block(self, name: str) -> None:
        """Put a folder in the way of a file."""
        (self._path / f"{name}.new").mkdir()

    def unblock(self, name: str) -> None:
        (self._path / f"{name}.new").rmdir()

    def generations(self) -> list[Path]:
        return [self._path / name for name in ("state.json", "state.previous.json")]


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    return Folder(tmp_path)


async def token_after_a_restart(new_store: Start, client: str = CLIENT) -> Token | None:
    again = new_store(client)
    await again.load()
    return again.state.token


async def test_a_pair_that_was_received_and_not_saved_is_there_after_a_crash(
    store: StateStore, new_store: Start, folder: Folder, caplog: pytest.LogCaptureFixture
) -> None:
    store.receive(token(2), token(1))
    again = new_store()
    await again.load()
    assert again.state.token == token(2)
    assert again.state.previous_refresh_token == "refresh 1"
    assert SAID in caplog.text
    assert not folder.has_spare
    assert await token_after_a_restart(new_store) == token(2)


async def test_the_spare_is_for_the_owner_alone_and_gone_once_the_pair_is_saved(
    store: StateStore, folder: Folder
) -> None:
    assert not folder.has_spare
    store.receive(token(2), token(1))
    assert folder.mode == 0o600
    await store.update(signed_in(token(2)))
    assert not folder.has_spare


@pytest.mark.usefixtures("store")
async def test_what_is_received_is_hidden_from_the_log_at_once(
    tmp_path: Path, clock: VirtualClock, disk: Disk
) -> None:
    hidden: list[tuple[str, str | None]] = []
    again = StateStore(
        tmp_path / "state.json", clock, disk, lambda: CLIENT, lambda *secret: hidden.append(secret)
    )
    await again.load()
    again.receive(token(2), token(1))
    assert hidden[-3:] == [
        ("previous_refresh_token", "refresh 1"),
        ("access_token", "access 2"),
        ("refresh_token", "refresh 2"),
    ]


async def test_a_spare_that_is_left_over_after_the_save_changes_nothing(
    store: StateStore, new_store: Start, folder: Folder, caplog: pytest.LogCaptureFixture
) -> None:
    store.receive(token(2), token(1))
    left_over = folder.read()
    await store.update(signed_in(token(2)))
    for newer in (None, token(3)):
        if newer:
            await store.update(signed_in(newer))
        folder.write(left_over)
        caplog.clear()
        assert await token_after_a_restart(new_store) == (newer or token(2))
        assert SAID not in caplog.text
        assert not folder.has_spare


@pytest.mark.parametrize("damage", [b"", b"\x00" * 600, b"[]", b"x\n{}", None])
async def test_a_damaged_spare_is_ignored_and_removed(
    damage: bytes | None,
    store: StateStore,
    new_store: Start,
    folder: Folder,
    caplog: pytest.LogCaptureFixture,
) -> None:
    store.receive(token(2), token(1))
    torn = folder.read()[:-40]
    folder.write(torn if damage is None else damage)
    assert await token_after_a_restart(new_store) == token(1)
    assert "cannot be read and is removed" in caplog.text
    assert not folder.has_spare


async def test_every_crash_between_a_sign_in_and_the_refresh_after_it_leaves_the_newest_pair(
    store: StateStore, new_store: Start
) -> None:
    store.receive(token(2))
    assert await token_after_a_restart(new_store) == token(2)
    store = new_store()
    await store.load()
    store.receive(token(3), token(2))
    assert await token_after_a_restart(new_store) == token(3)
    store = new_store()
    await store.load()
    store.receive(token(4), token(3))
    await store.update(signed_in(token(4)))
    assert await token_after_a_restart(new_store) == token(4)


async def test_a_refresh_that_ends_after_a_sign_in_does_not_bring_the_old_sign_in_back(
    store: StateStore, new_store: Start, disk: Disk, clock: VirtualClock
) -> None:
    """The refresh of the first pair was on its way when the second came by a sign-in."""
    disk.gate = asyncio.Event()
    store.receive(token(2))
    saving = asyncio.create_task(store.update(signed_in(token(2))))
    await clock.settle()
    store.receive(token(11), token(1))
    saving.cancel()
    assert await token_after_a_restart(new_store) == token(2)


async def test_a_sign_in_while_a_refreshed_pair_is_being_saved_wins(
    store: StateStore, new_store: Start, disk: Disk, clock: VirtualClock, folder: Folder
) -> None:
    disk.gate = asyncio.Event()
    store.receive(token(2), token(1))
    saving = asyncio.create_task(store.update(signed_in(token(2))))
    await clock.settle()
    store.receive(token(3))
    disk.gate.set()
    await saving
    assert folder.has_spare, "the pair that was saved is not the one in the spare"
    assert await token_after_a_restart(new_store) == token(3)


async def test_a_pair_received_while_the_disk_refuses_is_still_the_newest(
    store: StateStore, new_store: Start, folder: Folder
) -> None:
    folder.block("state.json")
    for number in (2, 3):
        store.receive(token(number), token(number - 1))
        await store.update(signed_in(token(number)))
    assert store.problem
    folder.unblock("state.json")
    assert await token_after_a_restart(new_store) == token(3)


async def test_a_spare_survives_a_damaged_state_file(
    store: StateStore, new_store: Start, folder: Folder
) -> None:
    store.receive(token(2), token(1))
    for path in folder.generations():
        path.write_bytes(b'{"torn')
    assert await token_after_a_restart(new_store) == token(2)


async def test_a_spare_of_another_client_is_not_used(
    store: StateStore, new_store: Start, folder: Folder
) -> None:
    store.receive(token(2), token(1))
    assert await token_after_a_restart(new_store, OTHER_CLIENT) == token(1)
    assert not folder.has_spare


async def test_a_spare_without_a_state_is_what_somebody_wanted_to_be_rid_of(
    store: StateStore, new_store: Start, folder: Folder
) -> None:
    store.receive(token(2), token(1))
    for path in folder.generations():
        path.unlink(missing_ok=True)
    assert await token_after_a_restart(new_store) is None
    assert not folder.has_spare


async def test_a_spare_takes_a_refusal_back_and_no_key(store: StateStore, new_store: Start) -> None:
    refusal = Refusal(NOW, "invalid_grant", CLIENT, asked_at=NOW)
    await store.update(lambda state: replace(state, refusal=refusal))
    store.receive(token(2))
    await store.replace_key()
    again = new_store()
    await again.load()
    assert (again.state.token, again.state.refusal) == (token(2), None)
    assert again.state.api_key == store.state.api_key


async def test_a_folder_that_takes_no_spare_is_said_and_costs_nothing_else(
    store: StateStore, folder: Folder, caplog: pytest.LogCaptureFixture
) -> None:
    folder.block("state.spare.json")
    store.receive(token(2), token(1))
    await store.update(signed_in(token(2)))
    assert store.state.token == token(2)
    assert "no spare of the new sign-in" in caplog.text


async def test_a_token_waits_for_the_write_that_has_begun_and_for_nothing_else(
    store: StateStore, disk: Disk, clock: VirtualClock, tmp_path: Path
) -> None:
    """Twenty notifications and device lists wait for the disk before it."""
    disk.gate = asyncio.Event()
    disk.writes.clear()
    changes = [
        asyncio.create_task(store.update(lambda state: replace(state, refusal=None)))
        for _ in range(20)
    ]
    await clock.settle()
    store.receive(token(2), token(1))
    saving = asyncio.create_task(store.update(signed_in(token(2))))
    await clock.settle()
    disk.gate.set()
    await asyncio.gather(saving, *changes)
    await store.close()
    assert disk.writes == {"state.json": 2, "state.previous.json": 1}
    assert json.loads((tmp_path / "state.json").read_bytes())["token"]["access_token"] == "access 2"


OWN_REFRESHER = """
from dataclasses import replace

from utec_gateway.plugin_api import hookimpl
from utec_gateway.core.models import Token


class Own:
    def __init__(self, clock):
        self._clock = clock

    def authorization_url(self, state):
        return "https://own.example/"

    async def exchange(self, code):
        now = self._clock.now()
        return Token(f"own {code}", f"own {code} refresh", now, now.replace(year=now.year + 1))

    async def refresh(self, token):
        return replace(token, access_token="own newer", refresh_token="own newer refresh")

    @hookimpl
    def gateway_token_refresher(self):
        return self


def create(context):
    return Own(context.clock)
"""


async def test_what_somebodys_own_refresher_returns_is_in_the_spare_before_anybody_uses_it(
    world: World,
) -> None:
    install(world, "own.py", OWN_REFRESHER)
    running = await world.start(sign_in=False)
    refresher = running.gateway.hooks.token_refresher()
    signed_in = await refresher.exchange("code")
    assert "own code refresh" in spare_of(world)
    await refresher.refresh(signed_in)
    assert "own newer refresh" in spare_of(world)
