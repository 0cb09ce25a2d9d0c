"""Who we are to Home Assistant: the address to type, the page to link to."""

import logging
from contextlib import suppress

from utec_gateway.core.clock import Clock
from utec_gateway.core.const import API_PORT
from utec_gateway.texts.translations import Texts

from .supervisor import AddonInfo, SupervisorClient, SupervisorError

_LOGGER = logging.getLogger(__name__)

ON_ITS_MACHINE = f"http://localhost:{API_PORT}"
ASK_AGAIN_AFTER = 60.0
"""Seconds; the Supervisor refuses everything while it starts."""


class Identity:
    """Asks the Supervisor until it has answered once; without one there is nothing to ask."""

    def __init__(self, supervisor: SupervisorClient | None, clock: Clock) -> None:
        self._supervisor = supervisor
        self._clock = clock
        self._info: AddonInfo | None = None
        self._machine = ""
        self._ask_at = clock.monotonic()

    @property
    def is_standalone(self) -> bool:
        """Tell whether there is no Supervisor, and so nobody who knows our name."""
        return self._supervisor is None

    @property
    def integration_address(self) -> str | None:
        """Return what to type into the integration; Core is on a trusted network, so no key."""
        return f"http://{self._info.hostname}:{API_PORT}" if self._info else None

    @property
    def host_names(self) -> frozenset[str]:
        """Return the names under which Home Assistant and the other add-ons reach this one.

        The name of the machine is for those who come through a published port.
        """
        if self._info is None:
            return frozenset()
        name, slug = self._info.hostname.lower(), self._info.slug.lower()
        machine = self._machine.lower()
        of_machine = (machine, f"{machine}.local") if machine else ()
        of_addon = (name, f"{name}.local.hass.io", f"addon_{slug}", f"app_{slug}")
        return frozenset((*of_addon, *of_machine))

    @property
    def panel_link(self) -> str | None:
        """Return the in-app link to our page (home-assistant 6)."""
        return f"/app/{self._info.slug}" if self._info else None

    def panel_directions(self, texts: Texts) -> str:
        """Return how people get to our page, in words that need no link; without a full stop."""
        if self.is_standalone:
            return texts.text("directions.standalone", address=ON_ITS_MACHINE)
        return texts.text("directions.home_assistant")

    def due_in(self) -> float:
        """Return seconds until the Supervisor should be asked, infinite when it need not."""
        if self._supervisor is None or self._info:
            return float("inf")
        return self._ask_at - self._clock.monotonic()

    async def fetch(self) -> None:
        """Ask, and log the address where people look for it."""
        if self._supervisor is None:
            return
        self._ask_at = self._clock.monotonic() + ASK_AGAIN_AFTER
        try:
            self._info = await self._supervisor.fetch_info()
        except SupervisorError as error:
            _LOGGER.warning("%s; the gateway works without it and asks again", error)
            return
        _LOGGER.info("Address to type into the integration: %s", self.integration_address)
        with suppress(SupervisorError):  # addresses and `allowed_hosts` do without it
            self._machine = await self._supervisor.fetch_hostname()
