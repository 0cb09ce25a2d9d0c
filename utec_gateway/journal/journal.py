"""The journal: what happened lately, for the panel's timeline; kept over restarts."""

import asyncio
import json
import logging
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from math import isfinite
from pathlib import Path
from typing import Any

from utec_gateway.core.clock import Clock
from utec_gateway.core.files import Executor, read_private, write_atomic
from utec_gateway.core.models import Notification, Operation
from utec_gateway.core.origin import Origin, OriginKind
from utec_gateway.core.outcome import CommandOutcome, CommandState
from utec_gateway.core.tasks import TaskSet
from utec_gateway.storage.json_file import parse_date

_LOGGER = logging.getLogger(__name__)

ENTRIES_KEPT = 300
WRONG_KEYS_KEPT = 30
SAME_ATTACK = timedelta(hours=1)
SHUTDOWN_GRACE = 1.0


class Kind(StrEnum):
    """What an entry is about."""

    STARTED = "started"
    STOPPED = "stopped"
    COMMAND = "command"
    TOLD = "told"
    OVER = "over"
    WRONG_KEY = "wrong_key"


@dataclass(frozen=True)
class Entry:
    """One thing that happened."""

    at: datetime
    kind: Kind
    subject: str = ""
    """The lock's name, the notification's title, or the peer's address."""
    detail: str = ""
    operation: Operation | None = None
    outcome: CommandState | None = None
    duration: float = 0.0
    """Seconds, of a command."""
    origins: tuple[Origin, ...] = ()
    """Who asked for a command; none in an entry from before this was kept."""


class Journal:
    """Owns the entries, in a file of their own: the state file holds the sign-in and is left alone.

    A disk that refuses costs the entries after a restart and nothing else.
    """

    def __init__(
        self,
        path: Path,
        clock: Clock,
        redact: Callable[[str], str],
        executor: Executor = asyncio.to_thread,
    ) -> None:
        self._path = path
        self._clock = clock
        self._redact = redact
        self._executor = executor
        self._entries: deque[Entry] = deque(maxlen=ENTRIES_KEPT)
        self._tasks = TaskSet()
        self._saving = asyncio.Lock()

    @property
    def entries(self) -> tuple[Entry, ...]:
        """Return what happened, the oldest first."""
        return tuple(self._entries)

    async def load(self) -> None:
        """Read what happened before the restart; a damaged file is no reason to stop."""
        with suppress(OSError, ValueError, RecursionError):
            saved = json.loads(await self._executor(read_private, self._path))
            for raw in saved if isinstance(saved, list) else ():
                with suppress(KeyError, TypeError, ValueError):
                    self._entries.append(_parse(raw))

    def started(self) -> None:
        """Enter that the gateway began to answer."""
        self._enter(Entry(self._clock.now(), Kind.STARTED))

    def stopped(self) -> None:
        """Enter that the gateway was told to stop."""
        self._enter(Entry(self._clock.now(), Kind.STOPPED))

    def command_ended(self, lock: str, outcome: CommandOutcome) -> None:
        """Enter how a command for a lock ended."""
        self._enter(
            Entry(
                self._clock.now(),
                Kind.COMMAND,
                self._redact(lock),
                self._redact(str(outcome.error or "")),
                outcome.operation,
                outcome.state,
                round(outcome.duration, 1),
                outcome.origins,
            )
        )

    def told(self, news: Notification) -> None:
        """Enter that people were told something."""
        title, message = self._redact(news.title), self._redact(news.message)
        self._enter(Entry(self._clock.now(), Kind.TOLD, title, message))

    def over(self, title: str) -> None:
        """Enter that what people were told is over."""
        self._enter(Entry(self._clock.now(), Kind.OVER, self._redact(title)))

    def wrong_key(self, peer: str) -> None:
        """Enter that a peer showed a wrong key: in the place of what it did within the hour.

        Whoever goes on for days must not push out what the locks did.
        """
        entry = Entry(self._clock.now(), Kind.WRONG_KEY, peer)
        wrong = [one for one in self._entries if one.kind is Kind.WRONG_KEY]
        again = [one for one in wrong if one.subject == peer and entry.at - one.at < SAME_ATTACK]
        for one in again or wrong[: -WRONG_KEYS_KEPT + 1]:
            self._entries.remove(one)
        self._enter(entry)

    async def close(self) -> None:
        """Let what is being written arrive."""
        await self._tasks.close(self._clock.timeout(SHUTDOWN_GRACE))

    def _enter(self, entry: Entry) -> None:
        self._entries.append(entry)
        self._tasks.create_task(self._save(), "journal")

    async def _save(self) -> None:
        async with self._saving:
            content = json.dumps([_to_json(entry) for entry in self._entries], default=_as_text)
            try:
                await self._executor(write_atomic, self._path, content.encode())
            except OSError as error:
                _LOGGER.warning("The journal cannot be saved: %s", error.strerror or error)


def _to_json(entry: Entry) -> dict[str, Any]:
    """Return an entry under the names that a journal of 0.1.0 has."""
    raw = asdict(entry)
    raw["took"] = raw.pop("duration")
    return raw


def _as_text(value: Any) -> str:
    """Return a date as JSON can hold it."""
    return value.isoformat() if isinstance(value, datetime) else str(value)


def _parse(raw: Any) -> Entry:
    """Read one entry; raise KeyError, TypeError or ValueError when it is none."""
    operation, outcome, duration = raw["operation"], raw["outcome"], float(raw["took"])
    if not isfinite(duration):
        raise ValueError("nothing takes that long")
    return Entry(
        at=parse_date(raw["at"]),
        kind=Kind(raw["kind"]),
        subject=str(raw["subject"]),
        detail=str(raw["detail"]),
        operation=operation and Operation(operation),
        outcome=outcome and CommandState(outcome),
        duration=duration,
        origins=tuple(_parse_origin(one) for one in raw.get("origins", ())),
    )


def _parse_origin(raw: Any) -> Origin:
    return Origin(OriginKind(raw["kind"]), str(raw["address"]))
