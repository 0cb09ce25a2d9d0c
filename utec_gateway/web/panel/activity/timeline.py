"""What happened lately, in sentences: at the doors, by commands, and to the gateway."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from math import ceil

from markupsafe import Markup

from utec_gateway.core.activity import ActivityKind
from utec_gateway.core.command import BOLTS
from utec_gateway.core.command_origin import Origin
from utec_gateway.core.models import Operation
from utec_gateway.core.outcome import CommandState
from utec_gateway.journal.entry import CODES, Entry, Kind
from utec_gateway.web.i18n import Translator
from utec_gateway.web.panel.page_weight import fitting, weight
from utec_gateway.web.panel.severity import Severity
from utec_gateway.web.panel.time_tags import clock_tag, day_tag

MOST_SHOWN = 60
MOST_BYTES = 14 * 1024
MARKUP_PER_ENTRY = 230
"""Bytes around the words of one entry."""
LONGEST_DETAIL = 300
LONGEST_ADDRESS = 60
SHOWN_AT_ONCE = 12
"""The rest is a click away, so that chart and log are within reach."""
SAID_OF_A_BOLT = frozenset({Operation.LOCK, Operation.UNLOCK})
"""The operations with sentences of their own; the others are named in those for commands."""
OUTCOME_ICONS = {
    CommandState.NOT_CONFIRMED: ("warning", Severity.WARNING),
    CommandState.FAILED: ("failed", Severity.ERROR),
    CommandState.SUPERSEDED: ("replaced", None),
}

GATEWAY_ICONS = {
    Kind.TOLD: ("told", Severity.WARNING),
    Kind.OVER: ("over", Severity.GOOD),
    Kind.WRONG_KEY: ("failed", Severity.WARNING),
}
CODE_ICONS = {
    Kind.CODE_ON_LOCK: ("good", Severity.GOOD),
    Kind.CODE_REMOVED: ("over", None),
    Kind.CODE_EXPIRED: ("over", None),
    Kind.CODE_NOT_CONFIRMED: ("warning", Severity.WARNING),
}
ACTIVITY_ICONS: Mapping[ActivityKind | None, tuple[str, Severity | None]] = {
    ActivityKind.LOCKED: ("locked", None),
    ActivityKind.UNLOCKED: ("unlocked", None),
    ActivityKind.DOOR_OPENED: ("door_open", None),
    ActivityKind.DOOR_CLOSED: ("door_closed", None),
    ActivityKind.JAMMED: ("jammed", Severity.ERROR),
    ActivityKind.OFFLINE: ("offline", Severity.WARNING),
    ActivityKind.ONLINE: ("good", Severity.GOOD),
    ActivityKind.BATTERY_LOW: ("warning", Severity.WARNING),
}


@dataclass(frozen=True)
class TimelineEntry:
    """One line of the timeline."""

    at: datetime
    sentence: Markup
    icon: str
    severity: Severity | None = None
    """None for what is neither good nor bad; never said by color alone."""
    detail: str = ""
    """More of it, in the words of the core; what has no translation is English."""
    origin: str = ""
    """Who asked for it, in words."""

    @property
    def clock(self) -> Markup:
        """Return when, on its day."""
        return clock_tag(self.at)


@dataclass(frozen=True)
class Day:
    """The entries of one day of the machine's own zone."""

    heading: Markup
    entries: tuple[TimelineEntry, ...]


@dataclass(frozen=True)
class Timeline:
    """The newest first, by day."""

    latest: tuple[Day, ...]
    earlier: tuple[Day, ...]


def timeline(t: Translator, newest_first: Iterable[Entry]) -> Timeline:
    """Return what happened, as much as a page may hold; the rest is not even put into words."""
    entries = (said for entry in newest_first if (said := _journaled(t, entry)))
    weighed = (
        (one, MARKUP_PER_ENTRY + weight(one.sentence, one.detail, one.origin)) for one in entries
    )
    shown = list(fitting(weighed, MOST_SHOWN, MOST_BYTES))
    return Timeline(
        tuple(_by_day(shown[:SHOWN_AT_ONCE])),
        tuple(_by_day(shown[SHOWN_AT_ONCE:])),
    )


def _by_day(entries: Iterable[TimelineEntry]) -> Iterator[Day]:
    for day, of_day in groupby(entries, key=lambda one: one.at.astimezone().date()):
        yield Day(day_tag(day), tuple(of_day))


def _journaled(t: Translator, entry: Entry) -> TimelineEntry | None:
    """Return a journal entry in words, None for one that a damaged file has left half."""
    match entry.kind:
        case Kind.COMMAND:
            return _command(t, entry)
        case Kind.ACTIVITY:
            return _activity(t, entry)
        case Kind.REFRESHED | Kind.REFRESH_FAILED:
            return _refreshed(t, entry)
        case kind if kind in CODES:
            return _code(t, entry)
        case _:
            return _of_the_gateway(t, entry)


def _of_the_gateway(t: Translator, entry: Entry) -> TimelineEntry:
    subject = _plain(entry.subject)
    sentence = t(f"activity.{entry.kind}", title=subject, peer=subject)
    icon, severity = GATEWAY_ICONS.get(entry.kind, (str(entry.kind), None))
    return TimelineEntry(entry.at, sentence, icon, severity, _detail(t, entry.detail))


def _refreshed(t: Translator, entry: Entry) -> TimelineEntry:
    if entry.kind is Kind.REFRESH_FAILED:
        sentence, detail = t("activity.renewal_failed"), _detail(t, entry.detail)
        return TimelineEntry(entry.at, sentence, "failed", Severity.ERROR, detail)
    key = "signed_in" if entry.detail == "signed in" else "renewed"
    return TimelineEntry(entry.at, t(f"activity.{key}"), "renewed", Severity.GOOD)


def _command(t: Translator, entry: Entry) -> TimelineEntry | None:
    operation, outcome = entry.operation, entry.outcome
    if not (operation and operation.is_command) or outcome not in {
        CommandState.CONFIRMED,
        *OUTCOME_ICONS,
    }:
        return None
    confirmed = (str(BOLTS.get(operation, Severity.GOOD)), Severity.GOOD)
    icon, severity = OUTCOME_ICONS.get(outcome, confirmed)
    key = operation if operation in SAID_OF_A_BOLT else "command"
    sentence = t(
        f"activity.{key}_{outcome}",
        lock=_plain(entry.subject),
        what=_what(t, entry),
        seconds=ceil(entry.duration),
    )
    is_stuck = entry.activity is ActivityKind.JAMMED and not entry.detail
    detail = t("activity.is_jammed") if is_stuck else _detail(t, entry.detail)
    asked = [_asked_by(t, one) for one in entry.origins]
    origin = Markup(" ").join((*asked, *_told(t, entry)))
    return TimelineEntry(entry.at, sentence, icon, severity, detail, origin)


def _activity(t: Translator, entry: Entry) -> TimelineEntry | None:
    """Return what a lock did by itself, None for what only a command can come to."""
    if entry.activity not in ACTIVITY_ICONS:
        return None
    icon, severity = ACTIVITY_ICONS[entry.activity]
    sentence = t(f"activity.{entry.activity}", lock=_plain(entry.subject))
    by_hand = [t("activity.by_hand")] if entry.has_moved else []
    origin = Markup(" ").join((*by_hand, *_told(t, entry)))
    return TimelineEntry(entry.at, sentence, icon, severity, origin=origin)


def _code(t: Translator, entry: Entry) -> TimelineEntry:
    icon, severity = CODE_ICONS[entry.kind]
    guest = _plain(entry.detail)[:LONGEST_DETAIL]
    sentence = t(f"activity.{entry.kind}", lock=_plain(entry.subject), guest=guest)
    return TimelineEntry(
        entry.at, sentence, icon, severity, origin=Markup(" ").join(_told(t, entry))
    )


def _told(t: Translator, entry: Entry) -> list[Markup]:
    return [t("activity.was_told")] if entry.was_told else []


def _what(t: Translator, entry: Entry) -> Markup:
    if entry.level is None:
        return t.text(f"issues.operations.{entry.operation}")
    return t("activity.set_level", level=entry.level)


def _asked_by(t: Translator, origin: Origin) -> Markup:
    return t(f"activity.by_{origin.kind}", address=_plain(origin.address)[:LONGEST_ADDRESS])


def _detail(t: Translator, text: str) -> str:
    """Return the core's words as a sentence, cut where it is endless."""
    plain = _plain(text)
    return t.sentence(plain if len(plain) <= LONGEST_DETAIL else f"{plain[:LONGEST_DETAIL]}…")


def _plain(text: str) -> str:
    """Return a text without what no page can hold."""
    return "".join(character if character.isprintable() else " " for character in text)
