"""The cookie of a session."""

from collections.abc import Iterator
from datetime import timedelta
from itertools import islice

from aiohttp import web

from .trusted_proxy import path_prefix

COOKIE = "utec_gateway_session"
MOST_SHOWN = 20
"""Cookies of that name that are looked at: each costs a digest, and anybody can show thousands."""
KEPT_FOR = int(timedelta(days=400).total_seconds())
"""As long as browsers allow; the gateway decides when a session is over."""


def shown_cookies(request: web.BaseRequest) -> Iterator[str]:
    """Yield the cookies of that name: another port or path of this host may have set one, too."""
    return islice(_cookies(request), MOST_SHOWN)


def _cookies(request: web.BaseRequest) -> Iterator[str]:
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
