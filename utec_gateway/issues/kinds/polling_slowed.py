"""U-tec is polled less often than wanted, so that the calls of the hour last."""

from collections.abc import Iterator

from utec_gateway.core.issue import Issue, Severity, Text
from utec_gateway.issues.facts import AccountFacts

KEY = "polling_slowed"


def check(facts: AccountFacts) -> Iterator[Issue]:
    """Say how often, and how often at most the gateway calls."""
    if pace := facts.devices.slowed:
        message = Text(f"{KEY}.message", vars(pace))
        yield Issue(KEY, Text(f"{KEY}.title"), message, Severity.INFO, is_news=False)
