"""The cookie of a session."""

from datetime import timedelta

from aiohttp import web

from .trusted_proxy import path_prefix

COOKIE = "utec_gateway_session"
KEPT_FOR = int(timedelta(days=400).total_seconds())
"""As long as browsers allow; the gateway decides when a session is over."""


def give_cookie(request: web.Request, response: web.StreamResponse, cookie: str) -> None:
    """Let the browser keep the cookie: for our pages only, and for no other site's links."""
    response.set_cookie(
        COOKIE,
        cookie,
        max_age=KEPT_FOR,
        path=path_prefix(request) or "/",
        secure=request.secure,
        httponly=True,
        samesite="Strict",
    )


def take_cookie(request: web.Request, response: web.StreamResponse) -> None:
    """Let the browser forget it."""
    response.del_cookie(COOKIE, path=path_prefix(request) or "/")
