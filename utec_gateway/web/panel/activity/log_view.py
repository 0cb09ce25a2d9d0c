"""The end of the log, filtered by level and text."""

import logging
import re
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import datetime
from itertools import islice
from zlib import crc32

from markupsafe import Markup

from utec_gateway.logging.log_file import CONTINUED, LARGEST_FILE
from utec_gateway.web.panel.page_weight import fitting, weight
from utec_gateway.web.panel.time_tags import exact_time_tag

WHOLE = 2 * LARGEST_FILE
MOST_SHOWN = 100
MOST_BYTES = 16 * 1024
MARKUP_PER_ENTRY = 160
"""Bytes around one entry's words."""
LONGEST_LINE = 400
MOST_LINES = 15
LONGEST_SEARCH = 100

LEVELS = {
    "all": logging.NOTSET,
    "info": logging.INFO,
    "warning": logging.WARNING,
    "error": logging.ERROR,
}
"""From which level on, by the word in the page's address."""
NUMBERS = logging.getLevelNamesMapping()
FIRST_LINE = re.compile(
    r"(?P<at>\d{4}-\d\d-\d\d \d\d:\d\d:\d\d),\d+ (?P<level>[A-Z]+) \[[^]]*\] (?P<message>.*)"
)
CONTINUATION = CONTINUED.lstrip("\n")


@dataclass(frozen=True)
class LogFilter:
    """Which entries of the log to show."""

    level: str = "all"
    find: str = ""

    @classmethod
    def from_query(cls, query: Mapping[str, str]) -> "LogFilter":
        """Read it from an address; what is invalid there filters nothing."""
        try:
            find = bytes.fromhex(query.get("find", "")).decode()
        except ValueError:
            find = ""
        return cls(_valid_level(query.get("level")), find[:LONGEST_SEARCH])

    @classmethod
    def from_form(cls, form: Mapping[str, str]) -> "LogFilter":
        """Read it from the search form."""
        return cls(_valid_level(form.get("level")), form.get("find", "").strip()[:LONGEST_SEARCH])

    @property
    def fields(self) -> dict[str, str]:
        """Return it for an address; in hex, since ingress refuses some words (home-assistant 4)."""
        level = "" if self.level == "all" else self.level
        return {"level": level, "find": self.find.encode("utf-8", "replace").hex()}

    def at_level(self, level: str) -> "LogFilter":
        """Return the same from another level on."""
        return replace(self, level=level)

    def without_search(self) -> "LogFilter":
        """Return the same without the text to search for."""
        return replace(self, find="")


@dataclass
class LogEntry:
    """One line of the log with everything that belongs to it."""

    level: str = ""
    """Empty for what is in the file and was not written by the gateway."""
    at: datetime | None = None
    lines: list[str] = field(default_factory=list)
    key: int = 0

    @property
    def clock(self) -> Markup:
        """Return the time, to the second."""
        return exact_time_tag(self.at) if self.at else Markup("")

    @property
    def text(self) -> str:
        """Return its words, as many as a page may hold."""
        lines = self.lines[:MOST_LINES] + ["…"] * (len(self.lines) > MOST_LINES)
        return "\n".join(
            line if len(line) <= LONGEST_LINE else f"{line[:LONGEST_LINE]}…" for line in lines
        )


@dataclass(frozen=True)
class LogView:
    """What the page shows of the log."""

    entries: tuple[LogEntry, ...]
    """The oldest first, as it was written."""
    is_cut: bool
    """Whether there are more entries than the page may hold."""


def log_view(log: str, log_filter: LogFilter) -> LogView:
    """Return what a page shows of a log; a long one takes time, so call it in a thread."""
    found = _newest_first(log, log_filter)
    # One more than is shown tells whether there is more.
    entries = list(islice(found, MOST_SHOWN + 1))
    weighed = ((entry, MARKUP_PER_ENTRY + weight(entry.text)) for entry in entries)
    shown = tuple(fitting(weighed, MOST_SHOWN, MOST_BYTES))[::-1]
    return LogView(shown, is_cut=len(shown) < len(entries))


def _newest_first(text: str, log_filter: LogFilter) -> Iterator[LogEntry]:
    """Yield the entries that pass; only those are parsed, since pages ask twice a second."""
    least, find = LEVELS[log_filter.level], log_filter.find.casefold()
    continuation: list[str] = []
    for line in reversed(text.split("\n")):
        if line.startswith(CONTINUATION):
            continuation.append(line.removeprefix(CONTINUATION))
            continue
        if _may_be(line, least) and _holds([line, *continuation], find):
            entry = _parsed(line)
            entry.lines += reversed(continuation)
            if NUMBERS.get(entry.level, logging.NOTSET) >= least and _holds(entry.lines, find):
                yield entry
        continuation = []


def _may_be(line: str, least: int) -> bool:
    """Tell quickly whether a line may be the first of an entry of at least that level."""
    words = line.split(" ", 3)
    return bool(line) and (not least or NUMBERS.get(words[2] if words[3:] else "", 0) >= least)


def _holds(lines: list[str], find: str) -> bool:
    return not find or any(find in line.casefold() for line in lines)


def _parsed(line: str) -> LogEntry:
    first = FIRST_LINE.fullmatch(line)
    if first and first["level"] in NUMBERS:
        with suppress(ValueError, OverflowError):
            at = datetime.fromisoformat(first["at"]).astimezone()
            return LogEntry(first["level"], at, [first["message"]], crc32(line.encode()))
    return LogEntry(lines=[line])


def _valid_level(level: str | None) -> str:
    return level if level in LEVELS else "all"
