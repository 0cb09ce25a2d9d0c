"""What plugins remember: a file for each, which no name and no disk can turn against us."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import at_once
from utec_gateway.plugin_api.storage import NoStorage
from utec_gateway.storage.plugin_files import PluginFiles


def files_in(folder: Path) -> list[Path]:
    return sorted(folder.iterdir())


@pytest.fixture
def files(tmp_path: Path) -> PluginFiles:
    return PluginFiles(tmp_path, at_once)


@pytest.mark.parametrize("value", [{"a": [1, None]}, [], "text", 0, None])
async def test_what_was_saved_is_loaded_by_the_next_one(files: PluginFiles, value: Any) -> None:
    await files.open("bell.py").save(value)
    assert await files.open("bell.py").load() == value


async def test_without_a_file_there_is_nothing(files: PluginFiles, tmp_path: Path) -> None:
    assert await files.open("bell.py").load() is None
    assert files_in(tmp_path) == [], "nothing is written as long as there is nothing"


async def test_each_plugin_has_its_own(files: PluginFiles) -> None:
    await files.open("one.py").save(1)
    await files.open("two.py").save(2)
    assert await files.open("one.py").load() == 1


@pytest.mark.parametrize(
    "content", [b"", b"{", b"\xff\xfe", b"[" * 100_000], ids=["empty", "half", "binary", "deep"]
)
async def test_a_damaged_file_counts_as_empty_and_can_be_saved_again(
    files: PluginFiles,
    tmp_path: Path,
    content: bytes,
    caplog: pytest.LogCaptureFixture,
) -> None:
    (tmp_path / "plugin-bell.py.json").write_bytes(content)
    file = files.open("bell.py")
    assert await file.load() is None
    assert "What the plugin bell.py remembers cannot be read" in caplog.text
    await file.save([1])
    assert json.loads((tmp_path / "plugin-bell.py.json").read_bytes()) == [1]


@pytest.mark.parametrize("name", ["../../etc/passwd", "/etc/passwd", "a/b", "..", "x\x00y", "Ä 🚪"])
async def test_no_name_leads_out_of_the_folder(
    files: PluginFiles, tmp_path: Path, name: str
) -> None:
    await files.open(name).save(1)
    (found,) = files_in(tmp_path)
    assert found.name.startswith("plugin-")
    assert found.is_file()
    assert await files.open(name).load() == 1


async def test_only_the_owner_can_read_it(files: PluginFiles, tmp_path: Path) -> None:
    await files.open("bell.py").save({"password": "secret"})
    (found,) = files_in(tmp_path)
    assert found.stat().st_mode & 0o077 == 0


async def test_a_disk_that_refuses_is_logged_and_stops_nothing(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    await PluginFiles(tmp_path / "missing" / "folder", at_once).open("bell.py").save(1)
    assert "What the plugin bell.py remembers cannot be saved" in caplog.text


async def test_where_there_is_no_disk_nothing_is_remembered() -> None:
    nowhere = NoStorage()
    await nowhere.save(1)
    assert await nowhere.load() is None
