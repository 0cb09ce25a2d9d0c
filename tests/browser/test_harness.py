"""What the tests in a browser look for, they find: proven on pages that have it."""

import asyncio
import re
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from aiohttp import web
from playwright.async_api import Browser, expect

from tests.browser.axe import axe
from tests.browser.conftest import Browse
from tests.browser.ingress import Ingress, ingress_to
from tests.browser.keyboard import unreachable
from tests.browser.looks import jumps, spills
from tests.browser.visitor import PHONE, Manner, Visitor, visiting
from tests.served import serving

pytestmark = pytest.mark.asyncio(loop_scope="session")

STRICT = (
    "default-src 'none'; connect-src 'self'; img-src 'self'; script-src 'self'; "
    "style-src 'unsafe-inline'"
)
PAGES = {
    "good": "<p>All is well.</p><a href='.'>Home</a>",
    "inline": "<script>document.title = 'taken over'</script>",
    "broken": "<script src='broken.js'></script>",
    "absent": "<img src='absent.png' alt=''>",
    "outside": "<img src='/static/icon.png' alt=''>",
    "pale": "<p style='color: #aaa; background: #fff'>Hard to read</p><input>",
    "live": "<p role='status'>Not yet</p><script src='live.js'></script>",
    "wide": "<pre>" + "wide " * 100 + "</pre>",
    "jumping": "<h2>First</h2><script src='jump.js'></script><p style='height: 20rem'>Second</p>",
    "invisible": (
        "<style>a { outline: 0 }</style><a href='.'>Where?</a>"
        "<button onfocus='this.blur()'>Never</button><button tabindex='-1'>On purpose</button>"
        "<details><summary>More</summary><button>Folded away</button></details>"
        "<input type='radio' name='r' aria-label='1'><input type='radio' name='r' aria-label='2'>"
    ),
}
SCRIPTS = {
    "broken.js": "throw new Error('out of order')",
    "live.js": """new EventSource("events").onmessage = (event) =>
        document.querySelector("[role=status]").textContent = event.data""",
    "jump.js": """const jump = () => document.querySelector("h2").style.marginBottom = "400px";
        addEventListener("load", () =>
            requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(jump, 100))))""",
}


async def _page(request: web.Request) -> web.Response:
    name = request.match_info["name"]
    if name in SCRIPTS:
        return web.Response(text=SCRIPTS[name], content_type="text/javascript")
    if name not in PAGES:
        raise web.HTTPNotFound
    page = f"<!doctype html><html lang=en><meta charset=utf-8><title>{name}</title><h1>Page</h1>"
    headers = {"Content-Security-Policy": STRICT}
    return web.Response(text=page + PAGES[name], content_type="text/html", headers=headers)


async def _events(request: web.Request) -> web.StreamResponse:
    """Tell one thing, then stay on the line."""
    response = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
    await response.prepare(request)
    await response.write(b"data: Told at once\n\n")
    await asyncio.Event().wait()
    return response


@pytest_asyncio.fixture(loop_scope="session")
async def panel() -> AsyncIterator[Ingress]:
    app = web.Application()
    app.router.add_get("/events", _events)
    app.router.add_get("/{name}", _page)
    async with serving(app) as url, ingress_to(url) as ingress:
        yield ingress


async def notices(visitor: Visitor, pattern: str) -> None:
    """Wait until the visitor has noticed that; whatever else it noticed is forgiven."""
    visitor.forgive("")
    async with asyncio.timeout(10):
        while not re.search(pattern, "\n".join(visitor.troubles)):
            await visitor.page.wait_for_timeout(10)


@pytest.mark.parametrize(
    ("name", "noticed"),
    [
        ("inline", "console: .*Content Security Policy"),
        ("broken", "script: .*out of order"),
        ("absent", "answer: 404 to .*absent.png"),
        ("outside", "outside: GET .*/static/icon.png"),
    ],
)
async def test_a_visitor_notices(browse: Browse, panel: Ingress, name: str, noticed: str) -> None:
    await notices(await browse(panel, name), noticed)


async def test_a_visitor_has_nothing_to_say_of_a_good_page(browse: Browse, panel: Ingress) -> None:
    visitor = await browse(panel, "good")
    assert visitor.troubles == []
    assert await visitor.weight() < 200
    assert await unreachable(visitor.page) == []


async def test_an_open_page_is_told_things_while_they_happen(
    browse: Browse, panel: Ingress
) -> None:
    visitor = await browse(panel, "live")
    await expect(visitor.page.get_by_role("status")).to_have_text("Told at once")
    await visitor.go("good")  # the stream that breaks off is no trouble


async def test_a_trouble_fails_the_test_when_the_window_closes(
    browser: Browser, panel: Ingress
) -> None:
    with pytest.raises(AssertionError, match="404"):
        async with visiting(browser, panel, Manner()) as visitor:
            await visitor.go("absent")


async def test_a_trouble_that_was_expected_fails_nothing(browser: Browser, panel: Ingress) -> None:
    async with visiting(browser, panel, Manner()) as visitor:
        await visitor.go("absent")
        visitor.forgive("404")


@pytest.mark.usefixtures("axe_core")
async def test_axe_speaks_through_the_strictest_policy(browse: Browse, panel: Ingress) -> None:
    assert await axe((await browse(panel, "good")).page) == []
    found = await axe((await browse(panel, "pale")).page)
    assert sorted(finding.partition(":")[0] for finding in found) == ["color-contrast", "label"]


async def test_a_page_that_spills_over_is_found(browse: Browse, panel: Ingress) -> None:
    assert await spills((await browse(panel, "wide", width=PHONE)).page) > 100
    assert await spills((await browse(panel, "good", width=PHONE)).page) == 0


async def test_a_page_that_jumps_is_found(browse: Browse, panel: Ingress) -> None:
    assert await jumps((await browse(panel, "jumping")).page) > 0.02
    assert await jumps((await browse(panel, "good")).page) == 0


async def test_the_keyboard_finds_what_it_cannot_reach_or_see(
    browse: Browse, panel: Ingress
) -> None:
    visitor = await browse(panel, "invisible")
    visitor.forgive("Content Security Policy")
    await visitor.page.evaluate(
        "document.querySelector('button').addEventListener('focus', (e) => e.target.blur())"
    )
    missed = await unreachable(visitor.page)
    assert [sentence.partition(" <")[0] for sentence in missed] == [
        "Tab does not reach",
        "nobody sees that this has the focus:",
    ]
    assert "Never" in missed[0]
    assert "Where?" in missed[1]
