"""The endpoints for whoever looks after the gateway (http-contract 4)."""

from collections.abc import Mapping
from functools import partial
from operator import attrgetter
from typing import Any

from aiohttp import web

from utec_gateway.core.errors import ForbiddenError, InvalidRequestError, OptionsError
from utec_gateway.options.changes import FLAT_VALIDATORS, change_options, grouped
from utec_gateway.options.schema import Options
from utec_gateway.options.secret_destinations import SECRETS, UTEC
from utec_gateway.storage.legacy import OPTION_OF
from utec_gateway.web.access import refuse_other_sites
from utec_gateway.web.app_keys import (
    ACCESS,
    EXECUTOR,
    HEALTH,
    IDENTITY,
    LOG_FILE,
    LOGIN_LINKS,
    PANEL_PORT,
    SETTINGS,
    SIGN_IN,
    TOKENS,
)
from utec_gateway.web.host_names import host_of
from utec_gateway.web.login_links import VALID_FOR
from utec_gateway.web.request_body import json_object, text
from utec_gateway.web.trusted_proxy import path_prefix

MASK = "***"
MASKED = frozenset({"client_id", *SECRETS})
ONLY_READ = frozenset({"status", "integration_address", "token_status"})
"""What is shown beside the settings; clients send back what they have read."""
OLD_NAME = {
    "client_id": "access_key",
    "client_secret": "secret_key",
    "poll_interval_seconds": "status_poll_interval",
}
LONGEST_LOG = 256 * 1024


async def config(request: web.Request) -> web.Response:
    """Return every setting under its old name, secrets masked."""
    return web.json_response(config_of(request))


def config_of(request: web.Request) -> dict[str, Any]:
    """Return the settings and what may be said of the token."""
    options = request.app[SETTINGS].options
    settings = {name: attrgetter(name)(options) for name in FLAT_VALIDATORS}
    shown = grouped({name: _shown(name, value) for name, value in settings.items()})
    return {
        **{OLD_NAME.get(name, name): value for name, value in shown.items()},
        "integration_address": request.app[IDENTITY].integration_address,
        "token_status": request.app[HEALTH].token_status(),
    }


def _shown(name: str, value: Any) -> Any:
    if name in MASKED:
        return MASK if value else ""
    return [str(item) for item in value] if isinstance(value, tuple) else value


async def change_config(request: web.Request) -> web.Response:
    """Take a partial update by old names or option names; all of it or nothing."""
    body = await json_object(request)
    called = {OPTION_OF.get(name, name): name for name in body if name not in ONLY_READ}
    asked = {option: body[name] for option, name in called.items()}
    try:
        await request.app[SETTINGS].update(partial(_changes, asked))
    except OptionsError as error:
        raise OptionsError(called.get(error.field, error.field), error.problem) from error
    return web.json_response({"status": "ok", **config_of(request)})


def _changes(asked: Mapping[str, Any], options: Options) -> Mapping[str, Any]:
    """Return what is to change: a masked secret says nothing, U-tec's addresses are not ours.

    Whoever holds the key may move locks; with another address he would get the sign-in as well.
    """
    for name in UTEC.settings:
        if name in asked and change_options(options, {name: asked[name]}) != options:
            raise OptionsError(name, "can be changed only in the panel, on its settings page")
    return {
        name: _unmasked(name, value)
        for name, value in asked.items()
        if not _says_nothing(name, value)
    }


def _unmasked(name: str, value: Any) -> Any:
    if not isinstance(value, Mapping):
        return value
    return {
        inner: value[inner] for inner in value if not _says_nothing(f"{name}.{inner}", value[inner])
    }


def _says_nothing(name: str, value: Any) -> bool:
    return name in UTEC.settings or (name in MASKED and value == MASK)


async def authorize_url(request: web.Request) -> web.Response:
    """Return the sign-in page's address, with a state of its own."""
    refuse_other_sites(request)
    return web.json_response({"url": request.app[SIGN_IN].authorization_url(), "success": True})


async def exchange(request: web.Request) -> web.Response:
    """Sign in with a code, or with the address that the browser shows."""
    body = await json_object(request)
    address, state = text(body, "callback_url"), text(body, "state")
    code = text(body, "code", "authorization_code")
    sign_in = request.app[SIGN_IN]
    if address:
        token = await sign_in.by_address(address)
    elif code:
        token = await sign_in.by_pasted_code(code, state)
    else:
        raise InvalidRequestError('Send {"callback_url": "<what the browser shows>"} or a "code"')
    expires_at = token.expires_at.isoformat(timespec="seconds")
    return web.json_response({"status": "ok", "expires_at": expires_at})


async def refresh_token(request: web.Request) -> web.Response:
    """Renew the sign-in now."""
    token = await request.app[TOKENS].refresh()
    return web.json_response(
        {
            "status": "ok",
            "message": "Token refreshed successfully",
            "expires_at": token.expires_at.isoformat(timespec="seconds"),
        }
    )


async def logs(request: web.Request) -> web.Response:
    """Return the end of the log."""
    tail = await request.app[EXECUTOR](request.app[LOG_FILE].tail, LONGEST_LOG)
    return web.Response(text=tail, content_type="text/plain", charset="utf-8")


async def clear_logs(request: web.Request) -> web.Response:
    """Empty the log."""
    await request.app[EXECUTOR](request.app[LOG_FILE].clear)
    return web.json_response({"status": "ok"})


async def login_link(request: web.Request) -> web.Response:
    """Return a one-time link into the panel, as a path below the gateway's address."""
    path = request.app[LOGIN_LINKS].new_path()
    return web.json_response({"path": path, "valid_for_seconds": int(VALID_FOR)})


async def to_the_panel(request: web.Request) -> web.Response:
    """Lead to the panel where it is not served here; it opens to this machine, if to anybody."""
    if request.app[ACCESS].has_login:
        raise web.HTTPFound(f"{path_prefix(request)}/")
    if not request.app[ACCESS].is_local(request):
        raise ForbiddenError(
            "The panel is in Home Assistant's sidebar. Without Home Assistant it opens only on "
            "the machine that the gateway runs on"
        )
    raise web.HTTPFound(f"http://{host_of(request)}:{request.app[PANEL_PORT]}/")
