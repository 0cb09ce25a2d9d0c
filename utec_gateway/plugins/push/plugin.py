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
    NotDeliveredError,
    Options,
    PluginContext,
    PushState,
    PushStatus,
    SignInStatus,
    TaskSet,
    done_within,
    hookimpl,
)

from .addresses import host_of, is_reachable
from .secrets import GOOD_AFTERWARDS, RENEWED_AFTER, Secrets
from .webhook import Webhook

_LOGGER = logging.getLogger(__name__)

OFF = "disabled"
SHORTEST_PAUSE, LONGEST_PAUSE = 5.0, 900.0
"""Seconds between two attempts to register."""
NO_ADDRESS = "There is no public https address that U-tec could push to"
SUBSCRIBED_WITHIN = 60.0


def new_word() -> str:
    """Return 64 hex digits that nobody guesses."""
    return token_hex(32)


class Push:
    """Registers a fresh secret every day; one task does everything, and the options wake it."""

    def __init__(self, context: PluginContext, new_word: Callable[[], str] = new_word) -> None:
        self._context = context
        self._clock = context.clock
        self._new_word = new_word
        self._secrets = Secrets(context.clock, new_word)
        self._tasks = TaskSet()
        self._webhooks = TaskSet()
        self._backoff = Backoff(context.clock, patience=0.0)
        self._changed = asyncio.Event()
        self._status = PushStatus()
        self._acts_on = self._wanted
        context.options_changed.subscribe(self._options_changed)

    @hookimpl
    async def gateway_started(self) -> None:
        """Begin to register, when that is wanted."""
        self._tasks.create_task(self._keep_registered(), "registration for pushes")

    @hookimpl
    async def gateway_stopping(self) -> None:
        """Stop; U-tec cannot be told to stop pushing, and nobody listens any more."""
        await self._tasks.close()
        await self._webhooks.close()

    @hookimpl
    async def gateway_sign_in_changed(self, sign_in: SignInStatus) -> None:
        """Register at once when somebody has signed in after an attempt that failed."""
        if not sign_in.reauth_required and self._status.state is PushState.FAILED:
            self._changed.set()

    @hookimpl
    def gateway_push_status(self) -> PushStatus:
        """Return how the registration stands."""
        return self._status

    @hookimpl
    def gateway_push_posted(self, secret: str, body: bytes) -> bool:
        """Take in a push that came to our own port; its secret is in the address."""
        if not self._secrets.knows(secret):
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
        while True:
            self._changed.clear()
            if self._acts_on != self._wanted:
                await self._webhooks.close()
                self._acts_on = self._wanted
            pause = await self._register_if_wanted()
            changed = asyncio.ensure_future(self._changed.wait())
            try:
                await done_within(self._clock, pause, changed)
            finally:
                changed.cancel()

    async def _register_if_wanted(self) -> float:
        """Register a fresh secret, and return in how many seconds the next one is due."""
        push, push_url, cloud = self._acts_on
        if push == OFF:
            self._set(PushState.OFF)
            return float("inf")
        try:
            word = self._secrets.renew()
            address = f"{push_url}/push/{word}" if push_url else await self._webhook(word)
            if not is_reachable(address, cloud):
                self._set(PushState.NO_ADDRESS, problem=NO_ADDRESS)
                return RENEWED_AFTER / 24
            await self._context.register_push(address, self._new_word())
        except GatewayError as error:
            self._backoff.failed(error, SHORTEST_PAUSE, LONGEST_PAUSE)
            self._set(PushState.FAILED, problem=str(error))
            return self._backoff.pause
        self._backoff.reset()
        self._set(PushState.REGISTERED, host_of(address))
        return RENEWED_AFTER

    async def _webhook(self, word: str) -> str:
        """Subscribe to a webhook of Core's whose id is the secret, and return its address."""
        core = self._context.core_webhooks
        if core is None:
            return ""
        webhook = Webhook(core, word, self._take_in, self._clock)
        lifetime = RENEWED_AFTER + GOOD_AFTERWARDS
        self._webhooks.create_task(webhook.hear(lifetime), "webhook of Home Assistant")
        if not await done_within(self._clock, SUBSCRIBED_WITHIN, webhook.address):
            raise NotDeliveredError("Home Assistant does not offer its webhooks", retryable=True)
        return webhook.address.result()

    def _set(self, state: PushState, host: str = "", problem: str = "") -> None:
        if (state, host, problem) != (self._status.state, self._status.host, self._status.problem):
            _LOGGER.info("Pushes: %s", problem or state)
            self._status = PushStatus(state, host, problem, self._clock.now())
