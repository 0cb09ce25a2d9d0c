"""The time zone of the locks: Home Assistant's, and the machine's until that has said it."""

import logging
import time
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from utec_gateway.core.clock import Clock
from utec_gateway.core.errors import NotDeliveredError
from utec_gateway.core.zone import Zone

from .core import HomeAssistant

_LOGGER = logging.getLogger(__name__)

ASK_AGAIN_AFTER = 3600.0
NOT_THERE_FOR = 60.0
"""Seconds; Home Assistant takes its time to start."""
UTC_NAMES = frozenset({"UTC", "Etc/UTC"})
"""Of a machine whose zone nobody has set; GMT is winter in London, and all year in Iceland."""


class TimeZone:
    """Owns which zone the lock's local times are taken to be in."""

    def __init__(
        self, home_assistant: HomeAssistant | None, clock: Clock, machine: str = time.tzname[0]
    ) -> None:
        self._home_assistant = home_assistant
        self._clock = clock
        self._ask_at = clock.monotonic()
        self._zone = Zone(machine, is_assumed=machine in UTC_NAMES)
        self._last_name = ""
        """What Home Assistant said last; a zone that is unknown here is reported once."""

    def current(self) -> Zone:
        """Return the zone as it is known now."""
        return self._zone

    def due_in(self) -> float:
        """Return seconds until Home Assistant should be asked, infinite when there is none."""
        return self._ask_at - self._clock.monotonic() if self._home_assistant else float("inf")

    async def fetch(self) -> None:
        """Ask Home Assistant for its zone; without an answer the last one stays."""
        if self._home_assistant is None:
            return
        self._ask_at = self._clock.monotonic() + ASK_AGAIN_AFTER
        try:
            name = await self._home_assistant.fetch_time_zone()
        except NotDeliveredError as error:
            if error.retryable:
                self._ask_at = self._clock.monotonic() + NOT_THERE_FOR
            _LOGGER.debug("Home Assistant's time zone is not known: %s", error)
            return
        if name != self._last_name:
            self._last_name = name
            self._take_over(name)

    def _take_over(self, name: str) -> None:
        try:
            self._zone = Zone(name, ZoneInfo(name))
        except (ZoneInfoNotFoundError, ValueError, OSError):
            _LOGGER.warning("Home Assistant's time zone is not known to this machine")
        else:
            _LOGGER.info("The locks' times are taken to be in %s", name)
