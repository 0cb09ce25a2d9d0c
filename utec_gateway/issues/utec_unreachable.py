"""There has been no news of the locks for long."""

from utec_gateway.core.backoff import Failure
from utec_gateway.core.issue import Issue, Text

KEY = "utec_unreachable"


def issue(failure: Failure) -> Issue:
    """Return the issue."""
    until = failure.slow_down_until
    advice = "answered" if failure.error.answered else "no_answer"
    facts = {
        "since": failure.since.wall,
        "error": Text(f"{KEY}.slow_down", {"until": until}) if until else failure.error,
        "advice": Text(f"{KEY}.{advice}"),
    }
    return Issue(KEY, Text(f"{KEY}.title"), Text(f"{KEY}.message", facts))
