"""What a person is told."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class DeliveryState(StrEnum):
    """How far a notification has come on its way to people."""

    PENDING = "held"
    SENDING = "under_way"
    SENT = "told"


@dataclass(frozen=True)
class Notification:
    """Something a person should know, in plain text; `id` is stable, so it is updated in place."""

    id: str
    title: str
    message: str
    raised_at: datetime
    urgency: int = 0
    """Larger is worse; people are told again only when it grows."""
    delivery: DeliveryState = DeliveryState.PENDING
    at_once: bool = False
    """Whether it does not come and go by itself, so that people hear of it each time."""
    dismissed_at: datetime | None = None
    """When a person dismissed it where it was shown; None again once it got worse."""
    what: str = ""
    """The key of its title, which is the same in every language; files of 0.1.1 have none."""

    @property
    def is_new(self) -> bool:
        """Tell whether people have not been told yet; else only the text is refreshed."""
        return self.delivery is not DeliveryState.SENT

    @property
    def is_news(self) -> bool:
        """Return `is_new` under the name that plugins written for 0.1.0 know."""
        return self.is_new
