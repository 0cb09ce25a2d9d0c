"""The panel in Home Assistant's theme, whatever that is, and elsewhere in the system's own."""

from itertools import product
from pathlib import Path

import pytest
from aiohttp import web
from playwright.async_api import Browser, Frame, Page, Route, expect

import utec_gateway.web.panel.app
from tests.browser.axe import axe
from tests.browser.conftest import Browse
from tests.browser.house import House
from tests.browser.links import follow_the_links
from tests.browser.looks import jumps, spills
from tests.browser.themes import DARK, LIGHT, THEMES, UGLY, as_colors, tokens, unreadable, wear
from tests.browser.visitor import PHONE, WIDE, Visitor
from tests.served import serving

pytestmark = pytest.mark.asyncio(loop_scope="session")

STATIC = Path(utec_gateway.web.panel.app.__file__).parent / "static"
SYSTEM_LIGHT = "rgb(244, 245, 247)"
SYSTEM_DARK = "rgb(17, 19, 23)"
COLORS = ("black", "white", "#777", "#888", "#b00", "yellow", "#0000ff", "#fff8", "transparent")
FACE = "@font-face { font-family: Homely; font-weight: 500; src: local('Nothing') }"
PALETTES = """(themes) => themes.map(([page, card, rest]) => {
  const value = (name) => ({page, card, accent: page})[name] ?? rest;
  return palette(Object.fromEntries(Object.keys(SOURCES).map((name) =>
    [name, colorOf(value(name))])));
})"""
PAINTED = """() => {
  const theme = performance.getEntriesByName(new URL("static/theme.js", location.href).href)[0];
  const paint = performance.getEntriesByName("first-paint")[0];
  return paint && [theme.responseEnd, paint.startTime];
}"""
FRAMING = "<!doctype html><html style='--card-background-color: red'><iframe src='{}'></iframe>"
FRAMED = (
    "<!doctype html><meta name='color-scheme' content='light dark'><title>Panel</title>"
    "<script src='theme.js'></script><link rel='stylesheet' href='panel.css'><p>Here</p>"
)


def panel_in(page: Page) -> Frame:
    return page.frames[1]


async def background_is(panel: Frame | Page, color: str) -> None:
    await expect(panel.locator("body")).to_have_css("background-color", color)


async def open_in(visitor: Visitor, path: str = "") -> Frame:
    """Open a page of the panel in its frame, where the theme is already."""
    panel = panel_in(visitor.page)
    await panel.goto(visitor.ingress.home + path)
    return panel


@pytest.mark.usefixtures("axe_core")
@pytest.mark.parametrize("theme", THEMES)
async def test_every_page_can_be_read_in_every_theme(
    house: House, visit: Browse, theme: str
) -> None:
    visitor = await visit(framed=True, width=PHONE)
    await wear(visitor.page, THEMES[theme])
    for page in (await follow_the_links(house.ingress)).pages:
        panel = await open_in(visitor, page.path)
        assert unreadable(await tokens(panel)) == [], page.path
        assert await axe(panel) == [], page.path
        assert await jumps(panel) < 0.02, page.path
        assert await spills(panel) == 0, page.path


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_the_panels_own_colors_can_be_read(visit: Browse, scheme: str) -> None:
    assert unreadable(await tokens((await visit(theme=scheme)).page)) == []


async def test_any_colors_of_a_theme_are_moved_until_they_can_be_read(visit: Browse) -> None:
    panel = panel_in((await visit(framed=True)).page)
    themes = list(product(COLORS, repeat=3))
    palettes = await panel.evaluate(PALETTES, themes)
    for theme, colors in zip(themes, palettes, strict=True):
        assert unreadable(as_colors(colors)) == [], theme


@pytest.mark.parametrize(
    "notation",
    ["#f0c", "#ff00cc", "#ff00ccff", "rgb(255, 0, 204)", "rgb(100% 0% 80%)", "hsl(312 100% 50%)"],
)
async def test_a_color_may_be_written_in_every_way(visit: Browse, notation: str) -> None:
    panel = panel_in((await visit(framed=True)).page)
    assert await panel.evaluate("(value) => colorOf(value)", notation) == pytest.approx(
        [1, 0, 0.8, 1], abs=0.002
    )


@pytest.mark.parametrize(
    "nothing", ["", " ", "none", "12px", "url(x.png)", "linear-gradient(red, blue)", "red; x: y"]
)
async def test_what_is_no_color_counts_as_not_given(visit: Browse, nothing: str) -> None:
    panel = panel_in((await visit(framed=True)).page)
    assert await panel.evaluate("(value) => colorOf(value) ?? null", nothing) is None


async def test_a_theme_is_worn_with_its_font_and_its_corners(visit: Browse) -> None:
    visitor = await visit(framed=True)
    await wear(visitor.page, UGLY)
    panel = await open_in(visitor)
    body = panel.locator("body")
    await expect(body).to_have_css("font-family", '"Comic Neue", cursive')
    card = panel.locator(".card").first
    await expect(card).to_have_css("border-radius", "0px")
    await expect(panel.locator("html")).to_have_css("color-scheme", "dark")


async def test_the_fonts_of_home_assistant_are_borrowed(visit: Browse) -> None:
    visitor = await visit(framed=True)
    await visitor.page.add_style_tag(content=FACE)
    panel = await open_in(visitor)
    faces = "() => [...document.fonts].map((face) => [face.family, face.weight, face.display])"
    assert await panel.evaluate(faces) == [["Homely", "500", "optional"]]


async def test_a_page_keeps_its_colors_where_text_can_be_read_on_it(visit: Browse) -> None:
    visitor = await visit(framed=True, theme="light")
    await wear(visitor.page, DARK)
    panel = await open_in(visitor)
    await background_is(panel, "rgb(17, 17, 17)")
    await expect(panel.locator(".card").first).to_have_css("background-color", "rgb(28, 28, 28)")
    await expect(panel.locator("body")).to_have_css("color", "rgb(225, 225, 225)")


async def test_a_change_of_the_theme_is_followed_at_once(visit: Browse) -> None:
    page = (await visit(framed=True, theme="dark")).page
    panel = panel_in(page)
    await background_is(panel, SYSTEM_DARK)
    await wear(page, LIGHT)
    await background_is(panel, "rgb(250, 250, 250)")
    await expect(panel.locator("html")).to_have_css("color-scheme", "light")
    await wear(page, DARK)
    await background_is(panel, "rgb(17, 17, 17)")
    await wear(page, "")
    await background_is(panel, SYSTEM_DARK)


async def test_a_page_follows_no_theme_while_it_is_left(visit: Browse) -> None:
    page = (await visit(framed=True)).page
    await wear(page, LIGHT)
    panel = panel_in(page)
    await background_is(panel, "rgb(250, 250, 250)")
    await panel.evaluate("() => dispatchEvent(new Event('pagehide'))")
    await wear(page, DARK)
    await background_is(panel, "rgb(250, 250, 250)")
    await panel.evaluate("() => dispatchEvent(new Event('pageshow'))")
    await background_is(panel, "rgb(17, 17, 17)")
    await wear(page, LIGHT)
    await background_is(panel, "rgb(250, 250, 250)")


@pytest.mark.parametrize(("scheme", "color"), [("light", SYSTEM_LIGHT), ("dark", SYSTEM_DARK)])
@pytest.mark.parametrize("framed", [True, False])
async def test_where_no_theme_is_the_system_decides(
    visit: Browse, scheme: str, color: str, framed: bool
) -> None:
    page = (await visit(framed=framed, theme=scheme)).page
    await background_is(panel_in(page) if framed else page, color)


async def test_without_javascript_the_system_decides(visit: Browse) -> None:
    visitor = await visit(framed=True, theme="dark", javascript=False)
    await background_is(panel_in(visitor.page), SYSTEM_DARK)


async def test_another_sites_theme_is_not_read(browser: Browser) -> None:
    async def framed(_request: web.Request) -> web.Response:
        return web.Response(text=FRAMED, content_type="text/html")

    panel, stranger = web.Application(), web.Application()
    panel.router.add_get("/", framed)
    panel.router.add_static("/", STATIC)
    async with serving(panel) as url:

        async def framing(_request: web.Request) -> web.Response:
            return web.Response(text=FRAMING.format(url), content_type="text/html")

        stranger.router.add_get("/", framing)
        async with serving(stranger) as outside:
            context = await browser.new_context(color_scheme="dark")
            page = await context.new_page()
            troubles: list[str] = []
            page.on("pageerror", lambda error: troubles.append(str(error)))
            await page.goto(outside)
            await background_is(panel_in(page), SYSTEM_DARK)
            await context.close()
    assert troubles == []


@pytest.mark.parametrize("path", ["", "settings"])
async def test_nothing_is_painted_before_the_theme_is_there(
    house: House, visit: Browse, path: str
) -> None:
    async def late(route: Route) -> None:
        await house.clock.sleep(0.3)  # everything else arrives
        await visitor.page.screenshot()  # what may be painted is
        await route.continue_()

    visitor = await visit(framed=True, theme="light", width=WIDE)
    await wear(visitor.page, DARK)
    await visitor.page.route("**/theme.js", late)
    panel = await open_in(visitor, path)
    painted = await panel.wait_for_function(PAINTED)
    theme, paint = await painted.json_value()
    assert theme < paint
    await background_is(panel, "rgb(17, 17, 17)")
