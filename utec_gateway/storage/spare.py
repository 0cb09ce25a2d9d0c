"""The spare: a token that was received and is not in the state file yet, in a file of its own.

It is written without waiting for the disk, so that a process that is killed a moment after U-tec's
answer has not lost the sign-in. A power cut may tear it; then it is not used.
"""

import json
import logging
import os
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from hashlib import sha256
from pathlib import Path
from typing import Any

from utec_gateway.core.files import create_private, read_private
from utec_gateway.core.models import Token

from .json_file import text_or_none
from .state import State, parse_token, token_to_json

_LOGGER = logging.getLogger(__name__)


@dataclass(frozen=True)
class Spare:
    """A token with what decides whether it is newer than the state's."""

    serial: int
    token: Token
    previous_refresh_token: str | None = field(repr=False)
    credentials: str
    """The fingerprint of the client that the token was given to."""

    def is_newer_than(self, state: State) -> bool:
        """Tell whether the state has not seen this token."""
        return self.serial > state.token_serial

    def put_into(self, state: State) -> State:
        """Return the state as it would be, had there been time to save it."""
        return replace(
            state,
            token=self.token,
            previous_refresh_token=self.previous_refresh_token,
            token_serial=self.serial,
            refusal=None,
        )


class SpareFile:
    """The file, and nothing of what it means."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._temporary = path.with_name(path.name + ".new")

    def write(self, spare: Spare) -> None:
        """Replace the file with one write; an earlier spare stays whole until then."""
        content = json.dumps(_to_json(spare)).encode()
        digest = sha256(content).hexdigest().encode()
        try:
            with os.fdopen(create_private(self._temporary), "wb") as file:
                file.write(digest + b"\n" + content)
            self._temporary.replace(self._path)
        except OSError as error:
            _LOGGER.warning("There is no spare of the new sign-in: %s", error.strerror or error)

    def read(self) -> Spare | None:
        """Return the spare, or None when there is none or it is damaged."""
        try:
            return _parse(read_private(self._path))
        except FileNotFoundError:
            return None
        except (OSError, ValueError, RecursionError) as error:
            _LOGGER.warning(
                "The spare %s cannot be read and is removed: %s", self._path.name, error
            )
            return None

    def remove(self) -> None:
        """Remove the file; one that stays is older than the state and so does no harm."""
        try:
            for path in (self._path, self._temporary):
                path.unlink(missing_ok=True)
        except OSError as error:
            _LOGGER.warning("%s cannot be removed: %s", self._path.name, error.strerror or error)


def _to_json(spare: Spare) -> dict[str, Any]:
    return {
        "serial": spare.serial,
        "token": token_to_json(spare.token),
        "previous_refresh_token": spare.previous_refresh_token,
        "credentials": spare.credentials,
    }


def _parse(whole: bytes) -> Spare:
    """Read a spare; raise ValueError when it is none, or torn."""
    digest, _, content = whole.partition(b"\n")
    if sha256(content).hexdigest().encode() != digest:
        raise ValueError("it is not whole")
    raw = json.loads(content)
    token = parse_token(raw.get("token")) if isinstance(raw, Mapping) else None
    if token is None or not isinstance(raw.get("serial"), int):
        raise ValueError("it holds no token")
    return Spare(
        raw["serial"],
        token,
        text_or_none(raw.get("previous_refresh_token")),
        str(raw.get("credentials")),
    )
