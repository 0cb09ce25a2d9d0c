"""The panel in the frame of a real Home Assistant, in its own themes."""

import pytest
from playwright.async_api import Browser, Frame, Page, Route, expect

from tests.browser.themes import tokens, unreadable
from tests.home_assistant.core import Core
from tests.home_assistant.frontend import frontend
from tests.home_assistant.home import Home

pytestmark = pytest.mark.asyncio(loop_scope="session")

INGRESS = "/api/hassio_ingress/panel/"
"""Core without a Supervisor answers nothing there; the browser itself passes it on."""
FRAME = """(address) => {
  const frame = document.createElement("iframe");
  frame.src = address;
  frame.style = "position: fixed; inset: 0; width: 100%; height: 100%; border: 0";
  document.body.append(frame);
}"""
LOADED = """() => document.fonts.ready.then((fonts) => [...fonts]
  .filter((face) => face.family === "Roboto" && face.status === "loaded")
  .map((face) => face.weight).sort())"""
CHOOSE = """(theme) => document.querySelector("home-assistant")
  .dispatchEvent(new CustomEvent("settheme", {detail: theme}))"""


async def panel_inside(page: Page, core: Core, home: Home) -> Frame:
    """Open the panel in a frame of the frontend's own origin, as ingress does."""

    async def passed_on(route: Route) -> None:
        path = route.request.url.removeprefix(core.url + INGRESS)
        if path.startswith("live"):
            await route.abort()
        else:
            await route.fulfill(response=await route.fetch(url=f"{home.panel}/{path}"))

    await page.route(f"{core.url}{INGRESS}**", passed_on)
    await page.evaluate(FRAME, INGRESS)
    held = await page.wait_for_selector(f"iframe[src='{INGRESS}']")
    panel = await held.content_frame() if held else None
    assert panel
    await expect(panel.get_by_text("Front Door")).to_be_visible()
    return panel


async def test_the_panel_wears_the_theme_of_home_assistant_and_follows_it(
    core: Core, home: Home, browser: Browser
) -> None:
    await home.start()
    async with frontend(core, browser, "/config/dashboard") as page:
        await expect(page.get_by_text("Settings").first).to_be_visible()
        panel = await panel_inside(page, core, home)
        for dark, background in ((False, "rgb(250, 250, 250)"), (True, "rgb(17, 17, 17)")):
            await page.evaluate(CHOOSE, {"theme": "default", "dark": dark})
            await expect(panel.locator("body")).to_have_css("background-color", background)
            assert unreadable(await tokens(panel)) == []
        assert await panel.evaluate(LOADED) == ["400", "500", "700"]
