"""The first page under the eyes of a person: live, honest, and asking before a door is unlocked."""

import pytest
from playwright.async_api import Page, Route, expect

from tests.browser.conftest import Browse
from tests.browser.house import House
from tests.browser.visitor import PHONE
from utec_gateway.simulator.states import unlock

pytestmark = pytest.mark.asyncio(loop_scope="session")

FRONT, GARDEN = 0, 1
PATIENCE_MS = 20_000
"""A bolt takes its time, and so does the question after it."""


def card(page: Page, place: int = FRONT) -> Page:
    return page.locator(".cards > li").nth(place)  # type: ignore[return-value]


def bolt(house: House, place: int = FRONT) -> str:
    return str(list(house.cloud.devices.values())[place].states.lock_state)


async def test_unlocking_asks_first_and_tells_the_end(house: House, visit: Browse) -> None:
    page = (await visit(width=PHONE)).page
    await card(page).get_by_role("link", name="Unlock Front Door").click()
    await expect(page.get_by_role("heading", name="Unlock Front Door?")).to_be_visible()
    await page.get_by_role("button", name="Cancel").click()
    await expect(page.get_by_role("heading", name="Unlock Front Door?")).to_be_hidden()
    assert bolt(house) == "Locked"
    await card(page).get_by_role("link", name="Unlock Front Door").click()
    await page.get_by_role("dialog").get_by_role("button", name="Unlock").click()
    await expect(card(page).get_by_text("Unlocking")).to_be_visible()
    end = card(page).get_by_text("confirmed after")
    await expect(end).to_be_visible(timeout=PATIENCE_MS)
    assert bolt(house) == "Unlocked"


async def test_unlocking_with_the_keyboard_alone(house: House, visit: Browse) -> None:
    page = (await visit()).page
    await card(page).get_by_role("link", name="Unlock Front Door").focus()
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("dialog")).to_be_visible()
    await page.keyboard.press("Escape")
    await expect(page.get_by_role("dialog")).to_be_hidden()
    await page.keyboard.press("Enter")
    await page.get_by_role("dialog").get_by_role("button", name="Unlock").focus()
    await page.keyboard.press("Enter")
    await house.until(lambda: bolt(house) == "Unlocked")


async def test_unlocking_without_a_script_asks_on_a_page(house: House, visit: Browse) -> None:
    page = (await visit(javascript=False)).page
    await card(page).get_by_role("link", name="Unlock Front Door").click()
    await expect(page.get_by_role("heading", name="Unlock Front Door?")).to_be_visible()
    await page.get_by_role("button", name="Unlock").click()
    await house.until(lambda: bolt(house) == "Unlocked")


async def test_a_change_of_a_lock_is_seen_without_loading(house: House, visit: Browse) -> None:
    page = (await visit()).page
    await expect(card(page, GARDEN).locator(".state")).to_have_text("Locked")
    list(house.cloud.devices.values())[GARDEN].operate(unlock)
    await house.present.account.poller.poll()
    await expect(card(page, GARDEN).locator(".state")).to_have_text("Unlocked")


async def test_a_silent_cloud_and_its_return_are_seen_without_loading(
    house: House, visit: Browse
) -> None:
    page = (await visit()).page
    house.cloud.faults.fail("/action")
    house.clock.leap(200)
    await expect(page.get_by_role("heading", level=1)).to_have_text("No news of your locks")
    await expect(page.locator("#headline")).to_contain_text("U-tec failed with HTTP 500.")
    await expect(card(page).locator(".state")).to_have_text("Unknown")
    house.cloud.faults.clear()
    house.clock.leap(900)
    await expect(page.get_by_role("heading", level=1)).to_have_text(
        "The battery of Garden Door is low"
    )
    await expect(card(page).locator(".state")).to_have_text("Locked")


async def test_a_restart_under_an_open_page_is_seen_and_overcome(
    house: House, visit: Browse
) -> None:
    list(house.cloud.devices.values())[FRONT].operate(unlock)
    await house.present.account.poller.poll()
    visitor = await visit()
    visitor.forgive("502", "ERR_", "answer: 50")
    await house.stop()
    await expect(visitor.page.get_by_text("No live updates.")).to_be_visible()
    await visitor.page.get_by_role("button", name="Lock Front Door").click()
    await expect(visitor.page.get_by_text("Nothing was sent")).to_be_visible()
    await house.start()
    await expect(visitor.page.get_by_text("No live updates.")).to_be_hidden()
    await visitor.page.get_by_role("button", name="Lock Front Door").click()
    end = card(visitor.page).get_by_text("confirmed after")
    await expect(end).to_be_visible(timeout=PATIENCE_MS)


async def test_a_command_whose_answer_is_lost_is_not_sent_twice(
    house: House, visit: Browse
) -> None:
    list(house.cloud.devices.values())[FRONT].operate(unlock)
    await house.present.account.poller.poll()
    visitor = await visit()
    visitor.forgive("ERR_FAILED")

    async def deliver_and_lose_the_answer(route: Route) -> None:
        await route.fetch(max_redirects=0)
        await route.abort()

    await visitor.page.route("**/move*", deliver_and_lose_the_answer)
    await visitor.page.get_by_role("button", name="Lock Front Door").click()
    end = card(visitor.page).get_by_text("confirmed after")
    await expect(end).to_be_visible(timeout=PATIENCE_MS)
    assert len(house.cloud.calls.commands) == 1


async def test_a_hostile_name_stays_a_name(house: House, visit: Browse) -> None:
    hostile = '<img src=x onerror="document.title=1">{lock}'
    next(iter(house.cloud.devices.values())).name = hostile
    await house.present.account.poller.discover()
    page = (await visit()).page
    await expect(card(page).get_by_role("heading")).to_have_text(hostile)
    await card(page).get_by_role("link").click()
    await expect(page.get_by_role("heading", name=f"Unlock {hostile}?")).to_be_visible()
    assert await page.locator("main img").count() == 0


LOCALIZED = """async (tag) => {
  const {localize} = await import("./static/times.js");
  const box = document.createElement("div");
  box.innerHTML = tag;
  localize(box);
  return box.textContent;
}"""


@pytest.mark.parametrize(
    ("timezone", "shown"), [("Europe/Berlin", "13:00"), ("America/New_York", "07:00")]
)
async def test_moments_are_in_the_zone_of_whoever_looks(
    visit: Browse, timezone: str, shown: str
) -> None:
    page = (await visit(timezone=timezone)).page
    tag = '<time datetime="2026-01-05T12:00:00Z"></time>'
    assert shown in await page.evaluate(LOCALIZED, tag)


@pytest.mark.parametrize(
    ("timezone", "shown"), [("Europe/London", "23:30"), ("Europe/Berlin", "6 Jan, 00:30")]
)
async def test_a_moment_below_its_day_has_a_date_where_the_reader_has_another_day(
    visit: Browse, timezone: str, shown: str
) -> None:
    page = (await visit(timezone=timezone)).page
    tag = '<time datetime="2026-01-05T23:30:00Z" data-day="2026-01-05"></time>'
    assert (await page.evaluate(LOCALIZED, tag)).replace(" 2026", "") == shown
