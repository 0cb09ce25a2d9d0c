"""One webhook of Core's: kept over Core's restarts, for as long as its id is a good secret."""

import asyncio
import logging
from collections.abc import Callable

from utec_gateway.plugin_api import (
    Backoff,
    Clock,
    CoreWebhooks,
    NotDeliveredError,
    OptionsError,
    done_within,
)

_LOGGER = logging.getLogger(__name__)

SHORTEST_PAUSE, LONGEST_PAUSE = 1.0, 60.0
"""Seconds between two attempts while Home Assistant is not there."""


class Webhook:
    """Hands on what is posted; Core forgets a subscription with the connection, so we come back."""

    def __init__(
        self,
        core: CoreWebhooks,
        webhook_id: str,
        take_in: Callable[[object], None],
        clock: Clock,
    ) -> None:
        self._core = core
        self._id = webhook_id
        self._take_in = take_in
        self._clock = clock
        self._backoff = Backoff(clock, patience=0.0)
        self.address: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        """Where the internet reaches it, once Core has said so."""

    async def hear(self, seconds: float) -> None:
        """Hear what is posted for so long."""
        hearing = asyncio.ensure_future(self._keep_hearing())
        try:
            await done_within(self._clock, seconds, hearing)
        finally:
            hearing.cancel()

    async def _keep_hearing(self) -> None:
        while True:
            try:
                await self._hear()
            except (NotDeliveredError, OptionsError) as error:
                _LOGGER.debug("No webhook of Home Assistant: %s", error)
                self._backoff.failed(error, SHORTEST_PAUSE, LONGEST_PAUSE)
                await self._clock.sleep(self._backoff.pause)

    async def _hear(self) -> None:
        async with self._core.subscription(self._id) as subscription:
            self._backoff.reset()
            if not self.address.done():
                self.address.set_result(subscription.address)
            while True:
                self._take_in(await subscription.next())
