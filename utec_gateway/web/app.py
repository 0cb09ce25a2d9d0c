"""The API application: a table of addresses, and who may call each."""

from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path

from aiohttp import web
from aiohttp.typedefs import Handler

from .access import Scope
from .api import admin, callback, codes, devices, head_requests, plugins, push
from .app_keys import ACCESS
from .middlewares import (
    believe_trusted_proxies,
    count_wrong_keys,
    errors_as_json,
    reject_cross_origin,
)
from .panel_mount import mount_panel
from .repeated_slashes import merge_repeated_slashes
from .templating import set_up_templates

LARGEST_BODY = 64 * 1024
WITH_KEY = "/k/{key}"
"""The prefix that lets an unmodified integration show the key: its only setting is an address."""

ROUTES: tuple[tuple[str, str, Callable[[web.Request], Awaitable[web.StreamResponse]], Scope], ...]
ROUTES = (
    ("GET", "/", admin.to_the_panel, Scope.ANYBODY),
    ("GET", "/health", devices.health, Scope.ANYBODY),
    ("GET", "/api/devices", devices.devices, Scope.DEVICES),
    ("GET", "/devices", devices.devices, Scope.DEVICES),
    ("POST", "/api/devices/refresh", devices.refresh_devices, Scope.DEVICES),
    ("POST", "/api/status", devices.status, Scope.DEVICES),
    ("GET", "/api/status", devices.status, Scope.DEVICES),
    ("GET", "/api/status/latest", devices.latest, Scope.DEVICES),
    ("POST", "/api/status/refresh", devices.refresh, Scope.DEVICES),
    ("POST", "/api/lock", devices.lock, Scope.DEVICES),
    ("POST", "/lock", devices.lock, Scope.DEVICES),
    ("POST", "/api/unlock", devices.unlock, Scope.DEVICES),
    ("POST", "/unlock", devices.unlock, Scope.DEVICES),
    ("POST", "/api/switch", devices.switch, Scope.DEVICES),
    ("POST", "/api/level", devices.level, Scope.DEVICES),
    ("POST", "/api/mode", devices.mode, Scope.DEVICES),
    ("GET", "/api/config", admin.config, Scope.ADMINISTRATION),
    ("POST", "/api/config", admin.change_config, Scope.ADMINISTRATION),
    ("GET", "/api/oauth/authorize-url", admin.authorize_url, Scope.ADMINISTRATION),
    ("POST", "/api/oauth/exchange", admin.exchange, Scope.ADMINISTRATION),
    ("POST", "/api/oauth/refresh", admin.refresh_token, Scope.ADMINISTRATION),
    ("POST", "/api/login-links", admin.login_link, Scope.PANEL),
    ("GET", "/api/plugins", plugins.plugins, Scope.ADMINISTRATION),
    ("POST", "/api/notify/test", plugins.notify_test, Scope.ADMINISTRATION),
    ("GET", "/api/locks/{id}/users", codes.users, Scope.ADMINISTRATION),
    ("POST", "/api/locks/{id}/users", codes.add_user, Scope.ADMINISTRATION),
    ("PATCH", "/api/locks/{id}/users/{user}", codes.change_user, Scope.ADMINISTRATION),
    ("DELETE", "/api/locks/{id}/users/{user}", codes.remove_user, Scope.ADMINISTRATION),
    ("POST", "/api/locks/{id}/users/{user}/code", codes.show_code, Scope.ADMINISTRATION),
    ("GET", "/logs", admin.logs, Scope.ADMINISTRATION),
    ("POST", "/logs/clear", admin.clear_logs, Scope.ADMINISTRATION),
    ("GET", "/oauth/callback", callback.callback, Scope.ANYBODY),
    ("POST", "/push/{secret}", push.push, Scope.ANYBODY),
)

HEADS: Mapping[Handler, Handler] = {
    admin.authorize_url: head_requests.authorize_url,
    callback.callback: head_requests.callback,
}
"""Who answers HEAD where GET does more than tell; everywhere else it is who answers GET."""


def new_application(panel: web.Application, is_panel_open: Callable[[], bool]) -> web.Application:
    """Return the API application; the composition root fills in its keys.

    It serves the panel as well, while that is open to the API's port.
    """
    app = web.Application(
        client_max_size=LARGEST_BODY,
        middlewares=[
            believe_trusted_proxies,
            errors_as_json,
            count_wrong_keys,
            reject_cross_origin,
        ],
    )
    mount_panel(app, panel, is_panel_open)
    for method, path, handler, scope in ROUTES:
        answer(app, method, path, guard(handler, scope))
        if method == "GET":
            answer(app, "HEAD", path, guard(HEADS.get(handler, handler), scope))
    merge_repeated_slashes(app, strip_trailing=True)
    set_up_templates(app, Path(__file__).parent / "api")
    return app


def answer(app: web.Application, method: str, path: str, handler: Handler) -> None:
    """Answer at an address, with the key in front of it and without."""
    app.router.add_route(method, path, handler)
    app.router.add_route(method, (WITH_KEY + path).rstrip("/"), handler)


def guard(handler: Handler, scope: Scope) -> Handler:
    """Let only those through to the handler who may."""

    async def guarded(request: web.Request) -> web.StreamResponse:
        request.app[ACCESS].check(request, scope)
        return await handler(request)

    return guarded
