"""The secrets that a push must show: a new one every day, the last one good for a while more."""

import hmac
from collections.abc import Callable
from dataclasses import dataclass, field

from utec_gateway.plugin_api import Clock

RENEWED_AFTER = 24 * 3600.0
GOOD_AFTERWARDS = 600.0


@dataclass(frozen=True)
class Secret:
    """One secret, and from when on it is not good any more."""

    word: str = field(repr=False)
    good_until: float = float("inf")
    """Monotonic seconds."""


class Secrets:
    """Owns the present secret and the one before it."""

    def __init__(self, clock: Clock, new_word: Callable[[], str]) -> None:
        self._clock = clock
        self._new_word = new_word
        self._known: tuple[Secret, ...] = ()

    def renew(self) -> str:
        """Return a fresh secret; the earlier one is good for ten minutes more."""
        until = self._clock.monotonic() + GOOD_AFTERWARDS
        earlier = tuple(Secret(one.word, min(one.good_until, until)) for one in self._good)
        self._known = (Secret(self._new_word()), *earlier)
        return self._known[0].word

    def knows(self, shown: str) -> bool:
        """Tell whether that is a good one; how long it takes says nothing of how near it came."""
        found = [hmac.compare_digest(shown.encode(), one.word.encode()) for one in self._good]
        return any(found)

    @property
    def _good(self) -> tuple[Secret, ...]:
        now = self._clock.monotonic()
        return tuple(one for one in self._known if now < one.good_until)
