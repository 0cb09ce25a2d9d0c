"""Moments that the browser shows in its own zone and manner (static/times.js)."""

from datetime import UTC, date, datetime

from markupsafe import Markup


def time_tag(when: datetime) -> Markup:
    """Return a moment as people say it: today, or on its day."""
    return Markup('<time datetime="{}">{}</time>').format(
        _utc(when), f"{when.astimezone():%Y-%m-%d %H:%M}"
    )


def brief_tag(when: datetime) -> Markup:
    """Return a moment that was lately: of today, the clock is enough."""
    return _styled(when, "brief")


def ago_tag(when: datetime) -> Markup:
    """Return a moment as the time that has passed since, which goes on passing."""
    return _styled(when, "ago")


def day_tag(day: date) -> Markup:
    """Return a day, as a heading."""
    return Markup('<time datetime="{0}">{0}</time>').format(day.isoformat())


def clock_tag(when: datetime) -> Markup:
    """Return a moment below the heading of its day."""
    here = when.astimezone()
    return Markup('<time datetime="{}" data-day="{}">{}</time>').format(
        _utc(when), here.date().isoformat(), f"{here:%H:%M}"
    )


def exact_time_tag(when: datetime) -> Markup:
    """Return a moment to the second."""
    return _styled(when, "exact", "%Y-%m-%d %H:%M:%S")


def _styled(when: datetime, style: str, plain: str = "%Y-%m-%d %H:%M") -> Markup:
    return Markup('<time datetime="{}" data-style="{}">{}</time>').format(
        _utc(when), style, when.astimezone().strftime(plain)
    )


def _utc(when: datetime) -> str:
    return f"{when.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
