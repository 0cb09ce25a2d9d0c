"""The options hold something that cannot be used, or cannot be read at all."""

from collections.abc import Iterator

from utec_gateway.core.issue import Issue, Said, Severity, Text
from utec_gateway.issues.facts import GatewayFacts

KIND = "option_ignored"


def check(facts: GatewayFacts) -> Iterator[Issue]:
    """Say which, and why."""
    for place, problem in enumerate(facts.option_problems):
        yield Issue(
            f"{KIND}_{place}",
            Text(f"{KIND}.title"),
            Text(f"{KIND}.message", {"what": Said(problem)}),
            Severity.MINOR,
            leads_to="settings",
            is_news=False,
        )
