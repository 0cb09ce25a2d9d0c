"""Templates: escaped always, a missing name is a mistake and not an empty space."""

from pathlib import Path

import aiohttp_jinja2
import jinja2
from aiohttp import web

from .middlewares import add_headers


def set_up_templates(app: web.Application) -> None:
    """Let an application render our templates, with headers that keep browsers honest."""
    aiohttp_jinja2.setup(
        app,
        loader=jinja2.FileSystemLoader(Path(__file__).parent / "templates"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
    )
    app.on_response_prepare.append(add_headers)
