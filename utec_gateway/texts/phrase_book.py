"""A phrase book: the core speaks English; the panel recognises its sentences by their shape."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

PLACE = re.compile(r"\{(\w+)\}")
LONGEST_SENTENCE = 2000
"""Characters; a longer text is no sentence of ours and stays as it is."""


@dataclass(frozen=True)
class Phrase:
    """One English sentence with places in it, and the key of its translations."""

    key: str
    literals: tuple[str, ...]
    """What stands around the places: before the first, between them, behind the last."""
    places: tuple[str, ...]

    @classmethod
    def of(cls, key: str, english: str) -> "Phrase":
        """Take a sentence such as `U-tec failed with HTTP {status}` apart."""
        parts = PLACE.split(english)
        return cls(key, tuple(parts[::2]), tuple(parts[1::2]))

    @property
    def is_precise(self) -> int:
        """Return how much of a sentence the phrase fixes: the most precise one that fits wins."""
        return sum(map(len, self.literals))

    def read(self, sentence: str) -> Mapping[str, str] | None:
        """Return what stands in the places of a sentence of this shape, None for any other."""
        first, *others = self.literals
        if not sentence.startswith(first):
            return None
        if not others:
            return {} if sentence == first else None
        rest, last, found = sentence.removeprefix(first), others[-1], {}
        if not rest.endswith(last):
            return None
        rest = rest.removesuffix(last)
        for place, literal in zip(self.places, others[:-1], strict=False):
            found[place], separator, rest = rest.partition(literal)
            if not separator:
                return None
        return {**found, self.places[-1]: rest}


class PhraseBook:
    """All the sentences of the core that the panel can say in other languages."""

    def __init__(self, english: Mapping[str, str]) -> None:
        phrases = (Phrase.of(key, sentence) for key, sentence in english.items())
        self._phrases = sorted(phrases, key=lambda one: one.is_precise, reverse=True)

    def find(self, sentence: str) -> tuple[str, Mapping[str, str]] | None:
        """Return a sentence's key and what stands in its places, None for foreign words."""
        if len(sentence) > LONGEST_SENTENCE:
            return None
        return next(self._fitting(sentence), None)

    def _fitting(self, sentence: str) -> Iterator[tuple[str, Mapping[str, str]]]:
        for phrase in self._phrases:
            found = phrase.read(sentence)
            if found is not None:
                yield phrase.key, found
