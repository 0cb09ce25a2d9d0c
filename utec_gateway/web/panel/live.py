"""Live pages: server-sent events, all that streams through ingress (home-assistant 4)."""

import asyncio
import json
from collections.abc import Mapping
from contextlib import suppress

import aiohttp_jinja2
from aiohttp import web

from utec_gateway.core.clock import Clock
from utec_gateway.web.access import refuse_other_sites
from utec_gateway.web.app_keys import ACCESS, CLOCK, CODES, POLLER

from .page import Page, context_of

RENDER_EVERY = 0.5
"""Seconds; people see a change within one, and what a Query said at once."""
HEARTBEAT_EVERY = 10
"""Renderings without a change after which an empty event says that the stream is alive."""
WRITE_WITHIN = 10.0
MOST_STREAMS = 30

HEADERS = {"Content-Type": "text/event-stream", "X-Accel-Buffering": "no"}
"""The second one is for nginx, which would keep events until there are enough of them."""


class Alarm:
    """Ends the pause of every stream at once."""

    def __init__(self) -> None:
        self.next = asyncio.Event()
        """Set when the alarm rings the next time."""

    def ring(self) -> None:
        """Wake everybody who waits; who does not wait yet has to ask for `next` before."""
        self.next.set()
        self.next = asyncio.Event()


ALARM = web.AppKey("alarm", Alarm)
LIVE_PAGES: web.AppKey[Mapping[str, Page]] = web.AppKey("live_pages")
STOPPING = web.AppKey("stopping", asyncio.Event)
STREAMS = web.AppKey("streams", asyncio.Semaphore)


def set_up_live_pages(app: web.Application, pages: tuple[Page, ...]) -> None:
    """Serve a stream for the pages with live parts; the streams end before the application."""
    app[LIVE_PAGES] = {page.name: page for page in pages if page.live}
    app[STOPPING] = asyncio.Event()
    app[ALARM] = Alarm()
    app[STREAMS] = asyncio.Semaphore(MOST_STREAMS)
    app.on_startup.append(_listen)
    app.on_shutdown.append(_stop)
    app.router.add_get("/live", follow)


async def _listen(app: web.Application) -> None:
    app[POLLER].changed.subscribe(lambda _devices: app[ALARM].ring())
    app[CODES].changed.subscribe(lambda _codes: app[ALARM].ring())


async def _stop(app: web.Application) -> None:
    app[STOPPING].set()
    app[ALARM].ring()


async def follow(request: web.Request) -> web.StreamResponse:
    """Send the page's live parts, then those that change, until the page is closed."""
    refuse_other_sites(request)  # streams are few
    page = request.app[LIVE_PAGES].get(request.query.get("page", ""))
    if page is None:
        raise web.HTTPNotFound
    streams = request.app[STREAMS]
    if streams.locked():
        raise web.HTTPServiceUnavailable
    response = web.StreamResponse(headers=HEADERS)
    if request.method == "HEAD":
        return response
    async with streams:
        # while somebody watches, U-tec is polled quickly; the errors mean that the page is closed
        with request.app[POLLER].pace.watched(), suppress(ConnectionError, TimeoutError):
            await _stream(request, response, page)
    return response


async def _stream(request: web.Request, response: web.StreamResponse, page: Page) -> None:
    clock, stopping = request.app[CLOCK], request.app[STOPPING]
    await response.prepare(request)
    shown: dict[str, str] = {}
    quiet = HEARTBEAT_EVERY
    admits = request.app[ACCESS].is_admitted
    while not stopping.is_set() and request.transport is not None and admits(request):
        alarm = request.app[ALARM].next
        parts = await _parts(request, page)
        news = {name: html for name, html in parts.items() if shown.get(name) != html}
        quiet = 0 if news else quiet + 1
        if news or quiet >= HEARTBEAT_EVERY:
            quiet = 0
            async with clock.timeout(WRITE_WITHIN):
                await response.write(f"data: {json.dumps(news)}\n\n".encode())
        shown = parts
        await _pause(clock, alarm)


async def _parts(request: web.Request, page: Page) -> dict[str, str]:
    context = await context_of(request, page)
    return {
        name: aiohttp_jinja2.render_string(page.template(name), request, context)
        for name in page.live
    }


async def _pause(clock: Clock, alarm: asyncio.Event) -> None:
    """Wait until the next rendering is due, or has to be made at once."""
    with suppress(TimeoutError):
        async with clock.timeout(RENDER_EVERY):
            await alarm.wait()
