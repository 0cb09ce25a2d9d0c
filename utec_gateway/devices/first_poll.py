"""The first poll after a start: until it has ended, nothing can be said, and much will be soon."""

import asyncio
from contextlib import suppress

from utec_gateway.core.clock import Clock

WAIT_AT_MOST = 8.0
"""Seconds that a read waits for the first poll; the integrations give up after ten."""


class FirstPoll:
    """Over once one poll has ended, well or badly."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._ended = asyncio.Event()
        self._since: float | None = None

    @property
    def is_over(self) -> bool:
        """Tell whether a poll has ended."""
        return self._ended.is_set()

    def begins(self) -> None:
        """Note that somebody asks."""
        if self._since is None:
            self._since = self._clock.monotonic()

    def ends(self) -> None:
        """Release everybody who waits."""
        self._ended.set()

    async def wait(self, at_most: float = WAIT_AT_MOST) -> None:
        """Wait until it is over, `at_most` seconds from its beginning."""
        passed = 0.0 if self._since is None else self._clock.monotonic() - self._since
        if self.is_over or passed >= at_most:
            return
        with suppress(TimeoutError):
            async with self._clock.timeout(at_most - passed):
                await self._ended.wait()
