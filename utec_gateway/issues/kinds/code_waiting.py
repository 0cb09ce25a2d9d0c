"""A lock does not take over what was asked for, and the guests still have time."""

from collections.abc import Iterator

from utec_gateway.core.access_codes import Guest
from utec_gateway.core.issue import Issue, Over, Severity, Text
from utec_gateway.core.models import Device
from utec_gateway.issues.facts import AccountFacts, Finding
from utec_gateway.issues.guests import Concern, concerned, issue_of

KIND = "code_waiting"


def check(facts: AccountFacts) -> Iterator[Finding]:
    """Say so of each lock for which something has been waiting for an hour."""
    for lock, guests in concerned(facts, Concern.WAITING):
        yield issue(lock, guests) if guests else Over(key(lock))


def key(lock: Device) -> str:
    """Return the key."""
    return f"{KIND}_{lock.tag}"


def issue(lock: Device, guests: tuple[Guest, ...]) -> Issue:
    """Return the issue."""
    warning = Severity.WARNING
    return issue_of(KIND, lock, guests, warning, advice=advice(lock), is_event=False)


def advice(lock: Device) -> Text:
    """Return what helps a lock to take over a code."""
    return Text(f"{KIND}.offline" if lock.is_offline else f"{KIND}.online")
