"""An option lets others in, or lets others read: nothing fails, and yet people should know."""

from collections.abc import Iterator

from utec_gateway.core.issue import Issue, Severity, Text
from utec_gateway.issues.facts import GatewayFacts

KIND = "exposed"


def check(facts: GatewayFacts) -> Iterator[Issue]:
    """Say what the options lay open."""
    for exposure in facts.exposures:
        yield Issue(
            f"{KIND}_{exposure.kind}_{exposure.subject}",
            Text(f"{KIND}.title"),
            Text(f"{KIND}.{exposure.kind}", {"subject": exposure.subject}),
            Severity.INFO,
            leads_to="settings",
            is_news=False,
        )
