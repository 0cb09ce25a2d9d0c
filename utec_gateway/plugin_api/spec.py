"""The contract between the gateway and its plugins, built-in and people's own alike.

A plugin is a module with `create(context: PluginContext)` that returns an object with methods
marked `hookimpl`, or None when it has nothing to do.

*Choose* hooks are plain functions: the first answer that is not None wins, the plugin loaded
last is asked first, and a built-in that anyone may replace is marked `trylast`.
*Tell* hooks are coroutines: everybody is told, and one plugin's failure never stops another.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, field
from typing import Protocol

import pluggy
from aiohttp import ClientSession
from tenacity import AsyncRetrying

from utec_gateway.core.clock import Clock
from utec_gateway.core.models import Device, Notification, Operation, Token
from utec_gateway.options.schema import Options
from utec_gateway.translations.texts import english

PROJECT = "utec_gateway"
hookspec = pluggy.HookspecMarker(PROJECT)
hookimpl = pluggy.HookimplMarker(PROJECT)


class OptionsSource(Protocol):
    """Where a plugin reads the options: always the present ones."""

    @property
    def options(self) -> Options:
        """Return the options as they are now."""
        ...


@dataclass
class Turn:
    """Lets one ask Core at a time, and nobody for a while once Core has refused the token."""

    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    refused_until: float = float("-inf")
    """Monotonic seconds."""


@dataclass(frozen=True)
class CoreAccess:
    """Where Home Assistant Core answers, and what opens it."""

    api: str
    """What stands before `/services/…`."""
    websocket: str
    token: str = field(repr=False)
    turn: Turn = field(default_factory=Turn, compare=False, repr=False)
    """All who use the same access share it: Core shows its owner a warning for each refusal."""


async def _nobody_minds(_notification_id: str) -> None:
    """Let a notification be waved off that nobody keeps."""


@dataclass(frozen=True)
class PluginContext:
    """What a plugin may keep for life."""

    settings: OptionsSource
    session: ClientSession
    clock: Clock
    panel_link: Callable[[], str | None] = lambda: None
    """The in-app path of our panel, None while or where it is not known."""
    panel_directions: Callable[[], str] = lambda: "Open the U-tec Gateway"
    """How people get to our panel, in words that need no link; without a full stop."""
    text: Callable[..., str] = english
    """A text of the gateway's translations by its key, in the installation's language."""
    home_assistant: Callable[[], CoreAccess | None] = lambda: None
    """How to speak to Home Assistant; raises OptionsError when that is only half set up."""
    told: Callable[[], Iterable[Notification]] = tuple
    """What people have been told of and is not over yet."""
    wave_off: Callable[[str], Awaitable[None]] = _nobody_minds
    """Says, by id, that a person dismissed a notification where it was shown."""


class TokenRefresher(Protocol):
    """Talks to the authorization server; raises TokenRefreshError and its kin."""

    def authorization_url(self, state: str) -> str:
        """Return the address of the sign-in page; raise OptionsError until it can be built."""
        ...

    async def exchange(self, code: str) -> Token:
        """Turn an authorization code into a token."""
        ...

    async def refresh(self, token: Token) -> Token:
        """Turn a refresh token into a newer token; one request, no retries."""
        ...


class GatewayHooks:
    """Every hook there is."""

    @hookspec(firstresult=True)
    def gateway_token_refresher(self) -> TokenRefresher | None:
        """Choose who renews the sign-in; asked before every exchange and every renewal."""

    @hookspec(firstresult=True)
    def gateway_retry_policy(self, operation: Operation) -> AsyncRetrying | None:
        """Choose how often `operation` is tried; asked once per operation, for a fresh object."""

    @hookspec
    def gateway_notify(self, notification: Notification) -> Awaitable[str | None]:  # type: ignore[empty-body]
        """Tell a person; fires when a notification is raised, changes, or must be shown again.

        Whoever cannot show it in place acts on `notification.is_news` only. The answer says in
        words what was done ("Accepted by the mail server"), None that nothing was.
        """

    @hookspec
    def gateway_dismiss(self, notification_id: str, title: str) -> Awaitable[str | None]:  # type: ignore[empty-body]
        """Take a notification back; fires when its cause is cured."""

    @hookspec
    def gateway_lock_changed(self, lock: Device, previous: Device) -> Awaitable[None]:  # type: ignore[empty-body]
        """Hear that the picture of a lock changed: readings, online, or a command under way."""

    @hookspec
    def gateway_started(self) -> Awaitable[None]:  # type: ignore[empty-body]
        """Hear that the gateway answers; fires once, after the listeners are up."""

    @hookspec
    def gateway_stopping(self) -> Awaitable[None]:  # type: ignore[empty-body]
        """Hear that the gateway is about to stop; fires once, before anything is closed."""
