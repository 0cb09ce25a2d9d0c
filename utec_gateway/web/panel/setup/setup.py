"""Set-up: from nothing to locks in Home Assistant, step by step."""

from urllib.parse import urlsplit

from aiohttp import web
from aiohttp.typedefs import Handler
from markupsafe import Markup, escape

from utec_gateway.auth.authorization_response import AuthorizationResponse
from utec_gateway.auth.sign_in import CredentialsRefusedError, NotSignedInError, Unusable
from utec_gateway.auth.token_source import TokenSource
from utec_gateway.core.errors import CodeRefusedError, ForbiddenError, TokenEndpointError
from utec_gateway.options.readers import redirect
from utec_gateway.options.schema import Options
from utec_gateway.plugin_api.broker_status import BrokerState
from utec_gateway.web.app_keys import (
    API_PORT,
    COMMANDS,
    DEVICE_CACHE,
    HOOKS,
    IDENTITY,
    ISSUES,
    POLLER,
    SETTINGS,
    SIGN_IN,
    STORE,
    TOKENS,
)
from utec_gateway.web.host_names import host_of
from utec_gateway.web.i18n import LANGUAGES, Translator
from utec_gateway.web.panel.broker_line import broker_line
from utec_gateway.web.panel.forms import Form, without_secrets
from utec_gateway.web.panel.issue_words import said
from utec_gateway.web.panel.overview.cards import Permits, cards
from utec_gateway.web.panel.page import Context, FormRoute, Page, show
from utec_gateway.web.panel.time_tags import time_tag
from utec_gateway.web.trusted_proxy import is_proxied

from .home_assistant_links import home_assistant_links
from .pasted_address import leads_to_us, what_is_wrong
from .redirect_uris import BY_HAND, CALLBACK, RedirectUris, redirect_uris
from .steps import State, Step, Steps, steps_of

CREDENTIALS = ("client_id", "client_secret")


async def context(request: web.Request) -> Context:
    """Return what the page shows; of the secret only whether there is one."""
    tokens, poller, cache = request.app[TOKENS], request.app[POLLER], request.app[DEVICE_CACHE]
    options, identity = request.app[SETTINGS].options, request.app[IDENTITY]
    shown = cards(cache, request.app[COMMANDS], Permits(options.allow_unlock))
    t = request.app[LANGUAGES].of(request)
    broker = request.app[HOOKS].broker_status()
    steps = steps_of(
        options,
        tokens,
        cache.devices,
        is_sign_in_under_way=request.app[SIGN_IN].is_under_way,
        is_in_home_assistant=broker.state is BrokerState.CONNECTED,
    )
    locks = [card for card in shown if card.is_lock]
    return {
        "steps": steps,
        "states": _states(steps, options, tokens, len(locks), t),
        "client_id": options.client_id,
        "has_secret": bool(options.client_secret),
        "redirect_uri": options.redirect_uri,
        "redirect_uris": _redirect_uris(request),
        "cards": locks,
        "last_updated": poller.last_updated,
        "issues": {one.key: said(one.message, t) for one in request.app[ISSUES].issues()},
        "host": host_of(request),
        "port": request.app[API_PORT],
        "is_port_known": _seen_port(request) is not None,
        "address": identity.integration_address,
        "is_standalone": identity.is_standalone,
        "broker": broker_line(broker, t),
        "links": home_assistant_links(is_standalone=identity.is_standalone),
    }


def _states(
    steps: Steps, options: Options, tokens: TokenSource, locks: int, t: Translator
) -> dict[Step, Markup]:
    """Return how far each step is, in words; of one that is done, with what came of it."""
    until = time_tag(tokens.token.expires_at) if tokens.token else ""
    facts = {
        Step.REDIRECT: escape(options.redirect_uri),
        Step.CONNECT: t("set_up.connect_until", until=until),
        Step.LOCKS: t("set_up.locks_count", count=locks),
    }
    return {step: _state(steps, step, facts.get(step), t) for step in Step}


def _state(steps: Steps, step: Step, fact: Markup | None, t: Translator) -> Markup:
    state = steps.state_of(step)
    word = t(f"set_up.state.{state}", number=steps.number_of(steps.present))
    if fact is None or state is not State.DONE:
        return word
    return Markup("{} · {}").format(word, fact)


def _seen_port(request: web.Request) -> int | None:
    """Return the API's port as the browser sees it; None where the panel has another one."""
    _, port, *_ = request.get_extra_info("sockname")
    is_direct = port == request.app[API_PORT] and not is_proxied(request)
    return request.url.port if is_direct else None


def _redirect_uris(request: web.Request) -> RedirectUris:
    port = _seen_port(request) or request.app[API_PORT]
    callback = f"http://{host_of(request)}:{port}{CALLBACK}"
    return redirect_uris(request.app[SETTINGS].options.redirect_uri, callback)


SET_UP = Page(
    "set-up", "setup", context, live=("steps", "found", "broker", "state-locks", "state-home")
)


LEAVING = Page("leaving", "setup", is_in_menu=False)
"""Redirects by itself: a form may not be redirected to another site (Content-Security-Policy)."""


async def leave(request: web.Request, _form: Form) -> web.StreamResponse:
    """Open U-tec's page with a fresh state; a form, so that no other site can start it."""
    return await show(request, LEAVING, address=request.app[SIGN_IN].authorization_url())


async def save_credentials(request: web.Request, form: Form) -> web.StreamResponse:
    """Save the client id and the secret; a secret that is left empty stays as it is."""
    settings = request.app[SETTINGS]
    changes = {name: form.get(name, "").strip() for name in CREDENTIALS}
    if not changes["client_secret"] and settings.options.client_secret:
        del changes["client_secret"]
    for name, value in changes.items():
        if not value:
            return await _again(request, form, name, "missing")
        if any(character.isspace() for character in value):
            return await _again(request, form, name, "has_spaces")
    await settings.change(changes)
    raise web.HTTPSeeOther("set-up?done=saved#step-redirect")


async def save_redirect_uri(request: web.Request, form: Form) -> web.StreamResponse:
    """Save the redirect URI that was chosen."""
    kind = form.get("way", "")
    if kind not in _redirect_uris(request).by_kind:
        return await _again(request, form, "way", "no_way")
    redirect_uri = BY_HAND if kind == "by_hand" else form.get(kind, "").strip()
    try:
        redirect(redirect_uri)
    except ValueError:
        return await _again(request, form, kind, "no_address")
    await request.app[SETTINGS].change({"redirect_uri": redirect_uri})
    raise web.HTTPSeeOther("set-up?done=saved#step-redirect")


async def sign_in(request: web.Request, form: Form) -> web.StreamResponse:
    """Sign in with the address that was pasted, or say what it is instead."""
    pasted = form.get("address", "").strip()
    response = request.app[SIGN_IN].read(pasted)
    reason = what_is_wrong(pasted, response, request.app[SETTINGS].options)
    reason = reason or await _redeem(request, pasted, response)
    if reason:
        return await _again(request, form, "address", reason)
    raise web.HTTPSeeOther("set-up?done=signed_in#step-locks")


async def _redeem(request: web.Request, pasted: str, response: AuthorizationResponse) -> str:
    """Redeem the code in an address; return the name of the reason when that fails."""
    options = request.app[SETTINGS].options
    try:
        await request.app[SIGN_IN].by_address(pasted)
    except NotSignedInError as error:
        is_foreign = error.reason is Unusable.NOT_STARTED_HERE and not leads_to_us(
            response, options
        )
        return "other_site" if is_foreign else str(error.reason)
    except CredentialsRefusedError:
        return "client_refused"
    except CodeRefusedError:
        return "code_refused"
    except TokenEndpointError:
        return "utec_failed"
    return ""


async def find_devices(request: web.Request, _form: Form) -> web.StreamResponse:
    """Ask U-tec now for the list of locks."""
    await request.app[POLLER].discover()
    raise web.HTTPSeeOther("set-up#step-locks")


async def show_address(request: web.Request, _form: Form) -> web.StreamResponse:
    """Show the address with the key in it; next to a Supervisor no key is needed."""
    if not request.app[IDENTITY].is_standalone:
        raise ForbiddenError("In Home Assistant the address needs no key")
    key = request.app[STORE].state.api_key
    port = _seen_port(request) or request.app[API_PORT]
    address = f"http://{host_of(request)}:{port}/k/{key}"
    return await show(request, SET_UP, address=address)


async def _again(request: web.Request, form: Form, field: str, reason: str) -> web.StreamResponse:
    """Show the page with the reason at the field, and everything that was typed."""
    options = request.app[SETTINGS].options
    t = request.app[LANGUAGES].of(request)
    problem = t(f"set_up.wrong.{reason}", host=urlsplit(options.redirect_uri).hostname)
    tokens, typed = request.app[TOKENS], without_secrets(form)
    if field == "address" and tokens.token and tokens.is_usable:
        problem += " " + t("set_up.still_signed_in", until=time_tag(tokens.token.expires_at))
    return await show(request, SET_UP, problem=problem, field=field, typed=typed)


PAGES = (SET_UP,)
DOWNLOADS: dict[str, Handler] = {}
FORMS = (
    FormRoute("leave", leave, SET_UP),
    FormRoute("redeem", sign_in, SET_UP),
    FormRoute("credentials", save_credentials, SET_UP),
    FormRoute("redirect-uri", save_redirect_uri, SET_UP),
    FormRoute("look", find_devices, SET_UP),
    FormRoute("address", show_address, SET_UP),
)
