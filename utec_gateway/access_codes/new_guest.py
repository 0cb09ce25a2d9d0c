"""What somebody asks for a guest, checked before anything is sent: each fault names its field."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from utec_gateway.core.access_codes import Schedule
from utec_gateway.core.errors import FieldError
from utec_gateway.core.zone import Zone

from .code import Code

LONGEST_NAME = 40
MOST_USES = 100
LONGEST_STAY = timedelta(days=5 * 366)
A_WEEK = 7
YEARS = range(2000, 2100)
"""Far from the ends of the calendar, where no time has a zone."""


@dataclass(frozen=True)
class NewGuest:
    """A guest that is to be made."""

    name: str
    schedule: Schedule
    code: Code | None = None
    """None to have one generated."""
    key: str = ""
    """The client's own key: asking again with it makes no second guest."""
    request: str = ""
    """What the client sent with the key, without the code: the same again is a repetition."""


def check_name(name: str, code: Code | None = None) -> str:
    """Return the name as the lock gets it; raise FieldError when it is none.

    Names are in files, topics and notifications, where no code may be.
    """
    cleaned = " ".join(name.split())
    if not cleaned:
        raise FieldError("name", "is missing")
    if not cleaned.isprintable():
        raise FieldError("name", "must not contain control characters")
    if len(cleaned) > LONGEST_NAME:
        raise FieldError("name", "must have at most 40 characters")
    if code and code.digits in cleaned:
        raise FieldError("name", "must not contain the code")
    return cleaned


def check_schedule(schedule: Schedule, now: datetime, zone: Zone) -> None:
    """Raise FieldError for a schedule that would never open, or not when people expect it."""
    for field, wall in (("starts", schedule.starts), ("ends", schedule.ends)):
        _check_time(field, wall, zone)
    if schedule.ends <= schedule.starts:
        raise FieldError("ends", "must be later than the start")
    if zone.instant(schedule.ends) <= now:
        raise FieldError("ends", "lies in the past")
    if schedule.ends - schedule.starts > LONGEST_STAY:
        raise FieldError("ends", "must be within five years of the start")
    if not schedule.weekdays:
        raise FieldError("weekdays", "must include at least one day")
    if schedule.closes <= schedule.opens:
        raise FieldError("closes", "must be later than the beginning of the hours")
    if not 0 <= schedule.uses <= MOST_USES:
        raise FieldError("uses", "must be a whole number from 0 to 100; 0 means without a limit")
    if not any(_opens_on(schedule, day) for day in _first_week(schedule)):
        raise FieldError("weekdays", "none of them, at these hours, lies between start and end")


def _check_time(field: str, wall: datetime, zone: Zone) -> None:
    if wall.year not in YEARS:
        raise FieldError(field, f"must be in a year from {YEARS[0]} to {YEARS[-1]}")
    if not zone.exists(wall):
        raise FieldError(field, "does not exist: the clocks go forward then")


def _first_week(schedule: Schedule) -> list[date]:
    """Return the first days of a stay, and as many as it takes to meet every weekday twice."""
    first, last = schedule.starts.date(), schedule.ends.date()
    days = min((last - first).days + 1, 2 * A_WEEK)
    return [first + timedelta(days=number) for number in range(days)]


def _opens_on(schedule: Schedule, day: date) -> bool:
    """Tell whether the code opens at some time of that day."""
    if day.weekday() not in schedule.weekdays:
        return False
    opens = max(datetime.combine(day, schedule.opens), schedule.starts)
    return opens < min(datetime.combine(day, schedule.closes), schedule.ends)
