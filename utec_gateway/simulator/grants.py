"""Who may do what: codes, access tokens and refresh tokens, their births and deaths."""

import random
from dataclasses import dataclass
from datetime import datetime, timedelta

from utec_gateway.core.clock import Clock

from .behaviour import OAuthBehaviour
from .enums import Rotation


class GrantRefusedError(Exception):
    """A refusal in the words of RFC 6749."""

    def __init__(self, error: str, description: str) -> None:
        super().__init__(description)
        self.error = error
        self.description = description


@dataclass(frozen=True, slots=True)
class IssuedTokens:
    """What one successful grant hands out."""

    access_token: str
    refresh_token: str | None
    expires_in: int
    expires_at: datetime


@dataclass(slots=True)
class _Code:
    redirect_uri: str | None
    expires_at: datetime


@dataclass(slots=True)
class _AccessToken:
    expires_at: datetime
    calls_left: int | None
    supersedes: str | None


@dataclass(slots=True)
class _RefreshToken:
    expires_at: datetime | None
    supersedes: str | None


class Grants:
    """The account's sign-ins; a secret that is not in here is not valid."""

    def __init__(self, clock: Clock, rng: random.Random, behaviour: OAuthBehaviour) -> None:
        self._clock = clock
        self._rng = rng
        self._behaviour = behaviour
        self._codes: dict[str, _Code] = {}
        self._access_tokens: dict[str, _AccessToken] = {}
        self._refresh_tokens: dict[str, _RefreshToken] = {}

    def issue_code(self, redirect_uri: str | None) -> str:
        """Return a code that can be redeemed once, and soon (A11)."""
        code = self._secret("CODE")
        lifetime = timedelta(seconds=self._behaviour.code_lifetime)
        self._codes[code] = _Code(redirect_uri, self._clock.now() + lifetime)
        return code

    def redeem(self, code: str, redirect_uri: str | None) -> IssuedTokens:
        """Exchange a code; a redirect URI that is given must be the one it was made for."""
        known = self._codes.get(code)
        if self._behaviour.refuse_grants or known is None:
            raise GrantRefusedError(
                "invalid_grant", "Authorization code doesn't exist or is invalid"
            )
        if self._clock.now() >= known.expires_at:
            raise GrantRefusedError("invalid_grant", "The authorization code has expired")
        if redirect_uri and known.redirect_uri and redirect_uri != known.redirect_uri:
            raise GrantRefusedError("invalid_grant", "The redirect URI does not match")
        if not self._behaviour.code_reusable:
            del self._codes[code]
        return self.issue_tokens()

    def refresh(self, refresh_token: str) -> IssuedTokens:
        """Renew a sign-in under the rotation rule of the moment (A7)."""
        known = self._refresh_tokens.get(refresh_token)
        if self._behaviour.refuse_grants or known is None:
            raise GrantRefusedError("invalid_grant", "Invalid refresh token")
        if known.expires_at is not None and self._clock.now() >= known.expires_at:
            raise GrantRefusedError("invalid_grant", "Refresh token has expired")
        self._bury(known)
        rotation = self._behaviour.rotation
        if rotation is Rotation.NO_NEW_TOKEN:
            return self._issue(supersedes=None, renewable=False)
        if rotation is Rotation.REVOKE_AT_ONCE:
            del self._refresh_tokens[refresh_token]
        doomed = refresh_token if rotation is Rotation.REVOKE_ON_FIRST_USE else None
        return self._issue(supersedes=doomed, renewable=True)

    def issue_tokens(self) -> IssuedTokens:
        """Return the tokens of a fresh sign-in."""
        return self._issue(supersedes=None, renewable=True)

    def accepts(self, access_token: str) -> bool:
        """Tell whether the token is good for this call, and charge the call to it (A12)."""
        known = self._access_tokens.get(access_token)
        if known is None or known.calls_left == 0 or self._clock.now() >= known.expires_at:
            return False
        if known.calls_left is not None:
            known.calls_left -= 1
        self._bury(known)
        return True

    def revoke_access_tokens(self) -> None:
        """End every access token now; refresh tokens live on."""
        self._access_tokens.clear()

    def revoke_refresh_tokens(self) -> None:
        """End every refresh token now; access tokens live out their time."""
        self._refresh_tokens.clear()

    def revoke_everything(self) -> None:
        """End all sign-ins, and the codes that could begin one."""
        self._codes.clear()
        self.revoke_access_tokens()
        self.revoke_refresh_tokens()

    def _issue(self, *, supersedes: str | None, renewable: bool) -> IssuedTokens:
        access_token = self._secret("ACCESS")
        refresh_token = self._secret("REFRESH") if renewable else None
        now = self._clock.now()
        seconds = self._behaviour.expires_in
        expires_at = now + timedelta(seconds=seconds)
        calls = self._behaviour.access_token_calls
        self._access_tokens[access_token] = _AccessToken(expires_at, calls, supersedes)
        if refresh_token is not None:
            lifetime = self._behaviour.refresh_token_lifetime
            dies_at = None if lifetime is None else now + timedelta(seconds=lifetime)
            self._refresh_tokens[refresh_token] = _RefreshToken(dies_at, supersedes)
        return IssuedTokens(access_token, refresh_token, seconds, expires_at)

    def _bury(self, used: _AccessToken | _RefreshToken) -> None:
        # The first use of either new token proves that the client has them: the old one may go.
        if used.supersedes is not None:
            self._refresh_tokens.pop(used.supersedes, None)
            used.supersedes = None

    def _secret(self, kind: str) -> str:
        return f"SIM-{kind}-{self._rng.getrandbits(96):024x}"
