"""The endpoints about plugins: how each fares, and whether messages arrive."""

from typing import Any

from aiohttp import web

from utec_gateway.plugin_api.plugin_health import PluginStatus
from utec_gateway.web.app_keys import HOOKS, NOTIFICATIONS


async def plugins(request: web.Request) -> web.Response:
    """Return every plugin, those that could not be loaded included."""
    return web.json_response({"plugins": [_shown(one) for one in request.app[HOOKS].plugins]})


def _shown(plugin: PluginStatus) -> dict[str, Any]:
    failed_at = plugin.failed_at and plugin.failed_at.isoformat(timespec="seconds")
    return {
        "name": plugin.name,
        "origin": plugin.origin,
        "hooks": plugin.hooks,
        "is_failing": plugin.is_failing,
        "last_error": plugin.last_error,
        "failed_at": failed_at,
    }


async def notify_test(request: web.Request) -> web.Response:
    """Send a test message; `delivered` is null where the notifier does not say."""
    deliveries = await request.app[NOTIFICATIONS].send_test()
    return web.json_response(
        {
            "notifiers": {
                name: {"delivered": delivery.delivered, "detail": delivery.detail}
                for name, delivery in deliveries.items()
            }
        }
    )
