"""A browser in front of Home Assistant's ingress in front of a gateway; all of it in real time.

Tests that use them run on the session's loop, the browser's:
`pytestmark = pytest.mark.asyncio(loop_scope="session")`.
"""

import asyncio
import shutil
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import Browser, async_playwright, expect

from tests.browser import axe
from tests.browser.house import House, new_house
from tests.browser.ingress import Ingress
from tests.browser.visitor import DEADLINE_MS, Manner, Visitor, visiting
from tests.programs import must_have

ARGUMENTS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--disable-dev-shm-usage",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
"""Headless, as root, in a container, and silent but for what the pages ask."""
STATES: dict[str, dict[str, Any]] = {
    "new": {"sign_in": False, "client_id": "", "client_secret": ""},
    "signed in": {"manage_codes": True},
    "signed out": {},
}
Browse = Callable[..., Awaitable[Visitor]]

expect.set_options(timeout=DEADLINE_MS)


def pytest_asyncio_loop_factories() -> Mapping[str, Callable[[], asyncio.AbstractEventLoop]]:
    return {"real": asyncio.SelectorEventLoop}


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def browser() -> AsyncIterator[Browser]:
    program = shutil.which("chromium")
    must_have(is_there=program is not None, what="chromium")
    async with async_playwright() as playwright:
        chromium = await playwright.chromium.launch(executable_path=program, args=ARGUMENTS)
        yield chromium
        await chromium.close()


@pytest.fixture(scope="session")
def axe_core() -> None:
    must_have(is_there=axe.SOURCE.is_file(), what="axe-core")


@pytest_asyncio.fixture(loop_scope="session")
async def empty_house(tmp_path: Path) -> AsyncIterator[House]:
    """A house whose gateway has not been started."""
    async with new_house(tmp_path) as built:
        yield built


@pytest_asyncio.fixture(loop_scope="session")
async def house(empty_house: House) -> House:
    """A house whose gateway is signed in and has seen its devices."""
    await empty_house.start()
    return empty_house


@pytest_asyncio.fixture(loop_scope="session", params=STATES)
async def any_house(empty_house: House, request: pytest.FixtureRequest) -> House:
    """A house in each of the states that its panel must find words for."""
    await empty_house.start(**STATES[request.param])
    if request.param == "signed out":
        await empty_house.lose_the_sign_in()
    return empty_house


@pytest_asyncio.fixture(loop_scope="session")
async def browse(browser: Browser) -> AsyncIterator[Browse]:
    """`await browse(ingress, "path", theme="dark", …)`: a new window, watched to the end."""
    async with AsyncExitStack() as windows:

        async def open_window(ingress: Ingress, path: str = "", **manner: Any) -> Visitor:
            how = Manner(**manner)
            visitor = await windows.enter_async_context(visiting(browser, ingress, how))
            if how.framed:
                await visitor.page.goto(ingress.frame)
            else:
                await visitor.go(path)
            return visitor

        yield open_window


@pytest.fixture
def visit(house: House, browse: Browse) -> Browse:
    """`await visit("path", width=PHONE, …)`: a new window on the signed-in gateway's panel."""

    def open_window(path: str = "", **manner: Any) -> Awaitable[Visitor]:
        return browse(house.ingress, path, **manner)

    return open_window
