"""Webhooks of Home Assistant Core's whose ids are the secrets; one task each keeps hearing."""

import asyncio
import logging
from collections.abc import Callable, Iterable

from utec_gateway.plugin_api import (
    Backoff,
    Clock,
    CoreWebhooks,
    GatewayError,
    NotDeliveredError,
    OptionsError,
    TaskSet,
    done_within,
)

_LOGGER = logging.getLogger(__name__)

SHORTEST_PAUSE, LONGEST_PAUSE = 1.0, 60.0
"""Seconds between two attempts while Home Assistant is not there."""
SUBSCRIBED_WITHIN = 60.0


class Webhooks:
    """Hands on what is posted; Core forgets a subscription with the connection, so we come back."""

    def __init__(self, core: CoreWebhooks, take_in: Callable[[object], None], clock: Clock) -> None:
        self._core = core
        self._take_in = take_in
        self._clock = clock
        self._tasks = TaskSet()
        self._heard: dict[str, asyncio.Task[None]] = {}
        """The task that keeps hearing, by the webhook's id."""
        self._failure: GatewayError = NotDeliveredError(
            "Home Assistant does not offer its webhooks"
        )

    async def hear(self, webhook_id: str) -> str:
        """Hear what is posted from now on; return where the internet reaches it, if it does."""
        self._stop(webhook_id)
        address: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        self._begin(webhook_id, address)
        if not await done_within(self._clock, SUBSCRIBED_WITHIN, address):
            raise self._failure
        return address.result()

    def resume(self, webhook_ids: Iterable[str]) -> None:
        """Hear what is posted to earlier ones too, of a run before this one."""
        for webhook_id in webhook_ids:
            if webhook_id not in self._heard:
                self._begin(webhook_id, None)

    async def end(self, webhook_id: str) -> None:
        """Hear it no more; raise GatewayError when its address at the cloud remains."""
        self._stop(webhook_id)
        await self._core.withdraw(webhook_id)

    async def close(self) -> None:
        """Hear nothing more."""
        await self._tasks.close()

    def _begin(self, webhook_id: str, address: asyncio.Future[str] | None) -> None:
        self._heard[webhook_id] = self._tasks.create_task(
            self._keep_hearing(webhook_id, address), "webhook of Home Assistant"
        )

    def _stop(self, webhook_id: str) -> None:
        if task := self._heard.pop(webhook_id, None):
            task.cancel()

    async def _keep_hearing(self, webhook_id: str, address: asyncio.Future[str] | None) -> None:
        """Hear until somebody stops it; who waits for the address learns of the first failure."""
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
                self._failure = error
                backoff.failed(error, SHORTEST_PAUSE, LONGEST_PAUSE)
                await self._clock.sleep(backoff.pause)
