"""The end of the log, as asked for: from which level on, holding which words."""

import logging
import re
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import datetime
from itertools import islice
from zlib import crc32

from markupsafe import Markup

from utec_gateway.logging.log_file import CONTINUED, LARGEST_FILE, LogFile
from utec_gateway.web.panel.page_weight import fitting, weight
from utec_gateway.web.panel.time_tags import exact_time_tag

WHOLE = 2 * LARGEST_FILE
MOST_SHOWN = 100
MOST_BYTES = 16 * 1024
MARKUP_OF_ONE = 160
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
BEGIN = re.compile(
    r"(?P<at>\d{4}-\d\d-\d\d \d\d:\d\d:\d\d),\d+ (?P<level>[A-Z]+) \[[^]]*\] (?P<message>.*)"
)
BELONGS = CONTINUED.lstrip("\n")


@dataclass(frozen=True)
class LogFilter:
    """What the reader asked to see."""

    level: str = "all"
    find: str = ""

    @classmethod
    def of(cls, query: Mapping[str, str]) -> "LogFilter":
        """Read it from an address; rubbish asks for everything."""
        try:
            find = bytes.fromhex(query.get("find", "")).decode()
        except ValueError:
            find = ""
        return cls(_known(query.get("level")), find[:LONGEST_SEARCH])

    @classmethod
    def typed(cls, form: Mapping[str, str]) -> "LogFilter":
        """Read it from the search form."""
        return cls(_known(form.get("level")), form.get("find", "").strip()[:LONGEST_SEARCH])

    @property
    def query(self) -> str:
        """Return it for an address; in hex, since ingress refuses some words (home-assistant 4)."""
        level = [f"level={self.level}"] if self.level != "all" else []
        find = [f"find={self.find.encode('utf-8', 'replace').hex()}"] if self.find else []
        return "&".join(level + find)

    @property
    def address(self) -> str:
        """Return where the page shows it."""
        return f"activity?{self.query}#log" if self.query else "activity#log"

    def at_level(self, level: str) -> "LogFilter":
        """Return the same from another level on."""
        return replace(self, level=level)

    def without_search(self) -> "LogFilter":
        """Return the same without the words to look for."""
        return replace(self, find="")


@dataclass
class LogEntry:
    """One line of the log with everything that belongs to it."""

    level: str = ""
    """Empty for what stands in the file and is no line of ours."""
    at: datetime | None = None
    lines: list[str] = field(default_factory=list)
    key: int = 0

    @property
    def clock(self) -> Markup:
        """Return when, to the second."""
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
    """Whether more of it would have been worth showing."""


def log_view(log: LogFile, wanted: LogFilter) -> LogView:
    """Read the log; it blocks, so call it in a thread."""
    found = _newest_first(log.tail(WHOLE), wanted)
    # One more than is shown tells whether there is more.
    entries = list(islice(found, MOST_SHOWN + 1))
    weighed = ((entry, MARKUP_OF_ONE + weight(entry.text)) for entry in entries)
    shown = tuple(fitting(weighed, MOST_SHOWN, MOST_BYTES))[::-1]
    return LogView(shown, is_cut=len(shown) < len(entries))


def _newest_first(text: str, wanted: LogFilter) -> Iterator[LogEntry]:
    """Yield what is wanted; it is looked at twice a second, so only that is taken apart."""
    least, find = LEVELS[wanted.level], wanted.find.casefold()
    belonging: list[str] = []
    for line in reversed(text.split("\n")):
        if line.startswith(BELONGS):
            belonging.append(line.removeprefix(BELONGS))
            continue
        if _may_be(line, least) and _holds([line, *belonging], find):
            entry = _begun(line)
            entry.lines += reversed(belonging)
            if NUMBERS.get(entry.level, logging.NOTSET) >= least and _holds(entry.lines, find):
                yield entry
        belonging = []


def _may_be(line: str, least: int) -> bool:
    """Tell quickly whether a line may begin an entry of such a level."""
    words = line.split(" ", 3)
    return bool(line) and (not least or NUMBERS.get(words[2] if words[3:] else "", 0) >= least)


def _holds(lines: list[str], find: str) -> bool:
    return not find or any(find in line.casefold() for line in lines)


def _begun(line: str) -> LogEntry:
    begin = BEGIN.fullmatch(line)
    if begin and begin["level"] in NUMBERS:
        with suppress(ValueError, OverflowError):
            at = datetime.fromisoformat(begin["at"]).astimezone()
            return LogEntry(begin["level"], at, [begin["message"]], crc32(line.encode()))
    return LogEntry(lines=[line])


def _known(level: str | None) -> str:
    return level if level in LEVELS else "all"
