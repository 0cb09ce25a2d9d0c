"""The panel application: its pages, its forms, its files."""

from functools import partial
from pathlib import Path

from aiohttp import web
from aiohttp.typedefs import Handler

from utec_gateway.web.middlewares import honest_browsers
from utec_gateway.web.pages import set_up_templates

from . import overview
from .doors import errors_as_pages, only_the_supervisor
from .forms import LARGEST_FORM, Posted, taking_forms
from .frame import MENU, Page, show
from .live import set_up_live_pages

STATIC = Path(__file__).parents[1] / "static"
SECURITY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'self'"
)

PAGES = (overview.OVERVIEW, overview.UNLOCK)
FORMS: tuple[tuple[str, Posted, Page], ...] = (
    ("/move", overview.move, overview.OVERVIEW),
    ("/renew", overview.renew, overview.OVERVIEW),
)
"""Where forms go, who takes them, and the page that is shown again when one is refused."""


def new_panel() -> web.Application:
    """Return the panel application; the composition root fills in its keys."""
    app = web.Application(
        client_max_size=LARGEST_FORM,
        middlewares=[errors_as_pages, only_the_supervisor, honest_browsers],
    )
    app[MENU] = tuple(page for page in PAGES if page.is_in_menu)
    for page in PAGES:
        address = page.address.removeprefix("./")
        app.router.add_get(f"/{address}", _showing(page))
    for address, handler, page in FORMS:
        app.router.add_post(address, taking_forms(handler, partial(show, page=page)))
    app.router.add_get("/alive", _alive)
    app.router.add_static("/static/", STATIC, append_version=False)
    set_up_live_pages(app, PAGES)
    set_up_templates(app, SECURITY)
    return app


async def _alive(_request: web.Request) -> web.Response:
    """Tell a page that is about to send a form that somebody listens."""
    return web.Response(status=204)


def _showing(page: Page) -> Handler:
    async def shown(request: web.Request) -> web.StreamResponse:
        return await show(request, page)

    return shown
