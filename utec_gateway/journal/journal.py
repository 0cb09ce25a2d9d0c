"""The journal: what happened lately, for the panel's timeline; kept over restarts."""

import asyncio
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from utec_gateway.core.access_codes import CodeEvent
from utec_gateway.core.activity import Activity, ActivityKind
from utec_gateway.core.clock import Clock
from utec_gateway.core.files import Executor
from utec_gateway.core.notification import Notification
from utec_gateway.core.outcome import EndedCommand
from utec_gateway.core.refresh_record import RefreshRecord
from utec_gateway.plugin_api.device_status import DeviceStatus
from utec_gateway.storage.json_file import JsonFile, parse_date, parse_each

from .entry import Entry, Kind, Sort, parse, parse_refresh, tag_in, to_json
from .lock_history import LockHistory, StateChange

ENTRIES_KEPT = 300
REFRESHES_KEPT = 100
KEPT: Mapping[Sort, int] = {
    Sort.REFRESH: REFRESHES_KEPT,
    Sort.DOOR: 400,  # a day of a door that is opened 200 times
    Sort.ACTIVITY: 300,
    Sort.CODE: 200,
    Sort.OTHER: ENTRIES_KEPT,
}
WRONG_KEYS_KEPT = 30
SAME_ATTACK = timedelta(hours=1)
SAME_FAILURE = timedelta(minutes=2)
"""Within which a notification, or its end, is about what the journal has just heard."""
SAVED_WITHIN = 60.0
"""Seconds: what nobody asked for may be lost in a power cut, and the disk lives longer."""
SAVED_EVERY = 3600.0
"""Seconds: how the locks stood is known until the last save, should the power fail."""
ENDED_BY_MOVING = ("jammed_", "lock_not_confirmed_")
"""Notifications that are over when a bolt has moved."""
LOCK_STATES = "lock_states"
"""What is no entry, but stands among them in the file; an older gateway leaves it out."""


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
        self._count = Counter[Sort]()
        self._lock_history = LockHistory()
        self._known_until = clock.now()
        """How far the file knows how the locks stood."""
        self._due_at = clock.monotonic() + SAVED_EVERY

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

    def lock_history(self, tag: str) -> tuple[StateChange, ...]:
        """Return how a lock was shown in the last day, the oldest change first."""
        return self._lock_history.of(tag)

    def due_in(self) -> float:
        """Return seconds until what nobody asked for has to be saved."""
        return self._due_at - self._clock.monotonic()

    async def save(self) -> bool:
        """Save everything, and that the locks were watched until now."""
        self._due_at = self._clock.monotonic() + SAVED_EVERY
        self._known_until = self._clock.now()
        return await self._file.save()

    async def load(self, left_over: Mapping[str, Any]) -> bool:
        """Read what happened before the restart; 0.1.1 kept the refreshes in the state file.

        Return whether the file holds it all.
        """
        raw = await self._file.load()
        entries = list(parse_each(raw, parse))
        refreshes = map(self._refresh_entry, parse_each(left_over.get("renewals"), parse_refresh))
        if added := [entry for entry in refreshes if entry not in entries]:
            entries = sorted((*entries, *added), key=lambda entry: entry.at)
        for entry in entries:
            self._keep(entry)
        for known_until in parse_each(raw, self._load_lock_states):
            self._known_until = known_until
        return await self._file.save()

    def started(self) -> None:
        """Enter that the gateway began to answer."""
        self._enter(Entry(self._clock.now(), Kind.STARTED))

    def stopped(self) -> None:
        """Enter that the gateway was told to stop: nobody looks at the locks any more."""
        self._lock_history.mark_unknown(self._clock.now())
        self._enter(Entry(self._clock.now(), Kind.STOPPED))

    def refreshed(self, record: RefreshRecord) -> None:
        """Enter how a refresh of the sign-in, or a new one, went."""
        self._enter(self._refresh_entry(record))

    def command_ended(self, ended: EndedCommand) -> None:
        """Enter how a command ended, if it is known what it was for."""
        device, outcome = ended.device, ended.outcome
        if device is None:
            return
        entry = Entry(
            self._clock.now(),
            Kind.COMMAND,
            self._redact(device.name),
            self._redact(str(outcome.error or "")),
            outcome.operation,
            outcome.state,
            round(outcome.duration, 1),
            outcome.origins,
            outcome.level,
            device.tag,
        )
        is_stuck = device.is_jammed and entry.has_failed
        self._enter(replace(entry, activity=ActivityKind.JAMMED if is_stuck else None))

    def happened(self, activity: Activity) -> None:
        """Enter what a lock did by itself; what came of a command is entered as that command."""
        device = activity.device
        if activity.command is None:
            name = self._redact(device.name)
            self._keep(
                Entry(activity.at, Kind.ACTIVITY, name, tag=device.tag, activity=activity.kind)
            )
            self._save_later()

    def code_happened(self, event: CodeEvent) -> None:
        """Enter what happened to the code of a guest, by name."""
        kind = Kind.CODE_EXPIRED if event.is_expired else Kind(event.kind)
        subject, guest = self._redact(event.device.name), self._redact(event.name)
        self._enter(Entry(event.at, kind, subject, guest, tag=event.device.tag))

    def statuses_changed(self, statuses: Iterable[DeviceStatus]) -> None:
        """Take note of how the locks stand, for their last day."""
        if self._lock_history.take_in(statuses, self._clock.now()):
            self._save_later()

    def told(self, news: Notification) -> None:
        """Enter that people were told something; of a failure that is entered, that they were."""
        title, message = self._redact(news.title), self._redact(news.message)
        tag = tag_in(news.id)
        for place, entry in self._lately(tag):
            if entry.has_failed and not entry.was_told:
                self._entries[place] = replace(entry, was_told=True)
                self._file.save_soon()
                return
        self._enter(Entry(self._clock.now(), Kind.TOLD, title, message, tag=tag))

    def over(self, title: str, notification_id: str = "") -> None:
        """Enter that what people were told is over, unless the entry of what ended it says so."""
        tag = tag_in(notification_id)
        is_ended_by_moving = notification_id.startswith(ENDED_BY_MOVING)
        if is_ended_by_moving and any(entry.has_moved for _, entry in self._lately(tag)):
            return
        self._enter(Entry(self._clock.now(), Kind.OVER, self._redact(title), tag=tag))

    def wrong_key(self, peer: str) -> None:
        """Enter that a peer showed a wrong key: in the place of what it did within the hour.

        Whoever goes on for days must not push out what the locks did.
        """
        entry = Entry(self._clock.now(), Kind.WRONG_KEY, peer)
        wrong = [one for one in self._entries if one.kind is Kind.WRONG_KEY]
        again = [one for one in wrong if one.subject == peer and entry.at - one.at < SAME_ATTACK]
        for one in again or wrong[: -WRONG_KEYS_KEPT + 1]:
            self._drop(one)
        self._enter(entry)

    async def close(self) -> None:
        """Let what is being written arrive; whatever the last poll said is known no longer."""
        self._lock_history.mark_unknown(self._clock.now())
        await self._file.close(self._clock)

    def _refresh_entry(self, record: RefreshRecord) -> Entry:
        kind = Kind.REFRESHED if record.succeeded else Kind.REFRESH_FAILED
        return Entry(record.at, kind, detail=self._redact(record.detail))

    def _lately(self, tag: str) -> Iterator[tuple[int, Entry]]:
        """Yield what was entered of a device just now, the newest first, each with its place."""
        since = self._clock.now() - SAME_FAILURE
        for place in range(len(self._entries) - 1, -1, -1):
            entry = self._entries[place]
            if entry.at < since:
                return
            if tag and entry.tag == tag:
                yield place, entry

    def _enter(self, entry: Entry) -> None:
        self._keep(entry)
        self._known_until = self._clock.now()
        self._file.save_soon()

    def _save_later(self) -> None:
        self._due_at = min(self._due_at, self._clock.monotonic() + SAVED_WITHIN)

    def _keep(self, entry: Entry) -> None:
        """Add an entry; the oldest one of its sort makes room."""
        if self._count[entry.sort] >= KEPT[entry.sort]:
            self._drop(next(one for one in self._entries if one.sort is entry.sort))
        self._entries.append(entry)
        self._count[entry.sort] += 1

    def _drop(self, entry: Entry) -> None:
        self._entries.remove(entry)
        self._count[entry.sort] -= 1

    def _to_json(self) -> list[dict[str, Any]]:
        entries = [to_json(entry) for entry in self._entries]
        states, until = self._lock_history.to_json(), self._known_until.isoformat()
        known = {"kind": LOCK_STATES, "until": until, "states": states}
        return [known, *entries] if states else entries

    def _load_lock_states(self, raw: Any) -> datetime:
        """Read them, and until when they were known; raise an error when it is something else."""
        if raw["kind"] != LOCK_STATES:
            raise ValueError("it is an entry")
        known_until = parse_date(raw["until"])
        self._lock_history.load(raw["states"], known_until)
        return known_until
