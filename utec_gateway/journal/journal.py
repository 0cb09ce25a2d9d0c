"""The journal: what happened lately, for the panel's timeline; kept over restarts."""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from math import isfinite
from pathlib import Path
from typing import Any

from utec_gateway.core.clock import Clock
from utec_gateway.core.command import LEVELS
from utec_gateway.core.command_origin import Origin, OriginKind
from utec_gateway.core.files import Executor
from utec_gateway.core.models import Notification, Operation
from utec_gateway.core.outcome import CommandState, EndedCommand
from utec_gateway.core.refresh_record import RefreshRecord
from utec_gateway.storage.json_file import JsonFile, parse_date, parse_each

ENTRIES_KEPT = 300
"""Of all kinds but refreshes; neither pushes out the other."""
REFRESHES_KEPT = 100
WRONG_KEYS_KEPT = 30
SAME_ATTACK = timedelta(hours=1)


class Kind(StrEnum):
    """What an entry is about."""

    STARTED = "started"
    STOPPED = "stopped"
    COMMAND = "command"
    TOLD = "told"
    OVER = "over"
    WRONG_KEY = "wrong_key"
    REFRESHED = "refreshed"
    REFRESH_FAILED = "refresh_failed"

    @property
    def is_refresh(self) -> bool:
        """Tell whether it is about the sign-in."""
        return self in {Kind.REFRESHED, Kind.REFRESH_FAILED}


@dataclass(frozen=True)
class Entry:
    """One thing that happened."""

    at: datetime
    kind: Kind
    subject: str = ""
    """The device's name, the notification's title, or the peer's address."""
    detail: str = ""
    operation: Operation | None = None
    outcome: CommandState | None = None
    duration: float = 0.0
    """Seconds, of a command."""
    origins: tuple[Origin, ...] = ()
    """Who asked for a command; none in an entry from before this was kept."""
    level: int | None = None
    """What a level was to be."""


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
        self._clock = clock
        self._redact = redact
        self._file = JsonFile(path, "The journal", self._to_json, executor)
        self._entries: list[Entry] = []

    @property
    def entries(self) -> tuple[Entry, ...]:
        """Return what happened, the oldest first."""
        return tuple(self._entries)

    @property
    def refreshes(self) -> tuple[RefreshRecord, ...]:
        """Return when the sign-in was refreshed, or should have been, the oldest first."""
        return tuple(
            RefreshRecord(one.at, one.kind is Kind.REFRESHED, one.detail)
            for one in self._entries
            if one.kind.is_refresh
        )

    async def load(self, left_over: Mapping[str, Any]) -> bool:
        """Read what happened before the restart; 0.1.1 kept the refreshes in the state file.

        Return whether the file holds it all.
        """
        entries = list(parse_each(await self._file.load(), _parse))
        refreshes = map(self._refresh_entry, parse_each(left_over.get("renewals"), _parse_refresh))
        if added := [entry for entry in refreshes if entry not in entries]:
            entries = sorted((*entries, *added), key=lambda entry: entry.at)
        for entry in entries:
            self._keep(entry)
        return await self._file.save()

    def started(self) -> None:
        """Enter that the gateway began to answer."""
        self._enter(Entry(self._clock.now(), Kind.STARTED))

    def stopped(self) -> None:
        """Enter that the gateway was told to stop."""
        self._enter(Entry(self._clock.now(), Kind.STOPPED))

    def refreshed(self, record: RefreshRecord) -> None:
        """Enter how a refresh of the sign-in, or a new one, went."""
        self._enter(self._refresh_entry(record))

    def command_ended(self, ended: EndedCommand) -> None:
        """Enter how a command ended, if it is known what it was for."""
        outcome = ended.outcome
        if ended.device is None:
            return
        self._enter(
            Entry(
                self._clock.now(),
                Kind.COMMAND,
                self._redact(ended.device.name),
                self._redact(str(outcome.error or "")),
                outcome.operation,
                outcome.state,
                round(outcome.duration, 1),
                outcome.origins,
                outcome.level,
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
        await self._file.close(self._clock)

    def _refresh_entry(self, record: RefreshRecord) -> Entry:
        kind = Kind.REFRESHED if record.succeeded else Kind.REFRESH_FAILED
        return Entry(record.at, kind, detail=self._redact(record.detail))

    def _enter(self, entry: Entry) -> None:
        self._keep(entry)
        self._file.save_soon()

    def _keep(self, entry: Entry) -> None:
        """Add an entry; the oldest one of its sort makes room."""
        is_refresh = entry.kind.is_refresh
        alike = [one for one in self._entries if one.kind.is_refresh is is_refresh]
        if len(alike) >= (REFRESHES_KEPT if is_refresh else ENTRIES_KEPT):
            self._entries.remove(alike[0])
        self._entries.append(entry)

    def _to_json(self) -> list[dict[str, Any]]:
        return [_written(entry) for entry in self._entries]


def _written(entry: Entry) -> dict[str, Any]:
    """Return an entry under the names that a journal of 0.1.0 has."""
    raw = asdict(entry)
    raw["at"], raw["took"] = entry.at.isoformat(), raw.pop("duration")
    return raw


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
        level=_parse_level(raw.get("level")),
    )


def _parse_level(raw: Any) -> int | None:
    return raw if type(raw) is int and raw in LEVELS else None


def _parse_origin(raw: Any) -> Origin:
    return Origin(OriginKind(raw["kind"]), str(raw["address"]))


def _parse_refresh(raw: Any) -> RefreshRecord:
    return RefreshRecord(parse_date(raw["at"]), raw["succeeded"] is True, str(raw["detail"]))
