"""Switches by name: how the control API and scenario files set typed fields from JSON or YAML."""

from collections.abc import Mapping
from dataclasses import fields
from enum import Enum
from functools import cache
from types import NoneType, UnionType
from typing import Annotated, Any, ClassVar, Protocol, Union, get_args, get_origin
from typing import get_type_hints as type_hints


class Fields(Protocol):
    """Any dataclass."""

    __dataclass_fields__: ClassVar[dict[str, Any]]


class SettingRefusedError(Exception):
    """A sentence that says what was wrong with a name or a value."""


def listed(group: Fields) -> dict[str, Any]:
    """Return every field under its full name, such as `a5_token_shape`."""
    return {_full_name(type(group), each.name): getattr(group, each.name) for each in fields(group)}


def checked(kind: type[Fields], wanted: Mapping[str, Any]) -> dict[str, Any]:
    """Return the wanted values by field, in its type; names may leave the row out."""
    names = {each.name: each.name for each in fields(kind)}
    names |= {_full_name(kind, name): name for name in names}
    unknown = [name for name in wanted if name not in names]
    if unknown:
        raise SettingRefusedError(f"{unknown[0]} is not one of {', '.join(sorted(names))}.")
    return {names[name]: _fitted(kind, names[name], value) for name, value in wanted.items()}


def knows(kind: type[Fields], name: str) -> bool:
    """Tell whether a name, with or without its row, is a field of that kind."""
    return any(name in {each.name, _full_name(kind, each.name)} for each in fields(kind))


def allowed(kind: type[Fields]) -> dict[str, str]:
    """Tell by full name what each field may be."""
    hints = type_hints(kind)
    return {_full_name(kind, each.name): _described(hints[each.name]) for each in fields(kind)}


def set_all(group: Fields, values: Mapping[str, Any]) -> None:
    """Assign values that were checked before, so that nothing is half applied."""
    for name, value in values.items():
        setattr(group, name, value)


@cache
def _annotations(kind: type[Fields]) -> dict[str, Any]:
    return type_hints(kind, include_extras=True)


def _full_name(kind: type[Fields], name: str) -> str:
    annotation = _annotations(kind)[name]
    if get_origin(annotation) is not Annotated:
        return name
    row: str = annotation.__metadata__[0]
    return f"{row.lower()}_{name}"


def _fitted(kind: type[Fields], name: str, value: Any) -> Any:
    wanted = type_hints(kind)[name]
    for alternative in _alternatives(wanted):
        fitting = _as(alternative, value)
        if fitting is not None or (value is None and alternative is NoneType):
            return fitting
    raise SettingRefusedError(f"{name} cannot be {value!r}; it is {_described(wanted)}.")


def _alternatives(wanted: Any) -> tuple[Any, ...]:
    return get_args(wanted) if get_origin(wanted) in {Union, UnionType} else (wanted,)


def _as(wanted: Any, value: Any) -> Any:
    if isinstance(wanted, type) and issubclass(wanted, Enum):
        return next((choice for choice in wanted if choice.value == value), None)
    if get_origin(wanted) is tuple:
        strings = isinstance(value, list) and all(isinstance(item, str) for item in value)
        return tuple(value) if strings else None
    if wanted is float and type(value) in {int, float}:
        return float(value)
    return value if type(value) is (get_origin(wanted) or wanted) else None


def _described(wanted: Any) -> str:
    words: list[str] = []
    for alternative in _alternatives(wanted):
        if isinstance(alternative, type) and issubclass(alternative, Enum):
            words.extend(str(choice.value) for choice in alternative)
        else:
            words.append("null" if alternative is NoneType else alternative.__name__)
    return " or ".join(words)
