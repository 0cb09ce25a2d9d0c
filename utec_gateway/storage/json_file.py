"""A JSON file whose loss costs no sign-in: a damaged one counts as empty, and none stops us."""

import asyncio
import json
import logging
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar

from utec_gateway.core.clock import Clock
from utec_gateway.core.files import Executor, read_private, write_atomic
from utec_gateway.core.tasks import TaskSet, join

_LOGGER = logging.getLogger(__name__)

SHUTDOWN_GRACE = 2.0
"""Seconds that a disk may take when the gateway stops."""
FIRST_YEAR, LAST_YEAR = 1970, 2200
"""Dates beyond them are mistakes, and adding to them would overflow."""
T = TypeVar("T")


class JsonFile:
    """Saves what `content` returns, one write at a time, and only when it has changed."""

    def __init__(
        self,
        path: Path,
        title: str,
        content: Callable[[], object],
        executor: Executor = asyncio.to_thread,
    ) -> None:
        self._path = path
        self._title = title
        """What it holds, as the log says it at the beginning of a sentence."""
        self._content = content
        self._executor = executor
        self._tasks = TaskSet()
        self._in_order = asyncio.Lock()
        self._on_disk = b""
        self._next: asyncio.Task[bool] | None = None
        """The save that has not begun yet; it will save whatever changes until then."""

    async def load(self) -> Any:
        """Return what the file holds, None when there is none or it is damaged."""
        try:
            content = await self._executor(read_private, self._path)
            found = json.loads(content)
        except FileNotFoundError:
            self._on_disk = self._encoded()  # nothing to save as long as there is nothing
            return None
        except (OSError, ValueError, RecursionError) as error:
            _LOGGER.warning("%s cannot be read and starts empty: %s", self._title, error)
            return None
        self._on_disk = content
        return found

    async def save(self) -> bool:
        """Wait until the present content is saved; return whether the disk took it."""
        return await join(self.save_soon())

    def save_soon(self) -> asyncio.Task[bool]:
        """Save the content as it is when the disk is free."""
        if self._next is None:
            self._next = self._tasks.create_task(self._save(), self._path.name)
        return self._next

    async def close(self, clock: Clock) -> None:
        """Save what a disk that refused has not taken yet; afterwards nobody touches the file."""
        self.save_soon()
        await self._tasks.close(clock.timeout(SHUTDOWN_GRACE))

    async def _save(self) -> bool:
        async with self._in_order:
            self._next = None
            content = self._encoded()
            if content == self._on_disk:
                return True
            try:
                await self._executor(write_atomic, self._path, content)
            except OSError as error:
                _LOGGER.warning("%s cannot be saved: %s", self._title, error.strerror or error)
                return False
            self._on_disk = content
            return True

    def _encoded(self) -> bytes:
        return json.dumps(self._content()).encode()


def text_or_none(value: Any) -> str | None:
    """Return a text that is not empty, or None."""
    return value if isinstance(value, str) and value else None


def parse_each(raw: Any, parse: Callable[[Any], T]) -> Iterable[T]:
    """Yield what can be read of a list, without what cannot."""
    for item in raw if isinstance(raw, list) else ():
        with suppress(AttributeError, KeyError, TypeError, ValueError):
            yield parse(item)


def parse_dates(raw: Any) -> dict[str, datetime]:
    """Return the dates that can be read, by name."""
    found = {}
    for name, value in raw.items() if isinstance(raw, Mapping) else ():
        with suppress(ValueError):
            found[name] = parse_date(value)
    return found


def parse_date(value: Any) -> datetime:
    """Read an ISO date; people edit `expires_at` by hand, so a missing zone means UTC."""
    if not isinstance(value, str):
        raise ValueError("a date is missing")
    try:
        parsed = datetime.fromisoformat(value)
    except ValueError:
        raise ValueError("a date cannot be read") from None
    if not FIRST_YEAR <= parsed.year <= LAST_YEAR:
        raise ValueError("a date is not of our times")
    return parsed.astimezone(UTC) if parsed.tzinfo else parsed.replace(tzinfo=UTC)
