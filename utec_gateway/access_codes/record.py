"""What is remembered of a guest that we made: who, when, and how far it is; never the code."""

from dataclasses import dataclass, replace
from datetime import datetime, time, timedelta
from enum import StrEnum
from typing import Any

from utec_gateway.core.access_codes import CodeState, Guest, Schedule
from utec_gateway.core.zone import Zone
from utec_gateway.storage.json_file import parse_date
from utec_gateway.utec.lock_users import UserId, is_user_id

CONFIRM_WITHIN = timedelta(seconds=60)
"""How long the cloud may take to list what it has accepted."""
MOST_ADDS = 2
"""A user whose answer was lost, and whom no list shows within that time, is added once more."""
MAY_APPEAR_FOR = timedelta(hours=1)
"""For so long a user may still appear whom no list has shown."""
BELIEVED_GONE_AFTER = 2
"""Lists in a row without a user that earlier ones showed: one list may be cut short."""


class Step(StrEnum):
    """What can be sent to the cloud for a guest."""

    ADD = "add"
    UPDATE = "update"
    DELETE = "delete"


@dataclass(frozen=True)
class Record:
    """One guest on one lock."""

    id: str
    tag: str
    """The lock's."""
    name: str
    schedule: Schedule
    made_at: datetime
    unsettled_since: datetime | None
    """Since when the lock has not what was asked for; None when it has."""
    key: str = ""
    """A digest of the key with which a client asked for it."""
    request: str = ""
    """A digest of what that client asked for, whatever has been changed since."""
    is_wanted: bool = True
    is_expired: bool = False
    """Whether it goes because its time is over."""
    user_id: UserId | None = None
    """The cloud's, once a list has shown it."""
    is_synced: bool = False
    """Whether the last list says that the lock has it."""
    is_changed: bool = False
    """Whether its schedule is still to be sent."""
    sent: Step | None = None
    sent_at: datetime | None = None
    adds: int = 0
    """How often it was added."""
    has_code: bool = False
    """Whether its code is held, so that it can be added; not any more after a restart."""
    is_lost: bool = False
    """Whether no answer came to the last step, so that nobody knows whether it was taken."""
    missed: int = 0
    """Lists in a row that did not show it."""
    missed_at: datetime | None = None
    """When a list last did not show it."""
    ends_on_lock: datetime | None = None
    """The end that the lock was last seen to have."""
    told: CodeState | None = None
    """What listeners were last told."""

    def age(self, now: datetime) -> timedelta:
        """Return how long ago the last step was sent; a clock that was set back long ago, too."""
        return abs(now - self.sent_at) if self.sent_at else timedelta.max

    def is_unsettled_for(self, length: timedelta, now: datetime) -> bool:
        """Tell whether for so long the lock has not been seen to have what was asked for."""
        return self.unsettled_since is not None and abs(now - self.unsettled_since) >= length

    def is_under_way(self, now: datetime) -> bool:
        """Tell whether the last step may still show in a list, so that no other one may be sent."""
        if self.age(now) >= CONFIRM_WITHIN:
            return False
        match self.sent:
            case Step.ADD:
                return self.user_id is None
            case Step.DELETE:
                return self.missed == 0
            case _:
                return False

    @property
    def can_be_added(self) -> bool:
        """Tell whether the cloud may be sent this guest, for the first time or once more."""
        is_worth_it = self.is_lost and self.adds < MOST_ADDS
        return self.has_code and (is_worth_it or not self.adds)

    def may_be_there_twice(self, now: datetime) -> bool:
        """Tell whether a second user of its name is ours as well, come late."""
        return self.adds >= MOST_ADDS and self.sent is Step.ADD and self.age(now) < MAY_APPEAR_FOR

    def may_get_id(self, now: datetime) -> bool:
        """Tell whether a user of its name may be this guest, although the id is another one.

        Ids may change until the lock has the user. Later, somebody else made that user. Hours in
        which no list could be read prove nothing.
        """
        if self.user_id is not None:
            return not self.is_synced
        is_open = self.missed == 0 or self.age(self.missed_at or now) < MAY_APPEAR_FOR
        return self.sent is Step.ADD and is_open

    def state(self, now: datetime) -> CodeState:
        """Return how its code stands by the last list."""
        if not self.is_wanted:
            return CodeState.REMOVING
        if self.user_id is None:
            is_over = self.age(now) >= CONFIRM_WITHIN and not self.can_be_added
            return CodeState.NOT_CONFIRMED if is_over else CodeState.WAITING
        if self.missed >= BELIEVED_GONE_AFTER:
            return CodeState.NOT_CONFIRMED
        is_settled = self.is_synced and not self.is_changed and not self.missed
        return CodeState.ON_LOCK if is_settled else CodeState.WAITING

    def sending(self, step: Step, now: datetime) -> "Record":
        """Return the record as it must be on the disk before a step is sent."""
        adds = self.adds + (step is Step.ADD)
        return replace(self, sent=step, sent_at=now, adds=adds, missed=0, is_lost=False)

    def no_longer_wanted(self, now: datetime, *, is_expired: bool = False) -> "Record":
        """Return the record of a guest that is to go."""
        if not self.is_wanted:
            return self
        return replace(self, is_wanted=False, is_expired=is_expired, unsettled_since=now)

    def rescheduled(self, schedule: Schedule, now: datetime) -> "Record":
        """Return the record of a guest whose code is to open at other times."""
        return replace(self, schedule=schedule, is_changed=True, unsettled_since=now, told=None)

    def as_guest(self, now: datetime, *, is_recent: bool) -> Guest:
        """Return what may be shown; a state that nobody could look at lately is unknown."""
        state = self.state(now)
        return Guest(
            self.id,
            self.name,
            self.schedule,
            state if is_recent else CodeState.UNKNOWN,
            self.made_at,
            None if state is CodeState.ON_LOCK else self.unsettled_since,
            self.is_expired,
            None if self.ends_on_lock == self.schedule.ends else self.ends_on_lock,
        )

    def is_over(self, now: datetime, zone: Zone, grace: timedelta) -> bool:
        """Tell whether its time ended longer ago than `grace`."""
        return now >= zone.instant(self.schedule.ends) + grace


def to_json(record: Record) -> dict[str, Any]:
    """Return a record as the file holds it."""
    schedule = record.schedule
    return {
        "id": record.id,
        "lock": record.tag,
        "name": record.name,
        "starts": schedule.starts.isoformat(),
        "ends": schedule.ends.isoformat(),
        "weekdays": sorted(schedule.weekdays),
        "opens": schedule.opens.isoformat(),
        "closes": schedule.closes.isoformat(),
        "uses": schedule.uses,
        "made_at": record.made_at.isoformat(),
        "unsettled_since": _text(record.unsettled_since),
        "key": record.key,
        "request": record.request,
        "is_wanted": record.is_wanted,
        "is_expired": record.is_expired,
        "user_id": record.user_id,
        "is_synced": record.is_synced,
        "is_changed": record.is_changed,
        "sent": record.sent,
        "sent_at": _text(record.sent_at),
        "adds": record.adds,
        "missed": record.missed,
        "missed_at": _text(record.missed_at),
        "ends_on_lock": _text(record.ends_on_lock),
        "told": record.told,
    }


def parse(raw: Any) -> Record:
    """Read a record after a restart; raise KeyError, TypeError or ValueError when it is none.

    Its code is gone, so that it cannot be added again.
    """
    schedule = Schedule(
        _wall(raw["starts"]),
        _wall(raw["ends"]),
        frozenset(int(day) for day in raw["weekdays"]),
        time.fromisoformat(raw["opens"]),
        time.fromisoformat(raw["closes"]),
        int(raw["uses"]),
    )
    return Record(
        id=str(raw["id"]),
        tag=str(raw["lock"]),
        name=str(raw["name"]),
        schedule=schedule,
        made_at=parse_date(raw["made_at"]),
        unsettled_since=_date(raw["unsettled_since"]),
        key=str(raw["key"]),
        request=str(raw["request"]),
        is_wanted=bool(raw["is_wanted"]),
        is_expired=bool(raw["is_expired"]),
        user_id=_user_id(raw["user_id"]),
        is_synced=bool(raw["is_synced"]),
        is_changed=bool(raw["is_changed"]),
        sent=Step(raw["sent"]) if raw["sent"] else None,
        sent_at=_date(raw["sent_at"]),
        adds=int(raw["adds"]),
        missed=int(raw["missed"]),
        missed_at=_date(raw["missed_at"]),
        ends_on_lock=datetime.fromisoformat(raw["ends_on_lock"]) if raw["ends_on_lock"] else None,
        told=CodeState(raw["told"]) if raw["told"] else None,
    )


def _text(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment else None


def _wall(raw: Any) -> datetime:
    """Return the lock's local time; what has a zone, or overflows, would stop every list."""
    if parse_date(raw).replace(tzinfo=None) != (wall := datetime.fromisoformat(raw)):
        raise ValueError("a local time has a zone")
    return wall


def _date(raw: Any) -> datetime | None:
    return parse_date(raw) if raw else None


def _user_id(raw: Any) -> UserId | None:
    if raw is None or is_user_id(raw):
        return raw
    raise ValueError("a user's id is none")
