"""One honest word about the gateway, and the figures behind it."""

from datetime import timedelta
from typing import Any

from utec_gateway.auth.token_source import TokenSource
from utec_gateway.core.backoff import Failure
from utec_gateway.core.clock import Clock
from utec_gateway.core.const import VERSION
from utec_gateway.core.scheduler import Scheduler
from utec_gateway.devices.cache import DeviceCache
from utec_gateway.devices.poller import DevicePoller
from utec_gateway.options.exposures import Exposure, exposures
from utec_gateway.plugin_api.hooks import Hooks
from utec_gateway.storage.settings import Settings
from utec_gateway.storage.state_store import StateStore
from utec_gateway.utec.meter import Meter


class Health:
    """Reads everything, changes nothing."""

    def __init__(
        self,
        settings: Settings,
        store: StateStore,
        tokens: TokenSource,
        cache: DeviceCache,
        locks: DevicePoller,
        scheduler: Scheduler,
        meter: Meter,
        hooks: Hooks,
        clock: Clock,
        *,
        has_supervisor: bool,
    ) -> None:
        self._settings = settings
        self._store = store
        self._tokens = tokens
        self._cache = cache
        self._poller = locks
        self._scheduler = scheduler
        self._meter = meter
        self._hooks = hooks
        self._has_supervisor = has_supervisor
        self._clock = clock

    @property
    def word(self) -> str:
        """Return starting, healthy, degraded, setup_required or reauth_required."""
        never_signed_in = self._tokens.token is None
        if never_signed_in or not self._settings.options.can_sign_in:
            return "setup_required"
        if self._tokens.reauth_required:
            return "reauth_required"
        if self._poller.is_starting:
            return "starting"
        return "degraded" if self.troubles() or not self._tokens.is_usable else "healthy"

    def troubles(self) -> list[str]:
        """Return a sentence for each thing that does not work as it should."""
        found = self.faults()
        if refusal := self._tokens.refusal:
            found.append(f"{refusal.reason} ({refusal.since:%Y-%m-%d %H:%M} UTC)")
        if failure := self._tokens.failure:
            found.append(f"The sign-in has not been renewed since {_lasting(failure)}")
        if sentence := self._cache.what_is_missing:
            found.append(sentence)
        if failure := self._poller.failure:
            found.append(f"There has been no news of the locks since {_lasting(failure)}")
        return found

    def faults(self) -> list[str]:
        """Return those that have nothing to do with U-tec: settings, disk, plugins."""
        said = (
            *self._settings.problems,
            self._store.problem,
            self._store.recovery,
            self._store.refused_key,
        )
        failing = [plugin for plugin in self._hooks.plugins if plugin.is_failing]
        return [sentence for sentence in said if sentence] + [
            f"The plugin {plugin.name} fails: {plugin.last_error}" for plugin in failing
        ]

    def exposures(self) -> tuple[Exposure, ...]:
        """Return the choices that lay something open: to be known, but nothing fails by them."""
        return exposures(self._settings.options, has_supervisor=self._has_supervisor)

    def token_status(self) -> dict[str, Any]:
        """Return what may be said of the token without showing it (http-contract 4)."""
        token = self._tokens.token
        return {
            "has_token": token is not None,
            "has_refresh_token": bool(token and token.refresh_token),
            "expires_at": token and token.expires_at.isoformat(timespec="seconds"),
            "is_expired": bool(token) and not self._tokens.is_usable,
            "time_until_expiry": self._time_until_expiry(),
        }

    def report(self) -> dict[str, Any]:
        """Return the answer of `GET /health` for those who may see it all."""
        token = self._tokens.token
        return {
            "status": "ok",
            "health": self.word,
            "token_valid": self._tokens.is_usable,
            "token_expires_at": token and token.expires_at.isoformat(timespec="seconds"),
            "time_until_expiry": self._time_until_expiry(),
            "auto_refresh_enabled": self._settings.options.auto_refresh_enabled,
            "scheduler_running": self._scheduler.is_running,
            "version": VERSION,
            "troubles": [*self.troubles(), *map(str, self.exposures())],
            "cloud_calls": self._meter.report(),
        }

    def _time_until_expiry(self) -> str | None:
        token = self._tokens.token
        if token is None:
            return None
        left = max(token.expires_at - self._clock.now(), timedelta(0))
        return str(timedelta(seconds=int(left.total_seconds())))


def _lasting(failure: Failure) -> str:
    """Return since when, and what happened."""
    said = f"{failure.since.wall:%Y-%m-%d %H:%M} UTC: "
    if until := failure.slow_down_until:
        return f"{said}U-tec asks to slow down until {until:%H:%M} UTC"
    return f"{said}{failure.error}"
