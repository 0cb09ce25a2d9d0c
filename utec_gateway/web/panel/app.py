"""The panel application: its pages, its forms, its files."""

from functools import partial
from pathlib import Path

from aiohttp import web
from aiohttp.typedefs import Handler, Middleware

from utec_gateway.web.i18n import in_the_readers_language
from utec_gateway.web.middlewares import reject_cross_origin
from utec_gateway.web.repeated_slashes import merge_repeated_slashes
from utec_gateway.web.templating import set_up_templates

from .activity import activity
from .codes import codes
from .diagnostics import diagnostics
from .forms import LARGEST_FORM, form_handler
from .live import set_up_live_pages
from .login.login import add_login
from .middlewares import admitted_only, errors_as_pages
from .overview import overview
from .page import MENU, PAGE_PATHS, Page, show
from .settings import settings
from .setup import setup
from .sign_in import sign_in

PANEL = Path(__file__).parent
KEPT_FOR = 60
"""Seconds that a browser may keep a file: one visit, and not the next version of the gateway."""
KINDS_OF_FILES = ("css", "js", "svg")
SECURITY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; font-src 'self'; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'self'"
)

PAGE_MODULES = (overview, setup, activity, codes, settings, diagnostics, sign_in)
"""The modules of the panel, in the order of the menu; each has PAGES, FORMS and DOWNLOADS."""


def new_panel(*at_the_door: Middleware) -> web.Application:
    """Return the panel application; the composition root fills in its keys.

    `at_the_door` is what a listener of its own needs; where it is mounted, that was done before.
    """
    app = web.Application(
        client_max_size=LARGEST_FORM,
        middlewares=[
            in_the_readers_language,
            errors_as_pages,
            *at_the_door,
            admitted_only,
            reject_cross_origin,
        ],
    )
    pages = tuple(page for part in PAGE_MODULES for page in part.PAGES)
    app[MENU] = tuple(page for page in pages if page.is_in_menu)
    app[PAGE_PATHS] = frozenset(page.path for page in pages)
    for page in pages:
        app.router.add_get(page.path, _page_handler(page))
    add_login(app)
    for form in (form for part in PAGE_MODULES for form in part.FORMS):
        show_again = partial(show, page=form.page)
        app.router.add_post(f"/{form.address}", form_handler(form.handler, show_again))
    for address, handler in (item for part in PAGE_MODULES for item in part.DOWNLOADS.items()):
        app.router.add_get(f"/{address}", handler)
    app.router.add_get("/alive", _alive)
    _add_files(app)
    set_up_live_pages(app, pages)
    merge_repeated_slashes(app, strip_trailing=False)
    set_up_templates(app, PANEL, PANEL / "templates", security=SECURITY)
    return app


def _add_files(app: web.Application) -> None:
    """Serve what all pages share and what lies in a page's own folder, all at one address."""
    for kind in KINDS_OF_FILES:
        for file in PANEL.glob(f"*/*.{kind}"):
            app.router.add_get(f"/static/{file.name}", partial(_file, file))


async def _file(file: Path, _request: web.Request) -> web.FileResponse:
    return web.FileResponse(file, headers={"Cache-Control": f"max-age={KEPT_FOR}"})


async def _alive(_request: web.Request) -> web.Response:
    """Tell a page that is about to send a form that the gateway is reachable."""
    return web.Response(status=204)


def _page_handler(page: Page) -> Handler:
    async def shown(request: web.Request) -> web.StreamResponse:
        return await show(request, page)

    return shown
