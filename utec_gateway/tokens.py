"""The token's life: a good access token for whoever asks, one renewal at a time."""

import logging
from dataclasses import replace
from datetime import datetime, timedelta

from .background import SingleFlight
from .clock import Clock
from .errors import (
    GrantRefusedError,
    ReauthRequiredError,
    StateNotSavedError,
    TokenEndpointError,
    TokenRefreshError,
)
from .hooks import Hooks
from .hookspecs import OptionsSource
from .models import Refusal, Renewal, Token
from .notifications import Notifications
from .renewal import ask_for_renewal, say_until_when
from .state import State
from .store import StateStore

_LOGGER = logging.getLogger(__name__)

SHORTEST_PAUSE, LONGEST_PAUSE = 60.0, 900.0
"""Seconds between two scheduled renewals while the token endpoint fails."""
SHORTEST_REST = 5.0
"""Seconds between two scheduled renewals, however short tokens live."""
SHUTDOWN_GRACE = 2.5
"""Seconds a renewal in flight may take at shutdown: abandoning it can cost the sign-in."""


class TokenSource:
    """The only one who renews; every renewal is saved before it is used."""

    def __init__(
        self,
        hooks: Hooks,
        store: StateStore,
        settings: OptionsSource,
        notifications: Notifications,
        clock: Clock,
    ) -> None:
        self._hooks = hooks
        self._store = store
        self._settings = settings
        self._notifications = notifications
        self._clock = clock
        self._flight = SingleFlight(self._renew, "renewal")
        self._failures = 0
        self._not_before = 0.0
        self._renewed_at = float("-inf")
        self._refused_token: str | None = None
        self._refused_at = float("-inf")
        """When the cloud last refused that access token, whatever its dates say."""
        self.failing_since: datetime | None = None
        """Since when renewals have failed for a reason that may pass, or None."""

    @property
    def token(self) -> Token | None:
        """Return the token as it is saved."""
        return self._store.state.token

    @property
    def refusal(self) -> Refusal | None:
        """Return why a person must sign in again; corrected credentials deserve a new attempt."""
        refusal = self._store.state.refusal
        is_ours = refusal and refusal.credentials == self._settings.options.credentials
        return refusal if is_ours else None

    @property
    def is_usable(self) -> bool:
        """Tell whether there is an access token that has neither expired nor just been refused.

        A refusal by the cloud delays and does not condemn: it may have been a glitch.
        """
        token = self.token
        if token is None or token.is_expired(self._clock.now()):
            return False
        since_refused = self._clock.monotonic() - self._refused_at
        return token.access_token != self._refused_token or since_refused > LONGEST_PAUSE

    @property
    def needs_sign_in(self) -> bool:
        """Tell whether only a person can get another access token."""
        return self.token is None or bool(self.refusal) or not self.token.refresh_token

    async def access_token(self, refused: str | None = None) -> str:
        """Return a good access token, another than the one the cloud `refused`.

        Callers wait for a renewal only when there is nothing good to hand out meanwhile.
        """
        if refused:
            self._refused_token, self._refused_at = refused, self._clock.monotonic()
        token = self.token
        if token and self.is_usable:
            return token.access_token
        is_fresh = self._clock.monotonic() - self._renewed_at < SHORTEST_PAUSE
        if is_fresh and token and token.access_token == self._refused_token:
            raise TokenEndpointError("U-tec refuses even a fresh access token. Waiting a minute")
        try:
            return (await self.renew()).access_token
        except TokenRefreshError:
            _LOGGER.error("Unable to obtain valid access token")  # noqa: TRY400 - renew said why
            raise

    async def renew(self) -> Token:
        """Renew now, or join the renewal in flight; raise TokenRefreshError when it fails."""
        return await self._flight()

    def due_in(self) -> float:
        """Return seconds until the scheduled renewal, infinite when none is to be made."""
        token, options = self.token, self._settings.options
        if token is None or self.needs_sign_in or not options.auto_refresh_enabled:
            return float("inf")
        now = self._clock.now()
        due_at = token.renewal_due_at(
            timedelta(minutes=options.refresh_buffer_minutes),
            timedelta(hours=options.renew_every_hours) or None,
        )
        is_due = bool(self.failing_since) or token.is_from_the_future(now)
        due = 0.0 if is_due else (due_at - now).total_seconds()
        return max(due, self._not_before - self._clock.monotonic())

    async def renew_on_schedule(self) -> None:
        """Renew because the clock says so."""
        token = self.token
        buffer = timedelta(minutes=self._settings.options.refresh_buffer_minutes)
        if token and token.expires_at - self._clock.now() <= buffer:
            _LOGGER.warning("Token expired or expiring soon, attempting refresh...")
        else:
            _LOGGER.info("Renewing the sign-in early, while there is time to spare")
        await self.renew()
        _LOGGER.info("Scheduled token refresh successful")

    async def adopt(self, token: Token) -> None:
        """Take over the token of a new sign-in: saved before it is used, all trouble forgotten."""
        line = Renewal(self._clock.now(), succeeded=True, detail="signed in")
        await self._store.update(
            lambda state: replace(
                state, token=token, previous_refresh_token=None, refusal=None
            ).with_renewal(line)
        )
        self._forget_trouble()
        _LOGGER.info("Signed in to U-tec")
        self.announce()

    def announce(self) -> None:
        """Log until when the token is good, and say in time what keeps it from being renewed."""
        if self.token:
            say_until_when(self.token, self._settings.options.refresh_buffer_minutes)
            self.remind()

    def remind(self) -> None:
        """Say that only a person can renew the sign-in, if so; it gets worse as time runs out."""
        token, refusal = self.token, self.refusal
        if token is None or not self.needs_sign_in:
            return
        self._notifications.reauth_required(
            refusal.reason if refusal else "No refresh token available",
            token.expires_at if self.is_usable else None,
        )

    async def close(self) -> None:
        """Let a renewal in flight land."""
        await self._flight.close(SHUTDOWN_GRACE)

    async def _renew(self) -> Token:
        token = self.token
        if token is None:
            raise ReauthRequiredError("Nobody has signed in to U-tec yet")
        if self.refusal:
            raise ReauthRequiredError(f"Sign in to U-tec again: {self.refusal.reason}")
        credentials = self._settings.options.credentials
        try:
            await self._be_sure_to_remember()
            newer, used = await ask_for_renewal(
                self._hooks, token, self._store.state.previous_refresh_token
            )
        except GrantRefusedError as error:
            await self._refused(token, error, credentials)
            raise
        except TokenRefreshError as error:
            await self._failed(token, error)
            raise
        return await self._keep(token, newer, used)

    async def _be_sure_to_remember(self) -> None:
        """Prove the disk before a renewal: a rotated token that is lost is a lost account.

        With an access token that has run out or was refused there is nothing left to protect.
        """
        try:
            await self._store.save()
        except StateNotSavedError as error:
            if self.is_usable:
                raise TokenRefreshError(f"{error}; renewing now could lose the sign-in") from error

    async def _keep(self, token: Token, newer: Token, used: str | None) -> Token:
        def renewed(state: State) -> State:
            if state.token != token:  # somebody signed in meanwhile: theirs is the better one
                return state
            line = Renewal(self._clock.now(), succeeded=True, detail="renewed")
            kept = used if used != newer.refresh_token else None
            return replace(
                state, token=newer, previous_refresh_token=kept, refusal=None
            ).with_renewal(line)

        await self._store.update(renewed)
        self._forget_trouble()
        self._renewed_at = self._clock.monotonic()
        rest = min(newer.lifetime.total_seconds() / 2, SHORTEST_PAUSE)
        self._not_before = self._renewed_at + max(SHORTEST_REST, rest)
        _LOGGER.info("Access token refreshed successfully")
        self.announce()
        return self.token or newer

    def _forget_trouble(self) -> None:
        self._failures, self._not_before, self.failing_since = 0, 0.0, None
        self._notifications.signed_in()

    async def _refused(self, token: Token, error: GrantRefusedError, credentials: str) -> None:
        """Remember that only a person can help, and make no more attempts."""
        _LOGGER.error("Token refresh failed: %s", error)
        now = self._clock.now()

        def refused(state: State) -> State:
            if state.token != token:
                return state
            line = Renewal(now, succeeded=False, detail=str(error))
            return replace(state, refusal=Refusal(now, str(error), credentials)).with_renewal(line)

        await self._store.update(refused)
        self.remind()

    async def _failed(self, token: Token, error: TokenRefreshError) -> None:
        """Slow down; the access token stays in use until it really expires."""
        _LOGGER.error("Token refresh failed: %s", error)
        now = self._clock.now()
        self._failures += 1
        self.failing_since = self.failing_since or now
        pause = min(SHORTEST_PAUSE * 2 ** min(self._failures - 1, 10), LONGEST_PAUSE)
        self._not_before = self._clock.monotonic() + pause
        next_attempt = now + timedelta(seconds=pause)
        self._notifications.renewal_failing(error, token, self.failing_since, next_attempt)
        if self._failures == 1:
            line = Renewal(now, succeeded=False, detail=str(error))
            await self._store.update(lambda state: state.with_renewal(line))
