"""The first page while time passes and things change: live, in place, and without a jump."""

import pytest
from playwright.async_api import Locator, Page, expect

from tests.browser.conftest import Browse
from tests.browser.house import House
from tests.browser.visitor import PHONE
from utec_gateway.simulator.states import jam, unlock
from utec_gateway.web.panel.overview.selection import MANY

pytestmark = pytest.mark.asyncio(loop_scope="session")

SAID = """(age) => import("./static/times.js").then(({localize}) => {
  const box = document.createElement("div");
  const at = new Date(Date.now() - age * 1000).toISOString();
  box.innerHTML = `<time data-style="ago" datetime="${at}"></time>`;
  localize(box);
  return box.textContent;
})"""


def card(page: Page, name: str) -> Locator:
    return page.locator(".cards > li").filter(has=page.get_by_role("heading", name=name))


async def crowded(house: House) -> None:
    """Fill a house, so that its page is searched."""
    for number in range(MANY):
        house.cloud.add_device(f"02:51:4D:00:01:{number:02X}", f"Flat {number}", "lock")
    await house.present.account.poller.discover()
    await house.present.account.poller.poll()


@pytest.mark.parametrize(
    ("age", "said"),
    [(0, "now"), (12, "12 sec ago"), (150, "2 min ago"), (7300, "2 hr ago"), (-30, "now")],
)
async def test_what_has_passed_is_said_as_people_say_it(age: int, said: str, visit: Browse) -> None:
    assert await (await visit("settings")).page.evaluate(SAID, age) == said


async def test_the_seconds_since_a_confirmation_go_on_without_moving_anything(
    house: House, visit: Browse
) -> None:
    page = (await visit(width=PHONE)).page
    house.cloud.faults.drop("/action")
    since = card(page, "Front Door").locator(".since")
    await expect(since).to_contain_text("3 sec ago")
    before = await since.bounding_box()
    await expect(since).to_contain_text("11 sec ago")
    after = await since.bounding_box()
    assert before
    assert after
    assert before["height"] == after["height"]


async def test_a_clock_that_is_wrong_does_not_age_what_is_new(house: House, visit: Browse) -> None:
    house.clock.leap(3600)  # the gateway's, away from the browser's
    await house.present.account.poller.poll()
    page = (await visit()).page
    house.cloud.faults.drop("/action")
    await expect(card(page, "Front Door").locator(".since")).to_contain_text("3 sec ago")


async def test_a_command_begins_and_ends_without_a_jump(visit: Browse) -> None:
    page = (await visit(width=PHONE)).page
    before = await card(page, "Front Door").bounding_box()
    await card(page, "Front Door").get_by_role("link", name="Unlock").click()
    await page.get_by_role("dialog").get_by_role("button", name="Unlock").click()
    await expect(page.get_by_role("progressbar")).to_be_visible()
    during = await card(page, "Front Door").bounding_box()
    await expect(card(page, "Front Door").get_by_text("confirmed after")).to_be_visible()
    after = await card(page, "Front Door").bounding_box()
    assert before
    assert during
    assert after
    assert before["height"] == during["height"] == after["height"]


async def test_a_jam_takes_the_top_of_an_open_page_and_leads_to_its_card(
    house: House, visit: Browse
) -> None:
    page = (await visit()).page
    next(iter(house.cloud.devices.values())).operate(jam)
    await house.present.account.poller.poll()
    await expect(page.get_by_role("heading", level=1)).to_have_text("Front Door is jammed")
    await page.locator("#headline .button").click()
    await expect(page).to_have_url(f"{house.ingress.home}#device-{_tag(house)}")
    await expect(card(page, "Front Door")).to_be_in_viewport()


def _tag(house: House) -> str:
    return house.present.account.cache.devices[0].tag


async def test_a_search_is_in_place_and_what_it_finds_stays_live(
    house: House, visit: Browse
) -> None:
    await crowded(house)
    page = (await visit()).page
    await page.get_by_role("searchbox", name="Search by name").fill("front")
    await expect(page.locator(".cards > li")).to_have_count(1)
    await expect(page).to_have_url(f"{house.ingress.home}?search=front&show=all")
    await expect(page.get_by_role("searchbox")).to_be_focused()
    next(iter(house.cloud.devices.values())).operate(unlock)
    await house.present.account.poller.poll()
    await expect(card(page, "Front Door").locator(".state")).to_have_text("Unlocked")
    await expect(page.locator(".cards > li")).to_have_count(1)
    await page.get_by_role("combobox", name="Show").select_option("locked")
    await expect(page.locator(".cards > li")).to_have_count(0)
    await page.get_by_role("link", name="Show all").click()
    await expect(card(page, "Flat 7")).to_be_visible()


async def test_a_search_works_without_a_script(house: House, visit: Browse) -> None:
    await crowded(house)
    page = (await visit(javascript=False)).page
    await page.get_by_role("searchbox", name="Search by name").fill("flat 42")
    await page.get_by_role("button", name="Apply").click()
    await expect(page.locator(".cards > li")).to_have_count(1)


async def test_what_is_on_top_leads_to_a_card_that_the_search_hides(
    house: House, visit: Browse
) -> None:
    await crowded(house)
    next(iter(house.cloud.devices.values())).operate(jam)
    await house.present.account.poller.poll()
    page = (await visit("?search=flat&show=all")).page
    await expect(page.get_by_role("heading", level=1)).to_have_text("Front Door is jammed")
    await page.locator("#headline .button").click()
    await expect(card(page, "Front Door")).to_be_in_viewport()
