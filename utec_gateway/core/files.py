"""Files for the owner alone: mode 0600 in a folder of mode 0700, never opened through a link."""

import errno
import logging
import os
import stat
from collections.abc import Awaitable, Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

_LOGGER = logging.getLogger(__name__)

FILE_MODE, FOLDER_MODE = 0o600, 0o700
OPEN_TO_OTHERS = 0o077

Executor = Callable[..., Awaitable[Any]]
"""Runs a blocking function elsewhere; `asyncio.to_thread` but for tests."""


def open_private(path: str | Path, flags: int) -> int:
    """Open a regular file; one that is written to is closed to others. An opener for `open`.

    A pipe or a device must not hold us up, so it is opened without waiting and refused.
    """
    try:
        descriptor = os.open(path, flags | os.O_NOFOLLOW | os.O_NONBLOCK, FILE_MODE)
    except OSError as error:
        if error.errno == errno.ELOOP:
            raise OSError(errno.ELOOP, "It is a link, and links are not followed") from None
        raise
    mode = os.fstat(descriptor).st_mode
    if not stat.S_ISREG(mode):
        os.close(descriptor)
        raise OSError(errno.EINVAL, "It is not a regular file")
    if mode & OPEN_TO_OTHERS and flags & os.O_ACCMODE != os.O_RDONLY:
        with suppress(OSError):  # somebody else's, or a file system without modes
            os.fchmod(descriptor, FILE_MODE)
    return descriptor


def read_private(path: Path) -> bytes:
    """Return a file's content."""
    with open(path, "rb", opener=open_private) as file:
        return file.read()


def create_private(path: Path) -> int:
    """Open a new file for writing; whatever had that name is not written to, but removed."""
    path.unlink(missing_ok=True)
    return os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, FILE_MODE)


def write_atomic(path: Path, content: bytes) -> None:
    """Replace a file so that a power cut leaves the old content or the new, mode 0600."""
    temporary = path.with_name(path.name + ".new")
    with os.fdopen(create_private(temporary), "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    temporary.replace(path)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def set_aside(path: Path, aside: Path) -> None:
    """Keep a file under another name; somebody else may have made it readable for all."""
    path.replace(aside)
    _close(aside)


def close_to_others(folder: Path) -> None:
    """Put the modes of a folder and of the files in it right; what cannot be is said."""
    try:
        if folder.stat().st_mode & stat.S_ISVTX:
            _LOGGER.warning("%s is a folder that others use too; give the gateway its own", folder)
        else:
            folder.chmod(FOLDER_MODE)
        for path in folder.iterdir():
            _close(path)
    except OSError as error:
        _LOGGER.warning("Others may be able to read %s: %s", folder, error.strerror)


def _close(path: Path) -> None:
    """Close a regular file to others; a link and what it points at are left alone."""
    try:
        mode = path.lstat().st_mode
        if stat.S_ISREG(mode) and stat.S_IMODE(mode) != FILE_MODE:
            path.chmod(FILE_MODE)
    except FileNotFoundError:
        pass
    except OSError as error:
        _LOGGER.warning("Others may be able to read %s: %s", path.name, error.strerror)
