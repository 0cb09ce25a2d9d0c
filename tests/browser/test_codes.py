"""The page Codes as a person uses it: a guest for the weekend on two locks, one of them offline."""

import re
from datetime import timedelta

import pytest
from playwright.async_api import Locator, Page, expect

from tests.browser.axe import axe
from tests.browser.conftest import Browse
from tests.browser.house import House
from tests.browser.keyboard import unreachable
from tests.browser.looks import spills
from tests.browser.visitor import PHONE, WIDE
from utec_gateway.access_codes.new_guest import NewGuest
from utec_gateway.access_codes.several_locks import add_to_each
from utec_gateway.core.access_codes import Schedule
from utec_gateway.web.panel.codes.lock_card import MANY_GUESTS

pytestmark = pytest.mark.asyncio(loop_scope="session")

PATIENCE_MS = 30_000
"""A lock takes its time, and so does the list after it."""
HEAVIEST = 60 * 1024
FINGER = 44
"""Pixels that a finger needs."""


async def manage(house: House) -> None:
    await house.present.settings.change({"manage_codes": True})


def lock(page: Page, name: str) -> Locator:
    heading = page.get_by_role("heading", level=2, name=name)
    return page.locator(".locks > li").filter(has=heading)


async def fill_in(page: Page, name: str, *locks: str) -> None:
    await page.locator("#add > summary").click()
    await page.get_by_label("Name").fill(name)
    for each in locks:
        await page.locator("#add").get_by_label(each).check()


async def make(page: Page) -> str:
    """Send the form; return the code that the answer shows."""
    await page.get_by_role("button", name="Make the code").click()
    await expect(page.locator(".digits")).to_be_visible()
    return await page.locator("#the-code").inner_text()


async def test_one_goes_from_the_explanation_to_the_setting_to_the_page(
    house: House, visit: Browse
) -> None:
    page = (await visit("codes")).page
    await expect(page.get_by_text("U-tec is not asked who has one")).to_be_visible()
    await page.get_by_role("link", name="Go to the setting").click()
    switch = page.get_by_label("Manage access codes")
    await expect(switch).to_be_visible()
    await switch.check()
    await page.get_by_role("button", name="Save", exact=True).click()
    await expect(page.get_by_text("Saved.", exact=True)).to_be_visible()
    await page.goto(house.ingress.home)
    await page.get_by_role("link", name="Codes").click()
    await expect(lock(page, "Front Door")).to_be_visible()
    await expect(page.locator("#add")).to_be_visible()


@pytest.mark.parametrize("javascript", [True, False])
async def test_a_guest_is_on_one_lock_in_seconds_and_waits_for_the_other(
    house: House, visit: Browse, *, javascript: bool
) -> None:
    await manage(house)
    page = (await visit("codes", javascript=javascript)).page
    await fill_in(page, "Anna", "Front Door", "Garage")
    code = await make(page)
    assert re.fullmatch(r"[1-9]{6}", code)
    outcomes = page.locator(".outcomes li")
    await expect(outcomes.nth(0)).to_contain_text("Below you see when it is on the lock.")
    await expect(outcomes.nth(1)).to_contain_text("The lock is offline and gets it when it is")
    await expect(page.locator("#share")).to_contain_text(f"for Front Door, Garage: {code}.")
    await page.get_by_role("link", name="Done").click()
    front, garage = lock(page, "Front Door"), lock(page, "Garage")
    await expect(garage.get_by_text("Waiting for the lock since")).to_be_visible()
    await expect(garage.get_by_text("It gets this when it is back.")).to_be_visible()
    if not javascript:
        await house.until(lambda: _is_on(house, "Front Door"))
        await page.reload()
    await expect(front.get_by_text("On the lock").first).to_be_visible(timeout=PATIENCE_MS)
    await expect(page.get_by_text(code)).to_have_count(0)


def _is_on(house: House, name: str) -> bool:
    codes = house.present.account.codes.all()
    return any(
        guest.state == "on_lock" for one in codes if one.device.name == name for guest in one.guests
    )


async def test_an_open_page_sees_a_guest_come_to_a_lock_that_is_back(
    house: House, visit: Browse
) -> None:
    await manage(house)
    page = (await visit("codes")).page
    await fill_in(page, "Anna", "Garage")
    await make(page)
    await page.get_by_role("link", name="Done").click()
    garage = lock(page, "Garage")
    await expect(garage.get_by_text("Waiting for the lock since")).to_be_visible()
    device = next(one for one in house.cloud.devices.values() if one.name == "Garage")
    device.go_online()
    await expect(garage.locator(".rows").get_by_text("On the lock")).to_be_visible(
        timeout=PATIENCE_MS
    )


async def test_the_code_and_the_message_are_copied(house: House, visit: Browse) -> None:
    await manage(house)
    page = (await visit("codes")).page
    await page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    await fill_in(page, "Anna", "Front Door")
    code = await make(page)
    await page.get_by_role("button", name="Copy the code").click()
    await expect(page.locator("[data-copy=the-code]")).to_have_text("Copied")
    assert await page.evaluate("navigator.clipboard.readText()") == code
    await page.get_by_role("button", name="Copy the message").click()
    await expect(page.locator("[data-copy=share]")).to_have_text("Copied")
    copied = await page.evaluate("navigator.clipboard.readText()")
    assert copied.startswith(f"Your code for Front Door: {code}.")


async def test_an_answer_that_is_loaded_again_makes_no_second_guest(
    house: House, visit: Browse
) -> None:
    await manage(house)
    page = (await visit("codes")).page
    await fill_in(page, "Anna", "Front Door")
    code = await make(page)
    await page.reload()
    await expect(page.get_by_role("heading", name="Anna was added before")).to_be_visible()
    await expect(page.get_by_text(code)).to_have_count(0)
    await expect(lock(page, "Front Door").get_by_role("heading", name="Anna")).to_have_count(1)


async def test_a_refused_form_has_the_focus_at_the_fault_and_nothing_typed_is_lost(
    house: House, visit: Browse
) -> None:
    await manage(house)
    page = (await visit("codes")).page
    await fill_in(page, "Anna", "Side Door")
    await page.get_by_label("Code", exact=True).fill("1234")
    await page.get_by_label("Hours from").fill("09:15")
    await page.get_by_label("Sat").uncheck()
    await page.get_by_role("button", name="Make the code").click()
    code = page.get_by_label("Code", exact=True)
    await expect(page.get_by_text("Is guessed too easily")).to_be_visible()
    await expect(code).to_be_focused()
    await expect(code).to_have_accessible_description(re.compile("Is guessed too easily"))
    await expect(code).to_have_value("")
    await expect(page.get_by_label("Name")).to_have_value("Anna")
    await expect(page.get_by_label("Hours from")).to_have_value("09:15")
    await expect(page.get_by_label("Sat")).not_to_be_checked()
    await expect(page.locator("#add").get_by_label("Side Door")).to_be_checked()


@pytest.mark.parametrize("javascript", [True, False])
async def test_a_guest_is_shown_changed_and_taken_back(
    house: House, visit: Browse, *, javascript: bool
) -> None:
    await manage(house)
    page = (await visit("codes", javascript=javascript)).page
    await fill_in(page, "Anna", "Front Door")
    code = await make(page)
    await house.until(lambda: _is_on(house, "Front Door"))
    await page.get_by_role("link", name="Done").click()
    await page.get_by_role("button", name="Show the code of Anna").click()
    await expect(page.locator("#the-code")).to_have_text(code)
    await page.get_by_role("link", name="Done").click()
    await page.get_by_role("link", name="Change the times of Anna").click()
    own = lock(page, "Front Door").locator("form.ask")
    await own.get_by_label("Number of uses").fill("3")
    await own.get_by_role("button", name="Save").click()
    await expect(lock(page, "Front Door").get_by_text("at most 3 times")).to_be_visible()
    await page.get_by_role("link", name="Take back the code of Anna").click()
    await page.get_by_role("link", name="Cancel").click()
    await page.get_by_role("link", name="Take back the code of Anna").click()
    await expect(page.get_by_text("Take back the code of Anna for Front Door?")).to_be_visible()
    await page.get_by_role("button", name="Take it back").click()
    await expect(lock(page, "Front Door").get_by_text("Being taken back")).to_be_visible()
    await house.until(lambda: not any(one.guests for one in house.present.account.codes.all()))


@pytest.mark.usefixtures("axe_core")
@pytest.mark.parametrize(("theme", "width"), [("light", WIDE), ("dark", PHONE)])
async def test_the_page_is_for_everybody_whatever_is_open(
    house: House, visit: Browse, theme: str, width: int
) -> None:
    await manage(house)
    page = (await visit("codes", theme=theme, width=width)).page
    await fill_in(page, "Anna Alexandrowna Karenina-Schwarzenberg", "Front Door", "Garage")
    await fits(page)
    await make(page)
    await fits(page)
    await page.get_by_role("link", name="Done").click()
    await fits(page)
    await page.get_by_role("link", name=re.compile("Change the times")).first.click()
    await fits(page)
    await page.get_by_role("link", name=re.compile("Take back the code")).last.click()
    await fits(page)


async def fits(page: Page) -> None:
    assert await axe(page) == []
    assert await unreachable(page) == []
    assert await spills(page) == 0


async def test_whatever_is_pressed_is_as_large_as_a_finger(house: House, visit: Browse) -> None:
    await manage(house)
    page = (await visit("codes", width=PHONE)).page
    await fill_in(page, "Anna", "Front Door")
    await make(page)
    await page.get_by_role("link", name="Done").click()
    await page.locator("#add > summary").click()
    pressed = page.locator("#add, .locks").locator("button, a, summary, .chips label")
    for element in await pressed.all():
        box = await element.bounding_box()
        assert box
        assert box["height"] >= FINGER, await element.inner_text()


async def test_twenty_locks_with_as_many_guests_as_are_listed_at_once_are_light(
    house: House, browse: Browse
) -> None:
    for number in range(16):
        house.cloud.add_device(f"02:51:4D:00:09:{number:02}", f"Holiday Flat {number}")
    await manage(house)
    account = house.present.account
    await account.poller.poll()
    devices = [one.device for one in account.codes.all()]
    assert len(devices) == 20
    now = account.codes.zone().local(house.clock.now())
    guest = NewGuest("Anna Karenina", Schedule(now, now + timedelta(days=2)))
    outcomes = await add_to_each(account.codes, devices[:MANY_GUESTS], guest)
    assert all(one.made for one in outcomes)
    visitor = await browse(house.ingress, "codes")
    await visitor.page.wait_for_load_state("networkidle")
    await expect(visitor.page.get_by_role("heading", name="Anna Karenina")).to_have_count(
        MANY_GUESTS
    )
    assert await visitor.weight() < HEAVIEST
