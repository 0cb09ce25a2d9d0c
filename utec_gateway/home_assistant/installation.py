"""Where the gateway is installed: its Home Assistant, if any, and what that says of itself."""

from collections.abc import Mapping
from functools import cache

from aiohttp import ClientSession

from utec_gateway.core.clock import Clock
from utec_gateway.core.scheduler import Job
from utec_gateway.plugin_api.home_assistant import CoreAccess
from utec_gateway.plugin_api.hookspecs import OptionsSource
from utec_gateway.texts.translations import read_translations

from .core import core_named_in, core_of
from .identity import Identity
from .language import Language
from .supervisor import SupervisorClient
from .time_zone import TimeZone
from .webhooks import Webhooks


class Installation:
    """Builds what asks the Supervisor and Core; without them everything keeps its default."""

    def __init__(
        self,
        supervisor: SupervisorClient | None,
        environment: Mapping[str, str],
        session: ClientSession,
        settings: OptionsSource,
        clock: Clock,
    ) -> None:
        self._supervisor = supervisor
        self._environment = environment
        self.core_access = cache(self._find_core)
        """Returns how to reach Core; raises OptionsError when that is only half said."""
        self.core = core_of(self.core_access, session, clock)
        self.webhooks = Webhooks(self.core) if self.core else None
        self.identity = Identity(supervisor, clock)
        self.language = Language(read_translations(), settings, self.core, clock)
        self.time_zone = TimeZone(self.core, clock)
        self.mqtt_service = supervisor.fetch_mqtt_service if supervisor else None

    def panel_directions(self) -> str:
        """Return how people get to the panel, in the language as it is now."""
        return self.identity.panel_directions(self.language.texts)

    def jobs(self) -> tuple[Job, ...]:
        """Return what is asked over and over."""
        return (
            Job("identity", self.identity.due_in, self.identity.fetch),
            Job("language", self.language.due_in, self.language.fetch),
            Job("time zone", self.time_zone.due_in, self.time_zone.fetch),
        )

    def _find_core(self) -> CoreAccess | None:
        return self._supervisor.core if self._supervisor else core_named_in(self._environment)
