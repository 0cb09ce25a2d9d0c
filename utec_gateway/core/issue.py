"""Something that is wrong, and the texts that say so in whatever language."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import IntEnum


class Severity(IntEnum):
    """How bad it is; people are told again only when it gets worse."""

    INFO = -2
    """Nothing fails, but people should know."""
    MINOR = -1
    """Something beside the locks and the sign-in fails."""
    WARNING = 0
    ERROR = 1
    CRITICAL = 2


@dataclass(frozen=True)
class Said:
    """A sentence of the core's own, in English; the phrase book knows it in other languages."""

    words: str


@dataclass(frozen=True)
class People:
    """Guests, who are named in the panel only: a log or a recorder never forgets a name.

    Elsewhere it is said how many they are.
    """

    names: tuple[str, ...]


@dataclass(frozen=True)
class Text:
    """A text by its key in `issues` of the translations.

    Its facts stand in it: datetimes, errors of ours, what was `Said`, people, other texts; the
    rest as it is.
    """

    key: str
    facts: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True)
class Issue:
    """One thing that is wrong; its key is stable, so that it is updated in place."""

    key: str
    title: Text
    message: Text
    severity: Severity = Severity.WARNING
    since: datetime | None = None
    """Since when, where that is known."""
    leads_to: str = ""
    """The page of the panel that helps, or nothing."""
    lock: str = ""
    """The tag of the lock that it concerns, empty for the gateway as a whole."""
    is_event: bool = False
    """Whether it does not come and go by itself, so that people hear of it each time."""
    covered_by: str = ""
    """The key of another issue that, when it is open and as bad, has said it."""
    is_news: bool = True
    """Whether people are notified; the rest is for those who look."""


@dataclass(frozen=True)
class Over:
    """What is known not to be wrong any more; of what is not mentioned nobody knows."""

    key: str
