"""U-tec accepted a code and does not list it, or does so no longer."""

from collections.abc import Iterator

from utec_gateway.core.access_codes import Guest
from utec_gateway.core.issue import Issue, Over, Severity
from utec_gateway.core.models import Device
from utec_gateway.issues.facts import AccountFacts, Finding
from utec_gateway.issues.guests import Concern, concerned, is_about_to_come, issue_of

KIND = "code_not_confirmed"


def check(facts: AccountFacts) -> Iterator[Finding]:
    """Say so of each lock, worse when a guest comes within the hour."""
    for lock, guests in concerned(facts, Concern.NOT_CONFIRMED):
        zone, now = facts.codes.zone, facts.now.wall
        is_urgent = any(is_about_to_come(guest, zone, now) for guest in guests)
        yield issue(lock, guests, is_urgent=is_urgent) if guests else Over(key(lock))


def key(lock: Device) -> str:
    """Return the key."""
    return f"{KIND}_{lock.tag}"


def issue(lock: Device, guests: tuple[Guest, ...], *, is_urgent: bool) -> Issue:
    """Return the issue."""
    return issue_of(KIND, lock, guests, Severity.ERROR if is_urgent else Severity.WARNING)
