"""The first page: the headline, the life of the token, and a card for each lock."""

from aiohttp import web
from aiohttp.typedefs import Handler

from utec_gateway.core.command import Command
from utec_gateway.core.command_origin import PANEL
from utec_gateway.core.errors import InvalidRequestError
from utec_gateway.core.issue import Severity
from utec_gateway.core.models import Operation
from utec_gateway.web.app_keys import (
    CLOCK,
    COMMANDS,
    DEVICE_CACHE,
    ISSUES,
    JOURNAL,
    POLLER,
    SETTINGS,
    TOKENS,
)
from utec_gateway.web.i18n import LANGUAGES
from utec_gateway.web.panel.forms import Form
from utec_gateway.web.panel.issue_words import said
from utec_gateway.web.panel.page import Context, FormRoute, Page

from .cards import cards, find_lock
from .headline import SignedIn, headline
from .token_life import next_refresh, token_life

OPERATIONS = {"lock": Command(Operation.LOCK), "unlock": Command(Operation.UNLOCK)}


async def context(request: web.Request) -> Context:
    """Return what the page shows."""
    app, t = request.app, request.app[LANGUAGES].of(request)
    tokens, cache, now = app[TOKENS], app[DEVICE_CACHE], app[CLOCK].now()
    token, due_at = tokens.token, next_refresh(tokens.due_in(), now)
    issues = [issue for issue in app[ISSUES].issues() if not issue.lock]
    on_top = [issue for issue in issues if issue.severity >= Severity.WARNING][:1]
    otherwise = SignedIn(
        token,
        due_at,
        is_starting=app[POLLER].is_starting,
        auto_refresh_enabled=app[SETTINGS].options.auto_refresh_enabled,
    )
    return {
        "headline": headline(on_top, otherwise, t),
        "issues": [said(issue.message, t) for issue in issues if issue not in on_top],
        "life": token and token_life(token, app[JOURNAL].refreshes, due_at, now),
        "cards": cards(cache, app[COMMANDS], app[CLOCK].monotonic()),
        "can_renew": bool(token and token.refresh_token),
    }


OVERVIEW = Page("overview", "overview", context, live=("headline", "life", "locks"))


async def unlock_context(request: web.Request) -> Context:
    """Return the lock that is to be unlocked."""
    return {"lock": find_lock(request.app[DEVICE_CACHE].devices, request.query.get("lock", ""))}


UNLOCK = Page("unlock", "overview", unlock_context, is_in_menu=False)
"""Asks for confirmation where no script can do so in place."""


async def move(request: web.Request, form: Form) -> web.StreamResponse:
    """Start a command; the card shows how it goes."""
    command = OPERATIONS.get(form.get("operation", ""))
    if command is None:
        raise InvalidRequestError("A lock cannot do that")
    lock = find_lock(request.app[DEVICE_CACHE].devices, form.get("lock", ""))
    request.app[COMMANDS].start(lock.id, command, PANEL)
    raise web.HTTPSeeOther(f"./#lock-{lock.tag}")


async def refresh(request: web.Request, _form: Form) -> web.StreamResponse:
    """Refresh the sign-in now."""
    await request.app[TOKENS].refresh()
    raise web.HTTPSeeOther("./?done=renewed")


PAGES = (OVERVIEW, UNLOCK)
FORMS = (FormRoute("move", move, OVERVIEW), FormRoute("renew", refresh, OVERVIEW))
DOWNLOADS: dict[str, Handler] = {}
