"""An entry of the journal, and how it stands in the file."""

import re
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from math import isfinite
from sys import intern
from typing import Any

from utec_gateway.core.activity import ActivityKind
from utec_gateway.core.command import LEVELS
from utec_gateway.core.command_origin import Origin, OriginKind
from utec_gateway.core.models import Operation
from utec_gateway.core.outcome import CommandState
from utec_gateway.core.refresh_record import RefreshRecord
from utec_gateway.storage.json_file import parse_date

DOORS = frozenset({ActivityKind.DOOR_OPENED, ActivityKind.DOOR_CLOSED})

TAG = re.compile("_([0-9a-f]{8})$")
"""At the end of a notification's id."""


class Kind(StrEnum):
    """What an entry is about; an older gateway leaves out the kinds that it does not know."""

    STARTED = "started"
    STOPPED = "stopped"
    COMMAND = "command"
    ACTIVITY = "activity"
    TOLD = "told"
    OVER = "over"
    WRONG_KEY = "wrong_key"
    REFRESHED = "refreshed"
    REFRESH_FAILED = "refresh_failed"
    CODE_ON_LOCK = "code_on_lock"
    CODE_REMOVED = "code_removed"
    CODE_EXPIRED = "code_expired"
    CODE_NOT_CONFIRMED = "code_not_confirmed"

    @property
    def is_refresh(self) -> bool:
        """Tell whether it is about the sign-in."""
        return self in {Kind.REFRESHED, Kind.REFRESH_FAILED}

    @property
    def is_code(self) -> bool:
        """Tell whether it is about the access code of a guest."""
        return self in CODES


CODES = frozenset(
    {Kind.CODE_ON_LOCK, Kind.CODE_REMOVED, Kind.CODE_EXPIRED, Kind.CODE_NOT_CONFIRMED}
)


class Sort(StrEnum):
    """Entries of one sort push out each other only."""

    REFRESH = "refresh"
    DOOR = "door"
    ACTIVITY = "activity"
    CODE = "code"
    OTHER = "other"
    """Commands, and what happened to the gateway."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing that happened."""

    at: datetime
    kind: Kind
    subject: str = ""
    """The device's name, the notification's title, or the peer's address."""
    detail: str = ""
    """More of it; of a code, the guest's name."""
    operation: Operation | None = None
    outcome: CommandState | None = None
    duration: float = 0.0
    """Seconds, of a command."""
    origins: tuple[Origin, ...] = ()
    """Who asked for a command; none in an entry from before this was kept."""
    level: int | None = None
    """What a level was to be."""
    tag: str = ""
    """The device that it is about, whatever it is called by now; empty before this was kept."""
    activity: ActivityKind | None = None
    """What happened at a lock; of a command, what was seen when it ended."""
    was_told: bool = False
    """Whether people were notified of it, which is no entry of its own then."""

    @property
    def sort(self) -> Sort:
        """Return which entries it may push out."""
        if self.kind is Kind.ACTIVITY:
            return Sort.DOOR if self.activity in DOORS else Sort.ACTIVITY
        if self.kind.is_code:
            return Sort.CODE
        return Sort.REFRESH if self.kind.is_refresh else Sort.OTHER

    @property
    def has_failed(self) -> bool:
        """Tell whether it is something that people may be notified of."""
        has_ended_badly = self.outcome in {CommandState.NOT_CONFIRMED, CommandState.FAILED}
        is_bad = self.activity in {ActivityKind.JAMMED, ActivityKind.BATTERY_LOW}
        return has_ended_badly or is_bad or self.kind is Kind.CODE_NOT_CONFIRMED

    @property
    def has_moved(self) -> bool:
        """Tell whether it says that a device did what it should, or was moved by hand."""
        was_moved = self.activity in {ActivityKind.LOCKED, ActivityKind.UNLOCKED}
        return was_moved or self.outcome is CommandState.CONFIRMED

    def is_of(self, tag: str, name: str) -> bool:
        """Tell whether it is about a device; entries without a tag know its name only."""
        return self.tag == tag if self.tag else self.subject == name


def to_json(entry: Entry) -> dict[str, Any]:
    """Return an entry under the names that a journal of 0.1.0 has, and no more than it takes."""
    raw: dict[str, Any] = {
        "at": entry.at.isoformat(),
        "kind": entry.kind,
        "subject": entry.subject,
    }
    if entry.kind is not Kind.ACTIVITY:
        raw |= {
            "detail": entry.detail,
            "operation": entry.operation,
            "outcome": entry.outcome,
            "origins": [{"kind": one.kind, "address": one.address} for one in entry.origins],
            "level": entry.level,
            "took": entry.duration,
        }
    since_then = {"tag": entry.tag, "activity": entry.activity, "was_told": entry.was_told}
    return raw | {name: value for name, value in since_then.items() if value}


def parse(raw: Any) -> Entry:
    """Read one entry; raise KeyError, TypeError or ValueError when it is none."""
    kind, activity = Kind(raw["kind"]), raw.get("activity")
    entry = Entry(
        at=parse_date(raw["at"]),
        kind=kind,
        subject=intern(str(raw["subject"])),
        tag=intern(str(raw.get("tag", ""))),
        activity=ActivityKind(activity) if activity else None,
        was_told=raw.get("was_told") is True,
    )
    if kind is not Kind.ACTIVITY:
        return _with_details(entry, raw)
    if not entry.activity:
        raise ValueError("nothing has happened")
    return entry


def _with_details(entry: Entry, raw: Any) -> Entry:
    operation, outcome = raw["operation"], raw["outcome"]
    return replace(
        entry,
        detail=str(raw["detail"]),
        operation=operation and Operation(operation),
        outcome=outcome and CommandState(outcome),
        duration=_parse_duration(raw["took"]),
        origins=tuple(_parse_origin(one) for one in raw.get("origins", ())),
        level=_parse_level(raw.get("level")),
    )


def _parse_duration(raw: Any) -> float:
    duration = float(raw)
    if not isfinite(duration):
        raise ValueError("nothing takes that long")
    return duration


def _parse_level(raw: Any) -> int | None:
    return raw if type(raw) is int and raw in LEVELS else None


def _parse_origin(raw: Any) -> Origin:
    return Origin(OriginKind(raw["kind"]), str(raw["address"]))


def parse_refresh(raw: Any) -> RefreshRecord:
    """Read a refresh as 0.1.1 kept it in the state file."""
    return RefreshRecord(parse_date(raw["at"]), raw["succeeded"] is True, str(raw["detail"]))


def tag_in(notification_id: str) -> str:
    """Return the tag of the device that a notification is about, or nothing."""
    found = TAG.search(notification_id)
    return found[1] if found else ""
