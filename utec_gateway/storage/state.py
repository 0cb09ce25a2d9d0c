"""What the gateway must remember over a restart, and its form in the state file."""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from utec_gateway.core.models import RefreshRecord, Refusal, Token

from .json_file import parse_date, parse_dates, parse_each

VERSION = 1
RENEWALS_KEPT = 100
LEFT_OVER = ("notifications", "told")


@dataclass(frozen=True)
class State:
    """Everything in the state file."""

    api_key: str = field(repr=False)
    token: Token | None = None
    previous_refresh_token: str | None = field(default=None, repr=False)
    """Kept until the token's own refresh token has worked once (utec-cloud 1.6)."""
    refusal: Refusal | None = None
    devices: tuple[Mapping[str, Any], ...] = ()
    """The Discovery entries last seen, so that a restart in an outage forgets no lock."""
    account: str | None = None
    """The fingerprint of the credentials that were signed in with; the devices are theirs."""
    renewals: tuple[RefreshRecord, ...] = ()
    low_since: Mapping[str, datetime] = field(default_factory=dict)
    """Since when a battery has been low, by the device's tag."""
    token_serial: int = field(default=0, compare=False)
    """Grows with every token received: what is newer must not depend on a clock that may jump."""
    good_since: Mapping[str, datetime] = field(default_factory=dict)
    """Since when a battery that was low has been good, by the device's tag."""
    left_over: Mapping[str, Any] = field(default_factory=dict, repr=False)
    """What 0.1.1 kept here and is in files of its own now, until those are written."""

    def with_refresh(self, renewal: RefreshRecord) -> "State":
        """Return the state with one more line of history, bounded."""
        return replace(self, renewals=(*self.renewals, renewal)[-RENEWALS_KEPT:])

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
            "devices": list(self.devices),
            "account": self.account,
            "renewals": [
                {"at": one.at.isoformat(), "succeeded": one.succeeded, "detail": one.detail}
                for one in self.renewals
            ],
            "low_since": {tag: at.isoformat() for tag, at in self.low_since.items()},
            "good_since": {tag: at.isoformat() for tag, at in self.good_since.items()},
        }


def parse_state(raw: Any) -> State:
    """Read the content of a state file; raise ValueError when it is not one.

    A damaged list of devices or of old news costs that list, never the sign-in.
    """
    if not isinstance(raw, Mapping) or not isinstance(raw.get("api_key"), str):
        raise ValueError("not a state file")
    return State(
        api_key=raw["api_key"],
        token=parse_token(raw.get("token")),
        previous_refresh_token=text_or_none(raw.get("previous_refresh_token")),
        token_serial=serial if isinstance(serial := raw.get("token_serial"), int) else 0,
        refusal=_parse_refusal(raw.get("refusal")),
        devices=tuple(entry for entry in _list(raw, "devices") if isinstance(entry.get("id"), str)),
        account=text_or_none(raw.get("account")),
        renewals=tuple(parse_each(raw.get("renewals"), _parse_renewal)),
        low_since=parse_dates(raw.get("low_since")),
        good_since=parse_dates(raw.get("good_since")),
        left_over={name: raw[name] for name in LEFT_OVER if name in raw},
    )


def _list(raw: Mapping[str, Any], name: str) -> list[Mapping[str, Any]]:
    value = raw.get(name)
    return [item for item in value if isinstance(item, Mapping)] if isinstance(value, list) else []


def _parse_renewal(raw: Mapping[str, Any]) -> RefreshRecord:
    return RefreshRecord(
        at=parse_date(raw.get("at")),
        succeeded=raw.get("succeeded") is True,
        detail=str(raw.get("detail")),
    )


def text_or_none(value: Any) -> str | None:
    """Return a text that is not empty, or None."""
    return value if isinstance(value, str) and value else None


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
