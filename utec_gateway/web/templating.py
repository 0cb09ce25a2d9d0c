"""Templates: always escaped; an undefined name is an error."""

import re
from pathlib import Path

import aiohttp_jinja2
import jinja2
from aiohttp import web
from jinja2.ext import Extension

from utec_gateway.core.sanitize import encodable
from utec_gateway.texts.translations import read_translations

from .i18n import LANGUAGES, Languages
from .middlewares import adding_headers

NO_SCRIPTS = "default-src 'none'; style-src 'self'; frame-ancestors 'self'"


def set_up_templates(app: web.Application, *folders: Path, security: str = NO_SCRIPTS) -> None:
    """Let an application render templates, with security headers.

    `security` is what its pages may load (Content-Security-Policy).
    """
    app[LANGUAGES] = Languages(read_translations())
    aiohttp_jinja2.setup(
        app,
        loader=jinja2.FileSystemLoader(folders),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=[_Unindented],
        undefined=jinja2.StrictUndefined,
        finalize=_fit,
    )
    app.on_response_prepare.append(adding_headers(security))


class _Unindented(Extension):
    """Leaves out the indentation, which only those need who read the template.

    It stays where the line before ends with a block, since `trim_blocks` takes the end of the line.
    """

    def preprocess(self, source: str, name: str | None, filename: str | None = None) -> str:  # noqa: ARG002
        return re.sub(r"(?<!%})\n +", "\n", source)


def _fit(value: object) -> object:
    """Replace a lone surrogate, from a file name for example: it would make the page fail."""
    return encodable(value) if type(value) is str else value
