"""U-tec answers, and lists no device (utec-cloud 3.2)."""

from collections.abc import Iterator

from utec_gateway.core.issue import Issue, Severity, Text
from utec_gateway.issues.facts import AccountFacts

KEY = "no_devices_listed"


def check(facts: AccountFacts) -> Iterator[Issue]:
    """Say so; only the app can help, and whoever uses that looks, so nobody is told."""
    known = facts.devices
    if known.is_list_empty and known.empty_since:
        which = "known" if known.devices else "selected"
        yield Issue(
            KEY,
            Text(f"{KEY}.title_{which}"),
            Text(f"{KEY}.message_{which}", {"since": known.empty_since.wall}),
            Severity.WARNING if known.devices else Severity.ERROR,
            known.empty_since.wall,
            is_news=False,
        )
