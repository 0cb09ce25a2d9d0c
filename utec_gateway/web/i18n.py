"""The texts of the pages, in the reader's language, ready to stand in HTML."""

from aiohttp import web
from markupsafe import Markup, escape

from utec_gateway.translations.texts import FALLBACK, Texts, Translations

MOST_LANGUAGES_READ = 20
"""Of those in an `Accept-Language`: nobody speaks more, and the header is a stranger's."""


class Translator(Texts):
    """One language's texts as markup: everything that stands in their fields is escaped."""

    def __call__(self, key: str, **fields: object) -> Markup:
        """Return the panel's text `key`."""
        return self.text(f"panel.{key}", **fields)

    def text(self, key: str, **fields: object) -> Markup:
        """Return the text `key` with its fields filled in."""
        return escape(self._texts[key]).format(**fields)

    def said(self, text: object) -> Markup:
        """Return the core's English words in this language, as `Texts.said` does."""
        return escape(super().said(text))

    def sentence(self, text: object) -> Markup:
        """Return the core's English words in this language, with a full stop at the end."""
        return escape(super().sentence(text))

    def option(self, name: str, part: str = "name") -> str:
        """Return an option's label, or its "description"; groups are joined with a dot."""
        return self._texts[f"configuration.{name.replace('.', '.fields.')}.{part}"]


class Languages:
    """A translator for each language, made before anybody is served."""

    def __init__(self, translations: Translations) -> None:
        self._translators = {
            language: Translator(language, texts, translations.phrases)
            for language, texts in translations.by_language.items()
        }

    def of(self, request: web.Request) -> Translator:
        """Return the translator of the language that the browser prefers among ours."""
        for language in _liked(request.headers.get("Accept-Language", "")):
            if language in self._translators:
                return self._translators[language]
        return self._translators[FALLBACK]

    def translator(self, language: str) -> Translator:
        """Return the translator of one of our languages."""
        return self._translators[language]


def _liked(header: str) -> list[str]:
    """Return the primary languages of an `Accept-Language`, the best liked first (RFC 9110)."""
    liked = []
    for place, item in enumerate(header.split(",")[:MOST_LANGUAGES_READ]):
        language, _, quality = item.strip().partition(";q=")
        try:
            weight = float(quality or 1)
        except ValueError:
            weight = 0.0
        if weight > 0:
            liked.append((-weight, place, language.partition("-")[0].strip().lower()))
    return [language for _, _, language in sorted(liked)]


LANGUAGES = web.AppKey("languages", Languages)
