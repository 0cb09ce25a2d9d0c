"""The log: to the screen and to a file, with every secret struck out at the handler."""

import logging
from collections.abc import Iterator
from io import TextIOWrapper
from logging.handlers import RotatingFileHandler
from pathlib import Path
from typing import cast

from utec_gateway.core.files import open_private, read_private

from .digest import LogDigest
from .log_queue import LogQueue
from .redactor import Redactor
from .secret_spellings import printable

LARGEST_FILE = 1024 * 1024
LEVELS = {"debug": "DEBUG", "info": "INFO", "warning": "WARNING", "error": "ERROR"}
CONTINUED = "\n  | "


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
