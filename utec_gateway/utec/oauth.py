"""U-tec's authorization server: RFC 6749 with its own envelopes (utec-cloud 1)."""

import math
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from aiohttp import ClientSession

from utec_gateway.core.clock import Clock
from utec_gateway.core.errors import (
    GrantRefusedError,
    OptionsError,
    TokenAnswerError,
    TokenEndpointError,
    TokenRateLimitedError,
    UtecProtocolError,
    UtecUnavailableError,
)
from utec_gateway.core.models import Token
from utec_gateway.options.secret_destinations import origin_of
from utec_gateway.plugin_api.hookspecs import OptionsSource

from .transport import SLOW_DOWN, Answer, post

DEADLINE = 20.0
USUAL_LIFETIME = 601200
"""Seconds; used when the answer does not say (utec-cloud 1.5)."""
LONGEST_LIFETIME = 10 * 365 * 86400
GRANT_ERRORS = ("invalid_grant", "invalid_client", "unauthorized_client")
"""RFC 6749's words for a grant that only a person can replace; whatever else is said may heal."""
FORBIDDING = (401, 403)
TOO_MANY_REQUESTS, SERVER_ERROR = 429, 500


class ClientRefusedError(GrantRefusedError):
    """The token endpoint does not take the client id or the secret."""


class TokenEndpoint:
    """Exchanges codes and refresh tokens, one request each, no retries."""

    def __init__(self, session: ClientSession, settings: OptionsSource, clock: Clock) -> None:
        self._session = session
        self._settings = settings
        self._clock = clock

    def authorization_url(self, state: str) -> str:
        """Return the sign-in page's address; the secret is not needed in it (utec-cloud 1.1)."""
        options = self._settings.options
        for name in ("client_id", "client_secret", "redirect_uri"):
            if not getattr(options, name):
                raise OptionsError(name, "is needed before signing in")
        query = {
            "response_type": "code",
            "client_id": options.client_id,
            "scope": options.scope,
            "redirect_uri": options.redirect_uri,
            "state": state,
        }
        return f"{options.oauth_base_url}/authorize?{urlencode(query)}"

    async def exchange(self, code: str) -> Token:
        """Turn an authorization code into a token."""
        return await self._request({"grant_type": "authorization_code", "code": code})

    async def refresh(self, token: Token) -> Token:
        """Turn the refresh token into a newer token; a field that is missing stays."""
        if not token.refresh_token:
            raise GrantRefusedError("No refresh token available")
        newer = await self._request(
            {"grant_type": "refresh_token", "refresh_token": token.refresh_token}
        )
        return replace(
            newer,
            refresh_token=newer.refresh_token or token.refresh_token,
            scope=newer.scope or token.scope,
        )

    async def _request(self, grant: Mapping[str, str]) -> Token:
        options = self._settings.options
        form = {
            **grant,
            "client_id": options.client_id,
            "client_secret": options.client_secret,
            "redirect_uri": options.redirect_uri,
        }
        asked_at = self._clock.now()
        try:
            answer = await post(
                self._session, self._clock, f"{options.oauth_base_url}/token", DEADLINE, data=form
            )
            return replace(parse_token_answer(answer, asked_at), origin=origin_of(options))
        except UtecUnavailableError as error:
            failed = TokenEndpointError(str(error))
            failed.reached, failed.answered = error.reached, error.answered
            raise failed from error


def parse_token_answer(answer: Answer, issued_at: datetime) -> Token:
    """Read a token answer; only a non-empty string `access_token` counts (utec-cloud 1.7).

    Raises GrantRefusedError for an explicit OAuth error, TokenEndpointError for everything that
    may heal by itself.
    """
    if answer.status == TOO_MANY_REQUESTS:
        raise TokenRateLimitedError(SLOW_DOWN, retry_after=answer.retry_after)
    if answer.status >= SERVER_ERROR:
        said = f"U-tec's token endpoint failed with HTTP {answer.status}"
        raise TokenEndpointError(said, retry_after=answer.retry_after)
    try:
        body = answer.json()
    except UtecProtocolError as error:
        raise _unusable(str(error), answer.status) from error
    if not isinstance(body, Mapping):
        raise _unusable("U-tec's token answer is not a JSON object", answer.status)
    data = body.get("data")
    parts = (body, data) if isinstance(data, Mapping) else (body,)
    for part in parts:
        if _word(part.get("access_token")):
            return _token(part, issued_at)
    if oauth_error := _oauth_error(parts):
        raise _refusal(oauth_error)
    problem = f"U-tec's token answer (HTTP {answer.status}) holds no token"
    raise _unusable(problem, answer.status, body.get("code"))


def _token(part: Mapping[str, Any], issued_at: datetime) -> Token:
    return Token(
        access_token=part["access_token"],
        refresh_token=_word(part.get("refresh_token")),
        issued_at=issued_at,
        expires_at=issued_at + timedelta(seconds=_lifetime(part.get("expires_in"))),
        scope=_word(part.get("scope")),
    )


def _lifetime(value: Any) -> float:
    try:
        seconds = math.nan if isinstance(value, bool) else float(value)
    except (TypeError, ValueError, OverflowError):
        return USUAL_LIFETIME
    return seconds if 0 < seconds <= LONGEST_LIFETIME else USUAL_LIFETIME


def _unusable(problem: str, *said: Any) -> TokenAnswerError:
    """Return the error; who says that we may not ask, in a status or a code, is left in peace."""
    error = TokenAnswerError(problem)
    error.retryable = all(code not in FORBIDDING for code in said)
    return error


def _refusal(oauth_error: str) -> GrantRefusedError:
    """Return the refusal in a person's words; the server's may repeat our secrets."""
    refused = (
        ClientRefusedError("U-tec refused the client id or the client secret")
        if "client" in oauth_error
        else GrantRefusedError("U-tec refused the sign-in")
    )
    refused.oauth_error = oauth_error
    return refused


def _oauth_error(parts: tuple[Mapping[str, Any], ...]) -> str | None:
    """Return the OAuth error of a refusal in any of its shapes, or None (utec-cloud 1.7).

    A rate limit or a firewall answers 401 and 403 too, so that alone refuses nothing.
    """
    errors = {part["error"].lower() for part in parts if isinstance(part.get("error"), str)}
    if errors:
        return next((error for error in GRANT_ERRORS if error in errors), None)
    code = parts[0].get("code")
    if isinstance(code, int) and code >= SERVER_ERROR:
        return None
    said = " ".join(str(part.get("message", "")) for part in parts).lower()
    return next((error for error in GRANT_ERRORS if error in said), None)


def _word(value: Any) -> str | None:
    return value if isinstance(value, str) and value.strip() else None
