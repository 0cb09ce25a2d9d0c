"""What each listener serves."""

import socket
from collections.abc import Mapping
from typing import Any

from aiohttp import web

from .app import new_application
from .app_keys import ACCESS, API_PORT, PANEL_PORT
from .middlewares import believe_trusted_proxies, count_wrong_keys
from .panel.app import new_panel

Services = Mapping[web.AppKey[Any], Any]
"""What the handlers reach for, by its key."""


def applications(
    services: Services, api: socket.socket, panel: socket.socket
) -> dict[socket.socket, web.Application]:
    """Return the application of each listener; the panel's pages are on both, where they may be."""
    access, mounted = services[ACCESS], new_panel()
    listeners = {
        api: new_application(mounted, lambda: access.has_login),
        panel: new_panel(believe_trusted_proxies, count_wrong_keys),
    }
    ports = {API_PORT: api.getsockname()[1], PANEL_PORT: panel.getsockname()[1]}
    for app in (mounted, *listeners.values()):
        for key, service in {**services, **ports}.items():
            app[key] = service
    return listeners
