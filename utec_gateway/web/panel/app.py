"""The panel application: its pages, its forms, its files."""

from functools import partial
from pathlib import Path

from aiohttp import web
from aiohttp.typedefs import Handler

from utec_gateway.web.middlewares import honest_browsers
from utec_gateway.web.pages import set_up_templates
from utec_gateway.web.slashes import take_repeated_slashes_as_one

from . import activity, diagnostics, overview, set_up, settings
from .doors import errors_as_pages, only_the_supervisor
from .forms import LARGEST_FORM, taking_forms
from .frame import MENU, Page, show
from .live import set_up_live_pages

STATIC = Path(__file__).parents[1] / "static"
SECURITY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'self'"
)

PARTS = (overview, set_up, activity, settings, diagnostics)
"""The modules of the panel, in the order of the menu; each has PAGES, FORMS and LINKS."""


def new_panel() -> web.Application:
    """Return the panel application; the composition root fills in its keys."""
    app = web.Application(
        client_max_size=LARGEST_FORM,
        middlewares=[errors_as_pages, only_the_supervisor, honest_browsers],
    )
    pages = tuple(page for part in PARTS for page in part.PAGES)
    app[MENU] = tuple(page for page in pages if page.is_in_menu)
    for page in pages:
        app.router.add_get("/" + page.address.removeprefix("./"), _showing(page))
    for form in (form for part in PARTS for form in part.FORMS):
        again = partial(show, page=form.page)
        app.router.add_post(f"/{form.address}", taking_forms(form.handler, again))
    for address, handler in (link for part in PARTS for link in part.LINKS.items()):
        app.router.add_get(f"/{address}", handler)
    app.router.add_get("/alive", _alive)
    app.router.add_static("/static/", STATIC, append_version=False)
    set_up_live_pages(app, pages)
    take_repeated_slashes_as_one(app, and_none_at_the_end=False)
    set_up_templates(app, SECURITY)
    return app


async def _alive(_request: web.Request) -> web.Response:
    """Tell a page that is about to send a form that somebody listens."""
    return web.Response(status=204)


def _showing(page: Page) -> Handler:
    async def shown(request: web.Request) -> web.StreamResponse:
        return await show(request, page)

    return shown
