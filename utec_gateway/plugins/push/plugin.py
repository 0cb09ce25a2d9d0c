"""The plugin: keeps U-tec pushing to us, and hands on what is pushed."""

import asyncio
import json
import logging
from collections.abc import Callable
from contextlib import suppress
from secrets import token_hex

from utec_gateway.plugin_api import (
    Backoff,
    GatewayError,
    Options,
    PluginContext,
    PushState,
    PushStatus,
    TaskSet,
    done_within,
    hookimpl,
)

from .addresses import host_of, is_reachable
from .secrets import Secrets
from .webhooks import WebhookListeners

_LOGGER = logging.getLogger(__name__)

OFF = "disabled"
REGISTERED_AGAIN_AFTER = 24 * 3600.0
CHECKED_AGAIN_AFTER = 3600.0
"""Seconds until the next check whether there is a public address."""
SHORTEST_PAUSE, LONGEST_PAUSE = 5.0, 900.0
"""Seconds between two attempts to register, unless something changes in between."""
DELETED_AGAIN_AFTER = 900.0
"""Seconds until the next attempt to delete an address at Home Assistant Cloud."""
NO_ADDRESS = "There is no public https address that U-tec could push to"


def new_secret() -> str:
    """Return 64 hex digits that nobody guesses."""
    return token_hex(32)


class Push:
    """Registers a fresh secret every day; one task does everything, and changes wake it."""

    def __init__(self, context: PluginContext, new_secret: Callable[[], str] = new_secret) -> None:
        self._context = context
        self._clock = context.clock
        self._secrets = Secrets(context.storage, context.clock, new_secret)
        core = context.core_webhooks
        self._webhooks = WebhookListeners(core, self._take_in, context.clock) if core else None
        self._tasks = TaskSet()
        self._backoff = Backoff(context.clock, patience=0.0)
        self._changed = asyncio.Event()
        self._acts_on = self._wanted
        self._not_before = float("-inf")
        """When U-tec may be asked again however often the options change, in monotonic seconds."""
        self._status = PushStatus()
        context.options_changed.subscribe(self._options_changed)
        context.signed_in.subscribe(lambda _: self._changed.set())  # perhaps to another account

    @hookimpl
    async def gateway_started(self) -> None:
        """Begin to register, when that is wanted."""
        self._tasks.create_task(self._keep_registered(), "registration for pushes")

    @hookimpl
    async def gateway_stopping(self) -> None:
        """Stop; U-tec cannot be told to stop pushing, and nobody listens any more."""
        await self._tasks.close()
        if self._webhooks:
            await self._webhooks.close()

    @hookimpl
    def gateway_push_status(self) -> PushStatus:
        """Return how the registration stands."""
        return self._status

    @hookimpl
    def gateway_push_posted(self, secret: str, body: bytes) -> bool:
        """Take in a push that came to our own port; its secret is in the address."""
        is_off = self._context.settings.options.push == OFF
        if is_off or not self._secrets.is_valid(secret):
            return False
        with suppress(ValueError, RecursionError):
            self._take_in(json.loads(body))
        return True

    def _take_in(self, pushed: object) -> None:
        try:
            self._context.push_received(pushed)
        except GatewayError as error:
            _LOGGER.debug("A push says nothing: %s", error)

    @property
    def _wanted(self) -> tuple[str, str, str]:
        options = self._context.settings.options
        return options.push, options.push_url, options.api_base_url

    def _options_changed(self, _options: Options) -> None:
        if self._wanted != self._acts_on:
            self._changed.set()

    async def _keep_registered(self) -> None:
        await self._secrets.load()
        for secret in self._secrets.valid:
            self._context.conceal("push", secret)
        while True:
            self._changed.clear()
            self._acts_on = self._wanted
            due = self._clock.monotonic() + await self._register_if_wanted()
            while not self._changed.is_set() and (left := due - self._clock.monotonic()) > 0:
                await self._forget_expired()
                await self._wait(min(left, self._until_next_expiry))

    async def _register_if_wanted(self) -> float:
        """Register a fresh secret, and return in how many seconds the next one is due."""
        push, push_url, cloud = self._acts_on
        if push == OFF:
            self._secrets.revoke()
            self._set(PushState.OFF)
            return float("inf")
        if (left := self._backoff.slow_down_for) > 0:
            self._set(PushState.FAILED, problem=str(self._backoff.failure))
            return left
        if self._status.state is PushState.OFF:
            self._set(PushState.REGISTERING)
        if (left := self._not_before - self._clock.monotonic()) > 0:
            return left
        try:
            return await self._register(push_url, cloud)
        except GatewayError as error:
            self._backoff.failed(error, SHORTEST_PAUSE, LONGEST_PAUSE)
            self._set(PushState.FAILED, problem=str(error))
            return self._backoff.pause

    async def _register(self, push_url: str, cloud: str) -> float:
        secret = await self._secrets.offer()
        self._context.conceal("push", secret)
        address = f"{push_url}/push/{secret}" if push_url else await self._webhook(secret)
        if self._changed.is_set():  # while Core was asked: that may not be wanted any more
            return 0.0
        if not is_reachable(address, cloud):
            self._set(PushState.NO_ADDRESS, problem=NO_ADDRESS)
            return CHECKED_AGAIN_AFTER
        await self._context.register_push(address, secret)
        self._secrets.accepted()
        self._backoff.reset()
        self._not_before = self._clock.monotonic() + SHORTEST_PAUSE
        self._set(PushState.REGISTERED, host_of(address))
        return REGISTERED_AGAIN_AFTER

    async def _webhook(self, secret: str) -> str:
        """Return the address of a webhook of Core's whose id is the secret."""
        if self._webhooks is None:
            return ""
        self._webhooks.resume(earlier for earlier in self._secrets.valid if earlier != secret)
        return await self._webhooks.listen(secret)

    async def _forget_expired(self) -> None:
        """Forget each expired secret once its address is deleted."""
        for secret in self._secrets.expired:
            try:
                if self._webhooks:
                    await self._webhooks.end(secret)
            except GatewayError as error:
                _LOGGER.debug("A webhook of Home Assistant is not deleted: %s", error)
            else:
                await self._secrets.forget(secret)

    @property
    def _until_next_expiry(self) -> float:
        again = DELETED_AGAIN_AFTER if self._secrets.expired else float("inf")
        return min(again, self._secrets.next_expiry - self._clock.monotonic())

    async def _wait(self, seconds: float) -> None:
        changed = asyncio.ensure_future(self._changed.wait())
        try:
            await done_within(self._clock, seconds, changed)
        finally:
            changed.cancel()

    def _set(self, state: PushState, host: str = "", problem: str = "") -> None:
        if (state, host, problem) != (self._status.state, self._status.host, self._status.problem):
            _LOGGER.info("Pushes: %s", problem or state)
            self._status = PushStatus(state, host, problem, self._clock.now())
