"""Signing in: a fresh state out, an authorization code back in."""

import secrets
from collections import deque
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from enum import StrEnum

from utec_gateway.core.clock import Clock
from utec_gateway.core.errors import (
    CodeRefusedError,
    GatewayError,
    GrantRefusedError,
    InvalidRequestError,
)
from utec_gateway.core.events import Event
from utec_gateway.core.models import Operation, Token
from utec_gateway.plugin_api.hook_calls import Hooks
from utec_gateway.utec.oauth import ClientRefusedError

from .authorization_response import AuthorizationResponse, read_responses, undecorated_code
from .token_source import TokenSource

STATE_LIFETIME = 15 * 60.0
"""Seconds between leaving for the sign-in page and coming back."""
MOST_STATES = 1000
"""Sign-ins that may be under way at once; none is given up before its time."""
REDEEMED_KEPT = 50
LONGEST_CODE = 2048


class Unusable(StrEnum):
    """Why an answer of U-tec's page signs nobody in."""

    DENIED = "denied"
    NO_CODE = "no_code"
    NOT_STARTED_HERE = "not_started_here"
    USED = "used"
    TOO_LATE = "too_late"


class NotSignedInError(InvalidRequestError):
    """What came from U-tec's page cannot be redeemed; `reason` is for whoever words it anew."""

    def __init__(self, message: str, reason: Unusable) -> None:
        super().__init__(message)
        self.reason = reason


class TooManySignInsError(GatewayError):
    """More sign-ins were started than anybody can mean; those under way are not given up."""

    code = "too_many_sign_ins"
    http_status = 429


class CredentialsRefusedError(CodeRefusedError):
    """The code may have been good: U-tec does not take the client id or the secret."""


class SignIn:
    """Owns the states that were issued; each is good once."""

    def __init__(
        self,
        hooks: Hooks,
        tokens: TokenSource,
        clock: Clock,
        hide: Callable[[Iterable[str]], None],
    ) -> None:
        self._hide = hide
        self._hooks = hooks
        self._tokens = tokens
        self._clock = clock
        self._issued: dict[str, float] = {}
        self._redeemed: deque[str] = deque(maxlen=REDEEMED_KEPT)
        self.signed_in = Event[None]("the sign-in")
        """Emitted after every sign-in."""

    @property
    def is_under_way(self) -> bool:
        """Tell whether somebody left for the sign-in page and may still come back in time."""
        return any(self._is_in_time(issued_at) for issued_at in self._issued.values())

    def authorization_url(self) -> str:
        """Return the sign-in page's address with a fresh state; raise OptionsError.

        A state that is in time is never given up for another: TooManySignInsError instead.
        """
        self._make_room()
        state = secrets.token_urlsafe(24)
        url = self._hooks.token_refresher().authorization_url(state)
        self._hide([state])
        self._issued[state] = self._clock.monotonic()
        return url

    def check_options(self) -> None:
        """Raise OptionsError until there is a sign-in page to lead to."""
        self._hooks.token_refresher().authorization_url("")

    def _make_room(self) -> None:
        """Forget the oldest state when there are too many, if nobody can use it any more."""
        if len(self._issued) < MOST_STATES:
            return
        oldest = next(iter(self._issued))
        if self._is_in_time(self._issued[oldest]):
            raise TooManySignInsError(
                "Too many sign-ins have been started. Wait a quarter of an hour, then try again"
            )
        del self._issued[oldest]

    async def by_address(self, address: str) -> Token:
        """Sign in with the address that the browser shows, or the code, however it was pasted."""
        return await self._by_response(self.read(address))

    async def by_pasted_code(self, pasted: str, state: str | None = None) -> Token:
        """Sign in with what somebody took for the code: it may be decorated, or the address."""
        response = self.read(pasted)
        if not response.query:
            return await self.by_code(undecorated_code(pasted), state)
        if state and response.query.get("state", state) != state:
            raise _not_started_here()
        query = response.query if state is None else {**response.query, "state": state}
        return await self._by_response(replace(response, query=query))

    def read(self, pasted: str) -> AuthorizationResponse:
        """Return what was pasted, read in the way that holds a state of ours if one does."""
        ways = tuple(read_responses(pasted))
        ours = (way for way in ways if way.query.get("state") in self._issued)
        return next(ours, next((way for way in ways if way.code), ways[0]))

    async def by_answer(self, query: Mapping[str, str]) -> Token:
        """Sign in with what U-tec's page sent to us; a stranger could, so `state` must be ours."""
        if not query.get("state"):
            raise _not_started_here()
        return await self._by_response(AuthorizationResponse("", query))

    async def _by_response(self, response: AuthorizationResponse) -> Token:
        if "error" in response.query:
            raise NotSignedInError(
                "U-tec's page says that access was denied. Start again", Unusable.DENIED
            )
        if not response.code:
            raise NotSignedInError(
                "That address holds no code. Copy the whole address that the browser shows "
                "after U-tec's page, with everything behind the question mark",
                Unusable.NO_CODE,
            )
        return await self.by_code(response.code, response.query.get("state"))

    async def by_code(self, code: str, state: str | None = None) -> Token:
        """Exchange an authorization code; a `state`, when given, must be ours, once, in time."""
        if state is not None:
            self._redeem(state)
        if len(code) > LONGEST_CODE:
            raise NotSignedInError("That is too long to be a code from U-tec", Unusable.NO_CODE)
        self._hide([code])
        refresher = self._hooks.token_refresher()
        try:
            token = await self._hooks.attempt(Operation.EXCHANGE_CODE, refresher.exchange, code)
        except GrantRefusedError as error:
            blames_us = isinstance(error, ClientRefusedError)
            refused = CredentialsRefusedError if blames_us else CodeRefusedError
            raise refused(
                f"{error}. The code is expired, already used, or made for another client id. "
                "Start the sign-in again"
            ) from error
        await self._tokens.store_token(token)
        self.signed_in.emit(None)
        return token

    def _redeem(self, state: str) -> None:
        issued_at = self._issued.pop(state, None)
        if issued_at is None:
            raise NotSignedInError(
                "This sign-in was not started here, or was already used. Start it again",
                Unusable.USED if state in self._redeemed else Unusable.NOT_STARTED_HERE,
            )
        self._redeemed.append(state)
        if not self._is_in_time(issued_at):
            raise NotSignedInError(
                "This sign-in took longer than 15 minutes. Start it again", Unusable.TOO_LATE
            )

    def _is_in_time(self, issued_at: float) -> bool:
        return self._clock.monotonic() - issued_at <= STATE_LIFETIME


def _not_started_here() -> NotSignedInError:
    return NotSignedInError(
        "This sign-in was not started here. Start it again", Unusable.NOT_STARTED_HERE
    )
