"""The cards under the eyes and hands of a person: switch, slider, mode, and what is not offered."""

from dataclasses import replace

import pytest
from playwright.async_api import FloatRect, Locator, Page, expect

from tests.browser.axe import axe
from tests.browser.conftest import Browse
from tests.browser.house import House
from tests.browser.keyboard import unreachable
from tests.browser.visitor import PHONE
from utec_gateway.core.command import Command
from utec_gateway.core.command_origin import PANEL
from utec_gateway.core.models import Operation
from utec_gateway.simulator.devices import SimulatedDevice
from utec_gateway.simulator.states import PASSAGE_MODE, SwitchState, to_switch

pytestmark = pytest.mark.asyncio(loop_scope="session")

PATIENCE_MS = 20_000
"""A device takes its time, and so does the question after it."""
FINGER = 44
"""Pixels that a finger needs."""


def card(page: Page, name: str) -> Locator:
    return page.locator(".cards > li").filter(has=page.get_by_role("heading", name=name))


def device(house: House, name: str) -> SimulatedDevice:
    return next(one for one in house.cloud.devices.values() if one.name == name)


def sent(house: House, name: str) -> list[str]:
    return house.cloud.calls.commands_for(device(house, name).device_id)


async def box_of(element: Locator) -> FloatRect:
    await element.scroll_into_view_if_needed()
    box = await element.bounding_box()
    assert box
    return box


async def test_a_switch_is_turned_on_in_place_and_tells_the_end(
    house: House, visit: Browse
) -> None:
    page = (await visit(width=PHONE)).page
    address = page.url
    plug = card(page, "Fountain Plug")
    switch = plug.get_by_role("switch", name="Fountain Plug")
    await expect(switch).not_to_be_checked()
    await switch.focus()
    await page.keyboard.press("Space")
    await expect(plug.get_by_text("Turning on")).to_be_visible()
    await expect(switch).to_be_checked()
    await expect(plug.get_by_text("confirmed after")).to_be_visible(timeout=PATIENCE_MS)
    await expect(switch).to_be_focused()
    assert page.url == address, "the page was not left, so that whoever reads it keeps the place"
    assert device(house, "Fountain Plug").states.switch is SwitchState.ON


async def test_a_slider_sends_its_level_once_when_it_is_let_go(house: House, visit: Browse) -> None:
    page = (await visit()).page
    slider = card(page, "Hall Dimmer").get_by_role("slider", name="Brightness of Hall Dimmer")
    box = await box_of(slider)
    middle = box["y"] + box["height"] / 2
    await page.mouse.move(box["x"] + box["width"] * 0.5, middle)
    await page.mouse.down()
    await page.mouse.move(box["x"] + box["width"] * 0.8, middle, steps=20)
    held = await slider.input_value()
    assert int(held) > 70
    device(house, "Hall Dimmer").operate(to_switch(SwitchState.ON))
    await house.present.account.poller.poll()
    await expect(card(page, "Hall Dimmer").locator(".state")).to_have_text("On")
    assert await slider.input_value() == held, "news do not move what somebody holds"
    await expect(card(page, "Hall Dimmer").locator("output")).to_have_text(f"{held}%")
    assert sent(house, "Hall Dimmer") == []
    await page.mouse.up()
    end = card(page, "Hall Dimmer").get_by_text("confirmed after")
    await expect(end).to_be_visible(timeout=PATIENCE_MS)
    assert sent(house, "Hall Dimmer") == ["setLevel"]
    assert device(house, "Hall Dimmer").states.level == int(held)


async def test_the_keys_move_a_slider_and_what_they_come_to_is_sent_once(
    house: House, visit: Browse
) -> None:
    page = (await visit()).page
    slider = card(page, "Hall Dimmer").get_by_role("slider")
    await slider.focus()
    for _ in range(5):
        await page.keyboard.press("ArrowRight")
    await expect(card(page, "Hall Dimmer").locator("output")).to_have_text("55%")
    await house.until(lambda: device(house, "Hall Dimmer").states.level == 55)
    await expect(slider).to_be_focused()
    assert sent(house, "Hall Dimmer") == ["setLevel"]


async def test_a_slider_that_was_let_go_follows_the_news_again(house: House, visit: Browse) -> None:
    house.cloud.behaviour.commands.ignore_next = 1
    page = (await visit()).page
    slider = card(page, "Hall Dimmer").get_by_role("slider")
    await slider.fill("90")
    await house.until(lambda: sent(house, "Hall Dimmer"))
    house.clock.leap(20)
    await expect(card(page, "Hall Dimmer").get_by_text("Not confirmed")).to_be_visible()
    await expect(slider).to_have_value("50")


async def test_a_slider_that_was_moved_and_put_back_sends_nothing_and_follows_the_news(
    house: House, visit: Browse
) -> None:
    page = (await visit()).page
    slider = card(page, "Hall Dimmer").get_by_role("slider")
    box = await box_of(slider)
    middle = box["y"] + box["height"] / 2
    await page.mouse.move(box["x"] + box["width"] / 2, middle)
    await page.mouse.down()
    for place in (0.7, 0.495):
        await page.mouse.move(box["x"] + box["width"] * place, middle)
    await expect(slider).to_have_value("50")
    await page.mouse.up()
    device(house, "Hall Dimmer").operate(lambda states: replace(states, level=20))
    await house.present.account.poller.poll()
    await expect(slider).to_have_value("20")
    await expect(card(page, "Hall Dimmer").locator("output")).to_have_text("20%")
    assert sent(house, "Hall Dimmer") == []


async def test_a_level_is_set_without_a_script(house: House, visit: Browse) -> None:
    page = (await visit(javascript=False)).page
    await card(page, "Hall Dimmer").get_by_role("slider").fill("30")
    await card(page, "Hall Dimmer").get_by_role("button", name="Set").click()
    await house.until(lambda: device(house, "Hall Dimmer").states.level == 30)


async def test_with_a_script_there_is_no_button_beside_a_slider(visit: Browse) -> None:
    page = (await visit()).page
    await expect(card(page, "Hall Dimmer").get_by_role("slider")).to_be_visible()
    await expect(card(page, "Hall Dimmer").get_by_role("button", name="Set")).to_be_hidden()


async def test_what_is_refused_in_place_is_explained_on_the_page(
    house: House, visit: Browse
) -> None:
    page = (await visit()).page
    plug = device(house, "Fountain Plug").device_id
    for operation in (Operation.TURN_OFF, Operation.TURN_ON) * 3:
        house.present.account.commands.start(plug, Command(operation), PANEL)
    await expect(card(page, "Fountain Plug").get_by_text("Turning on")).to_be_visible()
    await card(page, "Fountain Plug").get_by_role("switch").click()
    await expect(page.get_by_role("alert")).to_contain_text("6 commands within a minute")


async def test_a_mode_that_unlocks_is_asked_twice(house: House, visit: Browse) -> None:
    page = (await visit(width=PHONE)).page
    front = card(page, "Front Door")
    await front.locator("summary").click()
    await front.get_by_role("link", name="Passage (held open)").click()
    question = page.get_by_role("heading", name="Set Front Door to passage mode?")
    await expect(question).to_be_visible()
    await page.get_by_role("dialog").get_by_role("button", name="Cancel").click()
    await expect(question).to_be_hidden()
    assert sent(house, "Front Door") == []
    await front.get_by_role("link", name="Passage (held open)").click()
    await page.get_by_role("button", name="Unlock and hold open").click()
    await expect(front.get_by_text("Unlocking")).to_be_visible()
    await expect(front.get_by_text("confirmed after")).to_be_visible(timeout=PATIENCE_MS)
    assert device(house, "Front Door").states.lock_mode == PASSAGE_MODE
    assert sent(house, "Front Door") == ["setMode"]


async def test_a_mode_that_unlocks_is_asked_twice_without_a_script(
    house: House, visit: Browse
) -> None:
    page = (await visit(javascript=False)).page
    front = card(page, "Front Door")
    await front.locator("summary").click()
    await front.get_by_role("link", name="Passage (held open)").click()
    heading = page.get_by_role("heading", name="Set Front Door to passage mode?")
    await expect(heading).to_be_visible()
    assert sent(house, "Front Door") == []
    await page.get_by_role("button", name="Unlock and hold open").click()
    await house.until(lambda: device(house, "Front Door").states.lock_mode == PASSAGE_MODE)


async def test_news_do_not_close_what_is_open(house: House, visit: Browse) -> None:
    page = (await visit()).page
    front = card(page, "Front Door")
    await front.locator("summary").click()
    await front.get_by_role("button", name="Lockout").click()
    await expect(front.get_by_text("confirmed after")).to_be_visible(timeout=PATIENCE_MS)
    await expect(front.get_by_role("button", name="Normal")).to_be_visible()
    assert sent(house, "Front Door") == ["setMode"]


async def test_an_unlocking_that_is_turned_off_meanwhile_leaves_an_open_page(
    house: House, visit: Browse
) -> None:
    page = (await visit()).page
    unlock = card(page, "Front Door").get_by_role("link", name="Unlock Front Door")
    await expect(unlock).to_be_visible()
    await house.present.settings.change({"allow_unlock": False})
    await expect(unlock).to_be_hidden()
    await expect(card(page, "Front Door").get_by_text("Unlocking is turned off")).to_be_visible()
    await card(page, "Front Door").locator("summary").click()
    await expect(page.get_by_role("button", name="Lockout")).to_be_visible()
    await expect(page.get_by_role("link", name="Passage (held open)")).to_have_count(0)


async def test_a_plug_that_goes_offline_loses_its_switch(house: House, visit: Browse) -> None:
    page = (await visit()).page
    plug = card(page, "Fountain Plug")
    await expect(plug.get_by_role("switch")).to_be_visible()
    device(house, "Fountain Plug").go_offline()
    for _ in range(2):
        await house.present.account.poller.poll()
    await expect(plug.locator(".state")).to_have_text("Offline")
    await expect(plug.get_by_role("switch")).to_have_count(0)


async def test_an_unknown_device_has_nothing_to_press(visit: Browse) -> None:
    air = card((await visit()).page, "Greenhouse Air")
    await expect(air.get_by_text("21.5")).to_be_visible()
    assert await air.locator("button, a, input, summary").count() == 0


@pytest.mark.usefixtures("axe_core")
@pytest.mark.parametrize("theme", ["light", "dark"])
async def test_open_cards_are_for_everybody(theme: str, visit: Browse) -> None:
    page = (await visit(theme=theme, width=PHONE)).page
    for summary in await page.locator(".card summary").all():
        await summary.click()
    assert await axe(page) == []
    assert await unreachable(page) == []
    await page.get_by_role("link", name="Passage (held open)").first.click()
    assert await axe(page) == []


async def test_whatever_is_pressed_on_a_card_is_as_large_as_a_finger(visit: Browse) -> None:
    page = (await visit(width=PHONE)).page
    for summary in await page.locator(".card summary").all():
        await summary.click()
    pressed = page.locator(".card").locator("button, a, summary, input[type=range]")
    for element in await pressed.all():
        if await element.is_visible():
            assert (await box_of(element))["height"] >= FINGER, await element.inner_text()
