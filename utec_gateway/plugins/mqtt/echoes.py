"""Whether the broker hands on what we publish: many take in silence what they do not allow."""

import asyncio

from utec_gateway.plugin_api import Clock, done_within


class Echoes:
    """Owns what must still come back."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._awaited: set[str] = set()
        self._complete = asyncio.Event()

    def expect(self, *topics: str) -> None:
        """Wait for what is published on these from now on."""
        self._awaited.update(topics)
        self._complete.clear()

    def heard(self, topic: str) -> None:
        """Take in that what was published last on a topic came back."""
        self._awaited.discard(topic)
        if not self._awaited:
            self._complete.set()

    async def are_complete(self, seconds: float) -> bool:
        """Tell whether everything comes back in time."""
        waiting = asyncio.ensure_future(self._complete.wait())
        try:
            return await done_within(self._clock, seconds, waiting)
        finally:
            waiting.cancel()
