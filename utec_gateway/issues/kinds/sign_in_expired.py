"""The access token has expired, or was refused, and the gateway is about to refresh it."""

from collections.abc import Iterator

from utec_gateway.core.issue import Issue, Text
from utec_gateway.issues.facts import AccountFacts

KEY = "sign_in_expired"


def check(facts: AccountFacts) -> Iterator[Issue]:
    """Say so for the moment that it takes; what takes longer is another issue."""
    sign_in = facts.sign_in
    can_refresh = sign_in.token and not sign_in.reauth_required
    if can_refresh and not sign_in.is_usable and not sign_in.failure:
        yield Issue(KEY, Text(f"{KEY}.title"), Text(f"{KEY}.message"), is_news=False)
