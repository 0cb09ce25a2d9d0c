"""Set-up: from nothing to locks in Home Assistant, in steps that follow from what is there."""

from aiohttp import web

from utec_gateway.errors import InvalidRequestError, OptionsError
from utec_gateway.web.keys import IDENTITY, LOCKS, PICTURE, SETTINGS, SIGN_IN, STORE, TOKENS

from .forms import Form
from .frame import Facts, Page, PostedTo, show


async def facts(request: web.Request) -> Facts:
    """Return what the page shows; the present step is the first that is not done."""
    app = request.app
    options, tokens = app[SETTINGS].options, app[TOKENS]
    has_credentials = bool(options.client_id and options.client_secret)
    is_signed_in = bool(tokens.token) and not tokens.needs_sign_in
    return {
        "options": options,
        "has_secret": bool(options.client_secret),
        "has_credentials": has_credentials,
        "can_sign_in": options.can_sign_in,
        "is_signed_in": is_signed_in,
        "step": 4 if is_signed_in else 2 if has_credentials else 1,
        "lock_names": [device.name for device in app[PICTURE].devices if device.is_lock],
        "address": app[IDENTITY].integration_address,
        "shown_key": "",
    }


SET_UP = Page("set-up", facts, live=("sign-in-state", "found-locks"))


async def keep_credentials(request: web.Request, form: Form) -> web.StreamResponse:
    """Save id and secret; an empty secret leaves the one that is there."""
    changes = {"client_id": form.get("client_id", "")}
    if form.get("client_secret", "").strip():
        changes["client_secret"] = form["client_secret"]
    if not changes["client_id"].strip():
        raise OptionsError("client_id", "is missing")
    await request.app[SETTINGS].change(changes)
    raise web.HTTPSeeOther("set-up?done=saved")


async def keep_redirect_uri(request: web.Request, form: Form) -> web.StreamResponse:
    """Save where U-tec sends the browser back to."""
    await request.app[SETTINGS].change({"redirect_uri": form.get("redirect_uri", "")})
    raise web.HTTPSeeOther("set-up?done=saved")


async def leave_for_utec(request: web.Request) -> web.StreamResponse:
    """Send the browser to U-tec's sign-in page with a state of its own."""
    raise web.HTTPSeeOther(request.app[SIGN_IN].authorization_url())


async def come_back(request: web.Request, form: Form) -> web.StreamResponse:
    """Sign in with the address that the person pasted."""
    if not form.get("address", "").strip():
        raise InvalidRequestError("Paste the address that the browser shows after U-tec's page")
    await request.app[SIGN_IN].by_address(form["address"])
    raise web.HTTPSeeOther("set-up?done=signed_in")


async def look_again(request: web.Request, _form: Form) -> web.StreamResponse:
    """Ask U-tec for its devices now."""
    await request.app[LOCKS].discover()
    raise web.HTTPSeeOther("set-up#locks")


async def show_key(request: web.Request, _form: Form) -> web.StreamResponse:
    """Answer with the page and the key, because somebody pressed the button for it."""
    return await show(request, SET_UP, shown_key=request.app[STORE].state.api_key)


PAGES = (SET_UP,)
FORMS = (
    PostedTo("credentials", keep_credentials, SET_UP),
    PostedTo("redirect-uri", keep_redirect_uri, SET_UP),
    PostedTo("sign-in", come_back, SET_UP),
    PostedTo("look", look_again, SET_UP),
    PostedTo("key", show_key, SET_UP),
)
