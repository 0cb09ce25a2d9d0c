"""There is no news of the locks; people are told when that lasts."""

from collections.abc import Iterator

from utec_gateway.core.backoff import Failure
from utec_gateway.core.errors import GatewayError
from utec_gateway.core.issue import Issue, Over, Text
from utec_gateway.core.readings import Moment
from utec_gateway.issues.facts import AccountFacts, Finding

KEY = "utec_unreachable"
IS_NEWS_AFTER = 15 * 60.0
"""Seconds without any answer from U-tec."""


def check(facts: AccountFacts) -> Iterator[Finding]:
    """Say so; without a sign-in nobody asks U-tec, so that is no outage."""
    is_signed_out = facts.sign_in.reauth_required and not facts.sign_in.is_usable
    failure = facts.devices.failure
    if failure and not is_signed_out:
        yield issue(failure, facts.now)
    elif is_signed_out or not facts.devices.is_starting:
        yield Over(KEY)


def issue(failure: Failure, now: Moment) -> Issue:
    """Return the issue."""
    advice = "answered" if failure.error.answered else "no_answer"
    says = {
        "since": failure.since.wall,
        "error": why(failure),
        "advice": Text(f"{KEY}.{advice}"),
    }
    return Issue(
        KEY,
        Text(f"{KEY}.title"),
        Text(f"{KEY}.message", says),
        since=failure.since.wall,
        is_news=failure.since.age(now) >= IS_NEWS_AFTER,
    )


def why(failure: Failure) -> Text | GatewayError:
    """Return what U-tec wants rather than how it said so, when it wants to be left alone."""
    until = failure.slow_down_until
    return Text(f"{KEY}.slow_down", {"until": until}) if until else failure.error
