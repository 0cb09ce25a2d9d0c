"""A notification's form in a file."""

from collections.abc import Mapping
from typing import Any

from utec_gateway.core.notification import DeliveryState, Notification
from utec_gateway.storage.json_file import parse_date


def to_json(notification: Notification) -> dict[str, Any]:
    """Return what a file holds of a notification."""
    dismissed_at = notification.dismissed_at
    return {
        "id": notification.id,
        "title": notification.title,
        "message": notification.message,
        "raised_at": notification.raised_at.isoformat(),
        "urgency": notification.urgency,
        "telling": notification.delivery,
        "at_once": notification.at_once,
        "dismissed_at": dismissed_at and dismissed_at.isoformat(),
        **({"what": notification.what} if notification.what else {}),
    }


def parse_notification(raw: Mapping[str, Any]) -> Notification:
    """Read one; raise KeyError, TypeError or ValueError when it is none."""
    return Notification(
        id=str(raw["id"]),
        title=str(raw["title"]),
        message=str(raw["message"]),
        raised_at=parse_date(raw["raised_at"]),
        urgency=urgency if isinstance(urgency := raw.get("urgency"), int) else 0,
        delivery=DeliveryState(raw.get("telling", DeliveryState.SENT)),
        at_once=raw.get("at_once") is True,
        dismissed_at=parse_date(at) if (at := raw.get("dismissed_at")) else None,
        what=str(raw.get("what", "")),
    )
