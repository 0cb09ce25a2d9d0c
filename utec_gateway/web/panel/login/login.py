"""Logging in: with the gateway's key, or by a one-time link."""

import aiohttp_jinja2
from aiohttp import web

from utec_gateway.web.access import SAFE_METHODS, peer_of
from utec_gateway.web.app_keys import ACCESS, LOGIN_LINKS, SESSIONS
from utec_gateway.web.i18n import LANGUAGES
from utec_gateway.web.panel.forms import Form, read_form
from utec_gateway.web.panel.page import PAGE_PATHS, Context, Page, route_path, show, show_error
from utec_gateway.web.session_cookie import give_cookie
from utec_gateway.web.sessions import LoginNeededError

from .browser_name import browser_name


async def context(request: web.Request) -> Context:
    """Return what the page shows: no menu, and one button for whoever comes by a link."""
    word = request.query.get("once", "")
    is_valid = request.app[LOGIN_LINKS].is_valid(word)
    return {
        "menu": (),
        "once": word if is_valid else "",
        "is_link_over": bool(word) and not is_valid,
    }


LOGIN = Page("login", "login", context, is_in_menu=False)


async def show_login(request: web.Request) -> web.StreamResponse:
    """Ask for the key, unless the panel is open to this browser already."""
    if request.app[ACCESS].is_admitted(request):
        raise web.HTTPSeeOther("./")
    return await show(request, LOGIN)


async def log_in(request: web.Request) -> web.StreamResponse:
    """Begin a session; a browser that had one loses it, whoever chose its cookie."""
    form, access = await read_form(request), request.app[ACCESS]
    if not _opens_panel(request, form):
        access.count_failed_login(request)
        return await _refuse(request, form)
    sessions = request.app[SESSIONS]
    if former := access.session_of(request):
        sessions.end(former.tag)
    browser = browser_name(request.headers.get("User-Agent", ""))
    response = web.HTTPSeeOther("./")
    give_cookie(request, response, sessions.begin(browser, str(peer_of(request))))
    raise response


async def _refuse(request: web.Request, form: Form) -> web.StreamResponse:
    """Say what it was that did not open the panel, and ask for the key."""
    is_link_over = bool(form.get("once"))
    problem = "" if is_link_over else request.app[LANGUAGES].of(request)("login.wrong")
    return await show(request, LOGIN, status=403, problem=problem, is_link_over=is_link_over)


def _opens_panel(request: web.Request, form: Form) -> bool:
    """Tell whether the key or the link is right; a link is used up."""
    if word := form.get("once", ""):
        return request.app[LOGIN_LINKS].redeem(word)
    return request.app[ACCESS].is_key(form.get("key", "").strip())


def ask_to_log_in(request: web.Request, error: LoginNeededError) -> web.StreamResponse:
    """Lead from a page to the login; answer everything else with 401.

    A browser that follows another site's link keeps the session to itself. It is asked to come
    again, from here.
    """
    t = request.app[LANGUAGES].of(request)
    if route_path(request) not in request.app[PAGE_PATHS] or request.method not in SAFE_METHODS:
        return show_error(request, error.http_status, t.sentence(error))
    if request.headers.get("Sec-Fetch-Site") == "cross-site":
        return aiohttp_jinja2.render_template("login/again.html", request, {"lang": t.language})
    raise web.HTTPSeeOther("login")


def add_login(app: web.Application) -> None:
    """Serve the page and take its form, which needs no token: there is no session yet."""
    app.router.add_get("/login", show_login)
    app.router.add_post("/login", log_in)
