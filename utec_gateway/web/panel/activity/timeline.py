"""What happened lately, in sentences: renewals, commands, what people were told, restarts."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from math import ceil

from markupsafe import Markup

from utec_gateway.core.models import Operation, Renewal
from utec_gateway.core.origin import Origin
from utec_gateway.devices.pending import Outcome
from utec_gateway.journal.journal import Entry, Kind
from utec_gateway.web.i18n import Words
from utec_gateway.web.panel.page_weight import fitting, weight
from utec_gateway.web.panel.time_tags import clock_time, whole_day

MOST_SHOWN = 60
MOST_BYTES = 14 * 1024
MARKUP_OF_ONE = 230
"""Bytes around one happening's words."""
LONGEST_DETAIL = 300
LONGEST_ADDRESS = 60
SHOWN_AT_ONCE = 12
"""The rest is a click away, so that chart and log are within reach."""
MOVES = {Operation.LOCK: "locked", Operation.UNLOCK: "unlocked"}
SIGNS = {
    Outcome.NOT_CONFIRMED: ("look", "look"),
    Outcome.FAILED: ("failed", "act"),
    Outcome.REPLACED: ("replaced", ""),
}


@dataclass(frozen=True)
class Happening:
    """One line of the timeline."""

    at: datetime
    sentence: Markup
    icon: str
    mood: str = ""
    """good, look, act, or nothing for what is neither; never said by colour alone."""
    detail: str = ""
    """More of it, in the words of the core; what no phrase book knows is English."""
    origin: str = ""
    """Who asked for it, in words."""

    @property
    def clock(self) -> Markup:
        """Return when, on its day."""
        return clock_time(self.at)


@dataclass(frozen=True)
class Day:
    """The happenings of one day of the machine's own zone."""

    heading: Markup
    happenings: tuple[Happening, ...]


@dataclass(frozen=True)
class Timeline:
    """The newest first, by day."""

    latest: tuple[Day, ...]
    earlier: tuple[Day, ...]


def timeline(t: Words, renewals: Iterable[Renewal], entries: Iterable[Entry]) -> Timeline:
    """Return what happened, as much as a page may hold."""
    told = [_renewal(t, renewal) for renewal in renewals]
    told += [happening for entry in entries if (happening := _happening(t, entry))]
    told.sort(key=lambda happening: happening.at)
    weighed = (
        (one, MARKUP_OF_ONE + weight(one.sentence, one.detail, one.origin))
        for one in reversed(told)
    )
    shown = list(fitting(weighed, MOST_SHOWN, MOST_BYTES))
    return Timeline(
        tuple(_by_day(shown[:SHOWN_AT_ONCE])),
        tuple(_by_day(shown[SHOWN_AT_ONCE:])),
    )


def _by_day(happenings: Iterable[Happening]) -> Iterator[Day]:
    for day, of_day in groupby(happenings, key=lambda one: one.at.astimezone().date()):
        yield Day(whole_day(day), tuple(of_day))


def _renewal(t: Words, renewal: Renewal) -> Happening:
    if not renewal.succeeded:
        detail = _detail(t, renewal.detail)
        return Happening(renewal.at, t("activity.renewal_failed"), "failed", "act", detail)
    key = "signed_in" if renewal.detail == "signed in" else "renewed"
    return Happening(renewal.at, t(f"activity.{key}"), "renewed", "good")


def _happening(t: Words, entry: Entry) -> Happening | None:
    """Return an entry in words, None for one that a damaged file has left half."""
    match entry.kind:
        case Kind.COMMAND:
            return _command(t, entry)
        case Kind.TOLD:
            sentence = t("activity.told", title=_plain(entry.subject))
            return Happening(entry.at, sentence, "told", "look", _detail(t, entry.detail))
        case Kind.OVER:
            return Happening(
                entry.at, t("activity.over", title=_plain(entry.subject)), "over", "good"
            )
        case Kind.WRONG_KEY:
            sentence = t("activity.wrong_key", peer=_plain(entry.subject))
            return Happening(entry.at, sentence, "failed", "look")
        case _:
            return Happening(entry.at, t(f"activity.{entry.kind}"), str(entry.kind))


def _command(t: Words, entry: Entry) -> Happening | None:
    if entry.operation not in MOVES or entry.outcome not in {Outcome.CONFIRMED, *SIGNS}:
        return None
    confirmed = (MOVES[entry.operation], "good")
    icon, mood = SIGNS.get(entry.outcome, confirmed)
    key = f"activity.{entry.operation}_{entry.outcome}"
    sentence = t(key, lock=_plain(entry.subject), seconds=ceil(entry.took))
    origin = Markup(" ").join(_asked_by(t, one) for one in entry.origins)
    return Happening(entry.at, sentence, icon, mood, _detail(t, entry.detail), origin)


def _asked_by(t: Words, origin: Origin) -> Markup:
    return t(f"activity.by_{origin.kind}", address=_plain(origin.address)[:LONGEST_ADDRESS])


def _detail(t: Words, text: str) -> str:
    """Return the core's words as a sentence, cut where it is endless."""
    plain = _plain(text)
    return t.sentence(plain if len(plain) <= LONGEST_DETAIL else f"{plain[:LONGEST_DETAIL]}…")


def _plain(text: str) -> str:
    """Return a text without what no page can hold."""
    return "".join(character if character.isprintable() else " " for character in text)
