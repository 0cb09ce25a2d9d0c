"""Access codes as everybody may see them: people, times and states, and never a code."""

from dataclasses import dataclass
from datetime import datetime, time
from enum import StrEnum

from .models import Device

EVERY_DAY = frozenset(range(7))
DAY_BEGINS, DAY_ENDS = time(0, 0), time(23, 59)


@dataclass(frozen=True)
class Schedule:
    """When a code opens; all times are the lock's own local time, to the minute."""

    starts: datetime
    """Without a zone."""
    ends: datetime
    """Without a zone."""
    weekdays: frozenset[int] = EVERY_DAY
    """As `date.weekday()` counts: Monday is 0."""
    opens: time = DAY_BEGINS
    """On each of these days from this time on."""
    closes: time = DAY_ENDS
    uses: int = 0
    """How often the code opens; 0 means without a limit."""


class CodeState(StrEnum):
    """How the code of a guest stands, as far as the cloud has shown it."""

    WAITING = "waiting"
    """For the lock: the cloud has the code, the lock may not."""
    ON_LOCK = "on_lock"
    NOT_CONFIRMED = "not_confirmed"
    """The cloud accepted it, or gave no answer, and does not list it."""
    REMOVING = "removing"
    """It was taken back; the lock may still know it."""
    UNKNOWN = "unknown"
    """Nobody has been able to look for a while."""


@dataclass(frozen=True)
class Guest:
    """A person for whom the gateway made a code."""

    id: str
    """The gateway's own, for its pages and endpoints."""
    name: str
    schedule: Schedule
    state: CodeState
    made_at: datetime
    waiting_since: datetime | None = None
    """Since when something that was asked for is not on the lock; None when all of it is."""
    is_expired: bool = False
    expires_on_lock_at: datetime | None = None
    """The end, without a zone, that the lock goes by until it has taken over a later one."""


@dataclass(frozen=True)
class OtherUser:
    """A user of a lock whom the gateway did not make, and does not touch."""

    id: str
    name: str
    type: int | None
    """The cloud's raw number; what all but 2 mean is unsettled (utec-cloud 4.6)."""
    is_temporary: bool
    is_on_lock: bool | None
    """None when the cloud does not say."""


@dataclass(frozen=True)
class LockCodes:
    """Who has a code for one lock."""

    device: Device
    guests: tuple[Guest, ...] = ()
    others: tuple[OtherUser, ...] = ()
    listed_at: datetime | None = None
    """When the cloud last listed them; None when it has not since the start."""
    number_listed: int | None = None
    """How many users the cloud lists; None when it has not listed them for a while."""
    problem: str = ""
    """Why the last attempt to list them failed, empty when it did not."""

    @property
    def is_known(self) -> bool:
        """Tell whether the cloud has listed them since the start."""
        return self.listed_at is not None

    @property
    def waiting(self) -> tuple[Guest, ...]:
        """Return the guests of whom something is not on the lock."""
        return tuple(guest for guest in self.guests if guest.waiting_since)


class CodeEventKind(StrEnum):
    """What can happen to the code of a guest."""

    ON_LOCK = "code_on_lock"
    REMOVED = "code_removed"
    NOT_CONFIRMED = "code_not_confirmed"


@dataclass(frozen=True)
class CodeEvent:
    """Something happened to the code of a guest."""

    kind: CodeEventKind
    device: Device
    name: str
    at: datetime
    is_expired: bool = False
    """Whether it was removed because its time was over, and nobody asked for it."""
