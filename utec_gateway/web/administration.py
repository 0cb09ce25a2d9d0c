"""The endpoints for whoever looks after the gateway (http-contract section 4)."""

from typing import Any

import aiohttp_jinja2
from aiohttp import web

from utec_gateway.errors import ForbiddenError, GatewayError, InvalidRequestError, OptionsError
from utec_gateway.legacy import OPTION_OF
from utec_gateway.options import OPTION_NAMES

from .access import host_of, peer_of
from .bodies import json_object, text
from .keys import HEALTH, IDENTITY, IN_THREAD, LOG_FILE, PANEL_PORT, SETTINGS, SIGN_IN, TOKENS
from .words import LANGUAGES

MASK = "***"
SECRETS = frozenset({"client_id", "client_secret"})
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
    shown: dict[str, Any] = {}
    for name in OPTION_NAMES:
        value = getattr(options, name)
        if name in SECRETS:
            value = MASK if value else ""
        shown[OLD_NAME.get(name, name)] = value
    email = options.email
    shown["email"] = {**vars(email), "password": MASK if email.password else ""}
    shown["trusted_networks"] = [str(network) for network in options.trusted_networks]
    return {
        **shown,
        "integration_address": request.app[IDENTITY].integration_address,
        "token_status": request.app[HEALTH].token_status(),
    }


async def change_config(request: web.Request) -> web.Response:
    """Take a partial update by old names or option names; all of it or nothing."""
    body = await json_object(request)
    called = {OPTION_OF.get(name, name): name for name in body}
    changes = {
        option: body[name]
        for option, name in called.items()
        if not (body[name] == MASK and option in SECRETS)
    }
    email = changes.get("email")
    if isinstance(email, dict) and email.get("password") == MASK:
        kept = request.app[SETTINGS].options.email.password
        changes["email"] = {**email, "password": kept}
    try:
        await request.app[SETTINGS].change(changes)
    except OptionsError as error:
        raise OptionsError(called.get(error.field, error.field), error.problem) from error
    return web.json_response({"status": "ok", **config_of(request)})


async def authorize_url(request: web.Request) -> web.Response:
    """Return the sign-in page's address, with a state of its own."""
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
        token = await sign_in.by_code(code, state)
    else:
        raise InvalidRequestError('Send {"callback_url": "<what the browser shows>"} or a "code"')
    expires_at = token.expires_at.isoformat(timespec="seconds")
    return web.json_response({"status": "ok", "expires_at": expires_at})


async def refresh_token(request: web.Request) -> web.Response:
    """Renew the sign-in now."""
    token = await request.app[TOKENS].renew()
    return web.json_response(
        {
            "status": "ok",
            "message": "Token refreshed successfully",
            "expires_at": token.expires_at.isoformat(timespec="seconds"),
        }
    )


async def logs(request: web.Request) -> web.Response:
    """Return the end of the log."""
    tail = await request.app[IN_THREAD](request.app[LOG_FILE].tail, LONGEST_LOG)
    return web.Response(text=tail, content_type="text/plain", charset="utf-8")


async def clear_logs(request: web.Request) -> web.Response:
    """Empty the log."""
    await request.app[IN_THREAD](request.app[LOG_FILE].clear)
    return web.json_response({"status": "ok"})


async def to_the_panel(request: web.Request) -> web.Response:
    """Lead to the panel, which opens to this machine only; elsewhere say where it is."""
    if not peer_of(request).is_loopback:
        raise ForbiddenError(
            "The panel is in Home Assistant's sidebar. Without Home Assistant it opens only on "
            "the machine that the gateway runs on"
        )
    raise web.HTTPFound(f"http://{host_of(request)}:{request.app[PANEL_PORT]}/")


@aiohttp_jinja2.template("callback.html")
async def callback(request: web.Request) -> dict[str, str]:
    """Land here from U-tec's page; only a state of ours opens the door."""
    words = request.app[LANGUAGES].of(request)
    lang = words.language
    try:
        token = await request.app[SIGN_IN].by_answer(request.query)
    except GatewayError as error:
        title = words("callback.not_signed_in_title")
        return {"lang": lang, "title": title, "message": f"{error}."}
    date = f"{token.expires_at.astimezone():%Y-%m-%d %H:%M}"
    message = words("callback.signed_in_message", date=date)
    return {"lang": lang, "title": words("callback.signed_in_title"), "message": message}
