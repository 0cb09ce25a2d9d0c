"""Activity in a browser: what happens is seen while it happens, and the log does what it offers."""

import logging
import re

import pytest
from playwright.async_api import Locator, Page, expect

from tests.browser.conftest import Browse
from tests.browser.house import House
from tests.browser.visitor import PHONE
from utec_gateway.core.command import Command
from utec_gateway.core.command_origin import PANEL
from utec_gateway.core.models import Operation

pytestmark = pytest.mark.asyncio(loop_scope="session")

LOGGER = logging.getLogger("tests.activity")
HOSTILE = "<img src=x onerror=document.title='broken'>"

TOP = "element => element.getBoundingClientRect().top"


def timeline(page: Page) -> Locator:
    return page.locator("#timeline")


def lines(page: Page) -> Locator:
    return page.locator("#lines li")


def unlock(house: House, lock: int = 0) -> str:
    """Send an unlock on its way; return the lock's name."""
    device = house.present.account.cache.devices[lock]
    house.present.account.commands.start(device.id, Command(Operation.UNLOCK), PANEL)
    return device.name


async def test_a_command_shows_up_by_itself_with_its_time(house: House, visit: Browse) -> None:
    page = (await visit("activity")).page
    name = unlock(house)
    entry = timeline(page).locator("li").first
    await expect(entry).to_contain_text(
        re.compile(rf"{name} was unlocked, confirmed within \d+ s\."), timeout=30_000
    )
    assert re.fullmatch(r"\d\d:\d\d", await entry.locator("time").inner_text())
    await expect(timeline(page).get_by_role("heading").first).to_have_text("today")


async def test_a_poll_that_fails_and_recovers_is_seen_by_itself(
    house: House, visit: Browse
) -> None:
    page = (await visit("activity")).page
    said = page.locator("#calls-said")
    await expect(said).to_contain_text(", failed 0,")
    house.cloud.faults.fail("/action")
    house.clock.leap(60)
    await expect(said).not_to_contain_text(", failed 0,")
    await expect(page.locator('.chart rect[fill="url(#hatched)"]').first).to_be_visible()
    await expect(lines(page).filter(has_text="No news of the locks")).not_to_have_count(0)
    house.cloud.faults.clear()
    house.clock.leap(600)
    await expect(lines(page).last).to_contain_text("U-tec answers again")


async def test_the_figures_of_the_chart_stay_open_while_they_change(
    house: House, visit: Browse
) -> None:
    page = (await visit("activity")).page
    await page.get_by_text("Show as a table").click()
    figure = page.locator("#calls tbody td").first
    before = await figure.inner_text()
    house.clock.leap(60)
    await expect(figure).not_to_have_text(before)
    await expect(figure).to_be_visible()


async def test_the_log_keeps_its_end_in_view_until_somebody_scrolls(visit: Browse) -> None:
    for number in range(120):
        LOGGER.info("Line number %d", number)
    page = (await visit("activity")).page
    box = page.locator("#lines")
    LOGGER.warning("The newest line")
    newest = page.get_by_text("The newest line")
    await expect(newest).to_be_attached()
    assert await box.evaluate("element => element.scrollTop") == 0
    read = page.get_by_text("Line number 90", exact=True)
    await read.scroll_into_view_if_needed()
    await read.select_text()
    before = await read.evaluate(TOP)
    LOGGER.warning("One more line")
    await expect(page.get_by_text("One more line")).to_be_attached()
    assert await page.evaluate("() => String(getSelection())") == "Line number 90"
    assert await read.evaluate(TOP) == pytest.approx(before, abs=2)


async def test_the_log_is_filtered_and_stays_so_while_it_grows(visit: Browse) -> None:
    LOGGER.warning("A warning before")
    page = (await visit("activity")).page
    await page.get_by_role("link", name="Errors only").click()
    await expect(page.get_by_role("link", name="Errors only")).to_have_attribute(
        "aria-current", "true"
    )
    await expect(page.get_by_text("A warning before")).to_have_count(0)
    LOGGER.info("An info after")
    LOGGER.error("An error after")
    await expect(lines(page).last).to_contain_text("An error after")
    for line in await lines(page).all_inner_texts():
        assert " ERROR " in line


@pytest.mark.parametrize("javascript", [True, False])
async def test_a_search_finds_what_ingress_would_refuse_in_an_address(
    house: House, browse: Browse, javascript: bool
) -> None:
    LOGGER.info("There is %s ../../etc and nothing else", HOSTILE)
    page = (await browse(house.ingress, "activity", javascript=javascript)).page
    await page.get_by_role("searchbox", name="Search the log").fill(f"{HOSTILE} ../../")
    await page.get_by_role("button", name="Search").click()
    await expect(lines(page)).to_have_count(1)
    await expect(lines(page)).to_contain_text(HOSTILE)
    field = page.get_by_role("searchbox", name="Search the log")
    await expect(field).to_have_value(f"{HOSTILE} ../../")
    await page.get_by_role("link", name="Clear search").click()
    await expect(lines(page)).not_to_have_count(1)


@pytest.mark.parametrize("javascript", [True, False])
async def test_the_log_is_downloaded_and_then_cleared(
    house: House, browse: Browse, javascript: bool
) -> None:
    LOGGER.info("Gärten 🔒")
    page = (await browse(house.ingress, "activity", javascript=javascript, width=PHONE)).page
    async with page.expect_download() as started:
        await page.get_by_role("link", name="Download the log").click()
    download = await started.value
    await download.save_as(house.data_dir / "downloaded.txt")
    assert "Gärten 🔒" in (house.data_dir / "downloaded.txt").read_text("utf-8")
    await page.get_by_role("link", name="Clear the log").click()
    await page.get_by_role("button", name="Clear").click()
    await expect(page.get_by_text("The log was cleared.")).to_be_visible()
    await expect(page.get_by_text("Gärten 🔒")).to_have_count(0)


async def test_the_name_of_a_lock_is_text_wherever_it_stands(
    empty_house: House, browse: Browse
) -> None:
    next(iter(empty_house.cloud.devices.values())).name = HOSTILE
    await empty_house.start()
    page = (await browse(empty_house.ingress, "activity")).page
    unlock(empty_house)
    told = timeline(page).get_by_text(f"{HOSTILE} was unlocked")
    await expect(told).to_be_visible(timeout=30_000)
    await expect(lines(page).filter(has_text=f"{HOSTILE}: unlock confirmed")).to_have_count(1)
    assert await page.locator("img").count() == 0
    assert await page.title() == "Activity · U-tec Gateway"


async def test_without_a_script_everything_is_there(house: House, browse: Browse) -> None:
    await house.until(lambda: any(not one.is_new for one in house.present.tracker.open))
    LOGGER.error("It failed", exc_info=ValueError("the reason"))
    page = (await browse(house.ingress, "activity", javascript=False)).page
    await expect(timeline(page)).to_contain_text("Signed in to U-tec.")
    await expect(page.get_by_role("img", name="Calls to U-tec per hour")).to_be_visible()
    await page.get_by_text("Show as a table").click()
    await expect(page.get_by_role("table")).to_be_visible()
    await expect(lines(page).filter(has_text="It failed")).to_contain_text("the reason")
    await page.get_by_role("link", name="Warnings and errors").click()
    await expect(lines(page).last).to_contain_text("It failed")
    await expect(lines(page).last).to_be_in_viewport()
