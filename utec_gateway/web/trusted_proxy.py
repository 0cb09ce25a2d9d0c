"""What a reverse proxy says of a request; believed of the owner's own proxy only.

A request that came through it is handed on as the browser sent it: with the browser's address,
the host and the scheme that it used, and the path that the proxy has cut off.
"""

import re
from collections.abc import Iterable

from aiohttp import web
from multidict import CIMultiDict

from utec_gateway.options.networks import Network

from .peer_address import NOBODY, Address, address_of

PREFIX = re.compile(r"(?:/(?!\.{1,2}(?:/|$))[A-Za-z0-9._~-]{1,100}){1,10}")
SCHEMES = frozenset({"http", "https"})
SAID_BY_PROXY = frozenset({"forwarded", "x-real-ip"})
"""Headers that say no more than X-Forwarded-For; it is this one that is read."""
IS_PROXIED = web.RequestKey("is_proxied", bool)
PATH_PREFIX = web.RequestKey("path_prefix", str)


def as_sent(request: web.Request, proxies: Iterable[Network]) -> web.Request:
    """Return a request as the browser sent it; the same one when no trusted proxy passed it on."""
    if not _is_one_of(address_of(request.remote), proxies):
        return request
    return _as_proxy_says(request, proxies)


def is_proxied(request: web.BaseRequest) -> bool:
    """Tell whether a trusted proxy passed the request on."""
    return IS_PROXIED in request


def path_prefix(request: web.BaseRequest) -> str:
    """Return the path below which the browser sees the gateway; empty at the top of its host."""
    prefix: str = request.get(PATH_PREFIX, "")
    return prefix


def _as_proxy_says(request: web.Request, proxies: Iterable[Network]) -> web.Request:
    said = request.headers
    headers = CIMultiDict(
        (name, _as_text(value)) for name, value in said.items() if not _is_said_by_proxy(name)
    )
    if host := said.get("X-Forwarded-Host", ""):
        headers["Host"] = _as_text(host)
    scheme = said.get("X-Forwarded-Proto", "").lower()
    sent = request.clone(
        headers=headers,
        remote=str(_client(said.getall("X-Forwarded-For", []), proxies)),
        scheme=scheme if scheme in SCHEMES else request.scheme,
    )
    prefix = said.get("X-Forwarded-Prefix", "").rstrip("/")
    sent[IS_PROXIED] = True
    sent[PATH_PREFIX] = prefix if PREFIX.fullmatch(prefix) else ""
    return sent


def _as_text(value: str) -> str:
    """Return a header without the bytes that are no UTF-8: a request that has any has no clone."""
    return value.encode("utf-8", "replace").decode()


def _client(forwarded_for: Iterable[str], proxies: Iterable[Network]) -> Address:
    """Return the last address that is no proxy of ours: what stands before it anybody can write.

    NOBODY when the proxy names none; its own address would open what it protects.
    """
    hops = [hop.strip() for line in forwarded_for for hop in line.split(",")]
    addresses = (address_of(hop.strip("[]")) for hop in reversed(hops))
    return next((one for one in addresses if not _is_one_of(one, proxies)), NOBODY)


def _is_one_of(peer: Address, networks: Iterable[Network]) -> bool:
    return any(peer in network for network in networks)


def _is_said_by_proxy(name: str) -> bool:
    return name.lower() in SAID_BY_PROXY or name.lower().startswith("x-forwarded-")
