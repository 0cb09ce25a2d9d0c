"""Time, passed in: the only module that may read the real clock."""

import asyncio
import time
from collections.abc import Awaitable
from contextlib import AbstractAsyncContextManager
from datetime import UTC, datetime, timedelta
from typing import Protocol


class Clock(Protocol):
    """What every part of the gateway knows of time."""

    def now(self) -> datetime:
        """Return the wall clock's aware UTC time; it may jump either way."""
        ...

    def monotonic(self) -> float:
        """Return seconds that never go back; only differences mean anything."""
        ...

    async def sleep(self, seconds: float) -> None:
        """Come back after that many seconds of this clock."""
        ...

    def timeout(self, seconds: float) -> AbstractAsyncContextManager[object]:
        """Raise TimeoutError in a block that waits longer than that for the network or people."""
        ...


class SystemClock:
    """The machine's own clock."""

    def now(self) -> datetime:
        """Return the wall clock's aware UTC time."""
        return datetime.now(UTC)

    def monotonic(self) -> float:
        """Return the machine's monotonic seconds."""
        return time.monotonic()

    async def sleep(self, seconds: float) -> None:
        """Sleep in real time."""
        await asyncio.sleep(seconds)

    def timeout(self, seconds: float) -> AbstractAsyncContextManager[object]:
        """Limit a block in real time."""
        return asyncio.timeout(seconds)


class FastClock:
    """A clock that runs `factor` times faster than the machine's, for the demo."""

    def __init__(self, factor: float) -> None:
        self._factor = factor
        self._started_at = datetime.now(UTC)
        self._origin = time.monotonic()

    def now(self) -> datetime:
        """Return the start plus the accelerated time since."""
        return self._started_at + timedelta(seconds=self.monotonic())

    def monotonic(self) -> float:
        """Return accelerated seconds since the start."""
        return (time.monotonic() - self._origin) * self._factor

    async def sleep(self, seconds: float) -> None:
        """Sleep for the accelerated equivalent."""
        await asyncio.sleep(seconds / self._factor)

    def timeout(self, seconds: float) -> AbstractAsyncContextManager[object]:
        """Limit a block in real time: the network does not run faster with the clock."""
        return asyncio.timeout(seconds)


async def done_within(clock: Clock, seconds: float, work: Awaitable[object]) -> bool:
    """Tell whether `work` (a task or future) ended within `seconds`; it is never cancelled."""
    future = asyncio.ensure_future(work)
    timer = asyncio.ensure_future(clock.sleep(seconds))
    try:
        await asyncio.wait((future, timer), return_when=asyncio.FIRST_COMPLETED)
    finally:
        timer.cancel()
    return future.done()
