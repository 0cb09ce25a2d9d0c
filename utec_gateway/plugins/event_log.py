"""Writes what happens to locks and people's notifications into the log."""

import logging

from utec_gateway.core.models import Device, Notification
from utec_gateway.plugin_api.spec import PluginContext, hookimpl

_LOGGER = logging.getLogger(__name__)


class EventLog:
    """The notifier that is always there."""

    @hookimpl
    async def gateway_notify(self, notification: Notification) -> str:
        """Log a notification at the level people filter for; a refreshed text is no news."""
        level = logging.WARNING if notification.is_news else logging.DEBUG
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
    async def gateway_started(self) -> None:
        """Log that the gateway answers."""
        _LOGGER.info("Gateway started")

    @hookimpl
    async def gateway_stopping(self) -> None:
        """Log that the gateway is about to stop."""
        _LOGGER.info("Gateway stopping")


def create(context: PluginContext) -> EventLog:  # noqa: ARG001 - the door is the same for all
    """Build the event log; it is always on."""
    return EventLog()
