"""What must not be written: known secrets in all their spellings, and what looks like one."""

import re
from collections.abc import Iterable, Iterator

from .secret_spellings import (
    SHORTEST_SECRET,
    Form,
    Memory,
    Replacements,
    in_base64,
    printable,
    spellings,
)

STRUCK = "***"
SHORTEST_ID = 8
"""Characters; a shorter device id may be a word of the log's own."""
KEPT_OF_A_SOURCE = 50
"""Values that a lasting secret had before; the tokens of seven weeks."""
PASSING_KEPT = 300

NAMES = (
    "(?:access|refresh)_token|client_secret|(?:secret|access|api)_key|password|authorization_code"
)
IN_CONTEXT = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        r"(\b(?:set-)?cookie[\"']?\s*[:=]\s*)(.+)",
        r"(\bauthorization[\"']?\s*[:=]\s*[\"']?(?:[a-z]+\s+)?)([^\s\"',;]{6,})",
        r"(\bbearer\s+)([^\s\"',;]{6,})",
        r"(/(?:k|push|webhook)/)([^/\s\"'?]{6,})",
        r"([?&](?:code|state|token)=)([^\s\"'&]{6,})",
        rf"(\b(?:{NAMES})[\"']?\s*[=:]\s*[\"']?)([^\s\"'&,;}}{{)(\]]{{6,}})",
    )
)
"""A secret by the company it keeps, for those that nobody has told us of."""
COMPANY = (
    "cookie",
    "authorization",
    "bearer",
    "/k/",
    "/push/",
    "/webhook/",
    "?",
    "&",
    "token",
    "secret",
    "key",
    "password",
)
"""What they need: most lines hold none of it, and the log is written between two answers."""
HARDWARE_GAPS, GAPS = (":", "-", "%3"), 5
HARDWARE_ADDRESS = re.compile(r"\b[0-9A-Fa-f]{2}(?:(?:[:-]|%3[Aa])[0-9A-Fa-f]{2}){5}\b")


class Redactor:
    """Knows what must not be written; asked by every handler about every message."""

    def __init__(self) -> None:
        self._known = Replacements()
        self._pinned: dict[str, Memory] = {}
        self._passing = Memory(self._known, _struck, PASSING_KEPT)
        self._devices = Memory(self._known, _shortened, PASSING_KEPT)

    def pin(self, source: str, secret: str | None) -> None:
        """Strike out a lasting secret by its source, and what the source had before.

        What passes, however much of it there is, never pushes it out.
        """
        if secret and len(secret) >= SHORTEST_SECRET:
            memory = self._pinned.setdefault(source, Memory(self._known, _struck, KEPT_OF_A_SOURCE))
            memory.remember(secret)

    def hide(self, secrets: Iterable[str | None]) -> None:
        """Strike out what is good once: states, codes; the oldest of many are forgotten."""
        for secret in secrets:
            if secret and len(secret) >= SHORTEST_SECRET:
                self._passing.remember(secret)

    def shorten(self, ids: Iterable[str]) -> None:
        """Write device ids by their last characters only."""
        for device_id in ids:
            if len(device_id) >= SHORTEST_ID:
                self._devices.remember(device_id)

    def redact(self, text: str) -> str:
        """Return the text as it may be written."""
        text = self._known.apply(text)
        small = text.lower()
        if any(company in small for company in COMPANY):
            for pattern in IN_CONTEXT:
                text = pattern.sub(lambda match: match.group(1) + STRUCK, text)
        if max(map(text.count, HARDWARE_GAPS)) < GAPS:
            return text
        return HARDWARE_ADDRESS.sub(lambda match: shortened(match.group()), text)


def _struck(secret: str) -> Iterator[Form]:
    yield from (Form(text, STRUCK) for text in (secret, *spellings(secret)))
    yield from (Form(text, STRUCK, is_base64=True) for text in in_base64(secret))


def _shortened(device_id: str) -> Iterator[Form]:
    instead = printable(shortened(device_id))
    yield from (Form(text, instead) for text in (device_id, *spellings(device_id)))


def shortened(device_id: str) -> str:
    """Return the end of a device id, marked as such."""
    return f"…{device_id[-5:]}"
