"""Virtual time: a clock that moves only when the event loop has nothing left to do.

With real sockets on loopback, "nothing left to do" is what the selector says: no callback is
ready and no socket has news. Then, and only while somebody advances the clock, time jumps to
the next sleeper. A week of sleeping costs no more than the requests made in it.
"""

import asyncio
import heapq
import selectors
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import count
from typing import Any

LOOKS_BEFORE_IDLE = 3
PACKET_PATIENCE = 0.005
"""A loopback packet may be a moment in the kernel: look more than once before believing in rest,
and give it real seconds while somebody waits for the network under a deadline."""


LOOK_AGAIN = 0.001


class IdleSelector(selectors.DefaultSelector):
    """Asks `on_idle` for work before it waits."""

    def __init__(self) -> None:
        super().__init__()
        self.on_idle: Callable[[], bool] = lambda: False
        self.is_network_awaited: Callable[[], bool] = lambda: False

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        """Wait for sockets, unless virtual time has something to do first."""
        for _ in range(LOOKS_BEFORE_IDLE):
            events = super().select(0)
            if events or (timeout is not None and timeout <= 0):
                return events
        if self.is_network_awaited() and (events := super().select(PACKET_PATIENCE)):
            return events
        if self.on_idle():
            return []
        return super().select(timeout)


class VirtualTimeLoop(asyncio.SelectorEventLoop):
    """An event loop whose rest a VirtualClock can use."""

    def __init__(self) -> None:
        self.idle = IdleSelector()
        super().__init__(self.idle)


class VirtualClock:
    """A clock that stands still until `advance`; make it inside a VirtualTimeLoop."""

    def __init__(self, start: datetime = datetime(2026, 1, 5, 12, tzinfo=UTC)) -> None:
        loop = asyncio.get_running_loop()
        if not isinstance(loop, VirtualTimeLoop):
            raise TypeError("a VirtualClock needs a VirtualTimeLoop")
        loop.idle.on_idle = self._step
        loop.idle.is_network_awaited = lambda: self._arrived is not None and self._deadlines > 0
        self._deadlines = 0
        self._monotonic = 1000.0
        self._epoch = start - timedelta(seconds=self._monotonic)
        self._target = self._monotonic
        self._arrived: asyncio.Future[None] | None = None
        self._sleepers: list[tuple[float, int, asyncio.Future[None]]] = []
        self._order = count()

    def now(self) -> datetime:
        """Return the virtual wall clock."""
        return self._epoch + timedelta(seconds=self._monotonic)

    def monotonic(self) -> float:
        """Return virtual seconds."""
        return self._monotonic

    async def sleep(self, seconds: float) -> None:
        """Sleep until virtual time has passed."""
        await self._alarm(seconds)

    def _alarm(self, seconds: float) -> asyncio.Future[None]:
        """Return what is done when virtual time has passed; tests make millions, so no task."""
        loop = asyncio.get_running_loop()
        alarm = loop.create_future()
        if seconds <= 0:
            loop.call_soon(_wake, alarm)
        else:
            heapq.heappush(self._sleepers, (self._monotonic + seconds, next(self._order), alarm))
        return alarm

    @asynccontextmanager
    async def timeout(self, seconds: float) -> AsyncIterator[None]:
        """Raise TimeoutError in a block that lasts longer than that in virtual time."""
        async with asyncio.timeout(None) as limit:
            alarm = self._alarm(seconds)
            alarm.add_done_callback(partial(_ring, limit))
            self._deadlines += 1
            try:
                yield
            finally:
                self._deadlines -= 1
                alarm.cancel()

    async def advance(self, seconds: float) -> None:
        """Let that much time pass, everything in it happening in order."""
        if self._arrived and not self._arrived.done():
            raise RuntimeError("somebody else is advancing the clock")
        self._target = self._monotonic + seconds
        self._arrived = asyncio.get_running_loop().create_future()
        await self._arrived

    async def settle(self) -> None:
        """Let everything happen that needs no time."""
        await self.advance(0)

    async def until(self, happened: Callable[[], Any], limit: float = 3600.0) -> None:
        """Advance until something has happened; raise TimeoutError after `limit` seconds."""
        end = self._monotonic + limit
        while not happened():
            left = end - self._monotonic
            if left <= 0:
                raise TimeoutError(f"it did not happen within {limit} virtual seconds")
            await self.advance(min(0.5, left))

    async def run_out(self) -> None:
        """Let time pass, for ever, but only while somebody waits under a deadline."""
        while True:
            if self._deadlines:
                await self.advance(0.25)
            else:
                await asyncio.sleep(LOOK_AGAIN)  # noqa: TID251 - virtual time stands still

    def jump(self, leap: timedelta) -> None:
        """Set the wall clock, as NTP or a person would; nobody's sleep is affected."""
        self._epoch += leap

    def _step(self) -> bool:
        """Do one thing that virtual time has waiting; return False when there is none."""
        while self._sleepers and self._sleepers[0][2].done():
            heapq.heappop(self._sleepers)
        if self._arrived is None or self._arrived.done():
            return False
        if self._sleepers and self._sleepers[0][0] <= self._target:
            due, _, woken = heapq.heappop(self._sleepers)
            self._move_to(due)
            woken.set_result(None)
        else:
            self._move_to(self._target)
            self._arrived.set_result(None)
        return True

    def _move_to(self, monotonic: float) -> None:
        self._monotonic = max(self._monotonic, monotonic)


def _ring(limit: asyncio.Timeout, alarm: asyncio.Future[None]) -> None:
    if not alarm.cancelled():
        with suppress(RuntimeError):  # the block has just ended by itself
            limit.reschedule(asyncio.get_running_loop().time())


def _wake(woken: asyncio.Future[None]) -> None:
    if not woken.done():
        woken.set_result(None)
