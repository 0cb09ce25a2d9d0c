"""Live pages: server-sent events, all that streams through ingress (home-assistant 4)."""

import asyncio
import json
from collections.abc import Mapping
from contextlib import suppress

import aiohttp_jinja2
from aiohttp import web

from utec_gateway.core.clock import Clock
from utec_gateway.web.access import refuse_other_sites
from utec_gateway.web.keys import CLOCK

from .page import Page, context_of

LOOK_EVERY = 0.5
"""Seconds; people see a change within one."""
BEAT_EVERY = 10
"""Looks without a change after which the page is told that we are still here."""
WRITE_WITHIN = 10.0
MOST_STREAMS = 30

LIVE_PAGES: web.AppKey[Mapping[str, Page]] = web.AppKey("live_pages")
ENDING = web.AppKey("ending", asyncio.Event)
STREAMS = web.AppKey("streams", asyncio.Semaphore)


def set_up_live_pages(app: web.Application, pages: tuple[Page, ...]) -> None:
    """Let those with live parts be followed; their streams end before the application does."""
    app[LIVE_PAGES] = {page.name: page for page in pages if page.live}
    app[ENDING] = asyncio.Event()
    app[STREAMS] = asyncio.Semaphore(MOST_STREAMS)
    app.on_shutdown.append(_end)
    app.router.add_get("/live", follow)


async def _end(app: web.Application) -> None:
    app[ENDING].set()


async def follow(request: web.Request) -> web.StreamResponse:
    """Send the page's live parts, then those that change, until the page goes away."""
    refuse_other_sites(request)  # streams are few
    page = request.app[LIVE_PAGES].get(request.query.get("page", ""))
    if page is None:
        raise web.HTTPNotFound
    streams = request.app[STREAMS]
    if streams.locked():
        raise web.HTTPServiceUnavailable
    response = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
    if request.method == "HEAD":
        return response
    async with streams:
        with suppress(ConnectionError, TimeoutError):  # whoever looked has gone
            await _stream(request, response, page)
    return response


async def _stream(request: web.Request, response: web.StreamResponse, page: Page) -> None:
    clock, ending = request.app[CLOCK], request.app[ENDING]
    await response.prepare(request)
    shown: dict[str, str] = {}
    quiet = BEAT_EVERY
    while not ending.is_set() and request.transport is not None:
        parts = await _parts(request, page)
        news = {name: html for name, html in parts.items() if shown.get(name) != html}
        quiet = 0 if news else quiet + 1
        if news or quiet >= BEAT_EVERY:
            quiet = 0
            async with clock.timeout(WRITE_WITHIN):
                await response.write(f"data: {json.dumps(news)}\n\n".encode())
        shown = parts
        await _pause(clock, ending)


async def _parts(request: web.Request, page: Page) -> dict[str, str]:
    context = await context_of(request, page)
    return {
        name: aiohttp_jinja2.render_string(page.template(name), request, context)
        for name in page.live
    }


async def _pause(clock: Clock, ending: asyncio.Event) -> None:
    """Wait until it is time to look again, or to end; in the time of people, however fast ours."""
    with suppress(TimeoutError):
        async with clock.timeout(LOOK_EVERY):
            await ending.wait()
