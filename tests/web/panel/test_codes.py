"""The page Codes: who has a code, of what kind, until when, and whether it is on the lock."""

import re
from datetime import timedelta

import pytest

from tests.conftest import LOCK, OTHER_LOCK, World
from tests.steps import meanwhile
from tests.web.panel.asking import page, words
from tests.web.panel.giving_codes import (
    add,
    calls,
    card_of,
    code_in,
    form,
    guests,
    send,
    shown,
    started,
    tag,
)

HEAVIEST = 25 * 1024
"""Bytes of the page itself; its parts take about as much."""


async def test_the_page_is_in_the_menu_only_while_codes_are_managed(world: World) -> None:
    running = await world.start()
    link = '<a href="codes"'
    assert link not in await shown(running, "/")
    await running.gateway.settings.change({"manage_codes": True})
    assert link in await shown(running, "/")


async def test_while_codes_are_not_managed_the_page_explains_and_nobody_is_asked(
    world: World,
) -> None:
    running = await world.start()
    text = await shown(running)
    assert "U-tec is not asked who has one" in words(text)
    assert "makes, changes and deletes the codes of its own guests" in words(text)
    assert 'href="settings#manage_codes"' in text
    assert 'id="manage_codes"' in await shown(running, "/settings")
    await running.clock.advance(3600)
    assert calls(world) == 0


@pytest.mark.parametrize("action", ["add-guest", "show-code", "change-guest", "remove-guest"])
async def test_while_codes_are_not_managed_every_form_is_refused_and_nobody_is_asked(
    world: World, action: str
) -> None:
    running = await world.start()
    data = {**form(running), "guest": "x"}
    token = {"form_token": re.findall(r'"form_token" value="(\w+)"', await shown(running, "/"))[0]}
    async with running.client.post(f"{running.panel}/{action}", data={**data, **token}) as answer:
        assert "U-tec is not asked who has one" in words(await answer.text())
    await running.clock.advance(60)
    assert calls(world) == 0


async def test_codes_that_are_turned_off_are_shown_no_longer_and_asked_for_no_longer(
    world: World,
) -> None:
    running = await started(world)
    await add(running)
    await running.gateway.settings.change({"manage_codes": False})
    before = calls(world)
    assert "Anna" not in await shown(running)
    await running.clock.advance(7200)
    assert calls(world) == before


async def test_a_guest_is_shown_with_times_and_state(world: World) -> None:
    running = await started(world)
    local = running.gateway.account.codes.zone().local(running.clock.now())
    await add(running, uses="3", opens="08:00", closes="12:30")
    card = card_of(await shown(running), running)
    assert "Anna Waiting for the lock since 20" in card
    assert f"{local:%a} {local.day} {local:%B %H:%M} \N{EN DASH} " in card
    assert "every day · 08:00 \N{EN DASH} 12:30 · at most 3 times" in card
    await running.clock.advance(10)
    card = card_of(await shown(running), running)
    assert "Anna On the lock" in card
    assert "since" not in card


async def test_a_guest_of_some_days_is_shown_with_them(world: World) -> None:
    running = await started(world)
    days = {f"day-{day}": "on" for day in (1, 4)}
    typed = {k: v for k, v in form(running).items() if not k.startswith("day-")}
    far = running.clock.now() + timedelta(days=20)
    await send(running, "add-guest", **{**typed, **days, "ends": f"{far:%Y-%m-%dT%H:%M}"})
    card = card_of(await shown(running), running)
    assert "Tue, Fri · all day · any number of times" in card


async def test_a_guest_waits_for_an_offline_lock_says_so_and_comes_when_it_is_back(
    world: World,
) -> None:
    running = await started(world)
    world.cloud.devices[OTHER_LOCK].go_offline()
    await running.clock.advance(120)
    await add(running, LOCK, OTHER_LOCK)
    await running.clock.advance(600)
    text = await shown(running)
    assert "Anna On the lock" in card_of(text, running)
    waiting = card_of(text, running, OTHER_LOCK)
    assert "Anna Waiting for the lock since 20" in waiting
    assert "The lock is offline. It gets this when it is back." in waiting
    world.cloud.devices[OTHER_LOCK].go_online()
    await running.clock.advance(120)
    assert "Anna On the lock" in card_of(await shown(running), running, OTHER_LOCK)


async def test_a_guest_whom_u_tec_never_lists_is_not_confirmed_and_what_to_do_is_said(
    world: World,
) -> None:
    world.cloud.devices[LOCK].behaviour.forget_next_adds = 9
    running = await started(world)
    await add(running)
    await running.clock.advance(1200)
    card = card_of(await shown(running), running)
    assert "Anna Not confirmed since" in card
    assert "Take it back, then make a new one." in card


async def test_a_guest_who_is_taken_back_from_an_offline_lock_may_still_get_in(
    world: World,
) -> None:
    running = await started(world)
    await add(running)
    await running.clock.advance(10)
    world.cloud.devices[LOCK].go_offline()
    await running.clock.advance(120)
    await send(running, "remove-guest", guest=guests(running)[0].id)
    card = card_of(await shown(running), running)
    assert "Anna Being taken back since 20" in card
    assert "Until it is back, the code may still open it." in card


async def test_a_guest_whose_time_is_over_is_said_to_be_deleted(world: World) -> None:
    running = await started(world)
    local = running.gateway.account.codes.zone().local(running.clock.now())
    await add(running, ends=f"{local + timedelta(hours=2):%Y-%m-%dT%H:%M}")
    await running.clock.advance(3 * 3600)
    assert "It is deleted a day after its end." in card_of(await shown(running), running)
    await running.clock.advance(25 * 3600)
    assert "Anna" not in await shown(running)


async def test_others_are_listed_by_name_and_type_and_have_nothing_to_press(
    world: World,
) -> None:
    users = world.cloud.devices[LOCK].users
    for name, kind in (("Grandma", 0), ("<b>Plumber</b>", 2), ("Somebody", 3)):
        users.place({"name": name, "type": kind, "password": 735_190 + kind})
    running = await started(world)
    text = await shown(running)
    card = card_of(text, running)
    assert "managed in U-tec's app (read-only)" in card
    assert "Grandma type 0 · On the lock" in card
    assert "Somebody type 3 · On the lock" in card
    assert "<b>Plumber</b> temporary · On the lock" in card
    assert "<b>Plumber" not in text
    assert "735" not in text
    assert 'form="show"' not in text


async def test_many_others_are_counted(world: World) -> None:
    for number in range(30):
        world.cloud.devices[LOCK].users.place({"name": f"Person {number}", "type": 0})
    running = await started(world)
    card = card_of(await shown(running), running)
    assert card.count("Person") == 9
    assert "and 21 more" in card


async def test_a_list_that_cannot_be_had_is_said_with_the_age_of_the_last(world: World) -> None:
    running = await started(world)
    listed_at = running.gateway.account.codes.of(LOCK).listed_at
    assert listed_at
    world.cloud.faults.fail("st.lockUser/list")
    await running.clock.advance(60)
    await shown(running)
    await running.clock.advance(60)
    card = card_of(await shown(running), running)
    assert "The list could not be read. U-tec" in card
    assert f"U-tec's list was read {listed_at:%Y-%m-%dT%H:%M}" in card


async def test_a_list_that_has_never_been_read_says_so(world: World) -> None:
    world.cloud.faults.fail("st.lockUser/list")
    running = await started(world)
    await running.clock.advance(60)
    assert "has not been read since the start" in card_of(await shown(running), running)


async def test_opening_the_page_has_users_listed_when_the_list_is_older_than_half_a_minute(
    world: World,
) -> None:
    running = await started(world)
    await running.clock.advance(60)
    before = calls(world, "list")
    for _ in range(3):
        await shown(running)
        await running.clock.advance(5)
    assert calls(world, "list") == before + 2, "once for each lock"


async def test_the_zone_that_is_assumed_is_said(world: World) -> None:
    running = await started(world)
    zone = running.gateway.account.codes.zone()
    text = words(await shown(running))
    assert f"Times are the locks&#39; own: {zone.name}, where it is " in text
    assert ("This zone is assumed." in text) is zone.is_assumed


async def test_an_open_page_follows_and_never_carries_a_code(world: World) -> None:
    running = await started(world)
    code = code_in(await add(running))
    assert code
    async with running.client.get(f"{running.panel}/live?page=codes") as stream:
        first = (await meanwhile(running, stream.content.readline())).decode()
    assert "Anna" in first
    assert code not in first


async def test_twenty_locks_with_guests_are_a_light_page(world: World) -> None:
    for number in range(18):
        world.cloud.add_device(f"02:51:4D:00:01:{number:02}", f"Holiday Flat {number}")
    running = await started(world)
    locks = [device.id for device in running.gateway.account.cache.devices]
    await add(running, *locks)
    await running.clock.advance(30)
    text = await shown(running)
    assert text.count("Guests: 1 · not on the lock: 0 · others: 1") == 20
    assert "Anna" not in text
    assert len(text.encode()) < HEAVIEST
    alone = await shown(running, f"/codes?lock={tag(running)}")
    assert "Anna On the lock" in card_of(alone, running)
    assert alone.count('class="card" id="lock-') == 1
    assert f'data-live="live?page=codes&amp;lock={tag(running)}"' in alone
    assert 'href="codes"' in alone
    assert len(alone.encode()) < HEAVIEST


async def test_the_diagnostics_hold_neither_names_of_guests_nor_codes(world: World) -> None:
    world.cloud.devices[LOCK].users.place({"name": "Grandma", "type": 0, "password": 735190})
    running = await started(world)
    code = code_in(await add(running, name="Anna Karenina"))
    assert code
    await running.clock.advance(10)
    _, file = await page(running, "/diagnostics.json")
    for secret in (code, "Karenina", "Grandma", "735190"):
        assert secret not in file


async def test_a_lock_is_known_by_its_tag_only(world: World) -> None:
    running = await started(world)
    text = await shown(running)
    assert tag(running) in text
    assert LOCK not in text
