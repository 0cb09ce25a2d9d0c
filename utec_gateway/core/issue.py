"""Something that is wrong, and the texts that say so in whatever language."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import IntEnum


class Severity(IntEnum):
    """How bad it is; people are told again only when it gets worse."""

    WARNING = 0
    ERROR = 1
    CRITICAL = 2


@dataclass(frozen=True)
class Said:
    """A sentence of the core's own, in English; the phrase book knows it in other languages."""

    words: str


@dataclass(frozen=True)
class Text:
    """A text by its key in `issues` of the translations.

    Its facts stand in it: datetimes, errors of ours, what was `Said`, other texts; the rest as it
    is.
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
    is_event: bool = False
    """Whether it does not come and go by itself, so that people hear of it each time."""
