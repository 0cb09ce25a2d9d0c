"""The first page: what is wrong, a card for each device, and the sign-in in one line."""

from aiohttp import web
from aiohttp.typedefs import Handler
from markupsafe import Markup

from utec_gateway.core import issue as wrong
from utec_gateway.core.command import LEVELS, Command
from utec_gateway.core.command_origin import PANEL
from utec_gateway.core.errors import InvalidRequestError
from utec_gateway.core.models import COMMANDS as OPERATIONS
from utec_gateway.core.models import Operation, Token
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
from utec_gateway.web.i18n import LANGUAGES, Translator
from utec_gateway.web.panel.forms import Form
from utec_gateway.web.panel.page import Context, FormRoute, Page
from utec_gateway.web.panel.severity import Severity
from utec_gateway.web.panel.strip import strip
from utec_gateway.web.panel.time_tags import ago_tag, brief_tag, time_tag

from .alerts import Alert, alerts
from .card import Card
from .cards import Permits, cards, find_device
from .headline import headline
from .selection import FILTERS, MANY, read_selection
from .sign_in_line import sign_in_line

LEVELS_AS_SENT = {str(level): level for level in LEVELS}


async def context(request: web.Request) -> Context:
    """Return what the page shows."""
    app, t = request.app, request.app[LANGUAGES].of(request)
    tokens, options, now = app[TOKENS], app[SETTINGS].options, app[CLOCK].now()
    permits = Permits(options.allow_unlock, is_signed_out=tokens.is_signed_out)
    all_cards = cards(app[DEVICE_CACHE], app[COMMANDS], permits)
    found = alerts(app[ISSUES].issues(), all_cards, t)
    if tokens.token and not options.auto_refresh_enabled:
        found.append(_not_refreshed(tokens.token, t))
    selection = read_selection(request.query)
    shown, journal = selection.of(all_cards), app[JOURNAL]
    return {
        "headline": headline(found, is_starting=app[POLLER].is_starting),
        "sign_in": sign_in_line(tokens, now, t),
        "groups": _groups(shown),
        "strips": {
            one.tag: strip(t, journal.lock_history(one.tag), now) for one in shown if one.is_lock
        },
        "count": len(all_cards),
        "selection": selection,
        "filters": tuple(FILTERS) if len(all_cards) > MANY or not selection.is_everything else (),
        "live_more": selection.as_query,
        "ago": ago_tag,
        "brief": brief_tag,
        "now": int(now.timestamp() * 1000),
    }


def _groups(shown: list[Card]) -> dict[str, list[Card]]:
    """Return the cards of each kind of device under the key of its heading."""
    kinds: dict[str, list[Card]] = {"locks": [], "switches": [], "others": []}
    for card in shown:
        kind = "locks" if card.is_lock else "switches" if card.is_operable else "others"
        kinds[kind].append(card)
    return {name: group for name, group in kinds.items() if group}


def _not_refreshed(token: Token, t: Translator) -> Alert:
    """Return what is to be said of a sign-in that is left to expire."""
    sentence = t("headline.switched_off", until=time_tag(token.expires_at))
    invitation = t("menu.settings")
    return Alert(
        Severity.WARNING, wrong.Severity.WARNING, sentence, Markup(), "settings", invitation
    )


OVERVIEW = Page("overview", "overview", context, live=("headline", "devices", "sign-in"))


async def unlock_context(request: web.Request) -> Context:
    """Return the lock that is to be unlocked, and how: until it locks again, or held open."""
    device = find_device(request.app[DEVICE_CACHE].devices, request.query.get("device", ""))
    command = _command({"operation": Operation.UNLOCK, **request.query})
    if not command.operation.unlocks:
        raise InvalidRequestError("A device cannot do that")
    if error := unsuitable(command, device):
        raise error
    check_allowed(command, device, request.app[SETTINGS].options)
    return {"device": device, "operation": command.operation}


UNLOCK = Page("confirm", "overview", unlock_context, is_in_menu=False)
"""Asks for confirmation where no script can do so in place."""


async def move(request: web.Request, form: Form) -> web.StreamResponse:
    """Start a command; the card shows how it goes."""
    command = _command(form)
    tag = form.get("device") or request.query.get("device", "")
    device = find_device(request.app[DEVICE_CACHE].devices, tag)
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


PAGES = (OVERVIEW, UNLOCK)
FORMS = (FormRoute("move", move, OVERVIEW),)
DOWNLOADS: dict[str, Handler] = {}
