"""Plugins as people install them: files in the plugins folder."""

import shutil
from pathlib import Path

from tests.conftest import World

ROOT = Path(__file__).parents[2]
EXAMPLES = ROOT / "docs/example_plugins"


def folder_of(world: World) -> Path:
    folder = world.data_dir / "plugins"
    folder.mkdir(exist_ok=True)
    return folder


def install(world: World, name: str, text: str) -> None:
    (folder_of(world) / name).write_text(text)


def copy_example(world: World, name: str) -> None:
    shutil.copy(EXAMPLES / name, folder_of(world))


def log_of(world: World) -> str:
    return (world.data_dir / "gateway.log").read_text()
