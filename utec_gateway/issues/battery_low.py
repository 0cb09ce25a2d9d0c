"""A lock's batteries are low."""

from utec_gateway.core.issue import Issue, Severity, Text
from utec_gateway.core.models import Device

KIND = "battery_low"
EMPTY = 1
"""Of the levels 1 to 5 (utec-cloud 4.5)."""


def key(lock: Device) -> str:
    """Return the key."""
    return f"{KIND}_{lock.tag}"


def issue(lock: Device, level: int) -> Issue:
    """Return the issue, worse for batteries that are all but empty."""
    facts = {"lock": lock.name, "level": level}
    title, message = Text(f"{KIND}.title", facts), Text(f"{KIND}.message", facts)
    severity = Severity.ERROR if level <= EMPTY else Severity.WARNING
    return Issue(key(lock), title, message, severity)
