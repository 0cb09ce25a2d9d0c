"""The scheduler: named jobs, each woken exactly when due, none able to stop another."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from typing import Any

from .clock import Clock
from .errors import GatewayError
from .events import Event
from .tasks import TaskSet

_LOGGER = logging.getLogger(__name__)

LOOK_EVERY = 60.0
"""Seconds. However far away a job seems, ask again by then: the wall clock may have jumped."""
LONGEST_REST = 86400.0
SHORTEST_PAUSE = 1.0
PAUSE_AFTER_A_BUG = 60.0


@dataclass(frozen=True)
class Job:
    """Something to do over and over; `due_in` gives seconds, negative when overdue."""

    name: str
    due_in: Callable[[], float]
    run: Callable[[], Awaitable[object]]


class Scheduler:
    """Runs each job in a task of its own."""

    def __init__(
        self, clock: Clock, jobs: Iterable[Job], wake_at: Iterable[Event[Any]] = ()
    ) -> None:
        self._clock = clock
        self._jobs = tuple(jobs)
        self._tasks = TaskSet()
        self._rests: dict[str, asyncio.Future[None]] = {}
        self._wakes_at: dict[str, float] = {}
        """Monotonic seconds at which a job asks again by itself."""
        self.is_running = False
        for event in wake_at:
            event.subscribe(lambda _value: self.wake())

    def start(self) -> None:
        """Begin; every job that is due runs at once."""
        for job in self._jobs:
            self._tasks.create_task(self._keep_running(job), f"scheduler: {job.name}")
        self._tasks.create_task(self._keep_asking(), "scheduler: clock")
        self.is_running = True
        _LOGGER.info("Scheduler started")

    def wake(self) -> None:
        """Ask every job again when it is due: something changed."""
        for rest in self._rests.values():
            rest.cancel()

    async def close(self) -> None:
        """Stop every job."""
        self.is_running = False
        await self._tasks.close()

    async def _keep_asking(self) -> None:
        """Wake a job that is due earlier than it thought when it went to rest."""
        while True:
            await self._clock.sleep(LOOK_EVERY)
            for job in self._jobs:
                try:
                    self._wake_if_early(job)
                except Exception:
                    _LOGGER.exception("%s cannot say when it is due", job.name)

    def _wake_if_early(self, job: Job) -> None:
        wakes_at = self._wakes_at.get(job.name, float("-inf"))  # before its first rest it is awake
        if self._clock.monotonic() + job.due_in() < wakes_at - SHORTEST_PAUSE:
            self._rests[job.name].cancel()

    async def _keep_running(self, job: Job) -> None:
        while True:
            try:
                await self._rest(job, min(job.due_in(), LONGEST_REST))
                if job.due_in() > 0:
                    continue
                await job.run()
            except GatewayError as error:
                _LOGGER.debug("%s did not succeed: %s", job.name, error)
            except Exception:
                _LOGGER.exception("%s failed unexpectedly", job.name)
                await self._clock.sleep(PAUSE_AFTER_A_BUG)
            await self._clock.sleep(SHORTEST_PAUSE)

    async def _rest(self, job: Job, seconds: float) -> None:
        """Sleep unless woken; a job that does not rest asks anyway, as soon as it has run."""
        if seconds <= 0:
            return
        rest = asyncio.ensure_future(self._clock.sleep(seconds))
        self._rests[job.name] = rest
        self._wakes_at[job.name] = self._clock.monotonic() + seconds
        try:
            await asyncio.wait({rest})
        finally:
            rest.cancel()
