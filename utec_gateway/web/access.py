"""Who may call what (http-contract 2)."""

import hmac
import socket
from collections.abc import Callable, Iterator, Mapping
from enum import Enum
from ipaddress import ip_address
from urllib.parse import urlsplit

from aiohttp.web import Request

from utec_gateway.core.clock import Clock
from utec_gateway.core.errors import (
    ForbiddenError,
    TooManyAttemptsError,
    UnauthorizedError,
)
from utec_gateway.home_assistant.identity import Identity
from utec_gateway.options.networks import SUPERVISOR_NETWORKS
from utec_gateway.plugin_api.hookspecs import OptionsSource
from utec_gateway.storage.state_store import StateStore

from .host_names import bare, host_of, names_of, origin_of, port_of
from .key_limiter import KeyLimiter
from .peer_address import Address, address_of, is_forwarded
from .session_cookie import shown_cookies
from .sessions import LoginNeededError, Session, Sessions
from .trusted_proxy import is_proxied

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
OTHER_SITES = frozenset({"cross-site", "same-site"})
"""What a browser says of a page that is not ours; "same-site" is another port or subdomain."""
TOO_MANY = "Too many wrong keys. Wait a minute, then try again"
KEY_NEEDED = (
    "The gateway's key is needed: use the address http://host:8000/k/<key>, or send "
    "the key as a Bearer token. The handbook tells where the key is"
)


class Scope(Enum):
    """What a caller wants to do."""

    ANYBODY = "anybody"
    DEVICES = "devices"
    ADMINISTRATION = "administration"
    PANEL = "panel"


class Access:
    """Decides about each request: by its key, or by where it comes from and whom it is for."""

    def __init__(
        self,
        store: StateStore,
        settings: OptionsSource,
        identity: Identity,
        sessions: Sessions,
        ingress_peer: Address | None,
        clock: Clock,
        on_wrong_key: Callable[[str], None],
        environment: Mapping[str, str],
    ) -> None:
        self._store = store
        self._sessions = sessions
        self._everybody_logs_in = environment.get("UTEC_PANEL_LOGIN") == "always"
        """Whether loopback is no proof of sitting at this machine: a container's published port."""
        self._settings = settings
        self._identity = identity
        self._ingress_peer = ingress_peer
        """Where the Supervisor calls from; None where there is none."""
        self._limiter = KeyLimiter(clock, on_wrong_key)
        self._own_names = frozenset(names_of(socket.gethostname()))

    def check(self, request: Request, scope: Scope) -> None:
        """Return when the caller may; raise what is to be said when not."""
        if scope is Scope.ANYBODY or self._has_key(request):
            return
        if self._is_trusted(request, scope):
            self._check_host(request)
            return
        if any(_shown_keys(request)):
            self._check_limit(request)
        if is_forwarded(request):
            raise UnauthorizedError(f"{KEY_NEEDED}. A proxy's own address opens nothing")
        raise UnauthorizedError(KEY_NEEDED)

    def allows(self, request: Request, scope: Scope) -> bool:
        """Tell whether the caller may."""
        try:
            self.check(request, scope)
        except (ForbiddenError, TooManyAttemptsError, UnauthorizedError):
            return False
        return True

    def check_key(self, request: Request) -> None:
        """Count a wrong key wherever it is shown; raise TooManyAttemptsError after too many.

        Whoever needs no key is not turned away for an old one.
        """
        if self.is_ingress(request) or not any(_shown_keys(request)) or self._has_key(request):
            return
        self._limiter.count(peer_of(request))
        if not self._is_trusted(request, Scope.DEVICES):
            self._check_limit(request)

    def check_browser(self, request: Request) -> None:
        """Raise ForbiddenError when the page of another site makes a browser change something.

        Ports are not compared here, since a proxy in front of us may drop or change them; whoever
        comes without the key meets `_check_host`, and the panel's forms carry a token.
        """
        host_of(request)
        if request.method in SAFE_METHODS:
            return
        origin = origin_of(request)
        is_foreign = origin is not None and bare(origin.hostname or "") != bare(host_of(request))
        if is_foreign or request.headers.get("Sec-Fetch-Site") in OTHER_SITES:
            raise ForbiddenError("Requests from other sites cannot change anything here")

    def check_panel(self, request: Request) -> None:
        """Admit ingress, this machine itself, and who is logged in.

        Ingress shows the name under which the browser knows Home Assistant, which may be any.
        """
        if self.is_ingress(request):
            return
        if self._is_trusted(request, Scope.PANEL):
            self._check_host(request)
        elif not self.has_login:
            raise ForbiddenError("The panel is available only through Home Assistant")
        elif self.session_of(request) is None:
            raise LoginNeededError("Log in to the gateway first")

    def is_admitted(self, request: Request) -> bool:
        """Tell whether the panel is open to a visitor as it is."""
        try:
            self.check_panel(request)
        except (ForbiddenError, UnauthorizedError):
            return False
        return True

    def session_of(self, request: Request) -> Session | None:
        """Return the session of the browser, which has none behind ingress."""
        return next(filter(None, map(self._sessions.find, shown_cookies(request))), None)

    def count_failed_login(self, request: Request) -> None:
        """Count it as a wrong key; raise TooManyAttemptsError after too many."""
        self._limiter.count(peer_of(request))
        self._check_limit(request)

    def is_key(self, shown: str) -> bool:
        """Tell whether that is the gateway's key."""
        expected = self._store.state.api_key.encode()
        is_equal = hmac.compare_digest(shown.encode("utf-8", "replace"), expected)
        return bool(expected) and is_equal

    def is_ingress(self, request: Request) -> bool:
        """Tell whether Home Assistant's Supervisor passes the request on."""
        return peer_of(request) == self._ingress_peer and not is_proxied(request)

    @property
    def has_login(self) -> bool:
        """Tell whether the panel is to be had without ingress, on the API's port."""
        return self._ingress_peer is None or self._settings.options.panel_on_api_port

    def is_local(self, request: Request) -> bool:
        """Tell whether a program on this machine calls, for itself and by a name of ours."""
        return self._is_trusted(request, Scope.ADMINISTRATION) and self._is_ours(host_of(request))

    def _check_limit(self, request: Request) -> None:
        if self._limiter.is_closed(peer_of(request)):
            raise TooManyAttemptsError(TOO_MANY)

    def _is_trusted(self, request: Request, scope: Scope) -> bool:
        """Tell whether the peer's address opens that scope; behind a proxy it says nothing."""
        peer = peer_of(request)
        if is_forwarded(request) or (scope is Scope.PANEL and self._everybody_logs_in):
            return False
        if scope is not Scope.DEVICES:
            return peer.is_loopback and not is_proxied(request)
        without = frozenset() if self._ingress_peer else SUPERVISOR_NETWORKS
        networks = self._settings.options.trusted_networks
        return any(peer in network for network in networks if network not in without)

    def _has_key(self, request: Request) -> bool:
        return any(map(self.is_key, _shown_keys(request)))

    def _check_host(self, request: Request) -> None:
        """Raise ForbiddenError unless the request is for us and from no other origin.

        A foreign name is a web page's own, pointed at this address to borrow its visitor's trust.
        """
        name = host_of(request)
        if not self._is_ours(name):
            raise ForbiddenError(
                f'"{name}" is not known as a name of the gateway. Call it by its address, or add '
                'the name to the option "allowed_hosts"'
            )
        origin, host = origin_of(request), urlsplit(f"//{request.headers.get('Host', '')}")
        is_change = request.method not in SAFE_METHODS
        if is_change and origin and host.port and port_of(origin) != host.port:
            raise ForbiddenError("Requests from other sites cannot change anything here")

    def _is_ours(self, name: str) -> bool:
        known = bare(name)
        try:
            return bool(ip_address(known))
        except ValueError:
            others = self._identity.host_names, self._settings.options.allowed_hosts
            return known in self._own_names or any(known in names for names in others)


def peer_of(request: Request) -> Address:
    """Return the address at the other end."""
    return address_of(request.remote)


def _shown_keys(request: Request) -> Iterator[str]:
    """Yield what is shown as a key: in a header, or in a path whether or not it leads anywhere.

    The header of a push holds its secret, which is none of our keys (utec-cloud 6.2).
    """
    scheme, _, bearer = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() == "bearer" and bearer.strip() and "secret" not in request.match_info:
        yield bearer.strip()
    if in_route := request.match_info.get("key"):
        yield in_route
        return
    steps = [step for step in request.path.split("/") if step]
    if len(steps) > 1 and steps[0] == "k":
        yield steps[1]


def refuse_other_sites(request: Request) -> None:
    """Raise ForbiddenError when another page makes the browser ask; for a GET with an effect."""
    if request.headers.get("Sec-Fetch-Site", "").lower() in OTHER_SITES:
        raise ForbiddenError("Another site led your browser here. Nothing was done")
