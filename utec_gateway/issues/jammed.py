"""A bolt is stuck."""

from utec_gateway.core.issue import Issue, Severity, Text
from utec_gateway.core.models import Device

KIND = "jammed"


def key(lock: Device) -> str:
    """Return the key."""
    return f"{KIND}_{lock.tag}"


def issue(lock: Device) -> Issue:
    """Return the issue."""
    facts = {"lock": lock.name}
    title, message = Text(f"{KIND}.title", facts), Text(f"{KIND}.message", facts)
    return Issue(key(lock), title, message, Severity.ERROR, is_event=True)
