"""The one place where text from outside becomes fit for a page, an answer and a log."""

REPLACEMENT = "\N{REPLACEMENT CHARACTER}"
"""Stands for bytes that are no text: half a character, or another encoding."""


def encodable(text: str) -> str:
    """Return text that UTF-8 can hold; a lone surrogate would make every answer fail."""
    return text.encode("utf-8", "replace").decode() if not text.isascii() else text


def sanitize(text: str, longest: int) -> str:
    """Return text on one line, without control characters, at most `longest` characters of it."""
    printable = "".join(_shown(character) for character in text[: 10 * longest])
    line = " ".join(printable.split())
    return line if len(line) <= longest else f"{line[: longest - 1]}…"


def _shown(character: str) -> str:
    if character.isprintable():
        return character
    return REPLACEMENT if "\ud800" <= character <= "\udfff" else " "
