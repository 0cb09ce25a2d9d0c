"""When a code opens, in words; the times are the lock's, whatever zone the reader is in."""

from collections.abc import Sequence
from datetime import date, datetime

from markupsafe import Markup

from utec_gateway.core.access_codes import DAY_BEGINS, DAY_ENDS, EVERY_DAY, Schedule
from utec_gateway.web.i18n import Translator


def short_days(t: Translator) -> Sequence[str]:
    """Return the names of the days of a week, Monday first."""
    return t("codes.days").split()


def moment(t: Translator, wall: datetime, today: date) -> Markup:
    """Return a time on the lock's clock; the year is said where it is another one."""
    month = t.text("dates.months").split()[wall.month - 1]
    return t.text(
        "dates.moment",
        weekday=short_days(t)[wall.weekday()],
        day=wall.day,
        month=month if wall.year == today.year else f"{month} {wall.year}",
        time=f"{wall:%H:%M}",
    )


def span(t: Translator, schedule: Schedule, today: date) -> Markup:
    """Return from when until when a code opens."""
    starts, ends = (moment(t, wall, today) for wall in (schedule.starts, schedule.ends))
    return t("codes.span", starts=starts, ends=ends)


def limits(t: Translator, schedule: Schedule) -> Markup:
    """Return on which days, in which hours, and how often it opens."""
    times = t("codes.uses_many", number=schedule.uses) if schedule.uses else t("codes.uses_any")
    return Markup(" · ").join((_days(t, schedule), _hours(t, schedule), times))


def narrowed(t: Translator, schedule: Schedule) -> Markup:
    """Return the days and hours in brackets, nothing where a code opens at any time."""
    days = () if schedule.weekdays == EVERY_DAY else (_days(t, schedule),)
    hours = () if _is_all_day(schedule) else (_hours(t, schedule),)
    said = Markup(", ").join((*days, *hours))
    return Markup(" ({})").format(said) if said else said


def _days(t: Translator, schedule: Schedule) -> Markup:
    if schedule.weekdays == EVERY_DAY:
        return t("codes.every_day")
    names = short_days(t)
    return Markup(", ").join(names[day] for day in sorted(schedule.weekdays))


def _hours(t: Translator, schedule: Schedule) -> Markup:
    if _is_all_day(schedule):
        return t("codes.all_day")
    opens, closes = f"{schedule.opens:%H:%M}", f"{schedule.closes:%H:%M}"
    return t("codes.hours", opens=opens, closes=closes)


def _is_all_day(schedule: Schedule) -> bool:
    return (schedule.opens, schedule.closes) == (DAY_BEGINS, DAY_ENDS)
