"""Calls of plugins: how long one may take, and that none takes the gateway along."""

import asyncio
import inspect
from collections.abc import Awaitable, Callable
from typing import Any, ParamSpec, TypeVar

from utec_gateway.core.clock import Clock
from utec_gateway.core.errors import PluginError

P = ParamSpec("P")
T = TypeVar("T")

DEADLINE = 30.0
"""Seconds a plugin may take for anything."""


def call(function: Callable[[], T]) -> T:
    """Call a plugin; one that wants to exit or be cancelled only fails, and takes nothing along."""
    try:
        return function()
    except SystemExit as error:
        raise PluginError("it tried to end the gateway") from error
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
        raise PluginError("it tried to end the gateway") from error
