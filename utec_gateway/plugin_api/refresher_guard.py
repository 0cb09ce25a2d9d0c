"""A refresher of anybody's, held to its promise: in time, a token or one of our errors."""

from collections.abc import Awaitable, Callable
from inspect import isawaitable

from utec_gateway.core.clock import Clock
from utec_gateway.core.errors import GatewayError, PluginError, TokenEndpointError
from utec_gateway.core.models import Token

from .call_guard import call, call_async
from .hookspecs import TokenRefresher
from .plugin_health import PluginHealth

HOOK = "gateway_token_refresher"

TokenReceived = Callable[[Token, Token | None], None]
"""Told at once of a token that was received, and of the one it replaces, None for a sign-in."""


def nobody_listens(_token: Token, _replaced: Token | None) -> None:
    """Let a token pass."""


class GuardedRefresher:
    """Passes every call on; what a plugin does wrong counts as a failure that may pass."""

    def __init__(
        self,
        refresher: TokenRefresher,
        name: str,
        health: PluginHealth,
        clock: Clock,
        received: TokenReceived,
    ) -> None:
        self._refresher = refresher
        self._name = name
        self._health = health
        self._clock = clock
        self._received = received

    def authorization_url(self, state: str) -> str:
        """Return the address of the sign-in page."""
        try:
            return call(lambda: self._refresher.authorization_url(state))
        except PluginError as error:
            raise self._at_fault(error) from error
        except GatewayError:
            raise
        except Exception as error:
            raise self._at_fault(error) from error

    async def exchange(self, code: str) -> Token:
        """Turn an authorization code into a token."""
        return await self._token(lambda: self._refresher.exchange(code), None)

    async def refresh(self, token: Token) -> Token:
        """Turn a refresh token into a newer token."""
        return await self._token(lambda: self._refresher.refresh(token), token)

    async def _token(self, ask: Callable[[], Awaitable[Token]], replaced: Token | None) -> Token:
        try:
            answer = await call_async(self._clock, lambda: self._receive(ask, replaced))
        except PluginError as error:
            raise self._at_fault(error) from error
        except GatewayError:
            raise
        except Exception as error:
            raise self._at_fault(error) from error
        if not isinstance(answer, Token):
            raise self._at_fault(PluginError(f"it returned a {type(answer).__name__}"))
        self._health.record_success(self._name, HOOK)
        return answer

    async def _receive(self, ask: Callable[[], Awaitable[Token]], replaced: Token | None) -> object:
        """Hand a token on in the very step of the loop in which the refresher returns it."""
        answer: object = ask()
        token = await answer if isawaitable(answer) else answer
        if isinstance(token, Token):
            self._received(token, replaced)
        return token

    def _at_fault(self, error: Exception) -> TokenEndpointError:
        self._health.record_failure(self._name, HOOK, error)
        return TokenEndpointError(f"The plugin {self._name} could not refresh the sign-in")
