"""The log: to the screen and to a file, with every secret struck out at the handler."""

import logging
import re
from collections.abc import Iterable
from io import TextIOWrapper
from logging.handlers import RotatingFileHandler
from pathlib import Path
from typing import cast

from .files import open_private, read_private

LARGEST_FILE = 1024 * 1024
FORMAT = "%(asctime)s %(levelname)s [%(name)s] %(message)s"
LEVELS = {"debug": "DEBUG", "info": "INFO", "warning": "WARNING", "error": "ERROR"}

STRUCK = "***"
CONTINUED = "\n  | "
SHORTEST_SECRET = 4
REMEMBERED = 300

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
HARDWARE_ADDRESS = re.compile(r"\b(?:[0-9A-Fa-f]{2}[:-]){5}[0-9A-Fa-f]{2}\b")


class Redactor:
    """Knows what must not be written; asked by every handler about every finished line."""

    def __init__(self) -> None:
        self._secrets: dict[str, str] = {}
        self._ids: dict[str, str] = {}

    def hide(self, secrets: Iterable[str | None]) -> None:
        """Strike these out from now on, and for long after they have been replaced."""
        _remember(self._secrets, {secret: STRUCK for secret in secrets if secret})

    def shorten(self, ids: Iterable[str]) -> None:
        """Write device ids by their last characters only."""
        _remember(self._ids, {device_id: shortened(device_id) for device_id in ids})

    def redact(self, text: str) -> str:
        """Return the text as it may be written."""
        for known in (self._secrets, self._ids):
            for secret, instead in sorted(known.items(), key=lambda pair: -len(pair[0])):
                text = text.replace(secret, instead)
        for pattern in IN_CONTEXT:
            text = pattern.sub(lambda match: match.group(1) + STRUCK, text)
        return HARDWARE_ADDRESS.sub(lambda match: shortened(match.group()), text)


def _remember(known: dict[str, str], replacements: dict[str, str]) -> None:
    """Put these last in the queue for being forgotten."""
    for text, instead in replacements.items():
        if len(text) >= SHORTEST_SECRET:
            known.pop(text, None)
            known[text] = instead
    while len(known) > REMEMBERED:
        del known[next(iter(known))]


def shortened(device_id: str) -> str:
    """Return the end of a device id, marked as such."""
    return f"…{device_id[-5:]}"


class RedactingFormatter(logging.Formatter):
    """Formats the whole record, traceback included, then strikes out what must not be seen.

    A message stays on one line, and every line of a traceback is marked as belonging to it, so
    that nobody can forge a line.
    """

    def __init__(self, redactor: Redactor) -> None:
        super().__init__(FORMAT)
        self._redactor = redactor

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802 - logging's name
        """Keep the message on one line, and harmless to a terminal that shows it."""
        record.message = "".join(
            character if character.isprintable() else repr(character)[1:-1]
            for character in record.message
        )
        return super().formatMessage(record)

    def format(self, record: logging.LogRecord) -> str:
        """Return the record as it may be written."""
        lines = super().format(record).splitlines()
        return self._redactor.redact(CONTINUED.join(lines))


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

    def __init__(self, path: Path, redactor: Redactor) -> None:
        self._path = path
        self._older = path.with_name(path.name + ".1")
        self._formatter = RedactingFormatter(redactor)
        self._handler: RotatingFileHandler | None = None

    def open(self) -> None:
        """Begin to write; a folder that cannot be written costs the file, not the gateway."""
        screen = logging.StreamHandler()
        screen.setFormatter(self._formatter)
        handlers: list[logging.Handler] = [screen]
        try:
            self._handler = PrivateFileHandler(
                self._path,
                maxBytes=LARGEST_FILE,
                backupCount=1,
                encoding="utf-8",
                errors="backslashreplace",
            )
            self._handler.setFormatter(self._formatter)
            handlers.append(self._handler)
        except OSError as error:
            problem = str(error)
            logging.getLogger(__name__).warning("There is no log file: %s", problem)
        logging.raiseExceptions = False  # a full disk must not print raw arguments instead
        logging.basicConfig(handlers=handlers, force=True)
        # aiohttp logs a client's broken HTTP as our error; ours are logged by the middleware.
        logging.getLogger("aiohttp.server").setLevel(logging.CRITICAL)

    def close(self) -> None:
        """Let go of the file; the screen stays."""
        if self._handler:
            logging.getLogger().removeHandler(self._handler)
            self._handler.close()
            self._handler = None

    def tail(self, limit: int) -> str:
        """Return the last whole lines, at most `limit` bytes."""
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
        self._older.unlink(missing_ok=True)
        if self._handler:
            self._handler.acquire()
            try:
                if self._handler.stream:
                    self._handler.stream.truncate(0)
            finally:
                self._handler.release()


def set_level(level: str) -> None:
    """Follow the `log_level` option."""
    logging.getLogger().setLevel(LEVELS[level])
