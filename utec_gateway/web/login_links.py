"""One-time links into the panel, for whoever can read the gateway's console."""

import secrets
from hashlib import sha256

from utec_gateway.core.clock import Clock

VALID_FOR = 900.0
"""Seconds."""
MOST = 20
WORD_BYTES = 24


class LoginLinks:
    """Owns the words of the links, in memory only: a restart ends them."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._ends: dict[bytes, float] = {}

    def new_path(self) -> str:
        """Return a path below the gateway's address that opens the panel once."""
        word = secrets.token_urlsafe(WORD_BYTES)
        latest = list(self._ends.items())[1 - MOST :]
        self._ends = {**dict(latest), _digest(word): self._clock.monotonic() + VALID_FOR}
        return f"/login?once={word}"

    def is_valid(self, word: str) -> bool:
        """Tell whether a word still opens the panel."""
        return self._ends.get(_digest(word), 0.0) > self._clock.monotonic()

    def redeem(self, word: str) -> bool:
        """Use a word up; return whether it opens the panel."""
        is_valid = self.is_valid(word)
        self._ends.pop(_digest(word), None)
        return is_valid


def _digest(word: str) -> bytes:
    """Return what words are compared by, so that no comparison tells how much of one is right."""
    return sha256(word.encode("utf-8", "replace")).digest()
