"""The secrets that a push must show: a new one every day; earlier ones expire soon after."""

import hmac
import re
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

from utec_gateway.plugin_api import Clock, PluginStorage

GRACE_PERIOD = 600.0
"""Seconds for which an earlier secret stays valid once U-tec knows the next one."""
MOST_VALID, MOST_REMEMBERED = 3, 10
"""How many secrets there are at a time, however often the gateway starts.

An expired one is remembered until its address at Home Assistant Cloud is deleted.
"""
EXPIRED = float("-inf")
PATTERN = re.compile("[0-9a-f]{64}")


@dataclass(frozen=True)
class Secret:
    """One secret, and when it expires."""

    value: str = field(repr=False)
    valid_until: float = float("inf")
    """Monotonic seconds."""


class Secrets:
    """Owns every secret that U-tec may still show, over restarts too, until it is forgotten."""

    def __init__(self, storage: PluginStorage, clock: Clock, new_secret: Callable[[], str]) -> None:
        self._storage = storage
        self._clock = clock
        self._new_secret = new_secret
        self._all: tuple[Secret, ...] = ()
        self._offered: Secret | None = None

    async def load(self) -> None:
        """Read those of the last run, which stay valid until the next registration."""
        self._all = tuple(map(Secret, _secrets_in(await self._storage.load())))
        self._limit()

    async def offer(self) -> str:
        """Return the secret to register: the same one until U-tec has it."""
        if self._offered is None:
            self._offered = Secret(self._new_secret())
            self._all = (*self._all, self._offered)
            self._limit()
            await self._save()
        return self._offered.value

    def accepted(self) -> None:
        """Enter that U-tec has the one that was offered; earlier ones expire soon."""
        until = self._clock.monotonic() + GRACE_PERIOD
        self._all = tuple(
            one if one is self._offered else replace(one, valid_until=min(one.valid_until, until))
            for one in self._all
        )
        self._offered = None

    def revoke(self) -> None:
        """Let every one expire now."""
        self._all = tuple(replace(one, valid_until=EXPIRED) for one in self._all)
        self._offered = None

    def is_valid(self, shown: str) -> bool:
        """Tell whether that is a valid one; the time it takes says nothing of how close it came."""
        encoded = shown.encode(errors="replace")
        return any(hmac.compare_digest(encoded, secret.encode()) for secret in self.valid)

    @property
    def valid(self) -> tuple[str, ...]:
        """Return those that a push may show, the latest at the end."""
        now = self._clock.monotonic()
        return tuple(one.value for one in self._all if now < one.valid_until)

    @property
    def expired(self) -> tuple[str, ...]:
        """Return those that are to be forgotten."""
        now = self._clock.monotonic()
        return tuple(one.value for one in self._all if one.valid_until <= now)

    @property
    def next_expiry(self) -> float:
        """Return when the next one expires, in monotonic seconds."""
        now = self._clock.monotonic()
        ends = (one.valid_until for one in self._all if now < one.valid_until)
        return min(ends, default=float("inf"))

    async def forget(self, secret: str) -> None:
        """Forget one, on the disk too."""
        self._all = tuple(one for one in self._all if one.value != secret)
        await self._save()

    def _limit(self) -> None:
        """Let those expire between the first, which U-tec may have, and the latest ones."""
        ended = self.valid[1 : 1 - MOST_VALID]
        limited = [
            replace(one, valid_until=EXPIRED) if one.value in ended else one for one in self._all
        ]
        self._all = (*limited[:1], *limited[1:][1 - MOST_REMEMBERED :])

    async def _save(self) -> None:
        await self._storage.save({"secrets": [one.value for one in self._all]})


def _secrets_in(stored: Any) -> tuple[str, ...]:
    found = stored.get("secrets") if isinstance(stored, dict) else None
    listed = found if isinstance(found, list) else ()
    return tuple(one for one in listed if isinstance(one, str) and PATTERN.fullmatch(one))
