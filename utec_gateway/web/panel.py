"""The panel behind ingress: how things are, in words, and the sign-in (http-contract section 1)."""

import hmac
import secrets
from ipaddress import ip_address
from pathlib import Path
from urllib.parse import parse_qs

import aiohttp_jinja2
from aiohttp import web
from aiohttp.typedefs import Handler

from utec_gateway.errors import ForbiddenError, GatewayError
from utec_gateway.models import Device

from .access import peer_of
from .bodies import body
from .keys import HEALTH, IDENTITY, PICTURE, SETTINGS, SIGN_IN, TOKENS
from .middlewares import errors_as_json, honest_browsers
from .pages import set_up_templates

SUPERVISOR = ip_address("172.30.32.2")
STYLE = Path(__file__).parent / "static" / "panel.css"
LARGEST_FORM = 16 * 1024
FORM_TOKEN = web.AppKey("form_token", str)
WORDS = {
    "healthy": "Signed in, and U-tec answers.",
    "degraded": "It works, but something needs a look.",
    "setup_required": "Sign in to U-tec to begin.",
    "reauth_required": "Sign in to U-tec again.",
}


@web.middleware
async def only_the_supervisor(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Admit ingress and this machine; whoever else reaches the port has no business here."""
    peer = peer_of(request)
    if peer != SUPERVISOR and not peer.is_loopback:
        raise ForbiddenError("The panel is open through Home Assistant only")
    return await handler(request)


def new_panel() -> web.Application:
    """Return the panel application; the composition root fills in its keys."""
    app = web.Application(
        client_max_size=LARGEST_FORM,
        middlewares=[errors_as_json, only_the_supervisor, honest_browsers],
    )
    app[FORM_TOKEN] = secrets.token_urlsafe(16)
    app.add_routes(
        [
            web.get("/", overview),
            web.get("/sign-in", leave_for_utec),
            web.post("/sign-in", come_back),
            web.post("/renew", renew),
            web.get("/static/panel.css", style),
        ]
    )
    set_up_templates(app)
    return app


async def overview(request: web.Request) -> web.Response:
    """Show the one thing to know, then everything else."""
    return _page(request)


async def style(_request: web.Request) -> web.FileResponse:
    """Return the panel's looks."""
    return web.FileResponse(STYLE)


async def leave_for_utec(request: web.Request) -> web.Response:
    """Send the browser to U-tec's sign-in page with a state of its own."""
    raise web.HTTPSeeOther(request.app[SIGN_IN].authorization_url())


async def come_back(request: web.Request) -> web.Response:
    """Sign in with the address that the person pasted; say what was wrong with it."""
    form = await _form(request)
    try:
        await request.app[SIGN_IN].by_address(form.get("address", ""))
    except GatewayError as error:
        return _page(request, problem=f"{error}.", pasted=form.get("address", ""))
    raise web.HTTPSeeOther("./")


async def renew(request: web.Request) -> web.Response:
    """Renew the sign-in now; say what happened."""
    await _form(request)
    try:
        await request.app[TOKENS].renew()
    except GatewayError as error:
        return _page(request, problem=f"{error}.")
    raise web.HTTPSeeOther("./")


async def _form(request: web.Request) -> dict[str, str]:
    """Return the posted form, if this panel made it."""
    posted = parse_qs((await body(request)).decode("utf-8", "replace"))
    form = {name: values[0] for name, values in posted.items()}
    shown = form.get("token", "").encode("utf-8", "replace")
    if not hmac.compare_digest(shown, request.app[FORM_TOKEN].encode()):
        raise ForbiddenError("This page is out of date. Go back, load it again and repeat")
    return form


def _page(request: web.Request, problem: str = "", pasted: str = "") -> web.Response:
    health = request.app[HEALTH]
    picture = request.app[PICTURE]
    token = request.app[TOKENS].token
    context = {
        "sentence": WORDS[health.word],
        "troubles": health.troubles(),
        "token": token,
        "good_until": f"{token.expires_at:%A %d %B, %H:%M} UTC" if token else "",
        "locks": [
            {"name": lock.name, "state": _state(lock, is_stale=picture.is_stale(lock))}
            for lock in picture.devices
            if lock.is_lock
        ],
        "can_sign_in": request.app[SETTINGS].options.can_sign_in,
        "redirect_uri": request.app[SETTINGS].options.redirect_uri,
        "address": request.app[IDENTITY].integration_address,
        "form_token": request.app[FORM_TOKEN],
        "problem": problem,
        "pasted": pasted,
    }
    return aiohttp_jinja2.render_template("panel.html", request, context)


def _state(lock: Device, *, is_stale: bool) -> str:
    if lock.is_offline:
        return "offline"
    return "unknown" if is_stale else str(lock.reported_state)
