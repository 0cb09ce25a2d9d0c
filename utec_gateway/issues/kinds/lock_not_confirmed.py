"""A command was accepted and the bolt not seen to move."""

from datetime import datetime

from utec_gateway.core.issue import Issue, Severity, Text
from utec_gateway.core.models import Device, Operation

KIND = "lock_not_confirmed"


def key(lock: Device) -> str:
    """Return the key of what became of the last command for a lock that was not obeyed."""
    return f"{KIND}_{lock.tag}"


def issue(lock: Device, operation: Operation, now: datetime) -> Issue:
    """Return the issue; an ERROR has said that the bolt is jammed, too."""
    state = Text(f"{KIND}.seen_{lock.reported_state}")
    return Issue(
        key(lock),
        Text(f"{KIND}.title_{operation}", {"lock": lock.name}),
        Text(f"{KIND}.message_{operation}", {"lock": lock.name, "at": now, "state": state}),
        Severity.ERROR if lock.is_jammed else Severity.WARNING,
        lock=lock.tag,
        is_event=True,
    )
