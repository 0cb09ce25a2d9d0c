"""The cookie of a session."""

from collections.abc import Iterator
from datetime import timedelta

from aiohttp import web

from .trusted_proxy import path_prefix

COOKIE = "utec_gateway_session"
KEPT_FOR = int(timedelta(days=400).total_seconds())
"""As long as browsers allow; the gateway decides when a session is over."""


def shown_cookies(request: web.BaseRequest) -> Iterator[str]:
    """Yield every cookie of that name: another port or path of this host may have set one, too."""
    for header in request.headers.getall("Cookie", ()):
        for pair in header.split(";"):
            name, _, value = pair.strip().partition("=")
            if name == COOKIE:
                yield value


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
