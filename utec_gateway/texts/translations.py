"""The texts by their key, in one language; English where one has none."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from functools import cache
from pathlib import Path
from sys import intern
from typing import Any

import yaml

from .phrase_book import PhraseBook

FOLDER = Path(__file__).parents[2] / "translations"
FALLBACK = "en"
LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
"""The one in C is ten times faster; not every platform's PyYAML has it."""
SAID = "panel.said."
"""How the keys of the core's sentences begin."""
SENTENCE_ENDS = (".", "!", "?", "…")


class Texts:
    """One language's texts, as plain text."""

    def __init__(self, language: str, texts: Mapping[str, str], phrases: PhraseBook) -> None:
        self.language = language
        self._texts = texts
        self._phrases = phrases

    def text(self, key: str, **fields: object) -> str:
        """Return the text `key` with its fields filled in."""
        return self._texts[key].format(**fields)

    def said(self, text: object) -> str:
        """Return the core's English words in this language; foreign words stay as they are.

        What stands in a sentence may be one as well, such as the reason for what it says.
        """
        found = self._phrases.find(str(text).removesuffix("."))
        if found is None:
            return str(text)
        key, places = found
        return self.text(key, **{name: self.said(value) for name, value in places.items()})

    def sentence(self, text: object) -> str:
        """Return the core's English words in this language, with a full stop at the end."""
        said = self.said(text)
        return said if not said or said.endswith(SENTENCE_ENDS) else said + "."

    def moment(self, when: datetime) -> str:
        """Return a moment in the machine's own zone, with its weekday, as people say it."""
        here = when.astimezone()
        return self.text(
            "dates.moment",
            weekday=self.text("dates.weekdays").split()[here.weekday()],
            day=here.day,
            month=self.text("dates.months").split()[here.month - 1],
            time=f"{here:%H:%M}",
        )


class Translations:
    """Reads English at once and another language when somebody first wants it, and keeps it."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.languages = frozenset(path.stem for path in folder.glob("*.yaml"))
        english = _read(folder, FALLBACK)
        self._texts: dict[str, Mapping[str, str]] = {FALLBACK: english}
        said = {key: text for key, text in english.items() if key.startswith(SAID)}
        self.phrases = PhraseBook(said)

    def is_read(self, language: str) -> bool:
        """Tell whether `texts_of` has nothing to read."""
        return language in self._texts

    def texts_of(self, language: str) -> Mapping[str, str]:
        """Return every text of a language by its joined key; the first time it reads for 10 ms."""
        if language not in self._texts:
            own = _read(self._folder, language)
            self._texts[language] = {**self._texts[FALLBACK], **own}
        return self._texts[language]

    def of(self, language: str) -> Texts:
        """Return the texts of a language such as "de" or "de-CH"; English where there are none."""
        primary = language.partition("-")[0].lower()
        known = primary if primary in self.languages else FALLBACK
        return Texts(known, self.texts_of(known), self.phrases)


@cache
def read_translations(folder: Path = FOLDER) -> Translations:
    """Return the translations, the same ones for all who ask."""
    return Translations(folder)


def _read(folder: Path, language: str) -> dict[str, str]:
    content = (folder / f"{language}.yaml").read_text("utf-8")
    return dict(_flat("", yaml.load(content, LOADER)))  # noqa: S506 - both loaders are safe


def english(key: str, **fields: object) -> str:
    """Return a text in English, for those who have no installation to speak to."""
    return read_translations().of(FALLBACK).text(key, **fields)


def _flat(prefix: str, tree: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield every text of a tree under its joined key."""
    for name, value in tree.items():
        key = f"{prefix}.{name}" if prefix else str(name)
        if isinstance(value, Mapping):
            yield from _flat(key, value)
        else:
            yield intern(key), str(value)  # one key for all languages saves 0.1 MB
