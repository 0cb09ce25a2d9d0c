"""What the checks go by: frozen at one moment, and nothing that can change anything."""

from dataclasses import dataclass
from datetime import datetime

from utec_gateway.core.access_codes import LockCodes
from utec_gateway.core.backoff import Failure
from utec_gateway.core.issue import Issue, Over
from utec_gateway.core.models import Device, Token
from utec_gateway.core.readings import Moment
from utec_gateway.core.refusal import Refusal
from utec_gateway.core.zone import Zone
from utec_gateway.devices.next_poll import SlowedPace
from utec_gateway.options.exposures import Exposure, exposures
from utec_gateway.plugin_api.broker_status import BrokerStatus
from utec_gateway.plugin_api.hook_calls import Hooks
from utec_gateway.plugin_api.plugin_health import PluginStatus
from utec_gateway.storage.settings import Settings
from utec_gateway.storage.state_store import StateStore

from .battery_history import BatteryHistory

Finding = Issue | Over


@dataclass(frozen=True)
class SignInFacts:
    """How the sign-in stands."""

    can_sign_in: bool
    """Whether the options hold what a sign-in needs."""
    token: Token | None
    is_usable: bool
    refusal: Refusal | None
    reauth_required: bool
    failure: Failure | None
    """Why refreshing fails for a reason that may pass."""
    is_proven: bool
    """Whether a sign-in or a refresh has succeeded since the start."""
    recovery: str | None
    """What had to be recovered of the file that holds it."""

    @property
    def works_until(self) -> datetime | None:
        """Return until when the access token works, None when it does not."""
        return self.token.expires_at if self.token and self.is_usable else None


@dataclass(frozen=True)
class DeviceFacts:
    """What is known of the devices."""

    devices: tuple[Device, ...]
    failure: Failure | None
    """Why there is no news of them."""
    is_starting: bool
    is_list_empty: bool
    empty_since: Moment | None
    batteries: tuple[BatteryHistory, ...]
    """Those that were heard of since the start."""
    slowed: SlowedPace | None
    """How U-tec is polled while that is less often than wanted."""
    under_way: frozenset[str]
    """The ids of those with a command that has not ended."""


@dataclass(frozen=True)
class CodeFacts:
    """Who has an access code."""

    locks: tuple[LockCodes, ...]
    """Empty while codes are not managed."""
    zone: Zone
    """What the locks' local times are taken to be in."""
    running_for: float
    """Seconds since the start: Home Assistant takes its time to say the zone."""


@dataclass(frozen=True)
class AccountFacts:
    """Everything that can be wrong with one account."""

    now: Moment
    sign_in: SignInFacts
    devices: DeviceFacts
    codes: CodeFacts


@dataclass(frozen=True)
class GatewayFacts:
    """Everything that can be wrong with the gateway itself."""

    now: datetime
    option_problems: tuple[str, ...]
    disk_problem: str | None
    refused_key: str | None
    plugins: tuple[PluginStatus, ...]
    exposures: tuple[Exposure, ...]
    broker: BrokerStatus
    is_broker_wanted: bool
    """Whether somebody asked for MQTT, with or without a broker."""

    @property
    def seconds_of_broker_state(self) -> float:
        """Return for how long the connection to the broker has been as it is."""
        since = self.broker.since
        return (self.now - since).total_seconds() if since else 0.0


def gateway_facts(
    settings: Settings, store: StateStore, hooks: Hooks, now: datetime, *, has_supervisor: bool
) -> GatewayFacts:
    """Return what can be wrong with the gateway itself."""
    return GatewayFacts(
        now=now,
        option_problems=settings.problems,
        disk_problem=store.problem,
        refused_key=store.refused_key,
        plugins=hooks.plugins,
        exposures=exposures(settings.options, has_supervisor=has_supervisor),
        broker=hooks.broker_status(),
        is_broker_wanted=settings.options.mqtt.mode == "enabled",
    )
