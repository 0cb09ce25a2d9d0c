"""Issues in the words of the installation's language.

Every message is read alone, on a phone, hours later: it names its subject, and where to go.
"""

from collections.abc import Callable
from datetime import datetime
from typing import Protocol

from utec_gateway.core.errors import GatewayError
from utec_gateway.core.issue import Said, Text
from utec_gateway.translations.texts import Texts


class InstallationLanguage(Protocol):
    """Where the texts come from: always in the present language."""

    @property
    def texts(self) -> Texts:
        """Return the texts."""
        ...


class Wording:
    """Says a text in the present language; every text may lead to the sign-in."""

    def __init__(
        self, language: InstallationLanguage, panel_directions: Callable[[Texts], str]
    ) -> None:
        self._language = language
        self._panel_directions = panel_directions

    def __call__(self, text: Text) -> str:
        """Return the text with its facts."""
        texts = self._language.texts
        facts = {name: self._said(fact) for name, fact in text.facts.items()}
        directions = self._panel_directions(texts)
        to_sign_in = texts.text("issues.to_sign_in", directions=directions)
        return texts.text(f"issues.{text.key}", to_sign_in=to_sign_in, **facts)

    def _said(self, fact: object) -> str:
        texts = self._language.texts
        match fact:
            case Text():
                return self(fact)
            case datetime():
                return texts.moment(fact)
            case GatewayError():
                return texts.sentence(fact)
            case Said():
                return texts.sentence(fact.words)
            case _:
                return str(fact)
