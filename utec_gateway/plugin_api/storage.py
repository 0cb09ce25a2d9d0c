"""A file of its own for each plugin that has something to remember."""

from typing import Any, Protocol


class PluginStorage(Protocol):
    """One JSON value on the disk; a disk that refuses is logged, and costs what was not saved."""

    async def load(self) -> Any:
        """Return what was saved last, None when there is none or it cannot be read."""
        ...

    async def save(self, value: Any) -> None:
        """Replace it."""
        ...


class NoStorage:
    """Remembers nothing, where there is no disk."""

    async def load(self) -> Any:
        """Return nothing."""
        return None

    async def save(self, value: Any) -> None:
        """Forget it."""
