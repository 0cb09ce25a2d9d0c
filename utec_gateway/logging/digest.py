"""The last problems without a word that is not ours: what a stranger may read of a log."""

import logging
import re
import sys
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import cache
from pathlib import Path
from traceback import extract_tb
from typing import Any

PACKAGE = Path(__file__).parents[1]
KEPT = 50
LONGEST_CHAIN = 5
LARGEST_NUMBER = 999
"""A larger one may be a door code, a port or a part of an address."""
KNOWN_PACKAGES = frozenset(
    {
        PACKAGE.name,
        "aiohttp",
        "aiosmtplib",
        "asyncio",
        "builtins",
        "json",
        "pluggy",
        "ssl",
        "tenacity",
    }
)
KNOWN_WORDS = re.compile(
    r"\b(?:HTTP [1-5]\d\d|invalid_grant|invalid_client|unauthorized_client|invalid_request"
    r"|INVALID_TOKEN|BAD-REQUEST|DEVICE_OFFLINE|TOKEN_EXPIRED|UNAUTHORIZED|INTERNAL_ERROR)\b"
)
"""What may be taken out of a sentence: statuses, and the codes of U-tec's own protocol."""
HEAD = re.compile(
    r"^(\d{4}-\d\d-\d\d \d\d:\d\d:\d\d,\d{3}) (WARNING|ERROR|CRITICAL) \[([\w.]+)\] ", re.MULTILINE
)


@dataclass(frozen=True)
class Problem:
    """A warning or an error; of its arguments what is known to be harmless, else their types."""

    at: str
    level: str
    logger: str
    where: str | None = None
    message: str | None = None
    """Its template, as it stands in our source."""
    arguments: tuple[Any, ...] = ()
    error: tuple[str, ...] = ()


class LogDigest(logging.Handler):
    """Keeps the last problems of this run; a log of before gives only when and where."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self._kept: deque[tuple[Path, Problem]] = deque(maxlen=KEPT)
        """With the source file that each comes from: it is read when somebody asks."""
        self._time = logging.Formatter()

    def emit(self, record: logging.LogRecord) -> None:
        """Keep what is known to be harmless."""
        given = record.args.values() if isinstance(record.args, dict) else record.args or ()
        path = Path(record.pathname)
        problem = Problem(
            self._time.formatTime(record),
            record.levelname if record.levelname in {"WARNING", "ERROR"} else "CRITICAL",
            _logger(record.name),
            _place(path, record.lineno),
            record.msg if isinstance(record.msg, str) else None,
            tuple(harmless(one) for one in given),
            described(record.exc_info[1]) if record.exc_info else (),
        )
        self._kept.append((path, problem))

    def clear(self) -> None:
        """Forget them."""
        self._kept.clear()

    def problems(self, log: str) -> list[Problem]:
        """Return the last ones, those that only the log remembers first; it reads our source."""
        ours = [_without_foreign_words(path, problem) for path, problem in list(self._kept)]
        known = {problem.at for problem in ours}
        before = (Problem(at, level, _logger(name)) for at, level, name in HEAD.findall(log))
        older = [problem for problem in before if problem.at not in known]
        return [*older, *ours][-KEPT:]


def harmless(value: object) -> Any:
    """Return a value that tells nothing of anybody, or its type."""
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, int | float) and abs(value) <= LARGEST_NUMBER:
        return value
    if isinstance(value, StrEnum) and _class(value) != "other":
        return value.value
    if isinstance(value, BaseException):
        return described(value)
    return " ".join([f"<{_class(value)}>", *known_words(value)])


def known_words(value: object) -> list[str]:
    """Return the statuses and codes in a text."""
    return KNOWN_WORDS.findall(value) if isinstance(value, str) else []


def described(error: BaseException | None) -> tuple[str, ...]:
    """Return the classes of an error and of its causes, and where in our source they arose."""
    return tuple(_chain(error))


def _chain(error: BaseException | None) -> Iterator[str]:
    for _ in range(LONGEST_CHAIN):
        if error is None:
            return
        frames = extract_tb(error.__traceback__)
        places = (_place(Path(frame.filename), frame.lineno or 0) for frame in reversed(frames))
        place = next((place for place in places if place), "")
        yield " ".join(
            [_class(error), *known_words(str(error)), *([f"at {place}"] if place else [])]
        )
        error = error.__cause__ or error.__context__


def _class(value: object) -> str:
    kind = type(value)
    return kind.__name__ if kind.__module__.partition(".")[0] in KNOWN_PACKAGES else "other"


def _logger(name: str) -> str:
    """Return a logger's name if it is a module's of a program that we know."""
    is_known = name.partition(".")[0] in KNOWN_PACKAGES and name in sys.modules
    return name if is_known else "other"


def _place(path: Path, line: int) -> str | None:
    """Return a place in our own source."""
    return f"{path.relative_to(PACKAGE)}:{line}" if path.is_relative_to(PACKAGE) else None


def _without_foreign_words(path: Path, problem: Problem) -> Problem:
    """Keep a message only if it stands in our source, so that nobody else can have worded it."""
    message = problem.message
    is_ours = message is not None and path.is_relative_to(PACKAGE) and message in _source(path)
    return problem if is_ours else replace(problem, message=None)


@cache
def _source(path: Path) -> str:
    """Return a module's text, with strings that go on in the next line put together."""
    try:
        return re.sub(r'"\s*\n\s*"', "", path.read_text("utf-8")).replace('\\"', '"')
    except OSError:
        return ""
