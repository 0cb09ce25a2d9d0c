"""E-mail addresses as people write them: one or several on a line, each checked and named."""

import re
from typing import Any

from utec_gateway.core.sanitize import sanitize

FLAWS = {
    "at": "it needs exactly one @",
    "space": "there is a space in it",
    "mailbox": "what stands before the @ cannot be a mailbox",
    "domain": "what follows the @ is not a domain such as example.com",
}
"""What can be wrong with an address; the panel says it in the reader's language."""
LONGEST_MAILBOX, LONGEST_DOMAIN = 64, 253
LONGEST_SHOWN = 60

PIECE = re.compile(r'(?:"[^"\r\n]*"|[^,;\r\n])+')
"""What stands between commas, semicolons and line ends; a quoted name may hold them, too."""
IN_BRACKETS = re.compile(r"[^<>]*<([^<>]*)>")
MAILBOX = re.compile(r"[\w!#$%&'*+/=?^`{|}~-]+(?:\.[\w!#$%&'*+/=?^`{|}~-]+)*", re.ASCII)
LABEL = r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
DOMAIN = re.compile(rf"{LABEL}(?:\.{LABEL})*")


class AddressError(ValueError):
    """Something is not an e-mail address; `flaw` is a key of FLAWS."""

    def __init__(self, address: str, flaw: str) -> None:
        self.address = sanitize(address, LONGEST_SHOWN)
        self.flaw = flaw
        super().__init__(
            f'must be valid, and "{self.address}" is not an e-mail address: {FLAWS[flaw]}'
        )


def recipients(value: Any) -> tuple[str, ...]:
    """Read a list of addresses, each of them once; an entry may hold several."""
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        raise ValueError("must be a list of e-mail addresses")
    pieces = (piece for item in value for piece in PIECE.findall(item))
    return tuple(dict.fromkeys(address(piece) for piece in pieces if _visible(piece)))


def sender(value: Any) -> str:
    """Read the one address that messages come from; there may be none."""
    if not isinstance(value, str):
        raise ValueError("must be text")
    return address(value) if _visible(value) else ""


def address(written: str) -> str:
    """Return the address in `me@example.com`, `<me@example.com>` or `Me <me@example.com>`."""
    shown = _visible(written)
    in_brackets = IN_BRACKETS.fullmatch(shown)
    found = in_brackets[1].strip() if in_brackets else shown
    if flaw := _flaw(found):
        raise AddressError(shown, flaw)
    return found


def _visible(written: str) -> str:
    """Return what a person sees of it; invisible characters are pasted along unnoticed."""
    return "".join(c for c in written if c.isprintable() or c.isspace()).strip()


def _flaw(found: str) -> str | None:
    mailbox, _, domain = found.rpartition("@")
    if found.count("@") != 1:
        return "at"
    if any(character.isspace() for character in found):
        return "space"
    if len(mailbox) > LONGEST_MAILBOX or not MAILBOX.fullmatch(mailbox):
        return "mailbox"
    return None if len(domain) <= LONGEST_DOMAIN and DOMAIN.fullmatch(domain) else "domain"
