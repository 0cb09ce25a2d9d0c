"""What stands on top of the first page: the worst of what is wrong, or one calm line."""

import re
from dataclasses import replace
from datetime import timedelta

import pytest

from tests.conftest import LOCK, OTHER_LOCK, QUIET, Running, World
from tests.web.panel.asking import page, words
from utec_gateway.simulator.states import DoorState, jam
from utec_gateway.texts.translations import read_translations
from utec_gateway.web.i18n import Languages
from utec_gateway.web.panel.overview.sign_in_line import duration

GATE = "02:51:4D:00:00:03"
TOP = re.compile(r'<div class="issue [a-z]+">.*?</div>\s*(?:<a [^>]*>[^<]*</a>)?', re.DOTALL)


async def headline(running: Running, path: str = "/") -> str:
    """Return the markup above the devices."""
    _, text = await page(running, path)
    return text.partition('<div id="headline"')[2].partition('<div id="devices"')[0]


async def on_top(running: Running) -> str:
    """Return the words of what stands on top; empty on a calm page."""
    found = TOP.search(await headline(running))
    return words(found[0]) if found else ""


def show(running: Running, device_id: str) -> str:
    tag = running.gateway.account.cache.find(device_id).tag
    return f'href="./#device-{tag}">Show</a>'


async def test_a_calm_page_has_the_sign_in_on_top_and_nowhere_else(running: Running) -> None:
    assert await on_top(running) == ""
    _, text = await page(running)
    assert "<h1>Signed in</h1>" in await headline(running)
    assert text.count("Signed in") == 1


async def test_credentials_that_are_gone_are_an_error_and_no_welcome(running: Running) -> None:
    await running.gateway.settings.change({"client_secret": ""})
    markup = await headline(running)
    assert "The credentials are incomplete" in markup
    assert '<div class="issue error">' in markup


async def test_a_jammed_lock_is_on_top_and_the_sign_in_below_the_devices(
    world: World, running: Running
) -> None:
    world.cloud.devices[LOCK].operate(jam)
    await running.clock.advance(31)
    top = "Front Door is jammed The bolt stopped halfway. Check the door, then lock it again. Show"
    assert await on_top(running) == top
    assert show(running, LOCK) in await headline(running)
    _, text = await page(running)
    assert "Signed in" in words(text.partition('<div id="sign-in">')[2])
    assert text.count("<h1>") == 1
    assert "stopped halfway" not in text.partition('<div id="devices">')[2], "it is not said twice"


async def test_an_offline_lock_is_on_top_and_says_since_when(
    world: World, running: Running
) -> None:
    world.cloud.devices[LOCK].go_offline()
    await running.clock.advance(90)
    assert re.match(
        r"Front Door is offline U-tec has not reached it since 2026-01-05T12:00:\S+Z\. Show",
        await on_top(running),
    )


async def test_what_was_offline_from_the_start_has_no_beginning(world: World) -> None:
    world.cloud.devices[LOCK].go_offline()
    running = await world.start()
    assert await on_top(running) == "Front Door is offline U-tec cannot reach it. Show"


async def test_locks_that_are_offline_together_are_one_line(world: World) -> None:
    for one in (LOCK, OTHER_LOCK):
        world.cloud.devices[one].go_offline()
    running = await world.start()
    assert await on_top(running) == "2 devices are offline Front Door, Back Door Show"


async def test_a_low_battery_is_on_top_before_people_are_told_of_it(
    world: World, running: Running
) -> None:
    world.cloud.devices[LOCK].operate(lambda states: replace(states, battery=2))
    await running.clock.advance(31)
    assert running.gateway.issues.issues() == ()
    assert (
        await on_top(running) == "The battery of Front Door is low Replace its batteries soon. Show"
    )


async def test_an_empty_battery_is_said_once(world: World, running: Running) -> None:
    world.cloud.devices[LOCK].operate(lambda states: replace(states, battery=1))
    await running.clock.advance(31)
    assert "The battery of Front Door is low" in await on_top(running)
    assert "more:" not in words(await headline(running))


async def test_a_door_that_is_open_while_the_bolt_is_out_is_a_warning(world: World) -> None:
    world.cloud.add_device(GATE, "Gate", "lock_with_sensor")
    world.cloud.devices[GATE].operate(lambda states: replace(states, door=DoorState.OPEN))
    running = await world.start()
    assert (await on_top(running)).startswith("Gate is locked with the door open")
    _, text = await page(running)
    tag = running.gateway.account.cache.find(GATE).tag
    assert f'<li class="card warning" id="device-{tag}">' in text
    assert "The bolt is out, but the door is open." in words(text)


async def test_the_worst_is_on_top_and_the_others_are_folded(
    world: World, running: Running
) -> None:
    world.cloud.devices[LOCK].operate(lambda states: replace(states, battery=2))
    world.cloud.devices[OTHER_LOCK].operate(jam)
    await running.clock.advance(31)
    assert (await on_top(running)).startswith("Back Door is jammed")
    folded = words((await headline(running)).partition("<details")[2])
    assert "1 more: The battery of Front Door is low" in folded
    assert "Replace its batteries soon." in folded


async def test_a_silent_cloud_is_worse_than_an_empty_battery(
    world: World, running: Running
) -> None:
    world.cloud.devices[LOCK].operate(lambda states: replace(states, battery=1))
    await running.clock.advance(31)
    world.cloud.faults.fail("/action")
    await running.clock.advance(200)
    assert (await on_top(running)).startswith("No news of your locks")


async def test_what_fails_nothing_leaves_the_page_calm(world: World) -> None:
    running = await world.start(trusted_networks=["0.0.0.0/0"])
    assert await on_top(running) == ""
    shown = words(await headline(running))
    assert "Signed in" in shown
    assert "Worth knowing (1): An option lets others in" in shown


async def test_a_refresh_that_is_switched_off_is_on_top(world: World) -> None:
    running = await world.start(auto_refresh_enabled=False)
    assert await on_top(running) == (
        "Signed in until 2026-01-12T11:00:00Z. Automatic refresh is off. Settings"
    )


async def test_whoever_is_signed_out_is_not_offered_what_would_be_refused(world: World) -> None:
    running = await world.start(**QUIET)
    world.cloud.refuse_grants()
    await running.clock.advance(8 * 86400)
    _, text = await page(running)
    devices = text.partition('<div id="devices">')[2].partition("<dialog")[0]
    assert '<a href="set-up">Sign in to U-tec first.</a>' in devices
    assert "<button" not in devices
    assert "confirm?device" not in devices
    assert "The sign-in has expired" in words(devices)


@pytest.mark.parametrize(
    ("span", "said"),
    [
        (timedelta(days=6, hours=23), "6 days"),
        (timedelta(days=2), "2 days"),
        (timedelta(days=1, hours=23), "47 h"),
        (timedelta(hours=1, minutes=59), "119 min"),
        (timedelta(seconds=119), "less than 2 min"),
        (timedelta(days=-1), "less than 2 min"),
    ],
)
def test_a_span_is_said_in_a_unit_that_is_there_more_than_once(span: timedelta, said: str) -> None:
    assert duration(span, Languages(read_translations()).translator("en")) == said
