"""The digits that open a lock: held for as long as it takes to send them, and never written."""

from dataclasses import dataclass, field
from random import Random

from utec_gateway.core.errors import FieldError

SHORTEST, LONGEST = 4, 8
GENERATED_LENGTH = 6
GENERATED_FROM = "123456789"
"""One vendor client avoids the digit 0, and a beginning of 12 (utec-cloud 4.6)."""
AVOIDED_BEGINNING = "12"
RUNS = ("01234567890", "09876543210")
WELL_KNOWN = frozenset({"2580", "1379", "147258", "159753"})
"""Columns and corners of a keypad."""


@dataclass(frozen=True)
class Code:
    """A code that may be sent; nothing shows its digits by accident."""

    digits: str = field(repr=False)


def read_code(typed: str) -> Code:
    """Return the code that somebody typed; raise FieldError when a lock could not take it.

    The cloud takes a whole number, so that a 0 at the beginning would be lost.
    """
    digits = typed.strip()
    if not (digits.isascii() and digits.isdigit()):
        raise FieldError("code", "must consist of digits only")
    if not SHORTEST <= len(digits) <= LONGEST:
        raise FieldError("code", "must have 4 to 8 digits")
    if is_easily_guessed(digits):
        raise FieldError("code", "is guessed too easily; choose another one")
    if digits.startswith("0"):
        raise FieldError("code", "must not begin with 0, which U-tec does not keep")
    return Code(digits)


def new_code(random: Random) -> Code:
    """Return a code that nobody guesses."""
    while True:
        digits = "".join(random.choice(GENERATED_FROM) for _ in range(GENERATED_LENGTH))
        if not (digits.startswith(AVOIDED_BEGINNING) or is_easily_guessed(digits)):
            return Code(digits)


def is_easily_guessed(digits: str) -> bool:
    """Tell whether it is a run, a repetition, or a pattern on the keypad."""
    is_run = any(digits in run for run in RUNS)
    is_repeated = digits in (digits + digits)[1:-1]
    return is_run or is_repeated or digits in WELL_KNOWN
