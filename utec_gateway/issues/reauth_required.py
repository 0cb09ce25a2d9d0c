"""Only a person can refresh the sign-in; worse when little or no time is left."""

from datetime import datetime, timedelta

from utec_gateway.core.issue import Issue, Severity, Text

KEY = "reauth_required"
RUNNING_OUT = timedelta(hours=24)
WHY = {"client": "client_refused", "No refresh token": "no_refresh_token"}
"""What is said by what the reason holds: people get no words of the protocol."""


def issue(reason: object, works_until: datetime | None, now: datetime) -> Issue:
    """Return the issue; `works_until` is None when the access token is of no use any more."""
    known = (why for word, why in WHY.items() if word in str(reason))
    why = Text(f"{KEY}.{next(known, 'refused')}")
    left = Text("works_until", {"until": works_until}) if works_until else Text("waits_for_sign_in")
    return Issue(
        KEY,
        Text(f"{KEY}.title"),
        Text(f"{KEY}.message", {"why": why, "left": left}),
        urgency(works_until, now),
        is_event=True,
    )


def urgency(works_until: datetime | None, now: datetime) -> Severity:
    """Return how bad it is that the sign-in ends then: worst when the locks do not respond."""
    if works_until is None or works_until <= now:
        return Severity.CRITICAL
    return Severity.ERROR if works_until - now < RUNNING_OUT else Severity.WARNING
