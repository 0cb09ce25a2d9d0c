"""What every page has: its texts, the menu, its times."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any

import aiohttp_jinja2
from aiohttp import web

from utec_gateway.core.const import VERSION
from utec_gateway.options.schema import Options
from utec_gateway.web.app_keys import SETTINGS
from utec_gateway.web.i18n import LANGUAGES

from .forms import FormHandler, form_token
from .time_tags import time_tag

Context = Mapping[str, Any]

REPOSITORY = "https://github.com/utec-gateway/utec-gateway"
"""Where the handbook is read and problems are reported."""


async def _nothing(_request: web.Request) -> Context:
    return {}


@dataclass(frozen=True)
class Page:
    """One page: its address, which is also the key of its texts, and what it shows."""

    name: str
    folder: str
    """The folder of its templates and of what builds its context."""
    context: Callable[[web.Request], Awaitable[Context]] = _nothing
    live: tuple[str, ...] = ()
    """Its parts that are updated live, each a template of its folder and an element of that id."""
    is_in_menu: bool = True
    is_offered: Callable[[Options], bool] = lambda _options: True
    """Tells whether the menu shows it; its address answers anyway."""

    @property
    def path(self) -> str:
        """Return its path within the panel."""
        return "/" + self.address.removeprefix("./")

    @property
    def address(self) -> str:
        """Return its address, relative to every other page."""
        return "./" if self.name == "overview" else self.name

    def template(self, name: str) -> str:
        """Return the template of the page or of one of its live parts."""
        return f"{self.folder}/{name}.html"


@dataclass(frozen=True)
class FormRoute:
    """Where a form is sent, its handler, and the page that is shown again when it is refused."""

    address: str
    handler: FormHandler
    page: Page


MENU = web.AppKey("menu", tuple[Page, ...])
PAGE_PATHS = web.AppKey("page_paths", frozenset[str])


def route_path(request: web.Request) -> str:
    """Return the path that a request was routed to, without the slashes that it repeats."""
    resource = request.match_info.route.resource
    return resource.canonical if resource else ""


async def context_of(request: web.Request, page: Page, **more: Any) -> dict[str, Any]:
    """Return everything that a page's templates may use."""
    return {**_page_context(request), "page": page, **(await page.context(request)), **more}


async def show(
    request: web.Request, page: Page, status: int = 200, **more: Any
) -> web.StreamResponse:
    """Answer with a page."""
    context = await context_of(request, page, **more)
    return aiohttp_jinja2.render_template(page.template(page.name), request, context, status=status)


def show_error(
    request: web.Request, status: int, sentence: str = "", kind: str = "refused"
) -> web.StreamResponse:
    """Answer with a page that says what went wrong, with a link back."""
    context = {**_page_context(request), "page": None, "sentence": sentence, "kind": kind}
    return aiohttp_jinja2.render_template("error.html", request, context, status=status)


def _menu(request: web.Request) -> tuple[Page, ...]:
    options = request.app[SETTINGS].options
    return tuple(page for page in request.app[MENU] if page.is_offered(options))


def _page_context(request: web.Request) -> dict[str, Any]:
    t = request.app[LANGUAGES].of(request)
    return {
        "t": t,
        "lang": t.language,
        "time": time_tag,
        "menu": _menu(request),
        "version": VERSION,
        "repository": REPOSITORY,
        "form_token": form_token(request),
        "done": request.query.get("done", ""),
        "problem": "",
        "field": "",
        "typed": {},
        "live_more": "",
    }
