"""What stands before our API on the internet, as an owner's proxy does, and leads pushes to it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

from aiohttp import ClientSession, web

from tests.conftest import QUIET, Running, World
from tests.served import serving


@dataclass
class Front:
    """Posts on what is posted to it."""

    url: str = ""
    behind: str = ""

    async def lead(self, request: web.Request) -> web.Response:
        body = await request.read()
        async with (
            ClientSession() as session,
            session.post(self.behind + request.path, data=body) as answer,
        ):
            return web.Response(status=answer.status)


@asynccontextmanager
async def in_front() -> AsyncIterator[Front]:
    """Open one; `behind` says where it leads."""
    front = Front()
    app = web.Application()
    app.router.add_post("/{path:.*}", front.lead)
    async with serving(app) as url:
        front.url = url
        yield front


async def started(world: World, front: Front, **options: Any) -> Running:
    """Start a gateway that U-tec pushes to through the front; by itself it asks once an hour."""
    running = await world.start(push="auto", push_url=front.url, **{**QUIET, **options})
    front.behind = running.url
    await world.clock.advance(20)
    assert len(world.cloud.pushes.registrations) == 1
    return running
