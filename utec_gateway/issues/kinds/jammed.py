"""A bolt is stuck."""

from collections.abc import Iterator

from utec_gateway.core.issue import Issue, Over, Severity, Text
from utec_gateway.core.models import Device
from utec_gateway.core.readings import LockState
from utec_gateway.issues.facts import AccountFacts, Finding

from . import lock_not_confirmed

KIND = "jammed"


def check(facts: AccountFacts) -> Iterator[Finding]:
    """Say so of every bolt; while a command is under way, its end says it.

    What an offline lock last said is old news, and an unknown state proves nothing.
    """
    for lock in facts.devices.devices:
        if lock.is_jammed:
            if lock.id not in facts.devices.under_way:
                yield issue(lock)
        elif lock.reported_state is not LockState.UNKNOWN and not lock.is_said_to_be_offline:
            yield Over(key(lock))


def key(lock: Device) -> str:
    """Return the key."""
    return f"{KIND}_{lock.tag}"


def issue(lock: Device) -> Issue:
    """Return the issue."""
    says = {"lock": lock.name}
    return Issue(
        key(lock),
        Text(f"{KIND}.title", says),
        Text(f"{KIND}.message", says),
        Severity.ERROR,
        lock=lock.tag,
        is_event=True,
        covered_by=lock_not_confirmed.key(lock),
    )
