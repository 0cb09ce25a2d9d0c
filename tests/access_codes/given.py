"""Guests, and the users that a cloud lists, as tests of pure functions need them."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from utec_gateway.access_codes.record import Record, Step
from utec_gateway.core.access_codes import Schedule
from utec_gateway.utec.lock_users import ListedUser, UserId

wall = datetime.fromisoformat
NOW = datetime(2026, 11, 26, 12, 0, tzinfo=UTC)
WEEKEND = Schedule(wall("2026-11-27 15:00"), wall("2026-11-29 11:00"))
LATER = replace(WEEKEND, ends=wall("2026-11-30 11:00"))
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)


def record(name: str = "Anna", **more: Any) -> Record:
    """Return a guest as somebody asked for it just now."""
    return replace(Record(f"id of {name}", "tag", name, WEEKEND, NOW, NOW, has_code=True), **more)


def added(name: str = "Anna", **more: Any) -> Record:
    """Return a guest whom the cloud accepted just now."""
    return replace(record(name).sending(Step.ADD, NOW), **more)


def on_lock(name: str = "Anna", user_id: UserId = 7, **more: Any) -> Record:
    """Return a guest whom the last list showed, an hour after it was sent."""
    sent = added(name, sent_at=NOW - HOUR, user_id=user_id)
    return replace(sent, **{"is_synced": True, "unsettled_since": None, **more})


def user(name: str = "Anna", user_id: UserId = 7, **more: Any) -> ListedUser:
    """Return a temporary user whom the lock knows."""
    return replace(ListedUser(user_id, name, 2, is_synced=True), **more)
