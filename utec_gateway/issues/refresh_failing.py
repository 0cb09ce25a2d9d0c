"""Refreshing the sign-in fails for a reason that may pass, for long or with little time left."""

from datetime import datetime, timedelta

from utec_gateway.core.issue import Issue, Text
from utec_gateway.core.models import Token

from .reauth_required import RUNNING_OUT, urgency

KEY = "renewal_failing"
"""The name in the files of 0.1.0."""
IS_NEWS_AFTER = timedelta(hours=6)


def issue(
    error: Exception, token: Token, since: datetime, next_attempt: datetime, now: datetime
) -> Issue | None:
    """Return the issue, None while it is too early to worry anybody."""
    until = token.expires_at
    if now - since < IS_NEWS_AFTER and until - now > RUNNING_OUT:
        return None
    left = Text("works_until", {"until": until}) if now < until else Text("waits_for_refresh")
    facts = {"since": since, "error": error, "next_attempt": next_attempt, "left": left}
    return Issue(KEY, Text(f"{KEY}.title"), Text(f"{KEY}.message", facts), urgency(until, now))
