"""What no plugin may bend: how often a thing is really done, and how long it may take."""

import asyncio
import inspect
from collections.abc import Awaitable, Callable
from typing import Any, Generic, ParamSpec, TypeVar

from utec_gateway.core.clock import Clock
from utec_gateway.core.errors import GatewayError, PluginError
from utec_gateway.core.models import Operation

P = ParamSpec("P")
T = TypeVar("T")

DEADLINE = 30.0
"""Seconds a plugin may take for anything."""

NEVER_REPEATED = frozenset({Operation.UNLOCK, Operation.EXCHANGE_CODE})
"""A late unlock opens a door nobody stands at; an authorization code works once."""


class RetryGuard(Generic[P, T]):
    """Something a retry policy may try; what must not be repeated is done once, whatever it says.

    Only a failure that proves that nothing was run allows another try of those. A server that
    asked its callers to wait is left alone for so long.
    """

    def __init__(self, operation: Operation, work: Callable[P, Awaitable[T]], clock: Clock) -> None:
        self._work = work
        self._clock = clock
        self._not_before = clock.monotonic()
        self._may_repeat = operation not in NEVER_REPEATED
        self._result: tuple[T] | None = None
        self.error: Exception | None = None
        """How the last try ended, or None when it succeeded or there was none."""

    async def __call__(self, *args: P.args, **kwargs: P.kwargs) -> T:
        """Try, or give the earlier outcome again."""
        if self._result:
            return self._result[0]
        if self.error and not self._may_try_again(self.error):
            raise self.error
        try:
            result = await self._work(*args, **kwargs)
        except Exception as error:
            self.error = error
            self._not_before = self._clock.monotonic() + _wait_asked_for(error)
            raise
        self._result, self.error = (result,), None
        return result

    def _may_try_again(self, error: Exception) -> bool:
        was_not_run = isinstance(error, GatewayError) and error.not_run
        is_too_early = self._clock.monotonic() < self._not_before
        return (self._may_repeat or was_not_run) and not is_too_early


def _wait_asked_for(error: Exception) -> float:
    return (error.retry_after or 0.0) if isinstance(error, GatewayError) else 0.0


def call(function: Callable[[], T]) -> T:
    """Call a plugin; one that wants to exit or be cancelled only fails, and takes nothing along."""
    try:
        return function()
    except SystemExit as error:
        raise PluginError("it wanted to end the gateway") from error
    except asyncio.CancelledError as error:
        raise PluginError("it cancelled itself") from error


async def call_async(clock: Clock, function: Callable[[], Any]) -> Any:
    """Call a plugin and return its answer, awaited; raise PluginError when it takes too long.

    It runs in a task of its own, so that one that ignores being cancelled is left behind.
    """
    answer = call(function)
    if not inspect.isawaitable(answer):
        return answer
    task = asyncio.ensure_future(_without_exit(answer))
    try:
        async with clock.timeout(DEADLINE):
            await asyncio.wait({task})
    except TimeoutError:
        raise PluginError(f"it took longer than {DEADLINE:.0f} s") from None
    finally:
        task.cancel()
    return call(task.result)


async def _without_exit(answer: Awaitable[T]) -> T:
    """Await; the event loop itself would end with a task that wants to exit."""
    try:
        return await answer
    except SystemExit as error:
        raise PluginError("it wanted to end the gateway") from error
