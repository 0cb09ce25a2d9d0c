"""The state file: written before its content is used, and never reset in silence."""

import asyncio
import json
import logging
import os
import secrets
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from utec_gateway.core.clock import Clock
from utec_gateway.core.errors import StateNotSavedError
from utec_gateway.core.files import Executor, write_atomic
from utec_gateway.core.models import Token
from utec_gateway.core.tasks import TaskSet, join

from .recovery import Found, Generation, read_state
from .spare import Spare, SpareFile
from .state import State

_LOGGER = logging.getLogger(__name__)

SHORTEST_KEY = 32
"""Characters; no limit on guesses protects a key that can be guessed."""
SAVE_AGAIN_AFTER = 60.0
"""Seconds between two attempts while the disk refuses."""
SHUTDOWN_GRACE = 2.0
"""Seconds that a disk may take when the gateway stops."""

Change = Callable[[State], State]


class StateStore:
    """The one owner of the state; what it holds is what the disk holds, or `problem` says why.

    Changes that wait for the disk go there together, so that none waits for more than the one
    write that has begun. The older generation is written when nobody waits.
    """

    def __init__(
        self,
        path: Path,
        clock: Clock,
        executor: Executor = asyncio.to_thread,
        credentials: Callable[[], str] = str,
        hide: Callable[[str, str | None], None] = lambda source, secret: None,  # noqa: ARG005
    ) -> None:
        self._path = path
        self._previous = path.with_name("state.previous.json")
        self._spare_file = SpareFile(path.with_name("state.spare.json"))
        self._clock = clock
        self._executor = executor
        self._credentials = credentials
        self._hide = hide
        """Teaches the log a secret by its source, before anything else sees it."""
        self._lock = asyncio.Lock()
        self._changes = TaskSet()
        self._on_disk: Generation | None = None
        self._older: Generation | None = None
        """What the file of the older generation still lacks, or must not keep."""
        self._spare: Spare | None = None
        """The token received last, until it is saved."""
        self.refused_key: str | None = None
        """Why a key that people chose themselves was not taken, or None."""
        self._failed_at = 0.0
        self._asked = self._answered = 0
        """How many changes were asked for, and how many of them have been to the disk."""
        self.state = self._wanted = self._with_key(State(api_key=""))
        self.problem: str | None = None
        """Why the last save failed, in words, or None."""
        self.recovery: str | None = None
        """What had to be recovered at start, in words, or None."""

    @property
    def exists(self) -> bool:
        """Tell whether there has ever been a state."""
        return any(os.path.lexists(path) for path in (self._path, self._previous))

    async def load(self, beginning_with: Token | None = None) -> None:
        """Read the state; whatever the disk does not hold as it should be is saved at once."""
        existed = self.exists
        now = self._clock.now()
        found: Found = await self._executor(read_state, self._path, self._previous, now)
        spare: Spare | None = await self._executor(self._spare_file.read)
        self.recovery, self._on_disk = found.recovery, found.present
        state = self._with_key(found.state or replace(self.state, token=beginning_with))
        self.state = self._wanted = self._with_spare(state, spare if existed else None)
        if found.older and found.older.api_key != self.state.api_key:
            self._older = found.older
        if self._on_disk and self.state == found.state and not self._older:
            self._hide_secrets(self.state)
        else:
            await self._save_both()

    def _with_key(self, state: State) -> State:
        """Return the state with a key that nobody can guess; people blank it to get a new one."""
        if len(state.api_key) >= SHORTEST_KEY:
            return state
        if state.api_key:
            self.refused_key = (
                f"The api_key in {self._path.name} is shorter than {SHORTEST_KEY} characters and "
                "was replaced by another one. Choose a longer one, or use the new one"
            )
            _LOGGER.warning(self.refused_key)
        return replace(state, api_key=secrets.token_urlsafe(32))

    def _with_spare(self, state: State, spare: Spare | None) -> State:
        """Return the state with the spare's token, if it is the newer one; else drop the spare."""
        if spare and spare.credentials == self._credentials() and spare.is_newer_than(state):
            _LOGGER.warning(
                "The last sign-in had not reached the state file and is taken from the spare"
            )
            self._spare = spare
            return spare.put_into(state)
        self._spare_file.remove()
        return state

    def receive(self, token: Token, replaced: Token | None = None) -> None:
        """Write a token that was just received to the spare, before anything else is done.

        `replaced` is the one that a refresh began with; when a sign-in has come in between,
        the refreshed token is worth less than that and is not kept.
        """
        latest = self._spare.token if self._spare else self._wanted.token
        if replaced and (latest is None or latest.access_token != replaced.access_token):
            return
        used = replaced.refresh_token if replaced else None
        serial = max(self._wanted.token_serial, self._spare.serial if self._spare else 0) + 1
        previous = used if used != token.refresh_token else None
        self._spare = Spare(serial, token, previous, self._credentials())
        self._spare_file.write(self._spare)
        self._hide_secrets(self._spare.put_into(self._wanted))

    async def update(self, change: Change) -> None:
        """Change the state: saved first, used second, to the end even if the caller goes away.

        When the disk refuses, the change is used all the same, since a refreshed sign-in that
        only memory knows beats none; `problem` says so and `save` tries again.
        """
        await join(self._changes.create_task(self._change(change), "change of the state"))

    async def _change(self, change: Change) -> None:
        self._wanted = self._numbered(change(self._wanted))
        self._asked += 1
        turn = self._asked
        async with self._lock:
            if self._answered < turn:
                asked = self._asked
                await self._write(self._wanted)
                self._answered = asked

    def _numbered(self, state: State) -> State:
        """Return the state with the serial of its token, which is the spare's if that is in it."""
        if state.token == self._wanted.token:
            return state
        is_spare = self._spare and self._spare.token == state.token
        serial = self._spare.serial if self._spare and is_spare else self._wanted.token_serial + 1
        return replace(state, token_serial=serial)

    async def drop_left_over(self) -> None:
        """Forget what 0.1.1 kept here, once all of it is in files of its own."""
        if self.state.left_over:
            await self.update(lambda state: replace(state, left_over={}))

    def key(self) -> str:
        """Return the gateway's key."""
        return self.state.api_key

    async def replace_key(self) -> None:
        """Make another key; the old one opens nothing from then on, and never comes back."""
        await self._save_both(lambda state: self._with_key(replace(state, api_key="")))

    async def _save_both(self, change: Change = lambda state: state) -> None:
        """Change the state and wait for the older generation too: a replaced key is in neither."""
        await self.update(change)
        await join(self._keep_older_soon())

    async def save(self) -> None:
        """Write the present state again; raise StateNotSavedError when the disk refuses."""
        await self.update(lambda state: state)
        if self.problem:
            raise StateNotSavedError(self.problem)

    async def close(self) -> None:
        """Let what is being written arrive: afterwards nobody touches the folder any more."""
        await self._changes.close(self._clock.timeout(SHUTDOWN_GRACE))

    def save_again_in(self) -> float:
        """Return seconds until a failed save should be tried again, infinite when none failed."""
        if self.problem is None:
            return float("inf")
        return self._failed_at + SAVE_AGAIN_AFTER - self._clock.monotonic()

    async def _write(self, state: State) -> None:
        self._hide_secrets(state)
        generation = Generation(state.api_key, json.dumps(state.to_json(), indent=1).encode())
        try:
            await self._executor(write_atomic, self._path, generation.content)
        except OSError as error:
            self._failed(error)
        else:
            self.problem = None
            self._saved(state, generation)
        self.state = state

    def _saved(self, state: State, generation: Generation) -> None:
        if self._on_disk and self._on_disk.content != generation.content:
            self._older = self._on_disk
        self._on_disk = generation
        if self._older:
            self._keep_older_soon()
        if self._spare and not self._spare.is_newer_than(state):
            self._spare = None
            self._spare_file.remove()

    def _keep_older_soon(self) -> asyncio.Task[None]:
        return self._changes.create_task(self._keep_older(), "older generation of the state")

    async def _keep_older(self) -> None:
        """Write the older generation; one with a key that was replaced gives way to the newer."""
        async with self._lock:
            older, self._older = self._older, None
            if older is None or self._on_disk is None:
                return
            kept = older if older.api_key == self._on_disk.api_key else self._on_disk
            try:
                await self._executor(write_atomic, self._previous, kept.content)
            except OSError as error:
                self._older = older
                self._failed(error)

    def _hide_secrets(self, state: State) -> None:
        for source, secret in state.secrets.items():
            self._hide(source, secret)

    def _failed(self, error: OSError) -> None:
        self._failed_at = self._clock.monotonic()
        self.problem = f"The state cannot be saved: {error.strerror or error}"
        _LOGGER.error("%s. Free some space, or make the folder writable", self.problem)
