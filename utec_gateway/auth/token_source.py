"""The token's life: a good access token for whoever asks, refreshed in time."""

import logging
from datetime import timedelta

from utec_gateway.core.backoff import Failure
from utec_gateway.core.clock import Clock
from utec_gateway.core.errors import (
    InvalidTokenError,
    ReauthRequiredError,
    TokenEndpointError,
    TokenRefreshError,
)
from utec_gateway.core.events import Event
from utec_gateway.core.models import Token
from utec_gateway.core.refusal import Refusal
from utec_gateway.core.tasks import SingleFlight
from utec_gateway.options.secret_destinations import usable
from utec_gateway.plugin_api.hookspecs import OptionsSource
from utec_gateway.plugin_api.sign_in_status import SignInStatus
from utec_gateway.storage.state_store import StateStore

from .refresh import NEVER, TokenRefresh

_LOGGER = logging.getLogger(__name__)

FRESH = 60.0
"""Seconds; a token of that age that is refused may not be known everywhere yet."""
REFUSED_FOR = 900.0
"""Seconds for which an access token that the cloud refused is not handed out."""
SHUTDOWN_GRACE = 2.5
"""Seconds that a refresh under way may take at shutdown: abandoning it can cost the sign-in."""


class TokenSource:
    """Knows the present token, when it is refreshed, and what keeps it from being refreshed."""

    def __init__(
        self,
        refresher: TokenRefresh,
        store: StateStore,
        settings: OptionsSource,
        clock: Clock,
    ) -> None:
        self._refresher = refresher
        self._flight = SingleFlight(self._refresh, "token refresh")
        self._backoff = refresher.backoff
        self._store = store
        self._settings = settings
        self._clock = clock
        self.changed = Event[SignInStatus]("the sign-in")
        """Emitted after every sign-in and every attempt to refresh it."""
        self._refused_token: str | None = None
        self._refused_at = float("-inf")
        """When the cloud last refused that access token, whatever its dates say."""

    @property
    def token(self) -> Token | None:
        """Return the token as it is saved, if it may be used with the present options."""
        return usable(self._store.state.token, self._settings.options)

    @property
    def refusal(self) -> Refusal | None:
        """Return why a person must sign in again; corrected credentials deserve a new attempt."""
        refusal = self._store.state.refusal
        is_ours = refusal and refusal.credentials == self._settings.options.credentials
        return refusal if is_ours else None

    @property
    def failure(self) -> Failure | None:
        """Return why refreshing fails for a reason that may pass, or None."""
        return self._backoff.failure

    @property
    def is_usable(self) -> bool:
        """Tell whether there is an access token that has neither expired nor just been refused.

        A refusal by the cloud delays and does not condemn: it may have been a glitch.
        """
        token = self.token
        if token is None or token.is_expired(self._clock.now()):
            return False
        since_refused = self._clock.monotonic() - self._refused_at
        return token.access_token != self._refused_token or since_refused > REFUSED_FOR

    @property
    def is_fresh(self) -> bool:
        """Tell whether the access token is only seconds old."""
        return self._clock.monotonic() - self._refresher.issued_at < FRESH

    @property
    def reauth_required(self) -> bool:
        """Tell whether a person should sign in: by ourselves another token is unlikely."""
        return self.token is None or bool(self.refusal) or not self.token.refresh_token

    def status(self) -> SignInStatus:
        """Return the dates of the sign-in."""
        token, due_in = self.token, self.due_in()
        if token is None:
            return SignInStatus()
        is_planned = due_in < float("inf")
        next_refresh = self._clock.now() + timedelta(seconds=due_in) if is_planned else None
        refresh_at = next_refresh and next_refresh.replace(microsecond=0)
        return SignInStatus(token.issued_at, token.expires_at, refresh_at, self.reauth_required)

    @property
    def is_proven(self) -> bool:
        """Tell whether a sign-in or a refresh has succeeded since the start."""
        return self._refresher.issued_at > NEVER

    @property
    def is_signed_out(self) -> bool:
        """Tell whether U-tec cannot be asked until a person signs in."""
        return self.reauth_required and not self.is_usable

    async def access_token(self, refused: str | None = None, *, is_urgent: bool = False) -> str:
        """Return a good access token, another than the one the cloud `refused`.

        Callers wait for a refresh only when there is nothing good to hand out meanwhile. With
        `is_urgent` a person waits: the token endpoint is asked whatever the pause.
        """
        if refused:
            self._refused_token, self._refused_at = refused, self._clock.monotonic()
        token = self.token
        if token and self.is_usable:
            return token.access_token
        try:
            self._check_pause(is_urgent=is_urgent)
            return (await self.refresh()).access_token
        except (TokenRefreshError, InvalidTokenError):
            _LOGGER.error("Unable to obtain valid access token")  # noqa: TRY400 - refresh said why
            raise

    def available_in(self) -> float:
        """Return seconds until `access_token` may succeed by itself, infinite without a person."""
        if self.is_usable:
            return 0.0
        if self.token is None or not self.token.refresh_token:
            return float("inf")
        return max(self._refused_although_fresh_for, self._pause, 0.0)

    async def refresh(self) -> Token:
        """Refresh now, or join the refresh under way; raise TokenRefreshError when it fails."""
        return await self._flight()

    async def _refresh(self) -> Token:
        try:
            token = await self._refresher.run(is_usable=self.is_usable)
        finally:
            self.changed.emit(self.status())
        self.log_expiry()
        return token

    def due_in(self) -> float:
        """Return seconds until the scheduled refresh, infinite when there is none."""
        token, options = self.token, self._settings.options
        if token is None or not token.refresh_token or not options.auto_refresh_enabled:
            return float("inf")
        if self.refusal or self.failure:
            return self._pause
        now = self._clock.now()
        due_at = token.refresh_due_at(
            timedelta(minutes=options.refresh_buffer_minutes),
            timedelta(hours=options.renew_every_hours) or None,
        )
        due = 0.0 if token.is_from_the_future(now) else (due_at - now).total_seconds()
        return max(due, self._refresher.rest_until - self._clock.monotonic())

    @property
    def _pause(self) -> float:
        """Return seconds until we ask the token endpoint by ourselves, not positive when we may."""
        refusal, now = self.refusal, self._clock.now()
        if refusal is None or refusal.since > now:
            return self._backoff.pause
        return max(self._backoff.pause, (refusal.ask_again_at - now).total_seconds())

    @property
    def _refused_although_fresh_for(self) -> float:
        """Return for how many seconds a refused token counts as too young to be replaced."""
        if self.token is None or self.token.access_token != self._refused_token:
            return 0.0
        return self._refresher.refreshed_at + FRESH - self._clock.monotonic()

    def _check_pause(self, *, is_urgent: bool) -> None:
        """Raise what keeps us from asking for another token just now."""
        if self._refused_although_fresh_for > 0:
            raise InvalidTokenError("U-tec refuses even a fresh access token. Waiting a minute")
        if is_urgent or self._pause <= 0:
            return
        if self.refusal:
            raise ReauthRequiredError(f"Sign in to U-tec again: {self.refusal.reason}")
        if self.failure:
            raise TokenEndpointError(str(self.failure.error))

    async def refresh_on_schedule(self) -> None:
        """Refresh because the clock says so."""
        token = self.token
        buffer = timedelta(minutes=self._settings.options.refresh_buffer_minutes)
        if self.refusal:
            _LOGGER.info("Asking U-tec once more: a refusal may have been a mistake")
        elif token and token.expires_at - self._clock.now() <= buffer:
            _LOGGER.warning("Token expired or expiring soon, attempting refresh...")
        else:
            _LOGGER.info("Renewing the sign-in early, while there is time to spare")
        await self.refresh()
        _LOGGER.info("Scheduled token refresh successful")

    async def store_token(self, token: Token) -> None:
        """Take over the token of a new sign-in."""
        await self._refresher.store_token(token)
        self.changed.emit(self.status())
        self.log_expiry()

    async def take_over(self) -> None:
        """Begin with the token that was found at start, whoever earned it."""
        await self._refresher.bind()
        self.log_expiry()

    def log_expiry(self) -> None:
        """Log until when the token is good."""
        if self.token:
            say_until_when(self.token, self._settings.options.refresh_buffer_minutes)

    async def close(self) -> None:
        """Let a refresh under way finish."""
        await self._flight.close(self._clock.timeout(SHUTDOWN_GRACE))


def say_until_when(token: Token, buffer_minutes: int) -> None:
    """Log until when a token is good, and what keeps it from being refreshed as wished."""
    _LOGGER.info("Token will expire at: %s", token.expires_at.isoformat(timespec="seconds"))
    if timedelta(minutes=buffer_minutes) > token.lifetime / 2:
        _LOGGER.warning(
            'The option "refresh_buffer_minutes" (%d) is longer than half the token\'s life, '
            "so that half is used",
            buffer_minutes,
        )
    if not token.refresh_token:
        _LOGGER.error("No refresh token available")
