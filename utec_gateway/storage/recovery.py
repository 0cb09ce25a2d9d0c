"""What the disk holds at start: the newest state that can be read; what is damaged is set aside."""

import json
import logging
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path

from utec_gateway.core.files import read_private, set_aside

from .state import State, parse_state

_LOGGER = logging.getLogger(__name__)


@dataclass(frozen=True)
class Generation:
    """A state as a file holds it, and the key that it would bring back."""

    api_key: str = field(repr=False)
    content: bytes = field(repr=False)


@dataclass(frozen=True)
class Found:
    """What was read."""

    state: State | None = None
    present: Generation | None = None
    """The state file, None when it is missing or damaged."""
    older: Generation | None = None
    """The file beside it, looked at only when the state file is whole."""
    recovery: str | None = None
    """What had to be set aside, in words, or None."""


def read_state(path: Path, previous: Path, now: datetime) -> Found:
    """Read the state file, or the older generation when that is damaged or missing."""
    found = Found()
    for file in (path, previous):
        try:
            state, generation = _read(file)
        except FileNotFoundError:
            continue
        except (OSError, ValueError, RecursionError) as error:
            _LOGGER.error("The state file %s cannot be read: %s", file.name, error)  # noqa: TRY400 - a sentence, not a traceback
            found = _set_aside(file, now, found)
            continue
        if file == path:
            return Found(state, generation, _older(previous))
        _LOGGER.warning("The older generation of the state is used: %s", file.name)
        return replace(found, state=state)
    return found


def _read(path: Path) -> tuple[State, Generation]:
    content = read_private(path)
    state = parse_state(json.loads(content))
    return state, Generation(state.api_key, content)


def _older(previous: Path) -> Generation | None:
    with suppress(OSError, ValueError, RecursionError):
        return _read(previous)[1]
    return None


def _set_aside(path: Path, now: datetime, found: Found) -> Found:
    aside = path.with_name(f"{path.name}.damaged-{now:%Y%m%d-%H%M%S}")
    try:
        set_aside(path, aside)
    except OSError as error:
        _LOGGER.error("%s could not be set aside: %s", path.name, error)  # noqa: TRY400
    said = (
        f"{found.recovery or ''} The state file {path.name} was damaged and is kept as "
        f"{aside.name}. If the gateway asks for it, sign in again."
    )
    return replace(found, recovery=said.strip())
