"""The secrets that a push must show: a new one every day, earlier ones good for a while more."""

import hmac
import re
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

from utec_gateway.plugin_api import Clock, PluginStorage

GOOD_AFTERWARDS = 600.0
"""Seconds for which an earlier secret is good once U-tec knows the next one."""
MOST_GOOD, MOST_REMEMBERED = 3, 10
"""How many secrets there are at a time, however often the gateway starts."""
WORD = re.compile("[0-9a-f]{64}")


@dataclass(frozen=True)
class Secret:
    """One secret, and from when on it is not good any more."""

    word: str = field(repr=False)
    good_until: float = float("inf")
    """Monotonic seconds."""


class Secrets:
    """Owns every secret that U-tec may still show, over restarts too, until it is forgotten."""

    def __init__(self, storage: PluginStorage, clock: Clock, new_word: Callable[[], str]) -> None:
        self._storage = storage
        self._clock = clock
        self._new_word = new_word
        self._all: tuple[Secret, ...] = ()
        self._offered: Secret | None = None

    async def load(self) -> None:
        """Read those of the last run: earlier ones, from the next registration on."""
        self._all = tuple(map(Secret, _words(await self._storage.load())))
        self._limit()

    async def offer(self) -> str:
        """Return the secret to register: the same one until U-tec has it."""
        if self._offered is None:
            self._offered = Secret(self._new_word())
            self._all = (*self._all, self._offered)
            self._limit()
            await self._save()
        return self._offered.word

    def accepted(self) -> None:
        """Enter that U-tec has the one that was offered; earlier ones are good for a while."""
        until = self._clock.monotonic() + GOOD_AFTERWARDS
        self._all = tuple(
            one if one is self._offered else replace(one, good_until=min(one.good_until, until))
            for one in self._all
        )
        self._offered = None

    def end(self) -> None:
        """Let none be good any more."""
        self._all = tuple(replace(one, good_until=float("-inf")) for one in self._all)
        self._offered = None

    def knows(self, shown: str) -> bool:
        """Tell whether that is a good one; how long it takes says nothing of how near it came."""
        known = shown.encode(errors="replace")
        found = [hmac.compare_digest(known, word.encode()) for word in self.good]
        return any(found)

    @property
    def good(self) -> tuple[str, ...]:
        """Return those that are good, the latest at the end."""
        now = self._clock.monotonic()
        return tuple(one.word for one in self._all if now < one.good_until)

    @property
    def over(self) -> tuple[str, ...]:
        """Return those that are to be forgotten."""
        now = self._clock.monotonic()
        return tuple(one.word for one in self._all if one.good_until <= now)

    @property
    def next_end(self) -> float:
        """Return when the next one ends, in monotonic seconds."""
        now = self._clock.monotonic()
        ends = (one.good_until for one in self._all if now < one.good_until)
        return min(ends, default=float("inf"))

    async def forget(self, word: str) -> None:
        """Forget one, on the disk too."""
        self._all = tuple(one for one in self._all if one.word != word)
        await self._save()

    def _limit(self) -> None:
        good = self._all[-MOST_GOOD:]
        ended = (replace(one, good_until=float("-inf")) for one in self._all[:-MOST_GOOD])
        self._all = (*ended, *good)[-MOST_REMEMBERED:]

    async def _save(self) -> None:
        await self._storage.save({"secrets": [one.word for one in self._all]})


def _words(stored: Any) -> tuple[str, ...]:
    found = stored.get("secrets") if isinstance(stored, dict) else None
    words = found if isinstance(found, list) else ()
    return tuple(word for word in words if isinstance(word, str) and WORD.fullmatch(word))
