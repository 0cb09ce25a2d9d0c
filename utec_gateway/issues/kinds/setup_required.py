"""Nobody has signed in yet, or the credentials are not there (any more)."""

from collections.abc import Iterator

from utec_gateway.core.issue import Issue, Severity, Text
from utec_gateway.issues.facts import AccountFacts

KEY = "setup_required"


def check(facts: AccountFacts) -> Iterator[Issue]:
    """Say what is left to do; whoever sets the gateway up looks at it, so nobody is told."""
    sign_in = facts.sign_in
    if sign_in.token and sign_in.can_sign_in:
        return
    until = sign_in.works_until
    which = "_credentials" if until else ""
    yield Issue(
        KEY,
        Text(f"{KEY}.title{which}"),
        Text(f"{KEY}.message{which}", {"until": until}),
        Severity.ERROR,
        leads_to="set-up",
        is_news=False,
    )
