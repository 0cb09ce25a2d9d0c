"""The log: to the screen and to a file, with every secret struck out at the handler."""

import logging
import re
from collections.abc import Iterable, Iterator
from io import TextIOWrapper
from logging.handlers import RotatingFileHandler
from pathlib import Path
from typing import cast

from utec_gateway.core.files import open_private, read_private

from .digest import LogDigest
from .log_queue import LogQueue
from .redaction import SHORTEST_SECRET, Form, Memory, Replacements, in_base64, printable, spellings

LARGEST_FILE = 1024 * 1024
LEVELS = {"debug": "DEBUG", "info": "INFO", "warning": "WARNING", "error": "ERROR"}

STRUCK = "***"
CONTINUED = "\n  | "
SHORTEST_ID = 8
"""Characters; a shorter device id may be a word of the log's own."""
KEPT_OF_A_SOURCE = 50
"""Values that a lasting secret had before; the tokens of seven weeks."""
PASSING_KEPT = 300

NAMES = (
    "(?:access|refresh)_token|client_secret|(?:secret|access|api)_key|password|authorization_code"
)
IN_CONTEXT = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        r"(\b(?:set-)?cookie[\"']?\s*[:=]\s*)(.+)",
        r"(\bauthorization[\"']?\s*[:=]\s*[\"']?(?:[a-z]+\s+)?)([^\s\"',;]{6,})",
        r"(\bbearer\s+)([^\s\"',;]{6,})",
        r"(/k/)([^/\s\"'?]{6,})",
        r"([?&](?:code|state|token)=)([^\s\"'&]{6,})",
        rf"(\b(?:{NAMES})[\"']?\s*[=:]\s*[\"']?)([^\s\"'&,;}}{{)(\]]{{6,}})",
    )
)
"""A secret by the company it keeps, for those that nobody has told us of."""
COMPANY = (
    "cookie",
    "authorization",
    "bearer",
    "/k/",
    "?",
    "&",
    "token",
    "secret",
    "key",
    "password",
)
"""What they need: most lines hold none of it, and the log is written between two answers."""
HARDWARE_GAPS, GAPS = (":", "-", "%3"), 5
HARDWARE_ADDRESS = re.compile(r"\b[0-9A-Fa-f]{2}(?:(?:[:-]|%3[Aa])[0-9A-Fa-f]{2}){5}\b")


class Redactor:
    """Knows what must not be written; asked by every handler about every message."""

    def __init__(self) -> None:
        self._known = Replacements()
        self._pinned: dict[str, Memory] = {}
        self._passing = Memory(self._known, _struck, PASSING_KEPT)
        self._devices = Memory(self._known, _shortened, PASSING_KEPT)

    def pin(self, source: str, secret: str | None) -> None:
        """Strike out a lasting secret by its source, and what the source had before.

        What passes, however much of it there is, never pushes it out.
        """
        if secret and len(secret) >= SHORTEST_SECRET:
            memory = self._pinned.setdefault(source, Memory(self._known, _struck, KEPT_OF_A_SOURCE))
            memory.remember(secret)

    def hide(self, secrets: Iterable[str | None]) -> None:
        """Strike out what is good once: states, codes; the oldest of many are forgotten."""
        for secret in secrets:
            if secret and len(secret) >= SHORTEST_SECRET:
                self._passing.remember(secret)

    def shorten(self, ids: Iterable[str]) -> None:
        """Write device ids by their last characters only."""
        for device_id in ids:
            if len(device_id) >= SHORTEST_ID:
                self._devices.remember(device_id)

    def redact(self, text: str) -> str:
        """Return the text as it may be written."""
        text = self._known.apply(text)
        small = text.lower()
        if any(company in small for company in COMPANY):
            for pattern in IN_CONTEXT:
                text = pattern.sub(lambda match: match.group(1) + STRUCK, text)
        if max(map(text.count, HARDWARE_GAPS)) < GAPS:
            return text
        return HARDWARE_ADDRESS.sub(lambda match: shortened(match.group()), text)


def _struck(secret: str) -> Iterator[Form]:
    yield from (Form(text, STRUCK) for text in (secret, *spellings(secret)))
    yield from (Form(text, STRUCK, is_base64=True) for text in in_base64(secret))


def _shortened(device_id: str) -> Iterator[Form]:
    instead = printable(shortened(device_id))
    yield from (Form(text, instead) for text in (device_id, *spellings(device_id)))


def shortened(device_id: str) -> str:
    """Return the end of a device id, marked as such."""
    return f"…{device_id[-5:]}"


class RedactingFormatter(logging.Formatter):
    """Cleans what was said, traceback included; time, level and name are the log's own.

    A message stays on one line, and every line of a traceback is marked as belonging to it, so
    that nobody can forge a line.
    """

    def __init__(self, redactor: Redactor) -> None:
        super().__init__()
        self._redactor = redactor

    def format(self, record: logging.LogRecord) -> str:
        """Return the record as it may be written."""
        head = f"{self.formatTime(record)} {record.levelname} [{printable(record.name)}] "
        said = (self._redactor.redact(printable(line)) for line in self._lines(record))
        return head + CONTINUED.join(said)

    def _lines(self, record: logging.LogRecord) -> Iterator[str]:
        yield record.getMessage()
        if record.exc_info:
            yield from self.formatException(record.exc_info).splitlines()
        if record.stack_info:
            yield from self.formatStack(record.stack_info).splitlines()


class PrivateFileHandler(RotatingFileHandler):
    """A rotating log whose files are for the owner alone."""

    def _open(self) -> TextIOWrapper:
        opened = open(  # noqa: SIM115 - only `open` takes an opener; the handler closes it
            self.baseFilename,
            self.mode,
            encoding=self.encoding,
            errors=self.errors,
            opener=open_private,
        )
        return cast(TextIOWrapper, opened)


class LogFile:
    """The log file that the panel and `/logs` show: at most two files of one MiB."""

    def __init__(
        self, path: Path, redactor: Redactor, throttle: logging.Filter | None = None
    ) -> None:
        self._path = path
        self._throttle = throttle or logging.Filter()
        self._older = path.with_name(path.name + ".1")
        self._formatter = RedactingFormatter(redactor)
        self._file: RotatingFileHandler | None = None
        self._queue: LogQueue | None = None
        self.digest = LogDigest()
        """The last problems, for people whom the log is not for."""

    def open(self) -> None:
        """Begin to write; a folder that cannot be written costs the file, not the gateway."""
        handlers: list[logging.Handler] = [logging.StreamHandler()]
        problem = ""
        try:
            self._file = PrivateFileHandler(
                self._path,
                maxBytes=LARGEST_FILE,
                backupCount=1,
                encoding="utf-8",
                errors="backslashreplace",
            )
            handlers.append(self._file)
        except OSError as error:
            problem = str(error)
        self._queue = LogQueue(self._formatter, handlers)
        logging.raiseExceptions = False  # a full disk must not print raw arguments instead
        logging.basicConfig(handlers=self._throttled(self.digest, self._queue), force=True)
        if problem:
            logging.getLogger(__name__).warning("There is no log file: %s", problem)
        # aiohttp logs a client's broken HTTP as our error; ours are logged by the middleware.
        logging.getLogger("aiohttp.server").setLevel(logging.CRITICAL)

    def close(self) -> None:
        """Write what waits and close the file; what is logged later goes to the screen."""
        if self._queue:
            root, screen = logging.getLogger(), logging.StreamHandler()
            screen.setFormatter(self._formatter)
            root.removeHandler(self._queue)
            root.addHandler(*self._throttled(screen))
            self._queue.close()
            self._queue = self._file = None

    def _throttled(self, *handlers: logging.Handler) -> tuple[logging.Handler, ...]:
        for handler in handlers:
            handler.addFilter(self._throttle)
        return handlers

    def tail(self, limit: int) -> str:
        """Return the last whole lines, at most `limit` bytes."""
        self._flush()
        content = b""
        for path in (self._older, self._path):
            try:
                content += read_private(path)
            except OSError:
                continue
        cut = content[max(0, len(content) - limit) :]
        if len(cut) < len(content) and content[-len(cut) - 1 : -len(cut)] != b"\n":
            cut = cut.partition(b"\n")[2]
        return cut.decode("utf-8", "replace")

    def clear(self) -> None:
        """Empty the log."""
        self._flush()
        self.digest.clear()
        self._older.unlink(missing_ok=True)
        if self._file:
            self._file.acquire()
            try:
                if self._file.stream:
                    self._file.stream.truncate(0)
            finally:
                self._file.release()

    def _flush(self) -> None:
        if self._queue:
            self._queue.flush()


def set_level(level: str) -> None:
    """Follow the `log_level` option."""
    logging.getLogger().setLevel(LEVELS[level])
