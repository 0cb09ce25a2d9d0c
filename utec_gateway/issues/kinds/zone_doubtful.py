"""Codes go by the lock's local time, and nobody knows that, or the clock cannot be right."""

from collections.abc import Iterator
from datetime import datetime

from utec_gateway.core.issue import Issue, Over, Text
from utec_gateway.core.zone import Zone
from utec_gateway.issues.facts import AccountFacts, Finding

KEY = "zone_doubtful"
EARLIEST_YEAR = 2025
"""No clock that is right shows an earlier one."""
SAID_WITHIN = 600.0
"""Seconds in which Home Assistant has said its zone, if it ever does."""


def check(facts: AccountFacts) -> Iterator[Finding]:
    """Say so while a guest has a code; at the start Home Assistant may not be there yet."""
    codes, token, now = facts.codes, facts.sign_in.token, facts.now.wall
    if not any(lock.guests for lock in codes.locks):
        yield Over(KEY)
    elif now.year < EARLIEST_YEAR or (token and token.is_from_the_future(now)):
        yield of_clock(now)
    elif not codes.zone.is_assumed:
        yield Over(KEY)
    elif codes.running_for >= SAID_WITHIN:
        yield of_zone(codes.zone)


def of_clock(now: datetime) -> Issue:
    """Return the issue of a clock that cannot be right."""
    says = {"now": now}
    title, message = Text(f"{KEY}.title_clock"), Text(f"{KEY}.message_clock", says)
    return Issue(KEY, title, message, leads_to="codes")


def of_zone(zone: Zone) -> Issue:
    """Return the issue of a zone that nobody has set."""
    says = {"zone": zone.name}
    title, message = Text(f"{KEY}.title_zone"), Text(f"{KEY}.message_zone", says)
    return Issue(KEY, title, message, leads_to="codes")
