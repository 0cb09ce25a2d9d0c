"""A chart of the calls to U-tec in each hour of the last day, with the fair-use line."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from utec_gateway.utec.meter import HOURS_SHOWN, Hour

FAIR_USE = 360
"""Calls an hour: one every ten seconds, the most that existing software asks (utec-cloud 7)."""
HEADROOM = 1.15
FULL = 100
"""Per cent of the chart, in both directions."""
GAP = 0.2
"""Share of a bar's width."""


@dataclass(frozen=True)
class Bar:
    """One hour, in per cent of the chart."""

    x: float
    height: float
    failed: float
    """Height of the part that failed, at the bottom of the bar."""

    @property
    def y(self) -> float:
        """Return the top of the bar."""
        return round(FULL - self.height, 1)

    @property
    def failed_y(self) -> float:
        """Return the top of the part that failed."""
        return round(FULL - self.failed, 1)


@dataclass(frozen=True)
class CallChart:
    """The chart and its figures."""

    hours: Sequence[Hour]
    """The newest first, for the table."""
    bars: tuple[Bar, ...]
    width: float
    line_y: float
    since: datetime
    """When the count began, if that is less than a day ago; else the begin of the first hour."""
    is_young: bool

    @property
    def total(self) -> int:
        """Return the calls of all the hours."""
        return sum(hour.calls for hour in self.hours)

    @property
    def failures(self) -> int:
        """Return how many of them failed."""
        return sum(hour.failures for hour in self.hours)

    @property
    def most(self) -> int:
        """Return the calls of the busiest hour."""
        return max(hour.calls for hour in self.hours)


def call_chart(hours: Sequence[Hour], counts_since: datetime) -> CallChart:
    """Return the chart of these hours, the oldest first; the current one is on the right."""
    top = max(FAIR_USE * HEADROOM, *(hour.calls for hour in hours))
    step = FULL / HOURS_SHOWN
    missing = HOURS_SHOWN - len(hours)

    def bar(number: int, hour: Hour) -> Bar:
        x = (missing + number + GAP / 2) * step
        return Bar(round(x, 2), _part(hour.calls, top), _part(hour.failures, top))

    is_young = missing > 0 or counts_since > hours[0].starts_at
    return CallChart(
        hours=hours[::-1],
        bars=tuple(bar(number, hour) for number, hour in enumerate(hours)),
        width=round(step * (1 - GAP), 2),
        line_y=round(FULL - _part(FAIR_USE, top), 1),
        since=counts_since if is_young else hours[0].starts_at,
        is_young=is_young,
    )


def _part(calls: int, top: float) -> float:
    return round(calls / top * FULL, 1)
