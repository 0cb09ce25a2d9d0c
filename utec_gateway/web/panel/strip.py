"""The last day of a lock as a strip: how it stood when, drawn, and said in words."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from itertools import pairwise
from typing import NamedTuple

from markupsafe import Markup

from utec_gateway.journal.lock_history import ShownState, StateChange
from utec_gateway.web.i18n import Translator

MINUTE = timedelta(minutes=1)
SHORT = timedelta(minutes=5)
DAY = timedelta(days=1)
WIDTH = DAY // MINUTE
"""A minute is a unit of the drawing."""
LEAST_WIDTH = 12
"""Of what must not be overlooked: two pixels on the narrowest card."""
MOST_SEGMENTS = 40
WEIGHTS = {
    ShownState.LOCKED: 0,
    ShownState.UNKNOWN: 1,
    ShownState.OFFLINE: 2,
    ShownState.UNLOCKED: 3,
    ShownState.JAMMED: 4,
}
"""The heavier is drawn above the lighter, and swallows it where there is no room for both."""
MUST_BE_SEEN = frozenset({ShownState.UNLOCKED, ShownState.JAMMED})
STRIPS_KEPT = 512
"""A strip is the same for a minute; pages are rendered twice a second."""


class Segment(NamedTuple):
    """How a lock stood for a while."""

    state: ShownState
    begins: datetime
    ends: datetime

    @property
    def duration(self) -> timedelta:
        """Return for how long."""
        return self.ends - self.begins


@dataclass(frozen=True)
class Strip:
    """What a card shows of a lock's last day."""

    paths: tuple[tuple[ShownState, str], ...]
    """The drawing: a path for each state, the most important one above the others."""
    words: Markup
    """The same in words."""


def strip(t: Translator, changes: tuple[StateChange, ...], now: datetime) -> Strip:
    """Return the last day of a lock, to the minute; its right end is now."""
    return _strip(t, changes, day_before(now) + DAY)


def day_before(now: datetime) -> datetime:
    """Return when the strip of that day begins."""
    return now.replace(second=0, microsecond=0) + MINUTE - DAY


@lru_cache(STRIPS_KEPT)
def _strip(t: Translator, changes: tuple[StateChange, ...], now: datetime) -> Strip:
    found = segments(changes, now)
    return Strip(tuple(_paths(simplified(found), now)), said(t, found))


def segments(changes: Iterable[StateChange], now: datetime) -> list[Segment]:
    """Return how a lock stood in the last day, without a gap; at first nobody knows."""
    begins = now - DAY
    known = [StateChange(begins, ShownState.UNKNOWN)]
    for at, state in changes:
        if at < now:
            known.append(StateChange(max(at, known[-1].at), state))
    known.append(StateChange(now, ShownState.UNKNOWN))
    found = (Segment(before.state, before.at, after.at) for before, after in pairwise(known))
    return _joined(one for one in found if one.duration)


def simplified(found: Sequence[Segment]) -> Sequence[Segment]:
    """Return few enough segments: short ones are swallowed by heavier ones beside them."""
    shortest = SHORT
    while len(found) > MOST_SEGMENTS:
        found = _joined(_swallowed(found, shortest))
        shortest *= 2
    return found


def _swallowed(found: Sequence[Segment], shortest: timedelta) -> Iterator[Segment]:
    for before, one, after in zip((None, *found), found, (*found[1:], None), strict=False):
        beside = [other.state for other in (before, after) if other]
        heaviest = max((one.state, *beside), key=lambda state: WEIGHTS[state])
        yield one._replace(state=heaviest) if one.duration < shortest else one


def said(t: Translator, found: Sequence[Segment]) -> Markup:
    """Return the segments in words: what was not as usual, how often, and for how long."""
    times = {state: [one for one in found if one.state is state] for state in ShownState}
    unlocked = times[ShownState.UNLOCKED]
    sentences = [
        t(f"strip.{state}", duration=_duration(t, times[state]))
        for state in (ShownState.JAMMED, ShownState.OFFLINE, ShownState.UNKNOWN)
        if times[state]
    ]
    if unlocked:
        key = "unlocked_once" if len(unlocked) == 1 else "unlocked"
        duration = _duration(t, unlocked)
        sentences.insert(0, t(f"strip.{key}", times=len(unlocked), duration=duration))
    elif times[ShownState.LOCKED]:
        sentences.insert(0, t("strip.not_unlocked" if sentences else "strip.locked"))
    return Markup(" ").join((t("strip.last_day"), *sentences))


def _paths(found: Sequence[Segment], now: datetime) -> Iterator[tuple[ShownState, str]]:
    for state in sorted(ShownState, key=lambda one: WEIGHTS[one]):
        lines = [_line(one, now - DAY) for one in found if one.state is state]
        if lines:
            yield state, "".join(lines)


def _line(segment: Segment, begins: datetime) -> str:
    """Return a line of a path, wide enough to be seen where that matters."""
    least = LEAST_WIDTH if segment.state in MUST_BE_SEEN else 1
    start, end = ((one - begins) // MINUTE for one in (segment.begins, segment.ends))
    width = max(end - start, least)
    return f"M{min(start, WIDTH - width)} 0h{width}"


def _joined(found: Iterable[Segment]) -> list[Segment]:
    joined: list[Segment] = []
    for one in found:
        if joined and joined[-1].state is one.state:
            joined[-1] = joined[-1]._replace(ends=one.ends)
        else:
            joined.append(one)
    return joined


def _duration(t: Translator, found: Iterable[Segment]) -> Markup:
    """Return for how long all of them were, in hours and minutes."""
    total = sum((one.duration for one in found), timedelta())
    hours, minutes = divmod(max(total // MINUTE, 1), 60)
    if not hours:
        return t("strip.minutes", minutes=minutes)
    return t("strip.hours_minutes" if minutes else "strip.hours", hours=hours, minutes=minutes)
