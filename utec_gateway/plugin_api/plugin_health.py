"""What is known of every plugin: where it comes from, what it listens to, how it fares."""

import logging
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime

from utec_gateway.core.clock import Clock
from utec_gateway.core.errors import GatewayError, NotDeliveredError
from utec_gateway.core.sanitize import sanitize

_LOGGER = logging.getLogger(__name__)

BUILT_IN = "built-in"
LONGEST_ERROR = 300
TESTS = frozenset({"gateway_test_broker"})
"""Hooks that a person calls to hear whether something fails; an issue of its own says so, too."""


@dataclass(frozen=True)
class PluginStatus:
    """What is known of one plugin."""

    name: str
    origin: str
    """"built-in", or the name of the file in the plugins folder."""
    hooks: tuple[str, ...] = ()
    last_error: str | None = None
    failed_at: datetime | None = None
    is_failing: bool = False
    """Whether it could not be loaded, or failed at the last call of one of its hooks."""
    is_loaded: bool = True
    summary: str = ""
    """What somebody's own plugin says of itself: the first line of its docstring."""
    since: datetime | None = None
    """Since when it works, or fails."""


@dataclass(frozen=True)
class Delivery:
    """What became of one notification at one notifier."""

    delivered: bool | None
    """None when the notifier does not say, for instance because it is switched off."""
    detail: str
    may_pass: bool = True
    """Whether what kept it back may go away by itself; False when only a person can help."""


class PluginHealth:
    """The one owner of the plugins' health; every failure is logged here, once, with its name."""

    def __init__(self, clock: Clock, redact: Callable[[str], str]) -> None:
        self._clock = clock
        self._redact = redact
        self._plugins: dict[str, PluginStatus] = {}
        self._failing: dict[str, set[str]] = {}

    @property
    def plugins(self) -> tuple[PluginStatus, ...]:
        """Return every plugin, in the order of loading."""
        return tuple(
            replace(status, is_failing=bool(self._failing.get(name)))
            for name, status in self._plugins.items()
        )

    def add(self, status: PluginStatus) -> None:
        """Add a plugin."""
        self._plugins[status.name] = replace(
            status, summary=self.sanitize(status.summary), since=self._clock.now()
        )

    def record_failure(self, name: str, where: str, error: BaseException) -> None:
        """Remember and log that a plugin failed; only a surprise is worth a traceback."""
        if where in TESTS and isinstance(error, NotDeliveredError):
            return
        is_expected = isinstance(error, GatewayError)
        said = str(error) if is_expected else f"{type(error).__name__}: {error}"
        problem = self.sanitize(said)
        status, now = self._plugins[name], self._clock.now()
        since = status.since if self._failing.get(name) else now
        self._failing.setdefault(name, set()).add(where)
        self._plugins[name] = replace(status, last_error=problem, failed_at=now, since=since)
        _LOGGER.error(
            "The plugin %s failed in %s: %s",
            name,
            where,
            problem,
            exc_info=None if is_expected else error,
        )

    def record_success(self, name: str, where: str) -> None:
        """Remember that what failed before works again."""
        failing = self._failing.get(name)
        if failing and failing <= {where}:
            self._plugins[name] = replace(self._plugins[name], since=self._clock.now())
        self._failing.get(name, set()).discard(where)

    def sanitize(self, said: str) -> str:
        """Return a plugin's words, good news or bad, without a secret and fit for any page."""
        return sanitize(self._redact(said), LONGEST_ERROR)
