"""Who may open the panel, and errors as pages."""

import logging

from aiohttp import web
from aiohttp.typedefs import Handler

from utec_gateway.core.errors import GatewayError
from utec_gateway.web.app_keys import ACCESS
from utec_gateway.web.i18n import LANGUAGES
from utec_gateway.web.sessions import LoginNeededError

from .login.login import ask_to_log_in
from .page import route_path, show_error

_LOGGER = logging.getLogger(__name__)

KINDS = {404: "not_found", 405: "not_found", 413: "too_large"}
PUBLIC = ("/login", "/static/")
"""What a browser needs that is not logged in yet."""


@web.middleware
async def admitted_only(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Admit ingress, this machine, and who is logged in."""
    access = request.app[ACCESS]
    if not (access.has_login and route_path(request).startswith(PUBLIC)):
        access.check_panel(request)
    return await handler(request)


@web.middleware
async def errors_as_pages(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Answer an error with a page that says what to do."""
    try:
        return await handler(request)
    except LoginNeededError as error:
        return ask_to_log_in(request, error)
    except GatewayError as error:
        sentence = request.app[LANGUAGES].of(request).sentence(error)
        return show_error(request, error.http_status, sentence)
    except web.HTTPException as answer:
        if answer.status < web.HTTPBadRequest.status_code:
            raise
        return show_error(request, answer.status, kind=KINDS.get(answer.status, "bad_request"))
    except Exception:
        _LOGGER.exception("A page failed unexpectedly: %s", request.path)
        return show_error(request, 500, kind="mistake")
