"""The sign-in and the key, and their form in the state file."""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from utec_gateway.core.models import Token
from utec_gateway.core.refusal import Refusal

from .json_file import parse_date, text_or_none

VERSION = 1
LEFT_OVER = (
    *("account", "devices", "low_since", "good_since"),
    *("notifications", "told", "renewals"),
)
"""What 0.1.1 kept in the state file."""


@dataclass(frozen=True)
class State:
    """Everything in the state file."""

    api_key: str = field(repr=False)
    token: Token | None = None
    previous_refresh_token: str | None = field(default=None, repr=False)
    """Kept until the token's own refresh token has worked once (utec-cloud 1.6)."""
    refusal: Refusal | None = None
    token_serial: int = field(default=0, compare=False)
    """Grows with every token received: what is newer must not depend on a clock that may jump."""
    left_over: Mapping[str, Any] = field(default_factory=dict, repr=False)
    """What has files of its own now, until those are written."""

    @property
    def secrets(self) -> Mapping[str, str | None]:
        """Return what no log may show, by its source."""
        return {
            "api_key": self.api_key,
            "previous_refresh_token": self.previous_refresh_token,
            "access_token": self.token.access_token if self.token else None,
            "refresh_token": self.token.refresh_token if self.token else None,
        }

    def to_json(self) -> dict[str, Any]:
        """Return the content of the state file."""
        return {
            **self.left_over,
            "version": VERSION,
            "api_key": self.api_key,
            "token": self.token and token_to_json(self.token),
            "previous_refresh_token": self.previous_refresh_token,
            "token_serial": self.token_serial,
            "refusal": self.refusal
            and {
                "since": self.refusal.since.isoformat(),
                "reason": self.refusal.reason,
                "credentials": self.refusal.credentials,
                "asked_at": self.refusal.asked_at.isoformat(),
            },
        }


def parse_state(raw: Any) -> State:
    """Read the content of a state file; raise ValueError when it is not one.

    What is left over is read by its new owner: damage in it never costs the sign-in.
    """
    if not isinstance(raw, Mapping) or not isinstance(raw.get("api_key"), str):
        raise ValueError("not a state file")
    return State(
        api_key=raw["api_key"],
        token=parse_token(raw.get("token")),
        previous_refresh_token=text_or_none(raw.get("previous_refresh_token")),
        token_serial=serial if isinstance(serial := raw.get("token_serial"), int) else 0,
        refusal=_parse_refusal(raw.get("refusal")),
        left_over={name: raw[name] for name in LEFT_OVER if name in raw},
    )


def token_to_json(token: Token) -> dict[str, Any]:
    """Return a token's form in the state file."""
    return {
        "access_token": token.access_token,
        "refresh_token": token.refresh_token,
        "expires_at": token.expires_at.isoformat(),
        "issued_at": token.issued_at.isoformat(),
        "scope": token.scope,
        "origin": token.origin,
    }


def parse_token(raw: Any) -> Token | None:
    """Read a token; raise ValueError when it is damaged."""
    if raw is None:
        return None
    if not isinstance(raw, Mapping) or not text_or_none(raw.get("access_token")):
        raise ValueError("the token in the state file is damaged")
    return Token(
        access_token=raw["access_token"],
        refresh_token=text_or_none(raw.get("refresh_token")),
        issued_at=parse_date(raw.get("issued_at")),
        expires_at=parse_date(raw.get("expires_at")),
        scope=text_or_none(raw.get("scope")),
        origin=text_or_none(raw.get("origin")),
    )


def _parse_refusal(raw: Any) -> Refusal | None:
    """Read a refusal; a damaged one is forgotten, and the cloud will repeat it."""
    if not isinstance(raw, Mapping):
        return None
    with suppress(ValueError):
        since = parse_date(raw.get("since"))
        return Refusal(
            since=since,
            reason=str(raw.get("reason")),
            credentials=str(raw.get("credentials")),
            asked_at=parse_date(at) if (at := raw.get("asked_at")) else since,
        )
    return None
