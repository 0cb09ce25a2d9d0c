"""Connections: how many at once, for whom there is room, and none without an end."""

import asyncio
import json
import logging
import socket
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

from aiohttp import web

from utec_gateway.core.clock import Clock

from .peer_address import Address, address_of, household_of

_LOGGER = logging.getLogger(__name__)

MOST = 512
MOST_OF_ONE_PEER = 64
FEWEST = 16
OWN_FILES = 64
"""Descriptors for log, state, plugins and the calls to U-tec."""
WRITE_DEADLINE = 30.0
"""Seconds that a client may leave an answer unread."""
ACCEPT_AGAIN_AFTER = 1.0


SERVER_ERROR = 500


def _last_answer(status: str, code: str, detail: str) -> bytes:
    """Return an answer as it goes over the wire, after which the connection ends."""
    body = json.dumps({"detail": detail, "code": code})
    head = (
        f"HTTP/1.1 {status}",
        "Content-Type: application/json; charset=utf-8",
        f"Content-Length: {len(body)}",
        "Cache-Control: no-store",
        "Connection: close",
    )
    return "\r\n".join((*head, "", body)).encode()


BROKEN_REQUEST = _last_answer("400 Bad Request", "bad_request", "This is no proper HTTP request.")
OWN_MISTAKE = _last_answer("500 Internal Server Error", "internal_error", "The gateway failed.")


@dataclass(frozen=True)
class Limits:
    """How many connections there may be at once."""

    total: int
    reserve: int
    """How many of them nobody gets but this machine and the Supervisor."""
    of_one_peer: int

    @classmethod
    def within(cls, open_files: int) -> "Limits":
        """Return what fits into the process's limit of open files."""
        total = max(FEWEST, min(MOST, open_files - OWN_FILES))
        reserve = total // 4
        return cls(total, reserve, min(MOST_OF_ONE_PEER, (total - reserve) // 2))


class Connections:
    """Owns the count of what is open on all listeners together."""

    def __init__(self, limits: Limits, ingress_peer: Address | None) -> None:
        self._limits = limits
        self._ingress_peer = ingress_peer
        self._of_peer: Counter[str] = Counter()
        self._total = 0
        self._favoured = 0

    def enter(self, peer: Address) -> bool:
        """Make room for a connection, if there may be one more."""
        if not self._has_room_for(peer):
            return False
        self._total += 1
        self._favoured += self._is_favoured(peer)
        self._of_peer[household_of(peer)] += 1
        return True

    def leave(self, peer: Address) -> None:
        """Give back the room of a connection that has ended."""
        self._total -= 1
        self._favoured -= self._is_favoured(peer)
        household = household_of(peer)
        self._of_peer[household] -= 1
        if not self._of_peer[household]:
            del self._of_peer[household]

    def _has_room_for(self, peer: Address) -> bool:
        if self._total >= self._limits.total:
            return False
        if self._is_favoured(peer):
            return True
        others = self._total - self._favoured
        is_reserved = others >= self._limits.total - self._limits.reserve
        return not is_reserved and self._of_peer[household_of(peer)] < self._limits.of_one_peer

    def _is_favoured(self, peer: Address) -> bool:
        return peer.is_loopback or peer == self._ingress_peer


class Connection(web.RequestHandler):
    """A client's connection: its end is told, and an answer that nobody reads is dropped."""

    __slots__ = ("_on_end", "_unread")

    def __init__(self, server: web.Server, on_end: Callable[[], None], **settings: Any) -> None:
        super().__init__(server, loop=asyncio.get_running_loop(), **settings)
        self._on_end = on_end
        self._unread: asyncio.TimerHandle | None = None

    def connection_lost(self, exc: BaseException | None) -> None:
        """Clean up, and tell."""
        self._stop_waiting()
        super().connection_lost(exc)
        self._on_end()

    def pause_writing(self) -> None:
        """Wait for a client that does not read, but not for ever."""
        super().pause_writing()
        loop = asyncio.get_running_loop()
        self._unread = loop.call_later(WRITE_DEADLINE, self._drop)

    def resume_writing(self) -> None:
        """Go on."""
        self._stop_waiting()
        super().resume_writing()

    def handle_error(
        self,
        request: web.BaseRequest,
        status: int = 500,
        exc: BaseException | None = None,
        message: str | None = None,  # noqa: ARG002 - aiohttp's signature
    ) -> web.StreamResponse:
        """Answer what is no HTTP; aiohttp's own answer would name itself and its version.

        It comes back with the ConnectionError that tells it to end the connection. A UnicodeError
        is of aiohttp's answer to an `Expect`, which repeats the client's bytes.
        """
        is_answered = isinstance(exc, ConnectionError) or request.writer.output_size
        is_broken = status < SERVER_ERROR or isinstance(exc, UnicodeError)
        if self.transport and not is_answered:
            self.transport.write(BROKEN_REQUEST if is_broken else OWN_MISTAKE)
        raise ConnectionError("The connection ends with this answer")

    def _drop(self) -> None:
        if self.transport:
            self.transport.abort()

    def _stop_waiting(self) -> None:
        if self._unread:
            self._unread.cancel()
            self._unread = None


async def accept(
    listener: socket.socket,
    server: web.Server,
    connections: Connections,
    clock: Clock,
    **settings: Any,
) -> None:
    """Let clients in for as long as there is room; turn away the rest at once.

    Asyncio's own server takes whoever comes until the process is out of descriptors, and writes
    a traceback for each that it cannot take.
    """
    loop = asyncio.get_running_loop()
    listener.setblocking(False)  # noqa: FBT003 - the socket's own signature
    while True:
        try:
            client, address = await loop.sock_accept(listener)
        except OSError as error:
            _LOGGER.warning("A connection cannot be taken: %s", error.strerror or error)
            await clock.sleep(ACCEPT_AGAIN_AFTER)
            continue
        peer = address_of(address[0])
        if not connections.enter(peer):
            client.close()
            _LOGGER.warning("Too many connections at once; new ones from %s are closed", peer)
            await clock.sleep(0)  # those who are connected come first
            continue
        new = partial(Connection, server, partial(connections.leave, peer), **settings)
        try:
            await loop.connect_accepted_socket(new, client)
        except OSError:
            client.close()
            connections.leave(peer)
