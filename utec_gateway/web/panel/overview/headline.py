"""What stands on top: the worst of what is wrong, or one calm line."""

from collections.abc import Sequence
from dataclasses import dataclass

from utec_gateway.core import issue as wrong

from .alerts import Alert

MOST_FOLDED = 20
"""More than anybody reads; the cards say the rest."""


@dataclass(frozen=True)
class Headline:
    """What stands on top, and what is folded below it."""

    top: Alert | None
    """None while nothing is wrong."""
    others: tuple[Alert, ...]
    more: int
    """How many others there are."""
    is_starting: bool


def headline(found: Sequence[Alert], *, is_starting: bool) -> Headline:
    """Return what matters most right now; what fails nothing does not stand on top."""
    is_wrong = bool(found) and found[0].rank >= wrong.Severity.WARNING
    others = tuple(found[1:] if is_wrong else found)
    return Headline(found[0] if is_wrong else None, others[:MOST_FOLDED], len(others), is_starting)
