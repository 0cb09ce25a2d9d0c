"""Activity in a browser: what happens is seen while it happens, and the log does what it offers."""

import logging
import re

import pytest
from playwright.async_api import Locator, Page, expect

from tests.browser.axe import axe
from tests.browser.conftest import Browse
from tests.browser.house import House
from tests.browser.visitor import PHONE, WIDE
from utec_gateway.core.command import Command
from utec_gateway.core.command_origin import PANEL
from utec_gateway.core.models import Device, Operation
from utec_gateway.simulator.states import Change, jam
from utec_gateway.simulator.states import unlock as by_hand

pytestmark = pytest.mark.asyncio(loop_scope="session")

LOGGER = logging.getLogger("tests.activity")
HOSTILE = "<img src=x onerror=document.title='broken'>"

TOP = "element => element.getBoundingClientRect().top"


def timeline(page: Page) -> Locator:
    return page.locator("#timeline")


def lines(page: Page) -> Locator:
    return page.locator("#lines li")


async def unfold_the_calls(page: Page) -> None:
    await page.locator("summary", has_text="Calls to U-tec per hour").click()


async def turn(house: House, change: Change, lock: int = 0) -> Device:
    """Have somebody at the door move a lock, and wait until that is in the journal."""
    device = house.present.account.cache.devices[lock]
    before = len(house.present.journal.entries)
    house.cloud.devices[device.id].operate(change)
    house.clock.leap(60)
    await house.until(lambda: len(house.present.journal.entries) > before)
    return device


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
    await unfold_the_calls(page)
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
    await unfold_the_calls(page)
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
        assert "ERROR" in line.split()


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
    await unfold_the_calls(page)
    await expect(page.get_by_role("img", name="Calls to U-tec per hour")).to_be_visible()
    await page.get_by_text("Show as a table").click()
    await expect(page.get_by_role("table")).to_be_visible()
    await expect(lines(page).filter(has_text="It failed")).to_contain_text("the reason")
    await page.get_by_role("link", name="Warnings and errors").click()
    await expect(lines(page).last).to_contain_text("It failed")
    await expect(lines(page).last).to_be_in_viewport()


@pytest.mark.parametrize("javascript", [True, False])
async def test_one_device_is_shown_with_its_last_day_until_all_are_wanted(
    house: House, browse: Browse, javascript: bool
) -> None:
    door = await turn(house, by_hand)
    page = (await browse(house.ingress, "activity", javascript=javascript, width=PHONE)).page
    await page.get_by_label("Device", exact=True).select_option(door.name)
    await page.get_by_role("button", name="Show").click()
    await expect(page.get_by_role("img", name="Unlocked once")).to_be_visible()
    await expect(timeline(page)).to_contain_text(f"{door.name} was unlocked.")
    await expect(timeline(page)).not_to_contain_text("The gateway started.")
    await page.get_by_role("link", name="Gateway", exact=True).click()
    await expect(timeline(page)).to_contain_text("Nothing lately.")
    await page.get_by_label("Device", exact=True).select_option("All devices")
    await page.get_by_role("button", name="Show").click()
    await expect(timeline(page)).to_contain_text("The gateway started.")
    await expect(page.get_by_role("link", name="Gateway", exact=True)).to_have_attribute(
        "aria-current", "true"
    )


async def test_what_happens_at_the_door_shows_up_by_itself_where_it_is_wanted(
    house: House, visit: Browse
) -> None:
    page = (await visit("activity?kind=problems")).page
    door = await turn(house, by_hand)
    await turn(house, jam)
    told = timeline(page).locator("li", has_text=f"{door.name} is jammed.")
    await expect(told).to_have_count(1)
    await expect(told).to_contain_text("You were notified.")
    await expect(timeline(page)).not_to_contain_text(f"{door.name} was unlocked.")


async def test_the_keyboard_chooses_a_kind_and_a_device(house: House, visit: Browse) -> None:
    page = (await visit("activity")).page
    await page.get_by_role("link", name="Commands", exact=True).press("Enter")
    await expect(page).to_have_url(re.compile(r"activity\?kind=commands#happened$"))
    await page.wait_for_load_state()
    device = page.get_by_label("Device", exact=True)
    tag = house.present.account.cache.devices[0].tag
    await device.press("ArrowDown")
    await expect(device).to_have_value(tag)
    await device.press("Tab")
    await page.keyboard.press("Enter")
    await expect(page).to_have_url(re.compile(rf"activity\?kind=commands&device={tag}#happened$"))


@pytest.mark.usefixtures("axe_core")
@pytest.mark.parametrize(("theme", "width"), [("light", WIDE), ("dark", PHONE)])
async def test_axe_finds_nothing_grave_in_the_day_of_a_lock_and_the_calls(
    house: House, visit: Browse, theme: str, width: int
) -> None:
    tag = house.present.account.cache.devices[0].tag
    page = (await visit(f"activity?device={tag}", theme=theme, width=width)).page
    await unfold_the_calls(page)
    await expect(page.locator(".strip")).to_be_visible()
    assert await axe(page) == []


@pytest.mark.parametrize("width", [PHONE, WIDE])
async def test_the_columns_of_the_log_stand_below_each_other(visit: Browse, width: int) -> None:
    LOGGER.warning("A warning")
    LOGGER.info("An info")
    page = (await visit("activity", width=width)).page
    for column in ("time", "code"):
        places = page.locator(f"#lines li {column}")
        lefts = await places.evaluate_all(
            "all => all.map((one) => one.getBoundingClientRect().left)"
        )
        assert len(lefts) > 2
        assert len(set(lefts)) == 1, column
    overflow = await page.evaluate("document.documentElement.scrollWidth - innerWidth")
    assert overflow <= 0
