"""An application on a port of its own."""

import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from aiohttp import web

from tests.ports import free_port


@asynccontextmanager
async def serving(app: web.Application, **how: Any) -> AsyncIterator[str]:
    """Answer as long as the block lasts; hand out the address."""
    runner = web.AppRunner(app, access_log=None, **{"shutdown_timeout": 0.1, **how})
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()


class Served:
    """One that can go away and come back on the same port."""

    def __init__(self, app: web.Application) -> None:
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        self._listener: socket.socket | None = None
        self.port = free_port()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    async def open(self) -> None:
        """Answer."""
        if self._runner.server is None:
            await self._runner.setup()
        self._site = web.SockSite(self._runner, socket.create_server(("127.0.0.1", self.port)))
        await self._site.start()

    async def shut(self) -> None:
        """Refuse connections; those that are open stay open."""
        await self._site.stop()

    async def close(self) -> None:
        await self._runner.cleanup()
