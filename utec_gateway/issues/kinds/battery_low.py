"""A lock's batteries are low."""

from collections.abc import Iterator
from datetime import timedelta

from utec_gateway.core.issue import Issue, Over, Severity, Text
from utec_gateway.core.models import Device
from utec_gateway.issues.facts import AccountFacts, Finding

KIND = "battery_low"
EMPTY = 1
"""Of the levels 1 to 5 (utec-cloud 4.5)."""
IS_NEWS_AFTER = timedelta(days=1)


def check(facts: AccountFacts) -> Iterator[Finding]:
    """Say so of every battery that is empty, or has been low for a day."""
    for battery in facts.devices.batteries:
        if battery.low is None:
            yield Over(key(battery.device))
        elif battery.low.good_since is None:
            has_lasted = battery.heard_at - battery.low.low_since >= IS_NEWS_AFTER
            if battery.level <= EMPTY or has_lasted:
                yield issue(battery.device, battery.level)


def key(lock: Device) -> str:
    """Return the key."""
    return f"{KIND}_{lock.tag}"


def issue(lock: Device, level: int) -> Issue:
    """Return the issue, worse for batteries that are all but empty."""
    says = {"lock": lock.name, "level": level}
    severity = Severity.ERROR if level <= EMPTY else Severity.WARNING
    title, message = Text(f"{KIND}.title", says), Text(f"{KIND}.message", says)
    return Issue(key(lock), title, message, severity, lock=lock.tag)
