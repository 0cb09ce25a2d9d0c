"""The sign-in in one quiet line, in the words of a person: when, and for how long."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from markupsafe import Markup

from utec_gateway.auth.token_source import TokenSource
from utec_gateway.web.i18n import Translator
from utec_gateway.web.panel.sign_in.token_life import next_refresh

UNITS = (
    ("days", timedelta(days=1)),
    ("hours", timedelta(hours=1)),
    ("minutes", timedelta(minutes=1)),
)


@dataclass(frozen=True)
class SignInLine:
    """How the sign-in stands."""

    is_usable: bool
    refreshes_at: datetime | None
    """None when nobody but a person refreshes it."""
    left: Markup
    """For how long the present one is good."""


def sign_in_line(tokens: TokenSource, now: datetime, t: Translator) -> SignInLine | None:
    """Return the line, None for those who have not signed in."""
    token = tokens.token
    if token is None:
        return None
    due_at = None if tokens.reauth_required else next_refresh(tokens.due_in(), now)
    return SignInLine(tokens.is_usable, due_at, duration(token.expires_at - now, t))


def duration(span: timedelta, t: Translator) -> Markup:
    """Return a span in the largest unit that fits twice: 24 hours rather than one day."""
    for unit, length in UNITS:
        if span >= 2 * length:
            return t(f"duration.{unit}", number=span // length)
    return t("duration.moments")
