"""A command was accepted and the bolt not seen to move."""

from datetime import datetime

from utec_gateway.core.issue import Issue, Severity, Text
from utec_gateway.core.models import Device, Operation

KIND = "lock_not_confirmed"
SAID_OF_A_BOLT = frozenset({Operation.LOCK, Operation.UNLOCK})
"""The operations with a text of their own; the others are named in the one for commands."""


def key(lock: Device) -> str:
    """Return the key of what became of the last command for a lock that was not obeyed."""
    return f"{KIND}_{lock.tag}"


def issue(lock: Device, operation: Operation, now: datetime) -> Issue:
    """Return the issue; an ERROR has said that the bolt is jammed, too."""
    state = Text(f"{KIND}.seen_{lock.reported_state}")
    which = operation if operation in SAID_OF_A_BOLT else "command"
    what = Text(f"operations.{operation}")
    says_jammed = which == operation and lock.is_jammed
    return Issue(
        key(lock),
        Text(f"{KIND}.title_{which}", {"lock": lock.name}),
        Text(
            f"{KIND}.message_{which}", {"lock": lock.name, "at": now, "state": state, "what": what}
        ),
        Severity.ERROR if says_jammed else Severity.WARNING,
        lock=lock.tag,
        is_event=True,
    )
