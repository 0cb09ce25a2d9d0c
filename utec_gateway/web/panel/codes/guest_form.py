"""The form for a guest: what it holds, and what somebody typed as typed values."""

from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, time, timedelta

from utec_gateway.access_codes.code import read_code
from utec_gateway.access_codes.new_guest import NewGuest
from utec_gateway.core.access_codes import DAY_BEGINS, DAY_ENDS, EVERY_DAY, Schedule
from utec_gateway.core.errors import FieldError
from utec_gateway.web.panel.forms import Form

TWO_DAYS = timedelta(days=2)
LEAVES_AT = 11
"""O'clock, on the day after tomorrow, is the end that the form suggests."""
QUARTER = 15
DAY, LOCK = "day-", "lock-"
"""How the names of those checkboxes begin: a form keeps one value for each name."""


@dataclass(frozen=True)
class FormValues:
    """What the controls of a form hold, as the browser takes it."""

    starts: str
    ends: str
    weekdays: frozenset[int]
    opens: str
    closes: str
    uses: str
    name: str = ""
    locks: frozenset[str] = frozenset()
    """The tags of those that are chosen."""


def suggested(local: datetime) -> FormValues:
    """Return a guest who comes now and leaves the day after tomorrow."""
    starts = local.replace(minute=local.minute - local.minute % QUARTER)
    ends = (local + TWO_DAYS).replace(hour=LEAVES_AT, minute=0)
    return of_schedule(Schedule(starts, ends))


def of_schedule(schedule: Schedule) -> FormValues:
    """Return a guest's times as they are."""
    return FormValues(
        f"{schedule.starts:%Y-%m-%dT%H:%M}",
        f"{schedule.ends:%Y-%m-%dT%H:%M}",
        schedule.weekdays,
        f"{schedule.opens:%H:%M}",
        f"{schedule.closes:%H:%M}",
        str(schedule.uses),
    )


def as_typed(form: Form) -> FormValues:
    """Return what was typed, for a form that is shown again."""
    starts, ends, opens, closes, uses, name = (
        form.get(field, "") for field in ("starts", "ends", "opens", "closes", "uses", "name")
    )
    return FormValues(starts, ends, _weekdays(form), opens, closes, uses, name, chosen_locks(form))


def chosen_locks(form: Form) -> frozenset[str]:
    """Return the tags of the locks that are chosen."""
    return frozenset(name.removeprefix(LOCK) for name in form if name.startswith(LOCK))


def read_new_guest(form: Form) -> NewGuest:
    """Return the guest that was typed; raise FieldError for what cannot be read.

    The key is that of the form and what it says: sent again it makes nobody, and sent again with
    another name it does.
    """
    name, schedule = form.get("name", ""), read_schedule(form)
    code = read_code(form["code"]) if form.get("code", "").strip() else None
    return NewGuest(name, schedule, code, f"panel {form.get('key')} {name} {schedule}")


def read_schedule(form: Form) -> Schedule:
    """Return when the code is to open; raise FieldError for what cannot be read."""
    return Schedule(
        _moment(form, "starts"),
        _moment(form, "ends"),
        _weekdays(form),
        _time(form, "opens", DAY_BEGINS),
        _time(form, "closes", DAY_ENDS),
        _uses(form),
    )


def _weekdays(form: Form) -> frozenset[int]:
    return frozenset(day for day in EVERY_DAY if f"{DAY}{day}" in form)


def _moment(form: Form, field: str) -> datetime:
    with suppress(ValueError):
        found = datetime.fromisoformat(form.get(field, "").strip())
        if found.tzinfo is None:
            return found
    raise FieldError(field, "must be a date with a time")


def _time(form: Form, field: str, otherwise: time) -> time:
    typed = form.get(field, "").strip()
    if not typed:
        return otherwise
    try:
        return time.fromisoformat(typed).replace(tzinfo=None)
    except ValueError:
        raise FieldError(field, "must be a time of day, such as 08:00") from None


def _uses(form: Form) -> int:
    typed = form.get("uses", "").strip() or "0"
    return int(typed) if typed.isascii() and typed.isdigit() and len(typed) < len("1000") else -1
