"""What the cloud refuses of a user: missing arguments, and codes that no lock takes (C9)."""

import re
from collections.abc import Callable, Collection, Mapping
from typing import Any

from .behaviour import LockUserBehaviour

TEMPORARY = 2
EDITABLE = ("name", "type", "password", "status", "daterange", "weeks", "timerange", "limit")
REQUIRED = ("name", "type", "password")
SCHEDULE = ("weeks", "timerange")
CODES = range(1000, 100_000_000)  # an integer of 4 to 8 digits cannot begin with a 0
SATURDAY = 6
DATE_AND_TIME = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d")
TIME_OF_DAY = re.compile(r"\d\d:\d\d")


class ArgumentsRefusedError(Exception):
    """The cloud answers BAD-REQUEST to this."""


def check_new(
    arguments: Mapping[str, Any], behaviour: LockUserBehaviour, codes: Collection[object]
) -> None:
    """Refuse a new user that lacks something or that the lock cannot have beside these codes."""
    _require(arguments, REQUIRED)
    if arguments["type"] == TEMPORARY:
        _require(arguments, (*SCHEDULE, "limit") if behaviour.needs_limit else SCHEDULE)
    check_change(arguments, behaviour, codes)


def check_change(
    arguments: Mapping[str, Any], behaviour: LockUserBehaviour, codes: Collection[object]
) -> None:
    """Refuse what is given and is not what the documentation says it is."""
    for key, fits in _FORMS.items():
        if key in arguments and not fits(arguments[key]):
            raise ArgumentsRefusedError(f"{key} is not what it should be")
    if "password" in arguments:
        _check_code(arguments["password"], behaviour, codes)


def _require(arguments: Mapping[str, Any], names: tuple[str, ...]) -> None:
    missing = [name for name in names if arguments.get(name) is None]
    if missing:
        raise ArgumentsRefusedError(f"missing: {', '.join(missing)}")


def _check_code(code: object, behaviour: LockUserBehaviour, codes: Collection[object]) -> None:
    if not isinstance(code, int | str) or not (behaviour.any_code_accepted or _is_code(code)):
        raise ArgumentsRefusedError("password must be an integer of 4 to 8 digits")
    if behaviour.vendor_code_rule and ("0" in str(code) or str(code).startswith("12")):
        raise ArgumentsRefusedError("password must not have a 0 or begin with 12")
    if code in codes and not behaviour.duplicate_codes_accepted:
        raise ArgumentsRefusedError("another user has this password")


def _is_code(value: object) -> bool:
    return type(value) is int and value in CODES


def _is_number(value: object) -> bool:
    return type(value) is int and value >= 0


def _are_weekdays(value: object) -> bool:
    return isinstance(value, list) and all(_is_number(day) and day <= SATURDAY for day in value)


def _is_pair(value: object, form: re.Pattern[str]) -> bool:
    return (
        isinstance(value, list)
        and len(value) == len(("from", "to"))
        and all(isinstance(end, str) and form.fullmatch(end) is not None for end in value)
    )


_FORMS: dict[str, Callable[[object], bool]] = {
    "type": _is_number,
    "name": lambda value: isinstance(value, str),
    "limit": _is_number,
    "weeks": _are_weekdays,
    "daterange": lambda value: _is_pair(value, DATE_AND_TIME),
    "timerange": lambda value: _is_pair(value, TIME_OF_DAY),
}
