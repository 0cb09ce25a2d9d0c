"""The present options: read from the options file, changed as a whole, saved at once."""

import asyncio
import json
import logging
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Protocol

from utec_gateway.core.errors import OptionsError
from utec_gateway.core.events import Event
from utec_gateway.core.files import Executor, read_private, set_aside, write_atomic
from utec_gateway.options.changes import change_options, flat, grouped, merged, read_options
from utec_gateway.options.schema import Options
from utec_gateway.options.secret_destinations import check_destinations

_LOGGER = logging.getLogger(__name__)

ENVIRONMENT = {
    "AUTO_REFRESH_ENABLED": "auto_refresh_enabled",
    "REFRESH_BUFFER_MINUTES": "refresh_buffer_minutes",
    "MQTT_HOST": "mqtt.host",
    "MQTT_PORT": "mqtt.port",
    "MQTT_USERNAME": "mqtt.username",
    "MQTT_PASSWORD": "mqtt.password",
}
"""Variables that win over the options file (http-contract 1)."""
NUMBERS = frozenset({"refresh_buffer_minutes", "mqtt.port"})


class OptionsStorage(Protocol):
    """Where the raw options live."""

    async def load(self) -> Mapping[str, Any]:
        """Return the raw options; raise OSError or ValueError when there are none to read."""
        ...

    async def save(self, changes: Mapping[str, Any]) -> None:
        """Keep these beside what is there; raise OSError or a GatewayError, having kept nothing."""
        ...


class OptionsFile:
    """The options file, for a gateway without a Supervisor."""

    def __init__(self, path: Path, executor: Executor = asyncio.to_thread) -> None:
        self._path = path
        self._executor = executor

    async def load(self) -> Mapping[str, Any]:
        """Return what the file holds."""
        content = (await self._executor(read_private, self._path)).decode("utf-8")
        if not content.strip():
            raise ValueError("it is empty")
        raw = json.loads(content)
        if not isinstance(raw, dict):
            raise ValueError("it holds no group of options")
        return raw

    async def save(self, changes: Mapping[str, Any]) -> None:
        """Replace the file; one that cannot be read is kept beside it."""
        raw: Mapping[str, Any] = {}
        try:
            raw = await self.load()
        except FileNotFoundError:
            pass
        except (ValueError, RecursionError):
            aside = self._path.with_name(f"{self._path.name}.damaged")
            await self._executor(set_aside, self._path, aside)
        content = json.dumps(merged(raw, changes), indent=2, ensure_ascii=False).encode()
        await self._executor(write_atomic, self._path, content)


class Settings:
    """The one owner of the options."""

    def __init__(self, storage: OptionsStorage, environment: Mapping[str, str]) -> None:
        self._keeper = storage
        self._env_overrides = _from_environment(environment)
        self._raw: dict[str, Any] = {}
        self._lock = asyncio.Lock()
        self.options = Options()
        self.problems: tuple[str, ...] = ()
        """Sentences about settings that were ignored, and why."""
        self.changed = Event[Options]("the options")
        """Emitted with the options once they are loaded, and after every change."""

    async def load(self) -> None:
        """Read the options; what cannot be read takes its default, and `problems` says so."""
        problem = None
        try:
            self._raw = dict(await self._keeper.load())
        except FileNotFoundError:
            _LOGGER.info("There is no options file yet; the defaults are used")
        except (OSError, ValueError, RecursionError) as error:
            problem = f"The options file cannot be read, the defaults are used: {error}"
        self.options, ignored = read_options(self._with_overrides(self._raw))
        self.problems = (problem, *ignored) if problem else ignored
        for sentence in self.problems:
            _LOGGER.warning(sentence)
        self.changed.emit(self.options)

    @property
    def env_overrides(self) -> frozenset[str]:
        """Return the flat names of the options that the environment sets."""
        return frozenset(self._env_overrides)

    async def change(self, changes: Mapping[str, Any]) -> None:
        """Take all the changes or none; raise OptionsError naming the field.

        A change may name some settings of a group: `{"email": {"enabled": True}}`.
        """
        await self.update(lambda _options: changes)

    async def update(self, changes_of: Callable[[Options], Mapping[str, Any]]) -> None:
        """Take all the changes that `changes_of` the present options returns, or none.

        Nobody else changes an option in between; raise OptionsError naming the field.
        """
        async with self._lock:
            changes = changes_of(self.options)
            if not changes:
                return
            for name in {name for name, _ in flat(changes)} & self._env_overrides.keys():
                raise OptionsError(name, "is set by the environment and cannot be changed here")
            after = change_options(self.options, changes)
            check_destinations(self.options, after, changes)
            changes = _tidied(changes, after)
            raw = merged(self._raw, changes)
            try:
                await self._keeper.save(changes)
            except OSError as error:
                raise OptionsError(
                    next(iter(changes), "options"),
                    f"the options cannot be saved ({error.strerror or error}); nothing was changed",
                ) from error
            self._raw = raw
            self.options, self.problems = read_options(self._with_overrides(raw))
        self.changed.emit(self.options)

    def _with_overrides(self, raw: Mapping[str, Any]) -> Mapping[str, Any]:
        return merged(raw, grouped(self._env_overrides))


def _tidied(changes: Mapping[str, Any], after: Options) -> Mapping[str, Any]:
    """Return the changes with each recipient by itself: Home Assistant takes no other list."""
    email = changes.get("email")
    if not isinstance(email, Mapping) or "recipients" not in email:
        return changes
    return {**changes, "email": {**email, "recipients": list(after.email.recipients)}}


def _from_environment(environment: Mapping[str, str]) -> dict[str, Any]:
    """Return the options fixed by the environment; a value that makes no sense stays text."""
    env_overrides: dict[str, Any] = {}
    for variable, option in ENVIRONMENT.items():
        value = environment.get(variable, "").strip()
        words = {"true": True, "1": True, "yes": True, "false": False, "0": False, "no": False}
        if value and option == "auto_refresh_enabled":
            env_overrides[option] = words.get(value.lower(), value)
        elif value:
            is_number = option in NUMBERS and value.isdecimal()
            env_overrides[option] = int(value) if is_number else value
    return env_overrides
