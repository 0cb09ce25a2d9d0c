"""The texts by their key, in one language; English where one has none."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import Any

import yaml

from .phrases import PhraseBook

FOLDER = Path(__file__).parents[2] / "translations"
FALLBACK = "en"
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
    """Reads a language when somebody first wants it, and keeps it."""

    def __init__(self, folder: Path = FOLDER) -> None:
        self._folder = folder
        self.languages = frozenset(path.stem for path in folder.glob("*.yaml"))
        self._known: dict[str, Texts] = {}

    def of(self, language: str) -> Texts:
        """Return the texts of a language such as "de" or "de-CH"; English where there are none."""
        primary = language.partition("-")[0].lower()
        if primary not in self.languages:
            primary = FALLBACK
        if primary not in self._known:
            self._known[primary] = Texts(primary, self.flat(primary), self.phrases)
        return self._known[primary]

    def flat(self, language: str) -> Mapping[str, str]:
        """Return every text of a language by its joined key, with English for what it lacks."""
        return self._english if language == FALLBACK else {**self._english, **self._read(language)}

    @cached_property
    def phrases(self) -> PhraseBook:
        """Return the sentences of the core."""
        said = {key: text for key, text in self._english.items() if key.startswith(SAID)}
        return PhraseBook(said)

    @cached_property
    def _english(self) -> Mapping[str, str]:
        return self._read(FALLBACK)

    def _read(self, language: str) -> dict[str, str]:
        content = (self._folder / f"{language}.yaml").read_text("utf-8")
        return dict(_flat("", yaml.safe_load(content)))


def english(key: str, **fields: object) -> str:
    """Return a text in English, for those who have no installation to speak to."""
    return Translations().of(FALLBACK).text(key, **fields)


def _flat(prefix: str, tree: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield every text of a tree under its joined key."""
    for name, value in tree.items():
        key = f"{prefix}.{name}" if prefix else str(name)
        if isinstance(value, Mapping):
            yield from _flat(key, value)
        else:
            yield key, str(value)
