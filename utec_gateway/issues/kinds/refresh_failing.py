"""Refreshing the sign-in fails for a reason that may pass; news once that matters."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from utec_gateway.core.backoff import Failure
from utec_gateway.core.issue import Issue, Over, Text
from utec_gateway.core.models import Token
from utec_gateway.issues.facts import AccountFacts, Finding

from .reauth_required import RUNNING_OUT, severity
from .utec_unreachable import why

KEY = "renewal_failing"
"""The name in the files of 0.1.0."""
IS_NEWS_AFTER = timedelta(hours=6)


def check(facts: AccountFacts) -> Iterator[Finding]:
    """Say so from the first failure on; before the first attempt nobody knows."""
    sign_in = facts.sign_in
    if sign_in.token and sign_in.failure:
        yield issue(sign_in.failure, sign_in.token, facts.now.wall)
    elif sign_in.is_proven:
        yield Over(KEY)


def issue(failure: Failure, token: Token, now: datetime) -> Issue:
    """Return the issue."""
    since, until = failure.since.wall, token.expires_at
    left = Text("works_until", {"until": until}) if now < until else Text("waits_for_refresh")
    says = {"since": since, "error": why(failure), "next_attempt": failure.retry_at, "left": left}
    return Issue(
        KEY,
        Text(f"{KEY}.title"),
        Text(f"{KEY}.message", says),
        severity(until, now),
        since,
        is_news=now - since >= IS_NEWS_AFTER or until - now <= RUNNING_OUT,
    )
