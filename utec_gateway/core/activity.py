"""What happened at a lock, as Home Assistant's event entities tell it."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from .models import Device
from .outcome import CommandOutcome


class ActivityKind(StrEnum):
    """What can happen at a lock."""

    LOCKED = "locked"
    UNLOCKED = "unlocked"
    JAMMED = "jammed"
    DOOR_OPENED = "door_opened"
    DOOR_CLOSED = "door_closed"
    LOCK_NOT_CONFIRMED = "lock_not_confirmed"
    UNLOCK_NOT_CONFIRMED = "unlock_not_confirmed"
    REFUSED = "refused"
    OFFLINE = "offline"
    ONLINE = "online"
    BATTERY_LOW = "battery_low"


@dataclass(frozen=True)
class Activity:
    """One thing that was seen to happen at a lock, or came of a command for it."""

    kind: ActivityKind
    device: Device
    at: datetime
    command: CommandOutcome | None = None
    """The command that it came of, None for what happened outside of the gateway."""
