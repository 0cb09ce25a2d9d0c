"""Finding secrets in a line of text, in every form that they take on the way there."""

import html
import json
import re
from base64 import b64encode
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from string import ascii_letters, digits
from urllib.parse import quote, quote_plus

SHORTEST_SECRET = 4
START = SHORTEST_SECRET
"""Characters by which what may begin at a place in a line is looked up."""
BASE64 = f"{ascii_letters}{digits}+/-_"
LEFT_IN_ADDRESSES = ("", "/", "!$'()*,:@/?", "!$'()*,;:@/?")
"""What various programs leave as it is."""
URL_SAFE = str.maketrans("+/", "-_")


def printable(text: str) -> str:
    """Return text that is one line and harmless to a terminal, the rest of it as escapes."""
    if text.isprintable():
        return text
    return "".join(one if one.isprintable() else repr(one)[1:-1] for one in text)


def spellings(secret: str) -> Iterator[str]:
    """Yield the secret as it stands in text, JSON, Python, HTML and addresses."""
    yield printable(secret)
    yield json.dumps(secret)[1:-1]
    yield json.dumps(secret, ensure_ascii=False)[1:-1]
    yield from (repr(secret)[1:-1], ascii(secret)[1:-1])
    yield html.escape(secret)
    raw = secret.encode(errors="surrogatepass")
    for quoted in (write(raw, safe) for write in (quote, quote_plus) for safe in LEFT_IN_ADDRESSES):
        yield quoted
        yield re.sub("%..", lambda escape: escape.group().lower(), quoted)


def in_base64(secret: str) -> Iterator[str]:
    """Yield what base64 makes of the secret wherever it stands in it: after a user name, say.

    Its first and last letters mix with the neighbours and are left out.
    """
    raw = secret.encode(errors="surrogatepass")
    for before in range(3):
        first, end = -(-before * 8 // 6), (before + len(raw)) * 8 // 6
        letters = b64encode(b"\0" * before + raw).decode()[first:end]
        yield letters
        yield letters.translate(URL_SAFE)


@dataclass(frozen=True)
class Form:
    """A text that stands for a value, and what to write instead."""

    text: str
    instead: str
    is_base64: bool = False
    """Whether it is a part of some base64; all of that is replaced."""


class Replacements:
    """Texts and what to write instead, found in one walk however many there are."""

    def __init__(self) -> None:
        self._uses = Counter[str]()
        self._by_start: dict[str, tuple[Form, ...]] = {}

    def __len__(self) -> int:
        """Return how many texts are replaced."""
        return len(self._uses)

    def add(self, form: Form) -> None:
        """Replace a text from now on."""
        self._uses[form.text] += 1
        if self._uses[form.text] == 1:
            start = form.text[:START]
            beside = (*self._by_start.get(start, ()), form)
            self._by_start[start] = tuple(sorted(beside, key=lambda one: -len(one.text)))

    def remove(self, text: str) -> None:
        """Undo one `add`."""
        self._uses[text] -= 1
        if self._uses[text] <= 0:
            del self._uses[text]
            start = text[:START]
            left = tuple(form for form in self._by_start.pop(start) if form.text != text)
            if left:
                self._by_start[start] = left

    def apply(self, line: str) -> str:
        """Return the line with everything replaced; where two begin, the longer."""
        starts, parts, done = self._by_start, [], 0
        places = [at for at in range(len(line) - START + 1) if line[at : at + START] in starts]
        for at in places:
            candidates = starts.get(line[at : at + START], ())
            form = next((one for one in candidates if line.startswith(one.text, at)), None)
            if form is None or at < done:
                continue
            begin, end = _extent(line, at, form, done)
            parts += [line[done:begin], form.instead]
            done = end
        return "".join([*parts, line[done:]]) if parts else line


def _extent(line: str, at: int, form: Form, done: int) -> tuple[int, int]:
    """Return from where to where a form found there is replaced."""
    end = at + len(form.text)
    if not form.is_base64:
        return at, end
    before, after = line[done:at].rstrip(BASE64), line[end:].lstrip(f"{BASE64}=")
    return done + len(before), len(line) - len(after)


class Memory:
    """The values that came last, at most `limit`, each replaced in all of its forms."""

    def __init__(
        self, replacements: Replacements, forms: Callable[[str], Iterable[Form]], limit: int
    ) -> None:
        self._replacements = replacements
        self._forms = forms
        self._limit = limit
        self._known: dict[str, tuple[str, ...]] = {}

    def remember(self, value: str) -> None:
        """Put a value last in the queue for being forgotten."""
        known = self._known.pop(value, None)
        self._known[value] = self._learn(value) if known is None else known
        while len(self._known) > self._limit:
            for text in self._known.pop(next(iter(self._known))):
                self._replacements.remove(text)

    def _learn(self, value: str) -> tuple[str, ...]:
        forms = {form.text: form for form in self._forms(value) if len(form.text) >= START}
        for form in forms.values():
            self._replacements.add(form)
        return tuple(forms)
