"""The words of the pages, in the reader's language; English where one has none."""

from collections.abc import Iterator, Mapping
from functools import cached_property
from pathlib import Path
from typing import Any

import yaml
from aiohttp import web
from markupsafe import Markup, escape

from .phrases import PhraseBook

TRANSLATIONS = Path(__file__).parents[2] / "translations"
FALLBACK = "en"
SAID = "panel.said."
"""How the keys of the core's sentences begin."""
MOST_LANGUAGES_READ = 20
"""Of those in an `Accept-Language`: nobody speaks more, and the header is a stranger's."""


class Translator:
    """One language's words by their key."""

    def __init__(self, language: str, words: Mapping[str, str], phrases: PhraseBook) -> None:
        self.language = language
        self._words = words
        self._phrases = phrases

    def __call__(self, key: str, **fields: object) -> Markup:
        """Return the panel's sentence `key`; what stands in its fields is escaped."""
        return escape(self._words[f"panel.{key}"]).format(**fields)

    def said(self, text: object) -> Markup:
        """Return the core's English words in this language; foreign words stay as they are.

        What stands in a sentence may be one as well, such as the reason for what it says.
        """
        found = self._phrases.find(str(text).removesuffix("."))
        if found is None:
            return escape(text)
        key, places = found
        fields = {name: self.said(value) for name, value in places.items()}
        return escape(self._words[key]).format(**fields)

    def sentence(self, text: object) -> Markup:
        """Return the core's English words in this language, with a full stop at the end."""
        said = self.said(text)
        return said if not said or said.endswith((".", "!", "?", "…")) else said + "."

    def option(self, name: str, part: str = "name") -> str:
        """Return an option's label, or its "description"; groups are joined with a dot."""
        return self._words[f"configuration.{name.replace('.', '.fields.')}.{part}"]


class Languages:
    """Reads a language when somebody first wants it, and keeps it."""

    def __init__(self, folder: Path = TRANSLATIONS) -> None:
        self._folder = folder
        self._available = frozenset(path.stem for path in folder.glob("*.yaml"))
        self._known: dict[str, Translator] = {}

    def of(self, request: web.Request) -> Translator:
        """Return the words of the language that the browser likes best among ours."""
        for language in _liked(request.headers.get("Accept-Language", "")):
            if language in self._available:
                return self._words(language)
        return self._words(FALLBACK)

    @cached_property
    def _english(self) -> Mapping[str, str]:
        return self._read(FALLBACK)

    @cached_property
    def _phrases(self) -> PhraseBook:
        said = {key: text for key, text in self._english.items() if key.startswith(SAID)}
        return PhraseBook(said)

    def _words(self, language: str) -> Translator:
        if language not in self._known:
            words = {**self._english, **self._read(language)}
            self._known[language] = Translator(language, words, self._phrases)
        return self._known[language]

    def _read(self, language: str) -> dict[str, str]:
        content = (self._folder / f"{language}.yaml").read_text("utf-8")
        return dict(_flat("", yaml.safe_load(content)))


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


def _flat(prefix: str, tree: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield every text of a tree under its joined key."""
    for name, value in tree.items():
        key = f"{prefix}.{name}" if prefix else str(name)
        if isinstance(value, Mapping):
            yield from _flat(key, value)
        else:
            yield key, str(value)


LANGUAGES = web.AppKey("languages", Languages)
