"""Tasks with an owner: nothing runs on after its owner has closed."""

import asyncio
import logging
import threading
from collections.abc import Awaitable, Callable, Coroutine
from contextlib import AbstractAsyncContextManager, suppress
from typing import Any, Generic, TypeVar

from .clock import Clock

_LOGGER = logging.getLogger(__name__)
T = TypeVar("T")

Limit = AbstractAsyncContextManager[object]
"""Ends a wait in its block with TimeoutError, as a clock's `timeout` does."""


class TaskSet:
    """Owns tasks that nobody awaits; one failing is logged and stops nothing else."""

    def __init__(self) -> None:
        self._tasks: set[asyncio.Task[Any]] = set()

    def create_task(self, work: Coroutine[Any, Any, T], name: str) -> asyncio.Task[T]:
        """Run `work` until it ends or the owner closes."""
        task = asyncio.create_task(work, name=name)
        self._tasks.add(task)
        task.add_done_callback(self._ended)
        return task

    def _ended(self, task: asyncio.Task[Any]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()):
            _LOGGER.error("%s failed", task.get_name(), exc_info=error)

    async def close(self, grace: Limit | None = None) -> None:
        """Give the tasks that long to end, then cancel them."""
        if grace and self._tasks:
            await _wait(grace, self._tasks)
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def _wait(limit: Limit, tasks: set[asyncio.Task[Any]]) -> None:
    with suppress(TimeoutError):
        async with limit:
            await asyncio.wait(tasks)


async def join(future: asyncio.Future[T]) -> T:
    """Wait for a future that others wait for too; a caller that is cancelled leaves it alone.

    Unlike `asyncio.shield`, which since Python 3.14 logs a failure that such a caller missed.
    """
    await asyncio.wait({future})
    return future.result()


class SingleFlight(Generic[T]):
    """Runs `work` at most once at a time; whoever asks meanwhile shares the result.

    A caller that goes away does not cancel it for the others.
    """

    def __init__(self, work: Callable[[], Awaitable[T]], name: str) -> None:
        self._work = work
        self._name = name
        self._flight: asyncio.Task[T] | None = None

    async def __call__(self) -> T:
        """Join the work under way, or start it."""
        if self._flight is None or self._flight.done():
            self._flight = asyncio.create_task(self._fly(), name=self._name)
            self._flight.add_done_callback(lambda task: task.cancelled() or task.exception())
        return await join(self._flight)

    async def _fly(self) -> T:
        return await self._work()

    async def close(self, grace: Limit | None = None) -> None:
        """Give the work that long to finish, then cancel it."""
        if self._flight is None or self._flight.done():
            return
        if grace:
            await _wait(grace, {self._flight})
        self._flight.cancel()
        await asyncio.gather(self._flight, return_exceptions=True)


class Throttle(SingleFlight[T]):
    """Work whose result, good or bad, answers for all who ask within `seconds` of its start."""

    def __init__(
        self, work: Callable[[], Awaitable[T]], name: str, clock: Clock, seconds: float
    ) -> None:
        super().__init__(work, name)
        self._clock = clock
        self._seconds = seconds
        self._started = float("-inf")

    @property
    def is_young(self) -> bool:
        """Tell whether the last result still answers for all."""
        return self._clock.monotonic() - self._started < self._seconds

    async def __call__(self) -> T:
        """Share the last result while it is young, else join the work under way or start it."""
        if self._flight and self.is_young:
            return await join(self._flight)
        if self._flight is None or self._flight.done():
            self._started = self._clock.monotonic()
        return await super().__call__()


async def in_daemon_thread(function: Callable[..., T], *args: Any) -> T:
    """Run a blocking function elsewhere; one that hangs does not keep the process from ending."""
    loop = asyncio.get_running_loop()
    outcome: asyncio.Future[T] = loop.create_future()

    def hand_over(settle: Callable[[Any], None], result: object) -> None:
        with suppress(RuntimeError):  # the loop is closed: nobody waits any more
            loop.call_soon_threadsafe(lambda: None if outcome.done() else settle(result))

    def run() -> None:
        try:
            result = function(*args)
        except Exception as error:  # noqa: BLE001 - it is raised where it is awaited
            hand_over(outcome.set_exception, error)
        else:
            hand_over(outcome.set_result, result)

    threading.Thread(target=run, name=function.__name__, daemon=True).start()
    return await outcome
