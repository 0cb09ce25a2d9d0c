"""A double of Home Assistant's ingress: browser, Core, Supervisor, panel; on real sockets.

It does what is known of ingress (home-assistant 4), but no WebSockets: the panel uses none.
"""

import secrets
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager

from aiohttp import ClientSession, ClientTimeout, DummyCookieJar, web

from tests.browser.ingress_core import FRAME, PREFIX, Core
from tests.browser.ingress_hop import LONGEST_LINE
from tests.browser.ingress_supervisor import SESSION_COOKIE, Doors, Supervisor
from tests.served import serving


class Ingress:
    """One add-on's way into the browser."""

    def __init__(self, doors: Doors, core: Core, url: str) -> None:
        self._doors = doors
        self._core = core
        self.url = url
        self.home = f"{url}{PREFIX}{doors.token}/"
        """The panel's first page, as the browser names it."""
        self.frame = url + FRAME
        """The page of Home Assistant that holds the panel."""

    def cookie(self) -> dict[str, str]:
        """Return the cookie of a new session."""
        return {SESSION_COOKIE: self._core.new_session()}

    def end_sessions(self) -> None:
        """Let every session run out, under open pages too."""
        self._doors.sessions.clear()


async def _listen(opened: AsyncExitStack, app: web.Application) -> str:
    longest = {"max_line_size": LONGEST_LINE, "max_field_size": LONGEST_LINE}
    return await opened.enter_async_context(serving(app, handler_cancellation=True, **longest))


@asynccontextmanager
async def ingress_to(panel: str) -> AsyncIterator[Ingress]:
    """Put an ingress in front of a panel's address, whether or not anything listens there."""
    doors = Doors(panel, secrets.token_urlsafe(32))
    async with AsyncExitStack() as opened:
        client = await opened.enter_async_context(
            ClientSession(cookie_jar=DummyCookieJar(), timeout=ClientTimeout(total=None))
        )
        supervisor = await _listen(opened, Supervisor(doors, client).application())
        core = Core(doors, supervisor, client)
        yield Ingress(doors, core, await _listen(opened, core.application()))
