"""A lock still knows a code that should be gone."""

from collections.abc import Iterator

from utec_gateway.core.access_codes import Guest
from utec_gateway.core.issue import Issue, Over, Severity, Text
from utec_gateway.core.models import Device
from utec_gateway.issues.facts import AccountFacts, Finding
from utec_gateway.issues.guests import Concern, concerned, issue_of, opens

KIND = "code_not_removed"


def check(facts: AccountFacts) -> Iterator[Finding]:
    """Say so of each lock an hour later, worse when the code still opens the door."""
    for lock, guests in concerned(facts, Concern.NOT_REMOVED):
        is_open = any(opens(guest, facts.codes.zone, facts.now.wall) for guest in guests)
        yield issue(lock, guests, is_open=is_open) if guests else Over(key(lock))


def key(lock: Device) -> str:
    """Return the key."""
    return f"{KIND}_{lock.tag}"


def issue(lock: Device, guests: tuple[Guest, ...], *, is_open: bool) -> Issue:
    """Return the issue; `is_open` says that a code opens the door until it is gone."""
    severity = Severity.ERROR if is_open else Severity.WARNING
    message = "message_opens" if is_open else "message"
    advice = Text(f"{KIND}.offline" if lock.is_offline else f"{KIND}.online")
    return issue_of(KIND, lock, guests, severity, message=message, advice=advice)
