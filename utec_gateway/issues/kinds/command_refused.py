"""A command was not carried out, and whoever gave it did not see the answer."""

from datetime import datetime

from utec_gateway.core.errors import GatewayError, ReauthRequiredError
from utec_gateway.core.issue import Issue, Text
from utec_gateway.core.models import Device, Operation

from . import lock_not_confirmed

KEY = "command_refused"
"""While no lock is known that could be named."""


def issue(operation: Operation, error: GatewayError, lock: Device | None, now: datetime) -> Issue:
    """Return the issue; it takes the place of what an earlier command for the lock came to."""
    is_signed_out = isinstance(error, ReauthRequiredError)
    kind = operation if operation in lock_not_confirmed.SAID_OF_A_BOLT else "command"
    which = kind if lock else f"{kind}_unknown"
    facts = {
        "lock": lock.name if lock else "",
        "at": now,
        "what": Text(f"operations.{operation}"),
        "why": Text(f"{KEY}.signed_out") if is_signed_out else error,
    }
    return Issue(
        lock_not_confirmed.key(lock) if lock else KEY,
        Text(f"{KEY}.title_{which}", facts),
        Text(f"{KEY}.message_{which}", facts),
        lock=lock.tag if lock else "",
        is_event=True,
    )
