"""Time for tests in a browser: real, because the browser's is, but it may be leapt over."""

import asyncio
from contextlib import AbstractAsyncContextManager, suppress
from datetime import datetime, timedelta

from utec_gateway.core.clock import SystemClock


class LeapingClock:
    """The machine's clock, and ahead of it by every leap so far."""

    def __init__(self) -> None:
        self._real = SystemClock()
        self._ahead = 0.0
        self._leapt = asyncio.Event()

    def now(self) -> datetime:
        return self._real.now() + timedelta(seconds=self._ahead)

    def monotonic(self) -> float:
        return self._real.monotonic() + self._ahead

    async def sleep(self, seconds: float) -> None:
        due = self.monotonic() + seconds
        await self._real.sleep(0)
        while (left := due - self.monotonic()) > 0:
            with suppress(TimeoutError):
                async with asyncio.timeout(left):
                    await self._leapt.wait()

    def timeout(self, seconds: float) -> AbstractAsyncContextManager[object]:
        """Limit a block in real time: the network does not leap."""
        return asyncio.timeout(seconds)

    def leap(self, seconds: float) -> None:
        """Be that much later at once; whoever should have woken in between wakes now."""
        self._ahead += seconds
        self._leapt.set()
        self._leapt = asyncio.Event()
