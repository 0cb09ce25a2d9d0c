"""Getting a newer token: saved before it is used, every outcome remembered."""

import logging
from collections.abc import Callable
from dataclasses import replace

from utec_gateway.core.backoff import Backoff
from utec_gateway.core.clock import Clock
from utec_gateway.core.errors import (
    GrantRefusedError,
    ReauthRequiredError,
    StateNotSavedError,
    TokenRefreshError,
)
from utec_gateway.core.models import Operation, Token
from utec_gateway.core.refresh_record import RefreshRecord
from utec_gateway.core.refusal import Refusal
from utec_gateway.options.secret_destinations import bound, usable
from utec_gateway.plugin_api.hook_calls import Hooks
from utec_gateway.plugin_api.hookspecs import OptionsSource
from utec_gateway.storage.state import State
from utec_gateway.storage.state_store import StateStore

_LOGGER = logging.getLogger(__name__)

RETRY_INTERVAL = 60.0
"""Seconds between two attempts by ourselves while the token endpoint fails, at first."""
LONGEST_PAUSE, LONGEST_PAUSE_EXPIRED = 900.0, 300.0
"""Seconds between two attempts later, and when the locks do not answer without a newer token."""
SHORTEST_REST, LONGEST_REST = 5.0, 60.0
"""Seconds between two scheduled refreshes, however short tokens live."""
NEVER = float("-inf")


class TokenRefresh:
    """The only one who asks for a newer token and who stores one."""

    def __init__(
        self,
        hooks: Hooks,
        store: StateStore,
        settings: OptionsSource,
        record: Callable[[RefreshRecord], None],
        clock: Clock,
    ) -> None:
        self._hooks = hooks
        self._store = store
        self._settings = settings
        self._tell = record
        """Called with every sign-in and refresh, and with the first of several failures."""
        self._clock = clock
        self.backoff = Backoff(clock)
        self.rest_until = 0.0
        """Monotonic seconds before which no schedule renews again."""
        self.refreshed_at = self.issued_at = NEVER
        """Monotonic seconds of the last refresh, and of that or the last sign-in."""

    async def store_token(self, token: Token) -> None:
        """Take over the token of a new sign-in: saved before it is used, all trouble forgotten."""
        token = bound(token, self._settings.options)
        await self._store.update(
            lambda state: replace(state, token=token, previous_refresh_token=None, refusal=None)
        )
        self._record("signed in")
        self._reset_failures()
        _LOGGER.info("Signed in to U-tec")

    async def bind(self) -> None:
        """Give a token that an older gateway earned the origin that it is used with."""
        token, options = self._store.state.token, self._settings.options
        if token and token.origin is None:
            await self._store.update(lambda state: replace(state, token=bound(token, options)))

    async def run(self, *, is_usable: bool) -> Token:
        """Ask for a newer token and store it; raise TokenRefreshError when that fails.

        `is_usable` says whether the present one still works, and so could be lost.
        """
        token = self._usable_token()
        credentials = self._settings.options.credentials
        try:
            await self._verify_disk(is_usable=is_usable)
            newer, used = await self._ask(token, self._store.state.previous_refresh_token)
        except GrantRefusedError as error:
            await self._refused(token, error, credentials)
            raise
        except TokenRefreshError as error:
            self._failed(token, error)
            raise
        return await self._keep(token, newer, used)

    def _usable_token(self) -> Token:
        token = self._store.state.token
        if token is None:
            raise ReauthRequiredError("Nobody has signed in to U-tec yet")
        if usable(token, self._settings.options) is None:
            raise ReauthRequiredError("Sign in to U-tec again: its address and the secret changed")
        return token

    async def _verify_disk(self, *, is_usable: bool) -> None:
        """Prove the disk before a refresh: a rotated token that is lost is a lost account.

        With an access token that has run out or was refused there is nothing left to protect.
        """
        try:
            await self._store.save()
        except StateNotSavedError as error:
            if is_usable:
                raise TokenRefreshError(
                    f"{error}; refreshing now could lose the sign-in"
                ) from error

    async def _ask(self, token: Token, previous: str | None) -> tuple[Token, str | None]:
        """Return the newer token and the refresh token that earned it; raise TokenRefreshError.

        The previous refresh token is tried once when the present one is refused: a refresh whose
        answer was lost, or cut short by a crash, may have left the old one alive (utec-cloud 1.6).
        """
        if not token.refresh_token:
            _LOGGER.error("No refresh token available")
        refresher = self._hooks.token_refresher()

        async def refresh(token: Token) -> Token:
            self._usable_token()  # between two attempts a person may move to another address
            newer = await refresher.refresh(token)
            return replace(newer, origin=newer.origin or token.origin)

        try:
            newer = await self._hooks.attempt(Operation.REFRESH_TOKEN, refresh, token)
        except GrantRefusedError:
            if not previous or previous == token.refresh_token:
                raise
        else:
            return newer, token.refresh_token
        _LOGGER.warning("The refresh token was refused, trying the previous one")
        older = replace(token, refresh_token=previous)
        return await self._hooks.attempt(Operation.REFRESH_TOKEN, refresh, older), previous

    async def _keep(self, token: Token, newer: Token, used: str | None) -> Token:
        def refreshed(state: State) -> State:
            if state.token != token:  # somebody signed in meanwhile: theirs is the better one
                return state
            kept = used if used != newer.refresh_token else None
            return replace(state, token=newer, previous_refresh_token=kept, refusal=None)

        await self._store.update(refreshed)
        if self._store.state.token == newer:
            self._record("renewed")
        self._reset_failures()
        self.refreshed_at = self.issued_at
        rest = min(newer.lifetime.total_seconds() / 2, LONGEST_REST)
        self.rest_until = self.refreshed_at + max(SHORTEST_REST, rest)
        _LOGGER.info("Access token refreshed successfully")
        return self._store.state.token or newer

    def _reset_failures(self) -> None:
        self.issued_at = self._clock.monotonic()
        self.rest_until = 0.0
        self.backoff.reset()

    async def _refused(self, token: Token, error: GrantRefusedError, credentials: str) -> None:
        """Remember that a person is needed, unless it was a mistake."""
        _LOGGER.error("Token refresh failed: %s (%s)", error, error.oauth_error)
        now = self._clock.now()
        self.backoff.reset()

        def refused(state: State) -> State:
            if state.token != token:
                return state
            earlier = state.refusal
            is_known = earlier and earlier.credentials == credentials
            since = min(earlier.since, now) if earlier and is_known else now
            return replace(state, refusal=Refusal(since, str(error), credentials, asked_at=now))

        await self._store.update(refused)
        if self._store.state.token == token:
            self._record(str(error), succeeded=False)

    def _failed(self, token: Token, error: TokenRefreshError) -> None:
        """Slow down; the access token stays in use until it really expires."""
        _LOGGER.error("Token refresh failed: %s", error)
        is_first = self.backoff.failure is None
        self.backoff.failed(error, RETRY_INTERVAL, self._longest_pause(token, error))
        if is_first:
            self._record(str(error), succeeded=False)

    def _record(self, detail: str, *, succeeded: bool = True) -> None:
        self._tell(RefreshRecord(self._clock.now(), succeeded, detail))

    def _longest_pause(self, token: Token, error: TokenRefreshError) -> float:
        """Return how far the pauses may grow: what reached nobody costs nobody anything."""
        if not error.reached:
            return RETRY_INTERVAL
        is_expired = token.is_expired(self._clock.now())
        return LONGEST_PAUSE_EXPIRED if is_expired else LONGEST_PAUSE
