"""The first page: the headline, the life of the token, and a card for each device."""

from aiohttp import web
from aiohttp.typedefs import Handler

from utec_gateway.core.command import LEVELS, Command
from utec_gateway.core.command_origin import PANEL
from utec_gateway.core.errors import InvalidRequestError
from utec_gateway.core.issue import Severity
from utec_gateway.core.models import COMMANDS as OPERATIONS
from utec_gateway.core.models import Operation
from utec_gateway.devices.permission import check_allowed, unsuitable
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

from .cards import cards, find_device
from .headline import SignedIn, headline
from .token_life import next_refresh, token_life

LEVELS_AS_SENT = {str(level): level for level in LEVELS}


async def context(request: web.Request) -> Context:
    """Return what the page shows."""
    app, t = request.app, request.app[LANGUAGES].of(request)
    tokens, cache, now = app[TOKENS], app[DEVICE_CACHE], app[CLOCK].now()
    options = app[SETTINGS].options
    token, due_at = tokens.token, next_refresh(tokens.due_in(), now)
    issues = [issue for issue in app[ISSUES].issues() if not issue.lock]
    on_top = [issue for issue in issues if issue.severity >= Severity.WARNING][:1]
    otherwise = SignedIn(
        token,
        due_at,
        is_starting=app[POLLER].is_starting,
        auto_refresh_enabled=options.auto_refresh_enabled,
    )
    monotonic, allow_unlock = app[CLOCK].monotonic(), options.allow_unlock
    shown = cards(cache, app[COMMANDS], monotonic, allow_unlock=allow_unlock)
    return {
        "headline": headline(on_top, otherwise, t),
        "issues": [said(issue.message, t) for issue in issues if issue not in on_top],
        "life": token and token_life(token, app[JOURNAL].refreshes, due_at, now),
        "cards": shown,
        "is_unlocking_off": not allow_unlock and any(card.is_lock for card in shown),
        "can_renew": bool(token and token.refresh_token),
    }


OVERVIEW = Page("overview", "overview", context, live=("headline", "life", "devices"))


async def unlock_context(request: web.Request) -> Context:
    """Return the lock that is to be unlocked, and how: until it locks again, or held open."""
    device = find_device(request.app[DEVICE_CACHE].devices, request.query.get("device", ""))
    command = _command(request.query)
    if not command.operation.unlocks:
        raise InvalidRequestError("A device cannot do that")
    if error := unsuitable(command, device):
        raise error
    check_allowed(command, device, request.app[SETTINGS].options)
    return {"device": device, "operation": command.operation}


UNLOCK = Page("unlock", "overview", unlock_context, is_in_menu=False)
"""Asks for confirmation where no script can do so in place."""


async def move(request: web.Request, form: Form) -> web.StreamResponse:
    """Start a command; the card shows how it goes."""
    command = _command(form)
    device = find_device(request.app[DEVICE_CACHE].devices, form.get("device", ""))
    request.app[COMMANDS].start(device.id, command, PANEL)
    raise web.HTTPSeeOther(f"./#device-{device.tag}")


def _command(form: Form) -> Command:
    """Return the command that a form asks for."""
    wanted = form.get("operation", "")
    if wanted not in OPERATIONS:
        raise InvalidRequestError("A device cannot do that")
    is_level = wanted == Operation.SET_LEVEL
    return Command(
        Operation(wanted), LEVELS_AS_SENT.get(form.get("level", "")) if is_level else None
    )


async def refresh(request: web.Request, _form: Form) -> web.StreamResponse:
    """Refresh the sign-in now."""
    await request.app[TOKENS].refresh()
    raise web.HTTPSeeOther("./?done=renewed")


PAGES = (OVERVIEW, UNLOCK)
FORMS = (FormRoute("move", move, OVERVIEW), FormRoute("renew", refresh, OVERVIEW))
DOWNLOADS: dict[str, Handler] = {}
