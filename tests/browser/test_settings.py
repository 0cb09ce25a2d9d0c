"""The settings as a person turns them."""

import json

import pytest
from playwright.async_api import Locator, Page, expect

from tests.browser.conftest import Browse
from tests.browser.house import House
from tests.browser.visitor import PHONE
from utec_gateway.simulator.states import unlock

pytestmark = pytest.mark.asyncio(loop_scope="session")

SCROLLED = "() => document.scrollingElement.scrollTop"


async def unfold(page: Page, *sections: str) -> None:
    for name in sections:
        await page.locator(f"#{name} > summary").click()


async def save(page: Page) -> None:
    await page.get_by_role("button", name="Save", exact=True).click()


async def scrolled(page: Page) -> int:
    return int(await page.evaluate(SCROLLED))


async def top(element: Locator) -> float:
    """Return where on the screen an element is."""
    box = await element.bounding_box()
    assert box
    return box["y"]


@pytest.mark.parametrize("javascript", [True, False])
async def test_what_is_changed_is_saved_and_is_still_there_afterwards(
    house: House, visit: Browse, *, javascript: bool
) -> None:
    page = (await visit("settings", javascript=javascript)).page
    await unfold(page, "asking")
    await page.get_by_label("Polling interval (seconds)").fill("45")
    await save(page)
    await expect(page.get_by_text("Saved.", exact=True)).to_be_visible()
    field = page.get_by_label("Polling interval (seconds)")
    await expect(field).to_have_value("45")
    await expect(field).to_be_visible()
    await expect(field).to_have_accessible_name("Polling interval (seconds) Saved")
    await expect(page.locator("#asking > summary")).to_contain_text("Polled every 45 s")
    assert house.present.settings.options.poll_interval_seconds == 45
    assert json.loads((house.data_dir / "options.json").read_text())["poll_interval_seconds"] == 45


async def test_a_switch_can_be_turned_off_and_on_again(house: House, visit: Browse) -> None:
    page = (await visit("settings")).page
    for is_on in (False, True):
        await unfold(page, "renewing")
        await page.get_by_label("Refresh the sign-in automatically").set_checked(is_on)
        await save(page)
        await expect(page.get_by_text("Saved.", exact=True)).to_be_visible()
        assert house.present.settings.options.auto_refresh_enabled is is_on
        await page.goto(house.ingress.home + "settings")


async def test_one_saves_all_sections_at_once_and_stays_where_one_is(
    house: House, visit: Browse
) -> None:
    page = (await visit("settings", width=PHONE)).page
    await unfold(page, "telling", "asking", "renewing")
    await page.get_by_label("Notifications in Home Assistant").uncheck()
    retries = page.get_by_label("Retries")
    await retries.fill("7")
    assert await scrolled(page) > 0
    before = await top(retries)
    await retries.press("Enter")
    await expect(page.get_by_text("Saved.", exact=True)).to_be_visible()
    await expect(page.locator(".saved")).to_have_count(2)
    await expect(retries).to_be_focused()
    assert await top(retries) == pytest.approx(before, abs=1)  # what is said above takes a line
    assert await page.locator("details.setting[open]").count() == 3
    options = house.present.settings.options
    assert (options.max_retries, options.notify_home_assistant) == (7, False)


async def test_the_bar_is_there_while_something_is_not_saved(visit: Browse) -> None:
    page = (await visit("settings")).page
    bar, field = page.locator("#bar"), page.get_by_label("Retries")
    await expect(bar).to_be_hidden()
    await unfold(page, "asking")
    before = await field.input_value()
    await field.fill("9")
    await expect(page.get_by_text("You have unsaved changes.")).to_be_visible()
    await expect(bar).to_be_in_viewport(ratio=1)
    await field.fill(before)
    await expect(bar).to_be_hidden()
    await field.fill("9")
    await save(page)
    await expect(page.locator(".saved")).to_have_count(1)
    await field.fill("8")
    await expect(page.locator(".saved")).to_have_count(0)
    await expect(page.get_by_text("You have unsaved changes.")).to_be_visible()


async def test_without_javascript_the_bar_is_simply_there(visit: Browse) -> None:
    page = (await visit("settings", javascript=False)).page
    await expect(page.get_by_role("button", name="Save", exact=True)).to_be_in_viewport()


async def test_a_refused_field_is_gone_to_and_nothing_that_was_typed_is_lost(
    house: House, visit: Browse
) -> None:
    page = (await visit("settings")).page
    await unfold(page, "telling", "renewing")
    await page.get_by_label("Send email").check()
    await page.get_by_label("Password").last.fill("typed once")
    await page.get_by_label("Mail server").fill("mail.example.com")
    await page.get_by_label("Refresh before expiry (minutes)").fill("99")
    await unfold(page, "renewing")
    await save(page)
    await expect(page.get_by_text("Nothing was saved.")).to_be_visible()
    await expect(page.get_by_label("Sender")).to_be_focused()
    await expect(page.get_by_label("Refresh before expiry (minutes)")).to_be_visible()
    await page.get_by_label("Recipients").fill("me@example.com")
    await page.get_by_label("Sender").fill("home@example.com")
    await page.get_by_label("Refresh before expiry (minutes)").fill("9")
    await save(page)
    await expect(page.get_by_text("Saved.", exact=True)).to_be_visible()
    options = house.present.settings.options
    assert (options.email.smtp_host, options.email.password) == ("mail.example.com", "typed once")
    assert options.refresh_buffer_minutes == 9


async def test_a_test_keeps_what_is_not_saved_yet(visit: Browse) -> None:
    page = (await visit("settings")).page
    await unfold(page, "telling", "asking")
    await page.get_by_label("Retries").fill("9")
    await page.get_by_role("button", name="Send a test").click()
    await expect(page.get_by_text("Events in the log: Sent.")).to_be_visible()
    await expect(page.get_by_label("Retries")).to_have_value("9")
    await expect(page.get_by_text("You have unsaved changes.")).to_be_visible()


async def test_a_gateway_that_does_not_answer_takes_nothing_away(
    house: House, browse: Browse
) -> None:
    visitor = await browse(house.ingress, "settings")
    visitor.forgive("502", "live")
    page = visitor.page
    await unfold(page, "asking")
    await page.get_by_label("Retries").fill("9")
    await house.stop()
    await save(page)
    await expect(page.locator("#said")).to_contain_text("did not answer in time")
    await expect(page.get_by_label("Retries")).to_have_value("9")
    await house.start()
    await save(page)
    await expect(page.get_by_text("Saved.", exact=True)).to_be_visible()
    assert house.present.settings.options.max_retries == 9


@pytest.mark.parametrize("javascript", [True, False])
async def test_what_means_nothing_now_is_not_asked_for(visit: Browse, *, javascript: bool) -> None:
    page = (await visit("settings", javascript=javascript)).page
    await unfold(page, "telling", "mqtt")
    server, broker = page.get_by_label("Mail server"), page.get_by_label("Broker", exact=True)
    port, certificate = page.locator("#mqtt-port"), page.get_by_label("CA certificate")
    for hidden in (server, port, certificate):
        await expect(hidden).to_be_hidden()
    await page.get_by_label("Send email").check()
    await expect(server).to_be_visible()
    await broker.fill("broker.lan")
    await expect(port).to_be_visible()
    await page.get_by_text("More options …").click()
    await expect(certificate).to_be_hidden()
    await page.locator("#mqtt-encryption").select_option("TLS (port 8883)")
    await expect(certificate).to_be_visible()
    await page.get_by_label("Mode").select_option("Off")
    for hidden in (broker, port, certificate):
        await expect(hidden).to_be_hidden()


@pytest.mark.parametrize("javascript", [True, False])
async def test_one_reads_what_push_costs_before_its_address_is_asked_for(
    visit: Browse, *, javascript: bool
) -> None:
    page = (await visit("settings", javascript=javascript)).page
    await unfold(page, "asking")
    await expect(page.get_by_text("U-tec probably keeps one address per account")).to_be_visible()
    address = page.get_by_label("Address for pushes")
    await expect(address).to_be_hidden()
    await page.get_by_label("Push from U-tec").select_option("auto")
    await expect(address).to_be_visible()
    await address.fill("ftp://x")
    await page.get_by_label("Push from U-tec").select_option("disabled")
    await save(page)
    await expect(page.get_by_text("Enter a URL such as https://example.com")).to_be_visible()


async def test_a_push_shows_on_the_open_page(house: House, visit: Browse) -> None:
    page = (await visit("settings")).page
    await unfold(page, "asking")
    await page.get_by_label("Push from U-tec").select_option("auto")
    await page.get_by_label("Address for pushes").fill(house.api)
    await save(page)
    await expect(page.get_by_text("Registered with U-tec. Pushes go to 127.0.0.1.")).to_be_visible()
    await expect(page.get_by_text("No push has arrived")).to_be_visible()
    next(iter(house.cloud.devices.values())).operate(unlock)
    await expect(page.get_by_text("Last push: ")).to_be_visible()
    await expect(page.get_by_text("Pushes that were right: 1 of 1")).to_be_visible()
    await expect(page.get_by_text("No push has arrived")).to_have_count(0)


async def test_a_link_to_a_section_unfolds_it(visit: Browse) -> None:
    page = (await visit("settings#mqtt")).page
    await expect(page.get_by_label("Broker", exact=True)).to_be_visible()


async def test_the_key_is_shown_and_hidden(house: House, visit: Browse) -> None:
    page = (await visit("settings")).page
    await page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    key = page.get_by_text(house.present.store.state.api_key)
    await expect(key).to_have_count(0)
    await unfold(page, "key")
    await page.get_by_role("button", name="Show the key").click()
    await expect(key).to_be_visible()
    await page.wait_for_load_state("load")
    await page.locator("[data-copy=the-key]").click()
    await expect(page.locator("[data-copy=the-key]")).to_have_text("Copied")
    await page.get_by_role("link", name="Hide").click()
    await expect(key).to_have_count(0)


async def test_the_diagnostics_are_a_file(visit: Browse) -> None:
    page = (await visit("settings")).page
    await unfold(page, "about")
    await expect(page.get_by_text("Passwords, keys, tokens, and your client ID")).to_be_visible()
    async with page.expect_download() as download:
        await page.get_by_role("link", name="Download diagnostics").click()
    assert (await download.value).suggested_filename == "utec-gateway-diagnostics.json"
