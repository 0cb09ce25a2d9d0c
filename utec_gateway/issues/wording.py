"""Issues in words: for people far away, for whoever reads a page, and for programs.

Every message is read alone, on a phone, hours later: it names its subject, and where to go.
"""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Protocol

from utec_gateway.core.errors import GatewayError
from utec_gateway.core.issue import People, Said, Text
from utec_gateway.texts.translations import FALLBACK, Texts, read_translations

WAYS = ("to_sign_in", "to_codes")
"""What every text may end with: how to get to the page that helps."""


class InstallationLanguage(Protocol):
    """Where the texts come from: always in the present language."""

    @property
    def texts(self) -> Texts:
        """Return the texts."""
        ...


class Wording:
    """Says a text in one language; every text may lead to the sign-in, or to the codes."""

    def __init__(
        self,
        texts: Callable[[], Texts],
        moment: Callable[[datetime], object] | None = None,
        panel_directions: Callable[[Texts], str] | None = None,
        *,
        names_people: bool = False,
    ) -> None:
        self._texts = texts
        self._moment = moment
        """How moments are written; None as the language does, in the machine's own zone."""
        self._panel_directions = panel_directions
        """How people get to the panel; None for those who are there."""
        self._names_people = names_people

    def __call__(self, text: Text) -> str:
        """Return the text with its facts."""
        texts = self._texts()
        facts = {name: self._said(fact, texts) for name, fact in text.facts.items()}
        ways = {name: self._way(name, texts) for name in WAYS}
        return texts.text(f"issues.{text.key}", **ways, **facts).strip()

    def _way(self, name: str, texts: Texts) -> str:
        if self._panel_directions is None:
            return ""
        return texts.text(f"issues.{name}", directions=self._panel_directions(texts))

    def _said(self, fact: object, texts: Texts) -> object:
        match fact:
            case Text():
                return self(fact)
            case datetime():
                return self._moment(fact) if self._moment else texts.moment(fact)
            case People():
                return ", ".join(fact.names) if self._names_people else len(fact.names)
            case GatewayError():
                return texts.sentence(fact)
            case Said():
                return texts.sentence(fact.words)
            case _:
                return fact


def _in_utc(when: datetime) -> str:
    return f"{when.astimezone(UTC):%Y-%m-%d %H:%M} UTC"


def wording_for_programs() -> Wording:
    """Return the wording of `/health`: English, and in UTC."""
    english = read_translations().of(FALLBACK)
    return Wording(lambda: english, _in_utc)
