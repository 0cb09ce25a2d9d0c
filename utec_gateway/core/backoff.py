"""When a failing server is asked again: the one rule for whatever asks by itself."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from .clock import Clock
from .errors import GatewayError
from .readings import Moment

PATIENCE = 300.0
"""Seconds for which a failing server is still asked at the usual interval, if nobody says else."""
LONGEST_RETRY_AFTER = 86400.0
"""Seconds; a server that wants to be left alone for longer is mistaken."""


@dataclass(frozen=True)
class Failure:
    """A failure that lasts: since when, the latest error, the next attempt, the server's wish."""

    since: Moment
    error: GatewayError
    retry_at: datetime
    slow_down_until: datetime | None = None

    def __str__(self) -> str:
        """Return what happened, in words and in the machine's own zone."""
        if self.slow_down_until is None:
            return str(self.error)
        return f"U-tec asks to slow down until {self.slow_down_until.astimezone():%H:%M}"


class Backoff:
    """Owns the pause before the next attempt, and what is known of the failure behind it."""

    def __init__(self, clock: Clock, patience: float = PATIENCE) -> None:
        self._clock = clock
        self._patience = patience
        self._retry_at = self._slow_until = self._doubled = 0.0
        self.failure: Failure | None = None

    @property
    def pause(self) -> float:
        """Return seconds until the next attempt, not positive when it may be made."""
        return self._retry_at - self._clock.monotonic()

    @property
    def slow_down_for(self) -> float:
        """Return seconds that the server still wants to be left alone, not positive when over."""
        return self._slow_until - self._clock.monotonic()

    def failed(self, error: GatewayError, interval: float, longest: float) -> Failure:
        """Enter a failed attempt; `pause` says when the next may be made.

        The pause is the interval; each further failure doubles it, up to the longest, once the
        patience has run out.
        """
        now = Moment(self._clock.now(), self._clock.monotonic())
        since = self.failure.since if self.failure else now
        pause = interval
        if self.failure and now.monotonic - since.monotonic >= self._patience:
            self._doubled = pause = max(interval, min(2 * (self._doubled or interval), longest))
        if error.retry_after is not None:
            pause = max(pause, min(error.retry_after, LONGEST_RETRY_AFTER))
            self._slow_until = now.monotonic + pause
        left = self.slow_down_for
        until = now.wall + timedelta(seconds=left) if left > 0 else None
        rest = max(pause, left)
        self._retry_at = now.monotonic + rest
        self.failure = Failure(since, error, now.wall + timedelta(seconds=rest), until)
        return self.failure

    def retry_now(self) -> None:
        """End the pause: something may have cured the failure, but not the server's wish."""
        self._retry_at = self._slow_until

    def reset(self) -> None:
        """Forget the failure: the server did as asked."""
        self.failure = None
        self._retry_at = self._slow_until = self._doubled = 0.0
