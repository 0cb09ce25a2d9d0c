"""The disk refuses the state file: what memory holds is lost with the next restart."""

from collections.abc import Iterator

from utec_gateway.core.issue import Issue, Said, Severity, Text
from utec_gateway.issues.facts import GatewayFacts

KEY = "state_not_saved"


def check(facts: GatewayFacts) -> Iterator[Issue]:
    """Say so for as long as it lasts."""
    if facts.disk_problem:
        message = Text(f"{KEY}.message", {"what": Said(facts.disk_problem)})
        yield Issue(KEY, Text(f"{KEY}.title"), message, Severity.MINOR, is_news=False)
