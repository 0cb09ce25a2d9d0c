"""The files in which plugins remember something, one for each."""

import asyncio
from pathlib import Path
from typing import Any

from utec_gateway.core.files import Executor

from .json_file import JsonFile


class PluginFile:
    """One JSON value, in the data folder (plugin_api/storage.py)."""

    def __init__(self, path: Path, title: str, executor: Executor) -> None:
        self._value: Any = None
        self._file = JsonFile(path, title, lambda: self._value, executor)

    async def load(self) -> Any:
        """Return what was saved last, None when there is none or it cannot be read."""
        self._value = await self._file.load()
        return self._value

    async def save(self, value: Any) -> None:
        """Replace it."""
        self._value = value
        await self._file.save()


class PluginFiles:
    """Opens them; a name that is no plain one stays within the folder all the same."""

    def __init__(self, folder: Path, executor: Executor = asyncio.to_thread) -> None:
        self._folder = folder
        self._executor = executor

    def open(self, plugin: str) -> PluginFile:
        """Return the file of a plugin."""
        name = "".join(c if c.isalnum() or c in "._-" else "_" for c in plugin)
        path = self._folder / f"plugin-{name}.json"
        return PluginFile(path, f"What the plugin {plugin} remembers", self._executor)
