"""Ports for servers that go away and come back."""

import secrets
import socket
from contextlib import suppress

HOST = "127.0.0.1"
NEVER_GIVEN_AWAY = range(20_000, 32_000)
"""Below the ports from which the system gives every client its own while a server is away."""


def free_port() -> int:
    """Return a port that nobody listens on, and that no client is given meanwhile."""
    while True:
        port = secrets.choice(NEVER_GIVEN_AWAY)
        with suppress(OSError), socket.create_server((HOST, port)):
            return port
