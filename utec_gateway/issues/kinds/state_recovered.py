"""The state file was damaged and had to be recovered."""

from collections.abc import Iterator

from utec_gateway.core.issue import Issue, Over, Said, Text
from utec_gateway.issues.facts import AccountFacts, Finding

KEY = "state_recovered"


def check(facts: AccountFacts) -> Iterator[Finding]:
    """Say so until a sign-in or a refresh has proved that what was recovered is good."""
    if facts.sign_in.is_proven:
        yield Over(KEY)
    elif facts.sign_in.recovery:
        yield issue(facts.sign_in.recovery)


def issue(what: str) -> Issue:
    """Return the issue; `what` says what was recovered."""
    return Issue(KEY, Text(f"{KEY}.title"), Text(f"{KEY}.message", {"what": Said(what)}))
