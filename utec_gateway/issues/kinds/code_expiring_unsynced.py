"""A lock has not taken over a code or its extension in time: guests may stand outside."""

from collections.abc import Iterator

from utec_gateway.core.access_codes import Guest
from utec_gateway.core.issue import Issue, Over, Severity
from utec_gateway.core.models import Device
from utec_gateway.issues.facts import AccountFacts, Finding
from utec_gateway.issues.guests import Concern, concerned, issue_of

from . import code_waiting

KIND = "code_expiring_unsynced"


def check(facts: AccountFacts) -> Iterator[Finding]:
    """Say so an hour before somebody comes, and two hours before an end that was put off."""
    for lock, guests in concerned(facts, Concern.LOCKED_OUT):
        yield issue(lock, guests) if guests else Over(key(lock))


def key(lock: Device) -> str:
    """Return the key."""
    return f"{KIND}_{lock.tag}"


def issue(lock: Device, guests: tuple[Guest, ...]) -> Issue:
    """Return the issue."""
    return issue_of(KIND, lock, guests, Severity.ERROR, advice=code_waiting.advice(lock))
