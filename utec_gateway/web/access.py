"""Who may call what (http-contract section 2)."""

import hmac
import re
import socket
from collections import deque
from collections.abc import Callable
from enum import Enum
from ipaddress import IPv4Address, IPv6Address, ip_address

from aiohttp.web import Request

from utec_gateway.clock import Clock
from utec_gateway.errors import ForbiddenError, TooManyAttemptsError, UnauthorizedError
from utec_gateway.hookspecs import OptionsSource

Address = IPv4Address | IPv6Address

FAILURES_ALLOWED = 10
FAILURE_WINDOW = 60.0
PEERS_REMEMBERED = 1000
HOST = re.compile(r"(?P<name>\[[0-9a-fA-F:.]+\]|[A-Za-z0-9._-]+)(?::(?P<port>\d{1,5}))?")
LAST_PORT = 65535
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})


class Scope(Enum):
    """What a caller wants to do."""

    ANYBODY = "anybody"
    DEVICES = "devices"
    ADMINISTRATION = "administration"


class Access:
    """Owns the count of failed attempts; everything else is read from the request."""

    def __init__(self, api_key: Callable[[], str], settings: OptionsSource, clock: Clock) -> None:
        self._api_key = api_key
        self._settings = settings
        self._clock = clock
        self._failures: dict[Address, deque[float]] = {}
        self._own_names = frozenset({"localhost", socket.gethostname().lower()})

    def check(self, request: Request, scope: Scope) -> None:
        """Return when the caller may; raise UnauthorizedError or TooManyAttemptsError."""
        if self.allows(request, scope):
            return
        peer = peer_of(request)
        failures = self._failures.setdefault(peer, deque(maxlen=FAILURES_ALLOWED))
        now = self._clock.monotonic()
        if len(failures) == FAILURES_ALLOWED and now - failures[0] < FAILURE_WINDOW:
            raise TooManyAttemptsError("Too many wrong keys. Wait a minute, then try again")
        failures.append(now)
        while len(self._failures) > PEERS_REMEMBERED:
            del self._failures[next(iter(self._failures))]
        raise UnauthorizedError(
            "The gateway's key is needed: use the address http://host:8000/k/<key>, or send "
            "the key as a Bearer token. The handbook tells where the key is"
        )

    def allows(self, request: Request, scope: Scope) -> bool:
        """Tell whether the caller may, by key or by network."""
        if scope is Scope.ANYBODY:
            return True
        peer = peer_of(request)
        trusted = (
            any(peer in network for network in self._settings.options.trusted_networks)
            if scope is Scope.DEVICES
            else peer.is_loopback
        )
        return trusted or self._has_key(request)

    def _has_key(self, request: Request) -> bool:
        scheme, _, bearer = request.headers.get("Authorization", "").partition(" ")
        in_path = self._is_key(request.match_info.get("key", ""))
        in_header = self._is_key(bearer.strip() if scheme.lower() == "bearer" else "")
        return in_path or in_header

    def _is_key(self, shown: str) -> bool:
        expected = self._api_key()
        return bool(expected) and hmac.compare_digest(
            shown.encode("utf-8", "replace"), expected.encode()
        )

    def check_browser(self, request: Request) -> None:
        """Raise ForbiddenError when a foreign page drives the browser that calls.

        A `Host` that is not ours at loopback is another site's name pointed at this machine.
        """
        name = host_of(request)
        if peer_of(request).is_loopback and not self._is_ours(name):
            raise ForbiddenError("This name is not one of the gateway's. Call it localhost")
        origin = request.headers.get("Origin")
        if origin is None or request.method in SAFE_METHODS:
            return
        if origin.lower().partition("://")[2] != request.host.lower():
            raise ForbiddenError("Another site may not change anything here")

    def _is_ours(self, name: str) -> bool:
        try:
            return name.lower() in self._own_names or bool(ip_address(name.strip("[]")))
        except ValueError:
            return False


def host_of(request: Request) -> str:
    """Return the name or address that the caller used, without the port."""
    host = HOST.fullmatch(request.host)
    if host is None or int(host["port"] or 0) > LAST_PORT:
        raise ForbiddenError("The request does not say properly whom it is for")
    return host["name"]


def peer_of(request: Request) -> Address:
    """Return the address at the other end; an IPv4 address in IPv6 clothes is undressed."""
    try:
        peer = ip_address((request.remote or "").partition("%")[0])
    except ValueError:
        return IPv4Address("255.255.255.255")  # nobody we trust
    mapped = peer.ipv4_mapped if isinstance(peer, IPv6Address) else None
    return mapped or peer
