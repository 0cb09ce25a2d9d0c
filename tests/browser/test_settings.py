"""The settings as a person turns them."""

import json

import pytest
from playwright.async_api import expect

from tests.browser.conftest import Browse
from tests.browser.house import House

pytestmark = pytest.mark.asyncio(loop_scope="session")


@pytest.mark.parametrize("javascript", [True, False])
async def test_what_is_changed_is_saved_and_is_still_there_afterwards(
    house: House, visit: Browse, *, javascript: bool
) -> None:
    page = (await visit("settings", javascript=javascript)).page
    await page.get_by_label("Polling interval (seconds)").fill("45")
    await page.get_by_role("button", name="Save: Locks").click()
    await expect(page.get_by_text("Saved.", exact=True)).to_be_visible()
    await expect(page.get_by_label("Polling interval (seconds)")).to_have_value("45")
    assert house.present.settings.options.poll_interval_seconds == 45
    assert json.loads((house.data_dir / "options.json").read_text())["poll_interval_seconds"] == 45


async def test_a_switch_can_be_turned_off_and_on_again(house: House, visit: Browse) -> None:
    page = (await visit("settings")).page
    switch = page.get_by_label("Refresh the sign-in automatically")
    for is_on in (False, True):
        await switch.set_checked(is_on)
        await page.get_by_role("button", name="Save: Sign-in").click()
        await expect(page.get_by_text("Saved.", exact=True)).to_be_visible()
        assert house.present.settings.options.auto_refresh_enabled is is_on
        await page.goto(house.ingress.home + "settings")


async def test_the_key_is_shown_and_hidden(house: House, visit: Browse) -> None:
    page = (await visit("settings")).page
    key = page.get_by_text(house.present.store.state.api_key)
    await expect(key).to_have_count(0)
    await page.get_by_role("button", name="Show the key").click()
    await expect(key).to_be_visible()
    await page.get_by_role("link", name="Hide").click()
    await expect(key).to_have_count(0)


async def test_the_diagnostics_are_a_file(visit: Browse) -> None:
    page = (await visit("settings")).page
    async with page.expect_download() as download:
        await page.get_by_role("link", name="Download diagnostics").click()
    assert (await download.value).suggested_filename == "utec-gateway-diagnostics.json"
