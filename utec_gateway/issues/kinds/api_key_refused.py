"""The API key in the environment is too short to be used."""

from collections.abc import Iterator

from utec_gateway.core.issue import Issue, Said, Severity, Text
from utec_gateway.issues.facts import GatewayFacts

KEY = "api_key_refused"


def check(facts: GatewayFacts) -> Iterator[Issue]:
    """Say so until the next start."""
    if facts.refused_key:
        message = Text(f"{KEY}.message", {"what": Said(facts.refused_key)})
        yield Issue(KEY, Text(f"{KEY}.title"), message, Severity.MINOR, is_news=False)
