"""The state file: written before its content is used, and never reset in silence."""

import asyncio
import json
import logging
import os
import secrets
from collections.abc import Awaitable, Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from .background import Background
from .clock import Clock
from .errors import StateNotSavedError
from .models import Token
from .state import State, parse_state

_LOGGER = logging.getLogger(__name__)

SHORTEST_KEY = 16
SAVE_AGAIN_AFTER = 60.0
"""Seconds between two attempts while the disk refuses."""
SHUTDOWN_GRACE = 2.0
"""Seconds that a disk may take when the gateway stops."""

InThread = Callable[..., Awaitable[Any]]
"""Runs a blocking function elsewhere; `asyncio.to_thread` but for tests."""


def write_durably(path: Path, content: bytes) -> None:
    """Replace a file so that a power cut leaves the old content or the new, mode 0600."""
    temporary = path.with_name(path.name + ".new")
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        os.fchmod(descriptor, 0o600)
        file.write(content)
        file.flush()
        os.fsync(descriptor)
    temporary.replace(path)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


class StateStore:
    """The one owner of the state; what it holds is what the disk holds, or `problem` says why."""

    def __init__(self, path: Path, clock: Clock, in_thread: InThread = asyncio.to_thread) -> None:
        self._path = path
        self._previous = path.with_name("state.previous.json")
        self._clock = clock
        self._in_thread = in_thread
        self._lock = asyncio.Lock()
        self._changes = Background()
        self._on_disk = b""
        self._failed_at = 0.0
        self.state = self._with_key(State(api_key=""))
        self.before_use: Callable[[State], None] = lambda state: None  # noqa: ARG005
        """Called with every state before anything else sees it; the log learns what to hide."""
        self.problem: str | None = None
        """Why the last save failed, in words, or None."""
        self.recovery: str | None = None
        """What had to be recovered at start, in words, or None."""

    @property
    def exists(self) -> bool:
        """Tell whether there has ever been a state."""
        return self._path.exists() or self._previous.exists()

    async def load(self, beginning_with: Token | None = None) -> None:
        """Read the state; when there is none to read, make one and save it."""
        if not await self._in_thread(self._read):
            self.state = replace(self.state, token=beginning_with)
        if self._on_disk:
            self.before_use(self.state)
        else:
            await self.update(lambda state: state)

    def _read(self) -> bool:
        for path in (self._path, self._previous):
            try:
                content = path.read_bytes()
                self.state = self._with_key(parse_state(json.loads(content)))
            except FileNotFoundError:
                continue
            except (OSError, ValueError, RecursionError) as error:
                _LOGGER.error("The state file %s cannot be read: %s", path.name, error)  # noqa: TRY400 - a sentence, not a traceback
                self._set_aside(path)
                continue
            self._on_disk = content
            if path == self._previous:
                _LOGGER.warning("The older generation of the state is used: %s", path.name)
            return True
        return False

    def _with_key(self, state: State) -> State:
        """Return the state with a key that nobody can guess; people blank it to get a new one."""
        if len(state.api_key) >= SHORTEST_KEY:
            return state
        return replace(state, api_key=secrets.token_urlsafe(32))

    def _set_aside(self, path: Path) -> None:
        aside = path.with_name(f"{path.name}.damaged-{self._clock.now():%Y%m%d-%H%M%S}")
        self.recovery = (
            f"{self.recovery or ''} The state file {path.name} was damaged and is kept as "
            f"{aside.name}. If the gateway asks for it, sign in again."
        ).strip()
        try:
            path.replace(aside)
        except OSError as error:
            _LOGGER.error("%s could not be set aside: %s", path.name, error)  # noqa: TRY400

    async def update(self, change: Callable[[State], State]) -> None:
        """Change the state: saved first, used second, to the end even if the caller goes away.

        When the disk refuses, the change is used all the same, since a renewed sign-in that
        only memory knows beats none; `problem` says so and `save` tries again.
        """
        await asyncio.shield(self._changes.spawn(self._change(change), "change of the state"))

    async def _change(self, change: Callable[[State], State]) -> None:
        async with self._lock:
            changed = change(self.state)
            self.before_use(changed)
            await self._write(changed)
            self.state = changed

    async def replace_key(self) -> None:
        """Make another key; the old one opens nothing from then on."""
        await self.update(lambda state: self._with_key(replace(state, api_key="")))

    async def save(self) -> None:
        """Write the present state again; raise StateNotSavedError when the disk refuses."""
        await self.update(lambda state: state)
        if self.problem:
            raise StateNotSavedError(self.problem)

    async def close(self) -> None:
        """Let what is being written arrive: afterwards nobody touches the folder any more."""
        await self._changes.close(SHUTDOWN_GRACE)

    def save_again_in(self) -> float:
        """Return seconds until a failed save should be tried again, infinite when none failed."""
        if self.problem is None:
            return float("inf")
        return self._failed_at + SAVE_AGAIN_AFTER - self._clock.monotonic()

    async def _write(self, state: State) -> None:
        content = json.dumps(state.to_json(), indent=1).encode()
        try:
            await self._in_thread(self._replace, content)
        except OSError as error:
            self._failed_at = self._clock.monotonic()
            self.problem = f"The state cannot be saved: {error.strerror or error}"
            _LOGGER.error("%s. Free some space, or make the folder writable", self.problem)  # noqa: TRY400
        else:
            self.problem = None

    def _replace(self, content: bytes) -> None:
        write_durably(self._path, content)
        older, self._on_disk = self._on_disk, content
        if older and older != content:
            write_durably(self._previous, older)
