"""Somebody with a browser, and an ear for everything that goes wrong in it."""

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Literal

from playwright.async_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Page,
    Request,
    Response,
    WebError,
)

from tests.browser.ingress import Ingress

PHONE = 390
WIDE = 1280
HEIGHT = 844
DEADLINE_MS = 30_000
LOCAL = ("data:", "blob:", "about:")
BROKEN_OFF = "net::ERR_ABORTED"
"""What a request is told that the page itself gave up: an event stream, a download, a link."""

WEIGHT = """() => ["navigation", "resource"]
  .flatMap((kind) => performance.getEntriesByType(kind))
  .reduce((sum, part) => sum + part.decodedBodySize, 0)"""

UNASKED = "/favicon.ico"
"""What Chromium looks for by itself at any site; Playwright does not show that request."""


@dataclass(frozen=True)
class Manner:
    """How somebody looks at the panel."""

    theme: Literal["light", "dark"] = "light"
    width: int = WIDE
    javascript: bool = True
    locale: str = "en-GB"
    timezone: str | None = None
    """The machine's own where none is given: a heading *today* is of the server's day."""
    framed: bool = False
    """Inside Home Assistant's page, as everybody sees it, or the panel alone."""


class Visitor:
    """One person's window, and what went wrong in it."""

    def __init__(self, ingress: Ingress, context: BrowserContext, page: Page) -> None:
        self.page = page
        self.ingress = ingress
        self.troubles: list[str] = []
        self._welcome = [ingress.home, ingress.frame]
        self._forgiven: list[str] = []
        context.on("console", self._heard)
        context.on("weberror", self._raised)
        context.on("request", self._asked)
        context.on("requestfailed", self._failed)
        context.on("response", self._answered)

    def may_leave_for(self, *addresses: str) -> None:
        """Let this visitor's windows ask elsewhere too, such as U-tec's sign-in page."""
        self._welcome += addresses

    def forgive(self, *patterns: str) -> None:
        """Expect troubles that contain one of these patterns."""
        self._forgiven += patterns

    def unforgiven(self) -> list[str]:
        """Return the troubles that nobody expected."""
        return [
            trouble
            for trouble in self.troubles
            if not any(re.search(pattern, trouble) for pattern in self._forgiven)
        ]

    async def go(self, path: str = "") -> Response:
        """Open a page of the panel by its relative address, and wait until it is loaded."""
        response = await self.page.goto(self.ingress.home + path, wait_until="load")
        assert response is not None
        return response

    async def weight(self) -> int:
        """Return the bytes of the page that was opened last, unpacked, with all its parts."""
        return int(await self.page.evaluate(WEIGHT))

    def _heard(self, message: ConsoleMessage) -> None:
        source = message.location["url"]
        if message.type in {"error", "warning"} and not source.endswith(UNASKED):
            self.troubles.append(f"console: {message.text} ({source})")

    def _raised(self, error: WebError) -> None:
        self.troubles.append(f"script: {error.error}")

    def _asked(self, request: Request) -> None:
        if not request.url.startswith((*self._welcome, *LOCAL)):
            self.troubles.append(f"outside: {request.method} {request.url}")

    def _failed(self, request: Request) -> None:
        if request.failure != BROKEN_OFF:
            self.troubles.append(f"failed: {request.method} {request.url} {request.failure}")

    def _answered(self, response: Response) -> None:
        if response.status >= 400:
            self.troubles.append(f"answer: {response.status} to {response.url}")


@asynccontextmanager
async def visiting(browser: Browser, ingress: Ingress, manner: Manner) -> AsyncIterator[Visitor]:
    """Open a window of its own; fail at the end when anything in it went wrong unexpectedly."""
    context = await browser.new_context(
        color_scheme=manner.theme,
        java_script_enabled=manner.javascript,
        locale=manner.locale,
        reduced_motion="reduce",
        timezone_id=manner.timezone,
        viewport={"width": manner.width, "height": HEIGHT},
    )
    context.set_default_timeout(DEADLINE_MS)
    try:
        await context.add_cookies(
            [
                {"name": name, "value": value, "url": ingress.home, "sameSite": "Strict"}
                for name, value in ingress.cookie().items()
            ]
        )
        visitor = Visitor(ingress, context, await context.new_page())
        yield visitor
    finally:
        await context.close()
    troubles = visitor.unforgiven()
    assert not troubles, "\n".join(troubles)
