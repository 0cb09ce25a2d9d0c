"""A chart of the token's life: from issue to expiry, with now, the refreshes and the next one."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import inf

from utec_gateway.core.models import Token
from utec_gateway.core.refresh_record import RefreshRecord

WIDTH = 100
"""Per cent of the chart, left to right."""


@dataclass(frozen=True)
class Mark:
    """One point in time on the bar."""

    x: float
    at: datetime
    succeeded: bool = True


@dataclass(frozen=True)
class TokenLife:
    """Everything that the chart shows, in per cent of its width."""

    begins: Mark
    ends: Mark
    now: Mark
    next_refresh: Mark | None
    past: tuple[Mark, ...]

    @property
    def used(self) -> float:
        """Return the width of the part that has passed."""
        return round(max(0, min(self.now.x, self.ends.x) - self.begins.x), 1)

    @property
    def has_failures(self) -> bool:
        """Tell whether a refresh failed in this time."""
        return not all(mark.succeeded for mark in self.past)

    @property
    def whole(self) -> float:
        """Return the width of the token's life."""
        return round(self.ends.x - self.begins.x, 1)


def next_refresh(due_in: float, now: datetime) -> datetime | None:
    """Return when the sign-in is refreshed automatically, None when it is not."""
    return None if due_in == inf else now + timedelta(seconds=max(due_in, 0))


def token_life(
    token: Token, refreshes: Iterable[RefreshRecord], due_at: datetime | None, now: datetime
) -> TokenLife:
    """Return the chart of a token's life."""
    past = _recent(refreshes, token, now)
    first = min([token.issued_at, *(refresh.at for refresh in past)])
    span = max((max(token.expires_at, now) - first).total_seconds(), 1.0)

    def mark(at: datetime, *, succeeded: bool = True) -> Mark:
        x = round((at - first).total_seconds() / span * WIDTH, 1)
        return Mark(min(max(x, 0), WIDTH), at, succeeded)

    return TokenLife(
        begins=mark(token.issued_at),
        ends=mark(token.expires_at),
        now=mark(now),
        next_refresh=mark(due_at) if due_at else None,
        past=tuple(mark(refresh.at, succeeded=refresh.succeeded) for refresh in past),
    )


def _recent(refreshes: Iterable[RefreshRecord], token: Token, now: datetime) -> list[RefreshRecord]:
    """Return the refreshes since half a lifetime before the token, so that the bar is readable."""
    earliest = token.issued_at - token.lifetime / 2
    return [refresh for refresh in refreshes if earliest <= refresh.at <= now]
