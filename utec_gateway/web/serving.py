"""Applications on listeners, for as long as a context lasts."""

import asyncio
import resource
import socket
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import cast

from aiohttp import web

from utec_gateway.core.clock import Clock
from utec_gateway.core.tasks import TaskSet

from .connections import Connections, Limits, accept
from .peer_address import Address

SHUTDOWN_GRACE = 0.5
"""Seconds that pending requests get when the gateway stops."""
PATIENCE = 30.0
"""Seconds that a connection may wait for its next whole request: an idle one, and one whose
headers never end."""


@asynccontextmanager
async def serving(
    listeners: Mapping[socket.socket, web.Application],
    clock: Clock,
    ingress_peer: Address | None = None,
    limits: Limits | None = None,
    patience: float = PATIENCE,
) -> AsyncIterator[None]:
    """Answer on every listener with its application; stop them all at once."""
    open_files = resource.getrlimit(resource.RLIMIT_NOFILE)[0]
    connections = Connections(limits or Limits.within(open_files), ingress_peer)
    runners = {
        listener: web.AppRunner(app, shutdown_timeout=SHUTDOWN_GRACE)
        for listener, app in listeners.items()
    }
    doors = TaskSet()
    try:
        for listener, runner in runners.items():
            await runner.setup()
            door = accept(
                listener,
                cast("web.Server", runner.server),
                connections,
                clock,
                access_log=None,
                keepalive_timeout=patience,
            )
            doors.create_task(door, "the door")
        yield
    finally:
        await doors.close()
        for listener in listeners:
            listener.close()
        await asyncio.gather(*(runner.cleanup() for runner in runners.values()))
