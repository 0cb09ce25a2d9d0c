"""Applications on listeners, for as long as a context lasts."""

import asyncio
import socket
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager

from aiohttp import web

SHUTDOWN_GRACE = 1.0
"""Seconds that requests in flight get when the gateway stops."""
KEEP_ALIVE = 75.0
"""Seconds that an idle client keeps its connection."""


@asynccontextmanager
async def serving(listeners: Mapping[socket.socket, web.Application]) -> AsyncIterator[None]:
    """Answer on every listener with its application; stop them all at once."""
    runners = {
        listener: web.AppRunner(
            app,
            access_log=None,
            keepalive_timeout=KEEP_ALIVE,
            shutdown_timeout=SHUTDOWN_GRACE,
        )
        for listener, app in listeners.items()
    }
    try:
        for listener, runner in runners.items():
            await runner.setup()
            await web.SockSite(runner, listener).start()
        yield
    finally:
        await asyncio.gather(*(runner.cleanup() for runner in runners.values()))
