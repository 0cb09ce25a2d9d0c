"""Webhooks of Home Assistant Core whose IDs are the secrets; a task listens to each."""

import asyncio
import logging
from collections.abc import Callable, Iterable

from utec_gateway.plugin_api import (
    Backoff,
    Clock,
    CoreWebhooks,
    NotDeliveredError,
    OptionsError,
    TaskSet,
    done_within,
)

_LOGGER = logging.getLogger(__name__)

SHORTEST_PAUSE, LONGEST_PAUSE = 1.0, 60.0
"""Seconds between two attempts to connect to Home Assistant."""
SUBSCRIBED_WITHIN = 60.0


class WebhookListeners:
    """Hands on what is posted; Core drops a subscription with the connection, so we reconnect."""

    def __init__(self, core: CoreWebhooks, take_in: Callable[[object], None], clock: Clock) -> None:
        self._core = core
        self._take_in = take_in
        self._clock = clock
        self._tasks = TaskSet()
        self._listening: dict[str, asyncio.Task[None]] = {}
        """The task that listens, by the webhook's ID."""

    async def listen(self, webhook_id: str) -> str:
        """Listen, and return the address on the internet, if there is one; raise GatewayError."""
        self._stop(webhook_id)
        address: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        self._begin(webhook_id, address)
        if not await done_within(self._clock, SUBSCRIBED_WITHIN, address):
            raise NotDeliveredError("Home Assistant does not offer its webhooks", retryable=True)
        return address.result()

    def resume(self, webhook_ids: Iterable[str]) -> None:
        """Listen to those of the last run too."""
        for webhook_id in webhook_ids:
            if webhook_id not in self._listening:
                self._begin(webhook_id, None)

    async def end(self, webhook_id: str) -> None:
        """Stop listening, and delete its address at Home Assistant Cloud; raise GatewayError."""
        self._stop(webhook_id)
        await self._core.delete_cloudhook(webhook_id)

    async def close(self) -> None:
        """Stop listening to any."""
        await self._tasks.close()

    def _begin(self, webhook_id: str, address: asyncio.Future[str] | None) -> None:
        self._listening[webhook_id] = self._tasks.create_task(
            self._keep_listening(webhook_id, address), "webhook of Home Assistant"
        )

    def _stop(self, webhook_id: str) -> None:
        if task := self._listening.pop(webhook_id, None):
            task.cancel()

    async def _keep_listening(self, webhook_id: str, address: asyncio.Future[str] | None) -> None:
        """Listen until stopped; the first failure ends it if somebody waits for the address."""
        backoff = Backoff(self._clock, patience=0.0)
        while True:
            try:
                async with self._core.subscription(webhook_id) as subscription:
                    backoff.reset()
                    if address and not address.done():
                        address.set_result(subscription.address)
                    while True:
                        self._take_in(await subscription.next())
            except (NotDeliveredError, OptionsError) as error:
                if address and not address.done():
                    address.set_exception(error)
                    return
                _LOGGER.debug("No webhook of Home Assistant: %s", error)
                backoff.failed(error, SHORTEST_PAUSE, LONGEST_PAUSE)
                await self._clock.sleep(backoff.pause)
