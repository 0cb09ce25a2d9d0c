"""The last day of a lock as a strip: nothing is overlooked, and nothing is claimed to be known."""

import re
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from utec_gateway.journal.lock_history import ShownState, StateChange
from utec_gateway.texts.translations import read_translations
from utec_gateway.web.i18n import Languages, Translator
from utec_gateway.web.panel.strip import (
    DAY,
    LEAST_WIDTH,
    MOST_SEGMENTS,
    WEIGHTS,
    WIDTH,
    Strip,
    segments,
    simplified,
    strip,
)

LOCKED, UNLOCKED, JAMMED = ShownState.LOCKED, ShownState.UNLOCKED, ShownState.JAMMED
UNKNOWN, OFFLINE = ShownState.UNKNOWN, ShownState.OFFLINE
NOW = datetime(2026, 11, 26, 21, 0, tzinfo=UTC)

History = tuple[StateChange, ...]


def english() -> Translator:
    return Languages(read_translations()).translator("en")


def ago(minutes: float, state: ShownState) -> StateChange:
    return StateChange(NOW - timedelta(minutes=minutes), state)


def drawn(*changes: StateChange) -> Strip:
    """Return the strip that ends on the minute."""
    return strip(english(), changes, NOW - timedelta(seconds=1))


def lines(shown: Strip, state: ShownState) -> list[tuple[int, int]]:
    """Return where the lines of a state begin, in minutes, and how long they are."""
    path = dict(shown.paths).get(state, "")
    return [(int(x), int(width)) for x, width in re.findall(r"M(\d+) 0h(\d+)", path)]


def histories() -> st.SearchStrategy[History]:
    """Return changes in any order, some of them days ago or still to come."""
    seconds = st.integers(-3 * 86400, 3600)
    change = st.tuples(seconds, st.sampled_from(ShownState))
    return st.lists(change, max_size=120).map(
        lambda found: tuple(StateChange(NOW + timedelta(seconds=at), state) for at, state in found)
    )


def test_nobody_knows_how_a_lock_stood_before_it_was_seen() -> None:
    shown = drawn(ago(60, LOCKED))
    assert lines(shown, UNKNOWN) == [(0, 1380)]
    assert lines(shown, LOCKED) == [(1380, 60)]
    assert shown.words == "Last 24 hours: Not seen unlocked. Unknown for 23 h."


def test_what_was_before_the_day_still_holds_at_its_begin() -> None:
    shown = drawn(ago(5000, UNLOCKED), ago(3000, LOCKED))
    assert shown.paths == ((LOCKED, "M0 0h1440"),)
    assert shown.words == "Last 24 hours: Locked all the time."


def test_it_is_said_how_often_and_for_how_long_a_lock_was_unlocked() -> None:
    once = drawn(ago(2000, LOCKED), ago(100, UNLOCKED), ago(75, LOCKED))
    assert once.words == "Last 24 hours: Unlocked once, for 25 min."
    assert lines(once, UNLOCKED) == [(1340, 25)]
    often = drawn(
        ago(2000, LOCKED),
        ago(600, UNLOCKED),
        ago(540, LOCKED),
        ago(100, UNLOCKED),
        ago(75, LOCKED),
    )
    assert often.words == "Last 24 hours: Unlocked 2 times, for 1 h 25 min in all."


def test_a_gap_in_which_nobody_looked_and_an_offline_lock_are_said() -> None:
    changes = (LOCKED, UNKNOWN, LOCKED, OFFLINE, LOCKED, JAMMED)
    shown = drawn(*(ago(2000 - number * 300, state) for number, state in enumerate(changes)))
    assert shown.words == (
        "Last 24 hours: Not seen unlocked. Jammed for 8 h 20 min. Offline for 5 h. "
        "Unknown for 40 min."
    )
    assert [state for state, _ in shown.paths][-1] is JAMMED


@pytest.mark.parametrize("state", [UNLOCKED, JAMMED])
@pytest.mark.parametrize("minutes", [1440, 700, 0.1])
def test_a_moment_that_matters_is_wide_enough_to_be_seen(state: ShownState, minutes: float) -> None:
    shown = drawn(ago(2000, LOCKED), ago(minutes, state), ago(minutes - 0.05, LOCKED))
    ((begins, width),) = lines(shown, state)
    assert width == LEAST_WIDTH
    assert begins + width <= WIDTH


def test_the_present_reaches_the_right_end() -> None:
    shown = drawn(ago(2000, LOCKED), ago(0.05, UNLOCKED))
    ((begins, width),) = lines(shown, UNLOCKED)
    assert begins + width == WIDTH
    assert shown.words == "Last 24 hours: Unlocked once, for 1 min."


def test_a_strip_stays_the_same_for_a_minute() -> None:
    changes = (ago(2000, LOCKED), ago(100, UNLOCKED))
    first, second = (
        strip(english(), changes, NOW + timedelta(seconds=seconds)) for seconds in (0, 59)
    )
    assert first.paths == second.paths


@given(histories())
def test_the_segments_fill_the_day_without_a_gap(changes: History) -> None:
    found = segments(changes, NOW)
    assert found[0].begins == NOW - DAY
    assert found[-1].ends == NOW
    for before, after in pairwise(found):
        assert before.ends == after.begins
        assert before.state is not after.state
    assert all(one.duration > timedelta() for one in found)


@given(histories())
def test_few_segments_are_left_and_what_matters_more_has_not_shrunk(changes: History) -> None:
    found = segments(changes, NOW)
    left = simplified(found)
    assert len(left) <= MOST_SEGMENTS
    assert (left[0].begins, left[-1].ends) == (NOW - DAY, NOW)
    for one in found:
        above = [seg for seg in left if seg.begins < one.ends and one.begins < seg.ends]
        assert all(WEIGHTS[seg.state] >= WEIGHTS[one.state] for seg in above)


@given(histories())
def test_every_line_lies_in_the_picture(changes: History) -> None:
    shown = drawn(*changes)
    for state in ShownState:
        for begins, width in lines(shown, state):
            assert 0 <= begins < begins + width <= WIDTH


def test_the_words_are_in_the_readers_language() -> None:
    german = Languages(read_translations()).translator("de")
    changes = (ago(2000, LOCKED), ago(100, UNLOCKED), ago(75, LOCKED))
    shown = strip(german, changes, NOW - timedelta(seconds=1))
    assert shown.words == "Letzte 24 Stunden: Einmal aufgeschlossen, für 25 min."
