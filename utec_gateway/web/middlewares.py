"""Around every request: errors become JSON sentences, browsers are kept honest."""

import logging
import math
from collections.abc import Awaitable, Callable

from aiohttp import web
from aiohttp.typedefs import Handler

from utec_gateway.core.errors import FieldError, GatewayError

from .app_keys import ACCESS, SETTINGS
from .trusted_proxy import as_sent

_LOGGER = logging.getLogger(__name__)

SENTENCES = {
    404: ("not_found", "There is nothing at this address. GET /health tells how the gateway is."),
    405: ("method_not_allowed", "This address does not take that method."),
    413: ("too_large", "The request is too large: 64 KiB are the most."),
}
HEADERS = {
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}


def error_response(code: str, detail: str, http_status: int, **more: str) -> web.Response:
    """Return an error as every endpoint gives it, with `more` beside it."""
    return web.json_response({**more, "detail": detail, "code": code}, status=http_status)


def answer_to(error: GatewayError, **more: str) -> web.Response:
    """Return what a caller is told of an expected failure."""
    if isinstance(error, FieldError):
        more["field"] = error.field
    response = error_response(error.code, f"{error}.", error.http_status, **more)
    seconds: float | None = getattr(error, "retry_after", None)
    if seconds is not None:
        response.headers["Retry-After"] = str(math.ceil(seconds))
    return response


@web.middleware
async def believe_trusted_proxies(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Hand a request on as the browser sent it to the owner's proxy; ingress is none."""
    if request.app[ACCESS].is_ingress(request):
        return await handler(request)
    return await handler(as_sent(request, request.app[SETTINGS].options.trusted_proxies))


@web.middleware
async def errors_as_json(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Answer for whatever was raised; only our own mistakes are logged as errors."""
    try:
        return await handler(request)
    except GatewayError as error:
        return answer_to(error)
    except web.HTTPException as answer:
        if answer.status < web.HTTPBadRequest.status_code:
            raise
        code, detail = SENTENCES.get(answer.status, ("bad_request", answer.reason))
        return error_response(code, detail, answer.status)
    except Exception:
        _LOGGER.exception("A request failed unexpectedly: %s", request.path)
        return error_response(
            "internal_error", "The gateway made a mistake; its log says more.", 500
        )


@web.middleware
async def count_wrong_keys(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Count a wrong key wherever it is shown, where nothing is to be had too."""
    request.app[ACCESS].check_key(request)
    return await handler(request)


@web.middleware
async def reject_cross_origin(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Refuse what a foreign web page makes a browser do."""
    request.app[ACCESS].check_browser(request)
    return await handler(request)


Signal = Callable[[web.Request, web.StreamResponse], Awaitable[None]]


def adding_headers(security: str) -> Signal:
    """Tell browsers to keep nothing, guess nothing, and load nothing but what `security` allows.

    Nobody is told what software answers.
    """

    async def add(_request: web.Request, response: web.StreamResponse) -> None:
        for name, value in HEADERS.items():
            response.headers.setdefault(name, value)
        response.headers["Content-Security-Policy"] = security
        response.headers.popall("Server", None)

    return add
