"""Files for the owner alone, whatever lies in the folder already."""

import asyncio
import errno
import logging
import os
import stat
from pathlib import Path

import pytest

from tests.conftest import World
from utec_gateway.core.files import (
    close_to_others,
    create_private,
    open_private,
    read_private,
    write_atomic,
)
from utec_gateway.logging.log_file import LARGEST_FILE, LogFile
from utec_gateway.logging.redactor import Redactor

TREASURE = b"somebody else's"
OTHERS = 0o077


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def assert_untouched(treasure: Path) -> None:
    assert treasure.read_bytes() == TREASURE
    assert mode(treasure) == 0o644


def open_modes(folder: Path) -> dict[str, str]:
    """Return what others may look into, by name."""
    return {
        path.name: oct(mode(path))
        for path in (folder, *folder.rglob("*"))
        if mode(path) & OTHERS or (path.is_file() and mode(path) != 0o600)
    }


@pytest.fixture
def treasure(tmp_path: Path) -> Path:
    """A file outside that a link inside would reach."""
    outside = tmp_path / "outside"
    outside.mkdir()
    path = outside / "treasure"
    path.write_bytes(TREASURE)
    path.chmod(0o644)
    return path


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    path = tmp_path / "data"
    path.mkdir(mode=0o755)
    return path


def test_a_file_that_is_written_to_is_closed_to_others(folder: Path) -> None:
    path = folder / "gateway.log"
    path.write_bytes(b"x")
    path.chmod(0o666)
    os.close(open_private(path, os.O_WRONLY | os.O_APPEND))
    assert read_private(path) == b"x"
    assert mode(path) == 0o600


@pytest.mark.parametrize("flags", [os.O_RDONLY, os.O_WRONLY | os.O_CREAT | os.O_TRUNC])
def test_a_link_is_not_followed(flags: int, folder: Path, treasure: Path) -> None:
    link = folder / "state.json"
    link.symlink_to(treasure)
    with pytest.raises(OSError, match="It is a link") as refused:
        open_private(link, flags)
    assert refused.value.errno == errno.ELOOP
    assert treasure.read_bytes() == TREASURE


async def test_a_pipe_holds_nobody_up(folder: Path) -> None:
    os.mkfifo(folder / "options.json")
    with pytest.raises(OSError, match="not a regular file"):
        await asyncio.wait_for(asyncio.to_thread(read_private, folder / "options.json"), 5)


@pytest.mark.parametrize("way", ["symlink_to", "hardlink_to"])
def test_what_a_link_in_the_way_points_at_is_not_written_to(
    way: str, folder: Path, treasure: Path
) -> None:
    for name in ("state.json.new", "state.json"):
        getattr(folder / name, way)(treasure)
    write_atomic(folder / "state.json", b"ours")
    assert_untouched(treasure)
    assert (folder / "state.json").read_bytes() == b"ours"
    assert not (folder / "state.json").is_symlink()


def test_a_new_file_is_private_from_the_first_moment(folder: Path) -> None:
    before = os.umask(0)
    try:
        os.close(create_private(folder / "state.json.new"))
    finally:
        os.umask(before)
    assert mode(folder / "state.json.new") == 0o600


def test_wrong_modes_are_put_right_and_links_left_alone(folder: Path, treasure: Path) -> None:
    names = ("state.json", "state.json.damaged-20260105-120000", "state.json.new", "gateway.log.1")
    for number, name in enumerate(names):
        (folder / name).touch()
        (folder / name).chmod((0o644, 0o640, 0o777, 0o604)[number])
    (folder / "link").symlink_to(treasure)
    (folder / "dangling").symlink_to(folder / "nowhere")
    close_to_others(folder)
    assert mode(folder) == 0o700
    assert {mode(folder / name) for name in names} == {0o600}
    assert mode(treasure) == 0o644


def test_a_folder_that_others_use_too_keeps_its_mode(
    folder: Path, caplog: pytest.LogCaptureFixture
) -> None:
    folder.chmod(0o1777)
    (folder / "state.json").touch(mode=0o644)
    close_to_others(folder)
    assert mode(folder) == 0o1777
    assert mode(folder / "state.json") == 0o600
    assert "a folder that others use too" in caplog.text


def test_the_log_is_private_after_it_was_rotated_too(folder: Path) -> None:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    log_file = LogFile(folder / "gateway.log", Redactor())
    log_file.open()
    try:
        for _ in range(3):
            logging.getLogger("test").error("x" * (LARGEST_FILE // 2))
    finally:
        log_file.close()
        root.handlers[:] = handlers
        root.setLevel(level)
    assert {path.name for path in folder.iterdir()} == {"gateway.log", "gateway.log.1"}
    assert {mode(path) for path in folder.iterdir()} == {0o600}


async def test_everything_in_the_data_folder_is_private_however_it_was_before(
    world: World,
) -> None:
    before = os.umask(0)
    try:
        world.data_dir.chmod(0o777)
        for name in ("state.json", "state.previous.json", "options.json.damaged", "gateway.log.1"):
            (world.data_dir / name).write_bytes(b'{"torn')
            (world.data_dir / name).chmod(0o666)
        running = await world.start()
        await running.post("/api/oauth/refresh")
        (world.data_dir / "options.json").write_bytes(b'{"torn')
        (world.data_dir / "options.json").chmod(0o644)
        assert (await running.post("/api/config", {"log_level": "debug"}))[0] == 200
        await running.clock.advance(60)
        await world.stop()
    finally:
        os.umask(before)
    names = {path.name for path in world.data_dir.iterdir()}
    assert {"state.json", "state.previous.json", "options.json", "options.json.damaged"} < names
    assert {"journal.json", "gateway.log", "gateway.log.1"} < names
    assert any(name.startswith("state.json.damaged-") for name in names)
    assert open_modes(world.data_dir) == {}


async def test_a_link_in_the_data_folder_reaches_nothing(world: World, treasure: Path) -> None:
    names = ("state.json", "state.previous.json", "state.json.new", "journal.json", "gateway.log")
    for name in names:
        (world.data_dir / name).symlink_to(treasure)
    running = await world.start()
    await running.post("/api/oauth/refresh")
    await running.clock.advance(60)
    await world.stop()
    assert_untouched(treasure)
