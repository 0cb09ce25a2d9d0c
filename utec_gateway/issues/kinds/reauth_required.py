"""Only a person can refresh the sign-in; worse when little or no time is left."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from utec_gateway.core.issue import Issue, Over, Severity, Text
from utec_gateway.core.refusal import Refusal
from utec_gateway.issues.facts import AccountFacts, Finding

KEY = "reauth_required"
RUNNING_OUT = timedelta(hours=24)


def check(facts: AccountFacts) -> Iterator[Finding]:
    """Say so while it is so; only a sign-in or a refresh that succeeds proves the opposite."""
    sign_in = facts.sign_in
    if sign_in.token and sign_in.reauth_required:
        yield issue(sign_in.refusal, sign_in.works_until, facts.now.wall)
    elif sign_in.is_proven:
        yield Over(KEY)


def issue(refusal: Refusal | None, works_until: datetime | None, now: datetime) -> Issue:
    """Return the issue; `refusal` is None when U-tec issued no refresh token.

    `works_until` is None when the access token is of no use any more.
    """
    since = refusal.since if refusal else None
    left = Text("works_until", {"until": works_until}) if works_until else Text("waits_for_sign_in")
    return Issue(
        KEY,
        Text(f"{KEY}.title"),
        Text(f"{KEY}.message", {"why": _why(refusal), "left": left}),
        severity(works_until, now),
        since,
        leads_to="set-up",
        is_event=True,
    )


def _why(refusal: Refusal | None) -> Text:
    """Return why, in no words of the protocol."""
    if refusal is None:
        return Text(f"{KEY}.no_refresh_token")
    which = "client_refused" if "client" in refusal.reason else "refused"
    return Text(f"{KEY}.{which}", {"since": refusal.since})


def severity(works_until: datetime | None, now: datetime) -> Severity:
    """Return how bad it is that the sign-in ends then: worst when the locks do not respond."""
    if works_until is None or works_until <= now:
        return Severity.CRITICAL
    return Severity.ERROR if works_until - now < RUNNING_OUT else Severity.WARNING
