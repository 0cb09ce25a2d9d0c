"""The disk of the tests about files."""

import asyncio
import errno
import os
from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest


class Disk:
    """Runs blocking work at once; full, or in the middle of it, when told so."""

    def __init__(self) -> None:
        self.is_full = False
        self.gate: asyncio.Event | None = None
        self.writes = Counter[str]()
        """How often each file was put in place, by its name."""
        self.most_at_once = 0
        self._now = 0

    async def __call__(self, function: Callable[..., Any], *args: Any) -> Any:
        self._now += 1
        self.most_at_once = max(self.most_at_once, self._now)
        try:
            if self.gate:
                await self.gate.wait()
            if self.is_full:
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
            if function.__name__ == "write_atomic":
                self.writes[args[0].name] += 1
            return function(*args)
        finally:
            self._now -= 1


@pytest.fixture
def disk() -> Disk:
    return Disk()
