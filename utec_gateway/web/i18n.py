"""The texts of the pages, in the reader's language, ready to stand in HTML."""

from aiohttp import web
from aiohttp.typedefs import Handler
from markupsafe import Markup, escape

from utec_gateway.texts.translations import FALLBACK, Texts, Translations

from .app_keys import EXECUTOR

MOST_LANGUAGES_READ = 20
"""Of those in an `Accept-Language`: nobody speaks more, and the header is a stranger's."""


class Translator(Texts):
    """One language's texts as markup: everything that stands in their fields is escaped."""

    def __call__(self, key: str, **fields: object) -> Markup:
        """Return the panel's text `key`."""
        return self.text(f"panel.{key}", **fields)

    def text(self, key: str, **fields: object) -> Markup:
        """Return the text `key` with its fields filled in."""
        text = escape(self._texts[key])
        return text.format(**fields) if "{" in text else text  # most of a page has none

    def said(self, text: object) -> Markup:
        """Return the core's English words in this language, as `Texts.said` does."""
        return escape(super().said(text))

    def sentence(self, text: object) -> Markup:
        """Return the core's English words in this language, with a full stop at the end."""
        return escape(super().sentence(text))

    def option(self, name: str, part: str = "name") -> str:
        """Return an option's label, or its "description"; groups are joined with a dot."""
        return self._texts[f"configuration.{name.replace('.', '.fields.')}.{part}"]

    def hint(self, name: str) -> str:
        """Return an option's description; the panel has its own where it shows other words."""
        return self._texts.get(f"panel.hints.{name}") or self.option(name, "description")

    def word(self, option: str, value: str) -> Markup:
        """Return what a form says for a value of an option."""
        return self(f"words.{option}.{value}")


class Languages:
    """The translator that each browser likes best."""

    def __init__(self, translations: Translations) -> None:
        self._translations = translations
        self._translators: dict[str, Translator] = {}

    async def prepare(self, request: web.Request) -> None:
        """Read the language of a request, off the loop, unless that has been done."""
        language = self._language_of(request)
        if not self._translations.is_read(language):
            await request.app[EXECUTOR](self._translations.texts_of, language)

    def of(self, request: web.Request) -> Translator:
        """Return the translator of the language that the browser prefers among ours."""
        return self.translator(self._language_of(request))

    def translator(self, language: str) -> Translator:
        """Return the translator of one of our languages."""
        if language not in self._translators:
            texts = self._translations.texts_of(language)
            self._translators[language] = Translator(language, texts, self._translations.phrases)
        return self._translators[language]

    def _language_of(self, request: web.Request) -> str:
        liked = _liked(request.headers.get("Accept-Language", ""))
        return next((one for one in liked if one in self._translations.languages), FALLBACK)


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


@web.middleware
async def in_the_readers_language(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Have the language of a request at hand before anybody says anything in it."""
    await request.app[LANGUAGES].prepare(request)
    return await handler(request)
