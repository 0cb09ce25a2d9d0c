"""The panel where people see it: in a frame of Home Assistant."""

import pytest
from playwright.async_api import expect

from tests.browser.conftest import Browse
from tests.browser.house import House

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def test_the_panel_shows_in_the_frame(visit: Browse) -> None:
    page = (await visit(framed=True)).page
    panel = page.frame_locator("iframe")
    await expect(panel.get_by_role("heading", level=1)).to_be_visible()
    await expect(panel.get_by_text("Front Door")).to_be_visible()


async def test_home_assistant_can_tell_that_the_gateway_does_not_run(
    house: House, visit: Browse
) -> None:
    visitor = await visit()
    visitor.forgive("502")
    await house.stop()
    await visitor.page.reload()
    assert await visitor.page.locator("body").inner_text() == "502: Bad Gateway"
    await house.start()
    await visitor.page.reload()
    await expect(visitor.page.get_by_text("Front Door")).to_be_visible()


async def test_a_session_that_ends_lets_nothing_happen(house: House, browse: Browse) -> None:
    visitor = await browse(house.ingress, "sign-in")
    visitor.forgive("401")
    before = house.present.account.tokens.token
    house.ingress.end_sessions()
    await visitor.page.get_by_role("button", name="Refresh the sign-in now").click()
    said = visitor.page.get_by_text("your session has ended. Nothing was sent")
    await expect(said).to_be_visible()
    assert house.present.account.tokens.token == before
