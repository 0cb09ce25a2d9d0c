"""The state file was damaged and had to be recovered."""

from utec_gateway.core.issue import Issue, Said, Text

KEY = "state_recovered"


def issue(what: str) -> Issue:
    """Return the issue; `what` says what was recovered."""
    return Issue(KEY, Text(f"{KEY}.title"), Text(f"{KEY}.message", {"what": Said(what)}))
