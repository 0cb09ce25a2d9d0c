"""A refused sign-in: since when, why, and when U-tec is asked again."""

from dataclasses import dataclass
from datetime import datetime, timedelta

ASK_AGAIN_AFTER = (timedelta(hours=1), timedelta(hours=6))
"""After a refusal, and from then on daily."""


@dataclass(frozen=True)
class Refusal:
    """Why a person must sign in again; it may be a mistake, so U-tec is asked again, rarely."""

    since: datetime
    reason: str
    credentials: str
    """The fingerprint of the credentials that were refused; others deserve a new attempt."""
    asked_at: datetime
    """When U-tec was last asked."""

    @property
    def ask_again_at(self) -> datetime:
        """Return when to ask again by ourselves: an hour after the refusal, six, then daily."""
        asked_after = self.asked_at - self.since
        pauses = (*ASK_AGAIN_AFTER, timedelta(days=asked_after.days + 1))
        return self.since + next(pause for pause in pauses if pause > asked_after)
