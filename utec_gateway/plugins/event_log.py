"""Writes what happens to locks and people's notifications into the log."""

import logging
from collections.abc import Sequence

from utec_gateway.plugin_api import (
    Device,
    IssueStatus,
    Notification,
    PluginContext,
    SignInStatus,
    hookimpl,
)

_LOGGER = logging.getLogger(__name__)


class EventLog:
    """The notifier that is always there."""

    @hookimpl
    async def gateway_notify(self, notification: Notification) -> str:
        """Log a notification at the level people filter for, unless only its text changed."""
        level = logging.WARNING if notification.is_new else logging.DEBUG
        _LOGGER.log(level, "%s: %s", notification.title, notification.message)
        return "Written to the log"

    @hookimpl
    async def gateway_dismiss(self, title: str) -> str:
        """Log the all-clear."""
        _LOGGER.info("Over: %s", title)
        return "Written to the log"

    @hookimpl
    async def gateway_lock_changed(self, lock: Device, previous: Device) -> None:
        """Log a bolt that moved, and a lock that comes or goes."""
        if lock.reported_state != previous.reported_state and not lock.is_offline:
            _LOGGER.info("%s is %s", lock.name, lock.reported_state)
        if lock.is_offline != previous.is_offline:
            _LOGGER.info("%s is %s", lock.name, "offline" if lock.is_offline else "online")

    @hookimpl
    async def gateway_devices_changed(
        self, added: Sequence[Device], changed: Sequence[Device], removed: Sequence[Device]
    ) -> None:
        """Log how many devices came, changed and went."""
        _log_changes("Devices", added, changed, removed)

    @hookimpl
    async def gateway_issues_changed(
        self,
        added: Sequence[IssueStatus],
        changed: Sequence[IssueStatus],
        removed: Sequence[IssueStatus],
    ) -> None:
        """Log how many issues came, changed and went."""
        _log_changes("Issues", added, changed, removed)

    @hookimpl
    async def gateway_sign_in_changed(self, sign_in: SignInStatus) -> None:
        """Log the dates of the sign-in."""
        _LOGGER.debug("%s", sign_in)

    @hookimpl
    async def gateway_started(self) -> None:
        """Log that the gateway answers."""
        _LOGGER.info("Gateway started")

    @hookimpl
    async def gateway_stopping(self) -> None:
        """Log that the gateway is about to stop."""
        _LOGGER.info("Gateway stopping")


def _log_changes(of: str, *changes: Sequence[object]) -> None:
    _LOGGER.debug("%s: %d added, %d changed, %d removed", of, *map(len, changes))


def create(context: PluginContext) -> EventLog:  # noqa: ARG001 - every plugin is created alike
    """Build the event log; it is always on."""
    return EventLog()
