"""The sign-in: how long it is good, when it was and will be refreshed, and refreshing it now."""

from aiohttp import web
from aiohttp.typedefs import Handler

from utec_gateway.web.app_keys import CLOCK, JOURNAL, TOKENS
from utec_gateway.web.panel.forms import Form
from utec_gateway.web.panel.page import Context, FormRoute, Page

from .token_life import next_refresh, token_life


async def context(request: web.Request) -> Context:
    """Return what the page shows."""
    app = request.app
    tokens, now = app[TOKENS], app[CLOCK].now()
    token, due_at = tokens.token, next_refresh(tokens.due_in(), now)
    return {
        "life": token and token_life(token, app[JOURNAL].refreshes, due_at, now),
        "is_usable": tokens.is_usable,
        "can_refresh": bool(token and token.refresh_token),
    }


SIGN_IN = Page("sign-in", "sign_in", context, live=("life",), is_in_menu=False)


async def refresh(request: web.Request, _form: Form) -> web.StreamResponse:
    """Refresh the sign-in now."""
    await request.app[TOKENS].refresh()
    raise web.HTTPSeeOther("sign-in?done=renewed")


PAGES = (SIGN_IN,)
FORMS = (FormRoute("renew", refresh, SIGN_IN),)
DOWNLOADS: dict[str, Handler] = {}
