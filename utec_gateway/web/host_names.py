"""The names that requests and web pages use for the gateway and for themselves."""

import re
from collections.abc import Iterator
from urllib.parse import SplitResult, urlsplit

from aiohttp.web import BaseRequest

from utec_gateway.core.errors import ForbiddenError

HOST = re.compile(r"(?P<name>\[[0-9a-fA-F:.]+\]|[A-Za-z0-9._-]+)(?::\d{1,5})?")


def names_of(machine: str) -> Iterator[str]:
    """Yield the names under which a machine is known in its own network."""
    full = bare(machine)
    yield from ("localhost", full, f"{full}.local")
    short = full.partition(".")[0]
    yield from (short, f"{short}.local")


def host_of(request: BaseRequest) -> str:
    """Return the name or address that the caller used, without the port.

    Programs that name none (HTTP/1.0) are no browsers: they mean this machine.
    """
    named = request.headers.get("Host", "localhost")
    try:
        host, _ = HOST.fullmatch(named), urlsplit(f"//{named}").port
    except ValueError:  # no port, or no IPv6 address in brackets
        host = None
    if host is None:
        raise ForbiddenError("The request has no valid Host header")
    return host["name"]


def origin_of(request: BaseRequest) -> SplitResult | None:
    """Return the page that drives the browser, None for a program; ForbiddenError for nonsense."""
    origin = request.headers.get("Origin")
    try:
        parts = urlsplit(origin) if origin is not None else None
        if parts:
            port_of(parts)
    except ValueError:
        raise ForbiddenError("The request has no valid origin") from None
    return parts


def port_of(origin: SplitResult) -> int:
    """Return the port of a page, which most addresses leave out."""
    return origin.port or {"https": 443}.get(origin.scheme, 80)


def bare(name: str) -> str:
    """Return a name or an address as it is compared."""
    return name.lower().strip("[]").rstrip(".")
