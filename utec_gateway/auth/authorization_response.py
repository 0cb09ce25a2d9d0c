"""The authorization response as people paste it: decorated, broken over lines, or the bare code."""

import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from urllib.parse import parse_qs, unquote

LONGEST_PASTE = 4096
AMPERSANDS = re.compile(r"&(?:amp|#38|#x26);", re.IGNORECASE)
ENCODED = re.compile(r"https?%(?:25)*3A", re.IGNORECASE)
BEGINS = re.compile(r"https?://", re.IGNORECASE)
QUERY = re.compile(r"[^\s?&]*\?\S*|(?:authorization_)?code=\S*|(?<![\w&])(?:state|error)=\S*")
"""An address without its beginning, or what stands behind the question mark."""
ENDS = re.compile(r"""\]\(|[\s"'`´<>|\\^{}()“”„‟‘’‚‛«»‹›「」『』]""")  # noqa: RUF001
"""What no address of ours holds: it belongs to whatever the address was pasted out of."""
TRAILING = ".,;:!?*~]…"
WORD_LINE = re.compile(r"[^\W\d_]{3,}[.,:;!?…]*(?:\s.*)?")
"""A line that goes on in words, not with the rest of an address."""
BARE_CODE = re.compile(r"(?=.*\d)(?!\d+(?:\.\d+)+$)[\w.~+/=-]{12,2048}|[\w~+/=-]{20,2048}")
INVISIBLE = {"Cf", "Cc"}


@dataclass(frozen=True)
class AuthorizationResponse:
    """What was found in a paste; `address` is empty when it was the code alone."""

    address: str
    query: Mapping[str, str] = field(repr=False)

    @property
    def code(self) -> str | None:
        """Return the code, or U-tec's own word for it (utec-cloud 1.2)."""
        return self.query.get("code") or self.query.get("authorization_code")


def read_responses(pasted: str) -> Iterator[AuthorizationResponse]:
    """Yield each way to read a paste, the likeliest first: a line break may end it or stand in it.

    Whoever knows which `state` was issued takes the one that holds it.
    """
    text = _plain(pasted[:LONGEST_PASTE])
    for way in dict.fromkeys((_joined(text), text, "".join(text.split()))):
        yield _read(way)


def undecorated_code(pasted: str) -> str:
    """Return what is known to be a code, of whatever length, without what surrounds it."""
    return "".join(ENDS.sub(" ", _plain(pasted)).split())


def _plain(text: str) -> str:
    """Return text without what nobody sees and without the escapes of HTML and of addresses."""
    seen = "".join(
        " " if c.isspace() and c not in "\r\n" else c
        for c in text
        if c in "\r\n\t" or unicodedata.category(c) not in INVISIBLE
    )
    while AMPERSANDS.search(seen):
        seen = AMPERSANDS.sub("&", seen)
    while ENCODED.search(seen) and not BEGINS.search(seen):
        seen = unquote(seen)
    return seen.strip()


def _joined(text: str) -> str:
    """Return text in one line; what goes on in words stays apart."""
    first, *others = (line.strip() for line in text.splitlines() if line.strip()) if text else ("",)
    return "".join([first, *(f" {one}" if WORD_LINE.fullmatch(one) else one for one in others)])


def _read(text: str) -> AuthorizationResponse:
    begin = BEGINS.search(text) or QUERY.search(text)
    if begin is None:
        code = _bare(text)
        return AuthorizationResponse("", {"code": code} if code else {})
    address = _undecorated(text[begin.start() :])
    query = address.partition("?")[2] if "?" in address else "" if "://" in address else address
    values = parse_qs(query.partition("#")[0]) if query else {}
    return AuthorizationResponse(address, {name: found[0] for name, found in values.items()})


def _bare(text: str) -> str:
    """Return the code when it stands alone, decorated or with a word behind it."""
    stripped = ENDS.sub(" ", text).split()
    codes = [
        word
        for word in (one.strip("[" + TRAILING) for one in stripped)
        if BARE_CODE.fullmatch(word)
    ]
    return codes[0] if len(codes) == 1 else ""


def _undecorated(text: str) -> str:
    return ENDS.split(text, maxsplit=1)[0].rstrip(TRAILING)
