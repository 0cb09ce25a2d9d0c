"""Changing the options: every change is checked, and touches nothing that it does not name."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from utec_gateway.core.errors import OptionsError

from .readers import Reader
from .schema import LONGEST_INTERVAL, VALIDATORS, Group, Options

POLLS_UNTIL_STALE = 2
"""Poll intervals for which a lock is shown at least, unless somebody has chosen a limit."""


def read_options(raw: Mapping[str, Any]) -> tuple[Options, tuple[str, ...]]:
    """Return the options and a sentence for each setting that was ignored, and why."""
    options, problems = Options(), []
    for change in _one_by_one(raw):
        try:
            options = change_options(options, change)
        except OptionsError as error:
            problems.append(
                f'The option "{error.field}" is ignored, its default is used: {error.problem}'
            )
    if "stale_after_seconds" not in raw:
        options = _shown_between_polls(options)
    if options.stale_after_seconds < options.poll_interval_seconds:
        problems.append(
            f"stale_after_seconds ({options.stale_after_seconds}) is shorter than "
            f"poll_interval_seconds ({options.poll_interval_seconds}): "
            "locks will show as unknown between two polls"
        )
    return options, tuple(problems)


def _shown_between_polls(options: Options) -> Options:
    """Return the options with a limit that suits a long interval of the owner's choice."""
    enough = min(POLLS_UNTIL_STALE * options.poll_interval_seconds, LONGEST_INTERVAL)
    return replace(options, stale_after_seconds=max(options.stale_after_seconds, enough))


def _one_by_one(raw: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """Yield each setting as a change of its own, those of a group too."""
    for name, value in raw.items():
        if isinstance(VALIDATORS.get(name), Group) and isinstance(value, Mapping):
            yield from ({name: {inner: value[inner]}} for inner in value)
        else:
            yield {name: value}


def change_options(options: Options, changes: Mapping[str, Any]) -> Options:
    """Return the options with all the changes, or raise OptionsError naming the first bad one.

    What a change does not name stays as it is, in a group too.
    """
    checked = {name: _changed(options, name, value) for name, value in changes.items()}
    return replace(options, **checked)


def _changed(options: Options, name: str, value: Any) -> Any:
    reader = VALIDATORS.get(name)
    if not isinstance(reader, Group):
        return _read(reader, name, value)
    if not isinstance(value, Mapping):
        raise OptionsError(name, "must be a group of settings")
    checked = {
        inner: _read(reader.readers.get(inner), f"{name}.{inner}", value[inner]) for inner in value
    }
    return replace(getattr(options, name), **checked)


def _read(reader: Reader | None, name: str, value: Any) -> Any:
    if reader is None:
        raise OptionsError(name, "there is no such option")
    try:
        return reader(value)
    except ValueError as error:
        raise OptionsError(name, str(error)) from error


def merged(raw: Mapping[str, Any], changes: Mapping[str, Any]) -> dict[str, Any]:
    """Return the raw options with the changes; what a group's change does not name stays."""
    new = dict(changes)
    for name, value in changes.items():
        if isinstance(value, Mapping) and isinstance(raw.get(name), Mapping):
            new[name] = {**raw[name], **value}
    return {**raw, **new}


def flat(options: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """Yield every setting by its name; those of a group are named `email.smtp_host`."""
    for name, value in options.items():
        inner = value.readers if isinstance(value, Group) else value
        if isinstance(inner, Mapping):
            yield from ((f"{name}.{one}", inner[one]) for one in inner)
        else:
            yield name, value


def grouped(settings: Mapping[str, Any]) -> dict[str, Any]:
    """Return settings by their options, those named `email.smtp_host` in their group again."""
    found: dict[str, Any] = {}
    for name, value in settings.items():
        group, _, inner = name.rpartition(".")
        (found.setdefault(group, {}) if group else found)[inner] = value
    return found


FLAT_VALIDATORS: Mapping[str, Reader] = dict(flat(VALIDATORS))
"""What checks each setting, by its flat name."""
