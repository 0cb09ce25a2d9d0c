"""One honest word about the gateway, and the figures behind it."""

from collections.abc import Callable, Iterable
from datetime import timedelta
from typing import Any

from utec_gateway.auth.token_source import TokenSource
from utec_gateway.core.clock import Clock
from utec_gateway.core.const import VERSION
from utec_gateway.core.issue import Issue, Severity
from utec_gateway.core.scheduler import Scheduler
from utec_gateway.devices.poller import DevicePoller
from utec_gateway.issues.kinds import reauth_required, setup_required
from utec_gateway.issues.wording import wording_for_programs
from utec_gateway.storage.settings import Settings
from utec_gateway.utec.meter import Meter


class Health:
    """Reads everything, changes nothing."""

    def __init__(
        self,
        settings: Settings,
        tokens: TokenSource,
        poller: DevicePoller,
        scheduler: Scheduler,
        meter: Meter,
        issues: Callable[[], Iterable[Issue]],
        clock: Clock,
    ) -> None:
        self._settings = settings
        self._tokens = tokens
        self._poller = poller
        self._scheduler = scheduler
        self._meter = meter
        self._issues = issues
        self._said = wording_for_programs()
        self._clock = clock

    @property
    def word(self) -> str:
        """Return starting, healthy, degraded, setup_required or reauth_required."""
        wrong = {
            issue.key
            for issue in self._issues()
            if not issue.lock and issue.severity > Severity.INFO
        }
        needs_a_person = (key for key in (setup_required.KEY, reauth_required.KEY) if key in wrong)
        if word := next(needs_a_person, None):
            return word
        if self._poller.is_starting:
            return "starting"
        return "degraded" if wrong else "healthy"

    def troubles(self) -> list[str]:
        """Return a sentence for each thing that is wrong with the gateway, or to be known."""
        return [self._said(issue.message) for issue in self._issues() if not issue.lock]

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
            "troubles": self.troubles(),
            "cloud_calls": self._meter.report(),
        }

    def _time_until_expiry(self) -> str | None:
        token = self._tokens.token
        if token is None:
            return None
        left = max(token.expires_at - self._clock.now(), timedelta(0))
        return str(timedelta(seconds=int(left.total_seconds())))
