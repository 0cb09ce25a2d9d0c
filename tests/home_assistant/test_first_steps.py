"""What a newcomer does with a running broker: from nothing to a lock in Home Assistant."""

import pytest
from playwright.async_api import Browser, Page, expect

from tests.broker import Broker
from tests.home_assistant.core import Core
from tests.home_assistant.frontend import frontend
from tests.home_assistant.home import Home

pytestmark = pytest.mark.asyncio(loop_scope="session")

SLOWLY = 30_000.0
"""Milliseconds: pages of Home Assistant take their time on a busy machine."""


async def sign_in_on_the_panel(page: Page, home: Home) -> None:
    """Give what U-tec gives, sign in there, and paste the address that leads nowhere."""
    await page.get_by_role("link", name="Set up").last.click()
    await page.get_by_label("Client ID").fill(home.cloud.client_id)
    await page.get_by_label("Client secret").fill(home.cloud.client_secret)
    await page.get_by_role("button", name="Save").click()
    await expect(page.get_by_text("Saved.", exact=True)).to_be_visible()
    async with (
        page.context.expect_event("requestfailed", _leads_nowhere) as lost,
        page.expect_popup() as popup,
    ):
        await page.get_by_role("button", name="Open U-tec's sign-in page").click()
        await (await popup.value).get_by_role("button", name="Allow").click()
    pasted = page.get_by_label("The address that your browser shows")
    await pasted.fill((await lost.value).url)
    await page.get_by_role("button", name="Sign in").click()
    await expect(page.get_by_text("Signed in to U-tec.")).to_be_visible()


def _leads_nowhere(request: object) -> bool:
    return str(getattr(request, "url", "")).startswith("http://localhost:9501")


async def test_from_an_empty_data_folder_to_a_lock_that_home_assistant_operates(
    home: Home,
    core: Core,
    mqtt: Broker,
    browser: Browser,
) -> None:
    home.options = {
        "client_id": "",
        "client_secret": "",
        "redirect_uri": "http://localhost:9501",
        "mqtt": {"host": mqtt.host, "port": mqtt.port},
    }
    home.cloud.behaviour.oauth.redirect_uris = ("http://localhost:9501",)
    await home.start(sign_in=False)
    context = await browser.new_context(locale="en")
    page = await context.new_page()
    await page.goto(home.panel)
    await sign_in_on_the_panel(page, home)
    await expect(page.locator("#step-home")).to_contain_text("locks appear in Home Assistant")
    await context.close()
    await core.until("lock.front_door", "locked")
    device = (await core.devices())["Front Door"]["id"]
    home.clock.leap(5)
    async with frontend(core, browser, f"/config/devices/device/{device}") as shown:
        await shown.get_by_role("button", name="Unlock").first.click(timeout=SLOWLY)
        await core.until("lock.front_door", "unlocked")
        await expect(shown.get_by_role("button", name="Lock").first).to_be_visible()
    await home.stop()
    for name in ("Front Door", "U-tec Gateway"):
        await core.remove_device(name)
