"""The cards of the first page: what each kind of device shows, and what can be done with it."""

import re
from typing import Any

import pytest

from tests.conftest import LOCK, Running, World
from tests.web.panel.asking import page, submit, words
from utec_gateway.simulator.states import NORMAL_MODE, PASSAGE_MODE, SwitchState, to_mode, to_switch

DIMMER, PLUG, AIR = "02:51:4D:00:00:0D", "02:51:4D:00:00:0E", "02:51:4D:00:00:0F"


@pytest.fixture(autouse=True)
async def devices(world: World) -> None:
    """A dimmer, a plug and something unknown beside the locks."""
    world.cloud.add_device(DIMMER, "Hall Dimmer", "dimmer")
    world.cloud.add_device(PLUG, "Fountain Plug", "plug")
    world.cloud.add_device(AIR, "Greenhouse Air", "unknown_sensor")


def tag(running: Running, device_id: str) -> str:
    return running.gateway.account.cache.find(device_id).tag


async def card(running: Running, device_id: str) -> str:
    """Return the markup of a device's card."""
    _, text = await page(running)
    return text.partition(f'id="device-{tag(running, device_id)}"')[2].partition("</li>")[0]


async def said(running: Running, device_id: str) -> str:
    """Return what is to be read on a device's card."""
    return words(await card(running, device_id))


async def move(running: Running, device_id: str, **form: str) -> tuple[int, str, str]:
    return await submit(running, "/move", device=tag(running, device_id), **form)


async def test_a_plug_shows_a_switch_that_says_where_it_stands(
    world: World, running: Running
) -> None:
    shown = await card(running, PLUG)
    assert 'role="switch" aria-checked="false"' in shown
    assert 'value="turn_on"' in shown
    assert "Off" in words(shown)
    world.cloud.devices[PLUG].operate(to_switch(SwitchState.ON))
    await running.clock.advance(31)
    shown = await card(running, PLUG)
    assert 'role="switch" aria-checked="true"' in shown
    assert 'value="turn_off"' in shown


async def test_a_switch_says_that_it_is_being_turned_on_and_that_it_was(
    world: World, running: Running
) -> None:
    answer = await move(running, PLUG, operation="turn_on")
    assert answer[:2] == (303, f"./#device-{tag(running, PLUG)}")
    await running.clock.advance(0.5)
    shown = await card(running, PLUG)
    assert "Turning on" in words(shown)
    assert 'value="turn_off"' in shown, "who changes their mind presses it again"
    await running.clock.advance(9)
    assert "On confirmed after" in await said(running, PLUG)
    world.cloud.devices[PLUG].operate(to_switch(SwitchState.OFF))
    await running.clock.advance(31)
    assert "confirmed after" not in await said(running, PLUG), "it was turned off since"


async def test_a_dimmer_shows_its_level_and_is_set_to_another(
    world: World, running: Running
) -> None:
    shown = await card(running, DIMMER)
    assert 'min="1" max="100" value="50"' in shown
    assert "Brightness 50%" in words(shown)
    await move(running, DIMMER, operation="set_level", level="40")
    await running.clock.advance(1)
    assert "Adjusting" in await said(running, DIMMER)
    assert "Brightness 40%" in await said(running, DIMMER)
    await running.clock.advance(9)
    assert "On confirmed after" in await said(running, DIMMER)
    assert world.cloud.devices[DIMMER].states.level == 40


@pytest.mark.parametrize("level", ["101", "-1", "1.5", "\N{ARABIC-INDIC DIGIT FIVE}", "x", ""])
async def test_what_is_no_level_is_explained_and_not_sent(
    level: str, world: World, running: Running
) -> None:
    status, _, text = await move(running, DIMMER, operation="set_level", level=level)
    assert status == 200
    assert "must be a whole number from 0 to 100" in text
    assert world.cloud.calls.commands == []


@pytest.mark.parametrize(
    ("device_id", "form", "why"),
    [
        (PLUG, {"operation": "lock"}, "Fountain Plug is not a lock."),
        (PLUG, {"operation": "set_level", "level": "5"}, "Fountain Plug cannot be dimmed."),
        (LOCK, {"operation": "turn_on"}, "Front Door cannot be turned on or off."),
        (AIR, {"operation": "turn_on"}, "Greenhouse Air cannot be turned on or off."),
        (LOCK, {"operation": "query"}, "A device cannot do that."),
    ],
)
async def test_a_command_for_another_kind_of_device_is_explained_and_not_sent(
    device_id: str, form: dict[str, str], why: str, world: World, running: Running
) -> None:
    status, _, text = await move(running, device_id, **form)
    assert status == 200
    assert why in text
    assert world.cloud.calls.commands == []


async def test_an_unknown_device_shows_what_it_says_and_cannot_be_operated(
    running: Running,
) -> None:
    shown = await card(running, AIR)
    assert "temperatureMeasurement temperature 21.5" in words(shown)
    assert "humidityMeasurement humidity 48" in words(shown)
    assert "It cannot operate it." in words(shown)
    assert "<form" not in shown
    assert "<a " not in shown


@pytest.mark.parametrize("device_id", [DIMMER, PLUG])
async def test_an_offline_device_has_no_controls_and_claims_no_confirmation(
    device_id: str, world: World
) -> None:
    world.cloud.devices[device_id].go_offline()
    running = await world.start()
    shown = await card(running, device_id)
    assert "<form" not in shown
    assert "Offline Check its Wi-Fi and power supply." in words(shown)
    assert "confirmed" not in words(shown)
    assert "50%" not in shown


async def test_an_offline_plug_that_is_moved_all_the_same_says_why_it_was_not(
    world: World,
) -> None:
    world.cloud.devices[PLUG].go_offline()
    running = await world.start()
    await move(running, PLUG, operation="turn_on")
    await running.clock.advance(2)
    assert "Not turned on. Fountain Plug is offline" in await said(running, PLUG)
    assert world.cloud.calls.commands == []


async def test_what_nobody_knows_any_more_is_unknown_and_can_still_be_moved(world: World) -> None:
    running = await world.start()
    world.cloud.faults.fail("/action")
    await running.clock.advance(200)
    plug, dimmer, air = [await card(running, one) for one in (PLUG, DIMMER, AIR)]
    assert "Fountain Plug Unknown" in words(plug)
    assert "Turn on Turn off" in words(plug)
    assert 'role="switch"' not in plug + dimmer, "a switch stands somewhere"
    assert "Brightness Unknown" in words(dimmer)
    assert "temperatureMeasurement temperature Unknown" in words(air)


async def test_a_device_that_does_not_move_is_not_confirmed(world: World, running: Running) -> None:
    world.cloud.behaviour.commands.ignore_next = 1
    await move(running, PLUG, operation="turn_on")
    await running.clock.advance(15)
    shown = await said(running, PLUG)
    assert re.search(
        r"Off confirmed \S+ Not confirmed: the device was not seen to turn on\.", shown
    )


async def test_a_lock_is_set_to_a_mode_that_locks_at_once(running: Running) -> None:
    assert 'value="lockout_mode"' in await card(running, LOCK)
    await move(running, LOCK, operation="lockout_mode")
    await running.clock.advance(0.5)
    assert "Locking" in await said(running, LOCK)
    await running.clock.advance(9)
    shown = await said(running, LOCK)
    assert "Locked Lockout confirmed after" in shown
    assert "Mode Lockout" in shown


async def test_normal_mode_ends_passage_mode(world: World) -> None:
    world.cloud.devices[LOCK].operate(to_mode(PASSAGE_MODE))
    running = await world.start()
    assert 'value="normal_mode"' in await card(running, LOCK)
    await move(running, LOCK, operation="normal_mode")
    await running.clock.advance(0.5)
    assert "Setting the mode" in await said(running, LOCK)
    await running.clock.advance(20)
    assert world.cloud.devices[LOCK].states.lock_mode == NORMAL_MODE
    assert "Locked confirmed after" in await said(running, LOCK)


async def test_passage_mode_is_asked_twice(world: World, running: Running) -> None:
    shown = await card(running, LOCK)
    question = f"confirm?device={tag(running, LOCK)}&amp;operation=passage_mode"
    assert f'<a class="button quiet" href="{question}"' in shown
    assert 'value="passage_mode"' not in shown
    status, text = await page(running, "/" + question.replace("&amp;", "&"))
    assert status == 200
    assert "Set Front Door to passage mode? This unlocks the door and holds it open" in words(text)
    assert 'value="passage_mode"' in text
    await move(running, LOCK, operation="passage_mode")
    await running.clock.advance(0.5)
    assert "Unlocking" in await said(running, LOCK)
    await running.clock.advance(9)
    assert "Mode Passage (held open)" in await said(running, LOCK)
    assert world.cloud.devices[LOCK].states.lock_mode == PASSAGE_MODE


@pytest.mark.parametrize(
    ("device_id", "operation", "status"),
    [(LOCK, "lock", 400), (LOCK, "lockout_mode", 400), (LOCK, "dance", 400), (PLUG, "unlock", 400)],
)
async def test_only_what_unlocks_is_asked(
    device_id: str, operation: str, status: int, running: Running
) -> None:
    path = f"/confirm?device={tag(running, device_id)}&operation={operation}"
    assert (await page(running, path))[0] == status


async def test_without_allow_unlock_nothing_that_unlocks_is_offered_and_the_page_says_so(
    world: World,
) -> None:
    running = await world.start(allow_unlock=False)
    _, text = await page(running)
    assert "Unlocking is turned off in the gateway's options" in words(text).replace("&#39;", "'")
    shown = await card(running, LOCK)
    assert "confirm?device" not in shown
    assert 'value="lock"' in shown
    assert 'value="lockout_mode"' in shown
    for operation in ("unlock", "passage_mode"):
        path = f"/confirm?device={tag(running, LOCK)}&operation={operation}"
        status, text = await page(running, path)
        assert status == 403
        assert "unlocking is turned off" in text
        _, _, text = await move(running, LOCK, operation=operation)
        assert "unlocking is turned off" in text
    assert world.cloud.calls.commands == []


async def test_where_unlocking_is_allowed_or_there_is_no_lock_nothing_is_said_of_it(
    world: World, running: Running
) -> None:
    assert "Unlocking is turned off" not in (await page(running))[1]
    await world.stop()
    for device_id in [one for one in world.cloud.devices if one not in {PLUG, DIMMER}]:
        del world.cloud.devices[device_id]
    (world.data_dir / "devices.json").unlink(missing_ok=True)
    again = await world.start(allow_unlock=False)
    _, text = await page(again)
    assert "Fountain Plug" in text
    assert "Unlocking is turned off" not in text


async def test_no_id_of_any_device_is_on_the_page(running: Running, world: World) -> None:
    _, text = await page(running)
    known: Any = world.cloud.devices
    assert [one for one in known if one in text] == []
