"""The first page: what matters most in words, the token's life, and the locks."""

import re
from typing import Any

import pytest

from tests.conftest import LOCK, QUIET, Running, World
from tests.web.panel.asking import page, submit, words
from utec_gateway.simulator.states import PASSAGE_MODE, lock, to_mode

STATE = re.compile(r'<p class="state">([^<]+)</p>')


def tag(running: Running) -> str:
    return running.gateway.account.cache.find(LOCK).tag


def card(running: Running, text: str) -> str:
    """Return the card of the first lock."""
    return text.partition(f'id="device-{tag(running)}"')[2].partition("</li>")[0]


def filled(shown: str) -> list[str]:
    """Return the buttons of a card that stand out."""
    return re.findall(r"<button formaction[^>]*>([^<]+)</button>", shown)


def state(running: Running, text: str) -> str:
    found = STATE.search(card(running, text))
    assert found
    return found[1]


async def test_a_good_sign_in_says_until_when_and_when_it_is_renewed(running: Running) -> None:
    status, text = await page(running)
    assert status == 200
    assert "Signed in refreshes 2026-01-06T12:00:00Z valid for 6 days Details" in words(text)
    _, text = await page(running, "/sign-in")
    assert "Next refresh 2026-01-06T12:00:00Z Valid until 2026-01-12T11:00:00Z" in words(text)


async def test_without_a_sign_in_the_page_leads_to_the_set_up(world: World) -> None:
    running = await world.start(sign_in=False)
    _, text = await page(running)
    assert "Welcome. Set up the gateway to see your locks It takes" in words(text)
    assert 'href="set-up"' in text
    assert '<div class="issue welcome">' in text, "who is new is welcome, and nothing is wrong"
    assert "No devices yet." not in text


async def test_a_refused_sign_in_says_until_when_the_locks_keep_working(world: World) -> None:
    running = await world.start(**QUIET)
    world.cloud.refuse_grants()
    await submit(running, "/renew")
    text = words((await page(running))[1])
    assert "Sign in to U-tec again" in text
    assert "sign-in since 2026-01-05T12:00:00Z" in text
    assert "Your locks keep working until 2026-01-12T11:00:00Z." in text
    await running.clock.advance(7 * 86400)
    assert "Your locks do not respond until you have signed in." in words((await page(running))[1])


async def test_renewals_that_fail_are_said_with_their_beginning(world: World) -> None:
    running = await world.start(**QUIET)
    world.cloud.faults.fail("/token")
    await running.clock.advance(86400 + 600)
    text = words((await page(running))[1])
    assert "sign-in to U-tec has failed since 2026-01-06T12:00" in text
    assert "keep working until 2026-01-12T11:00:00Z" in text


async def test_a_cloud_that_is_silent_is_said(world: World) -> None:
    running = await world.start()
    world.cloud.faults.drop("/action")
    await running.clock.advance(200)
    text = words((await page(running))[1])
    assert "There has been no news of your locks since 2026-01-05T12:00" in text
    assert "Check your internet connection" in text


async def test_a_cloud_that_answers_with_errors_is_not_called_silent(world: World) -> None:
    running = await world.start()
    world.cloud.faults.fail("/action")
    await running.clock.advance(200)
    text = words((await page(running))[1])
    assert "There has been no news of your locks since 2026-01-05T12:00" in text
    assert "U-tec failed with HTTP 500." in text
    assert "Check your internet connection" not in text


async def test_renewing_that_is_switched_off_is_said(world: World) -> None:
    running = await world.start(auto_refresh_enabled=False)
    assert "Automatic refresh is off." in words((await page(running))[1])


async def test_a_card_shows_what_is_known_of_a_lock(running: Running) -> None:
    _, text = await page(running)
    assert state(running, text) == "Locked"
    shown = words(card(running, text))
    assert 'aria-label="Battery: 4 of 5"' in card(running, text)
    assert "Locked confirmed 2026-01-05T12:00:00Z" in shown
    assert "Door" not in shown.replace("Front Door", "")


async def test_a_lock_that_nothing_is_known_of_is_not_shown_as_locked(world: World) -> None:
    running = await world.start()
    world.cloud.faults.fail("/action")
    await running.clock.advance(200)
    assert state(running, (await page(running))[1]) == "Unknown"


async def test_an_offline_lock_has_no_buttons_and_claims_no_confirmation(world: World) -> None:
    world.cloud.devices[LOCK].go_offline()
    running = await world.start()
    _, text = await page(running)
    assert state(running, text) == "Offline"
    shown = card(running, text)
    assert "<button" not in shown
    assert "confirm?device" not in shown
    assert "confirmed" not in words(shown)


async def test_a_lock_in_passage_mode_cannot_be_locked_from_here(world: World) -> None:
    world.cloud.devices[LOCK].operate(to_mode(PASSAGE_MODE))
    running = await world.start()
    shown = card(running, (await page(running))[1])
    assert "Passage (held open)" in words(shown)
    assert 'value="lock"' not in shown
    assert filled(shown) == ["End passage mode and lock"]
    assert "a lock ignores" in words(shown)
    assert "confirm?device" not in shown, "it is unlocked, and passage mode holds it so"


async def test_a_command_shows_how_long_it_takes_and_that_it_was_confirmed(
    running: Running,
) -> None:
    answer = await submit(running, "/move", device=tag(running), operation="unlock")
    assert answer[:2] == (303, f"./#device-{tag(running)}")
    await running.clock.advance(0.5)
    assert state(running, (await page(running))[1]) == "Unlocking"
    await running.clock.advance(9)
    _, text = await page(running)
    assert state(running, text) == "Unlocked"
    assert re.search(r"Unlocked confirmed after \d+ s · 2026-01-05T12:00:0\dZ", words(text))


async def test_a_bolt_that_does_not_move_is_not_confirmed(world: World) -> None:
    running = await world.start()
    world.cloud.behaviour.commands.ignore_next = 1
    await submit(running, "/move", device=tag(running), operation="unlock")
    await running.clock.advance(70)
    _, text = await page(running)
    assert state(running, text) == "Locked"
    assert "Not confirmed: the bolt was not seen to unlock." in words(text)


async def test_a_command_that_fails_says_why(world: World) -> None:
    running = await world.start()
    world.cloud.devices[LOCK].operate(to_mode(PASSAGE_MODE))
    await running.clock.advance(60)
    await submit(running, "/move", device=tag(running), operation="lock")
    await running.clock.advance(2)
    assert "Not locked. Front Door is in passage mode" in words((await page(running))[1])


@pytest.mark.parametrize(
    ("form", "said"),
    [
        ({"device": "00000000", "operation": "lock"}, "This device no longer exists."),
        ({"operation": "lock"}, "This device no longer exists."),
        ({"device": "right", "operation": "explode"}, "A device cannot do that."),
    ],
)
async def test_a_command_for_nothing_is_explained(
    running: Running, world: World, form: dict[str, str], said: str
) -> None:
    before = len(world.cloud.calls.commands)
    form = {name: tag(running) if value == "right" else value for name, value in form.items()}
    status, _, text = await submit(running, "/move", **form)
    assert status == 200
    assert said in text
    assert len(world.cloud.calls.commands) == before


async def test_unlocking_without_a_script_asks_first(running: Running) -> None:
    status, text = await page(running, f"/confirm?device={tag(running)}&operation=unlock")
    assert status == 200
    assert "Unlock Front Door?" in text
    assert LOCK not in text
    assert (await page(running, "/confirm?device=nothing"))[0] == 404


async def test_renewing_by_hand_says_what_became_of_it(world: World) -> None:
    running = await world.start()
    status, leads_to, _ = await submit(running, "/renew")
    assert status == 303
    assert "The sign-in was refreshed." in (await page(running, f"/{leads_to}"))[1]
    world.cloud.refuse_grants()
    assert "U-tec refused the sign-in" in (await submit(running, "/renew"))[2]


async def test_the_life_of_the_token_shows_renewals_that_failed(world: World) -> None:
    running = await world.start(**QUIET)
    assert "Failed refresh" not in (await page(running, "/sign-in"))[1]
    world.cloud.faults.fail("/token")
    await running.clock.advance(86400 + 600)
    assert "Failed refresh" in (await page(running, "/sign-in"))[1]


async def test_the_name_of_a_lock_cannot_run_a_script(world: World) -> None:
    world.cloud.devices[LOCK].name = '<img src=x onerror=alert(1)>"{now}'
    running = await world.start()
    for path in ("/", f"/confirm?device={tag(running)}&operation=unlock"):
        _, text = await page(running, path)
        assert "<img" not in text
        assert "&lt;img src=x onerror=alert(1)&gt;&#34;{now}" in text


async def test_no_id_and_no_key_is_on_the_page(running: Running) -> None:
    _, text = await page(running)
    assert LOCK not in text
    assert running.gateway.store.state.api_key not in text


async def test_a_command_is_in_the_journal_after_a_restart(world: World) -> None:
    running = await world.start()
    await submit(running, "/move", device=tag(running), operation="unlock")
    await running.clock.advance(9)
    await world.stop()
    again = await world.start()
    kinds: list[Any] = [
        (entry.kind, entry.subject, entry.outcome) for entry in again.gateway.journal.entries
    ]
    assert ("command", "Front Door", "confirmed") in kinds
    assert kinds[0][0] == "started"
    assert ("stopped", "", None) in kinds


async def test_a_lock_that_nobody_has_asked_for_since_the_start_is_not_called_online(
    world: World,
) -> None:
    await world.start()
    await world.stop()
    world.cloud.faults.fail("/action")
    running = await world.start()
    shown = words(card(running, (await page(running))[1]))
    assert "Front Door Unknown" in shown
    assert "confirmed" not in shown
    assert "Locked" not in shown


async def test_a_door_whose_sensor_fell_silent_is_unknown(world: World) -> None:
    world.cloud.add_device("02:51:4D:00:00:03", "Gate", "lock_with_sensor")
    running = await world.start()
    assert "Door closed" in words((await page(running))[1])
    world.cloud.faults.fail("/action")
    await running.clock.advance(200)
    assert "Door closed" not in words((await page(running))[1])


async def test_an_outcome_is_forgotten_when_it_is_old(running: Running) -> None:
    await submit(running, "/move", device=tag(running), operation="unlock")
    await running.clock.advance(200)
    assert "Unlocked confirmed after" in words((await page(running))[1])
    await running.clock.advance(200)
    assert "confirmed after" not in words((await page(running))[1])


async def test_a_bolt_that_was_moved_since_is_not_called_confirmed(
    world: World, running: Running
) -> None:
    await submit(running, "/move", device=tag(running), operation="unlock")
    await running.clock.advance(9)
    world.cloud.devices[LOCK].operate(lock)
    await running.clock.advance(60)
    _, text = await page(running)
    assert state(running, text) == "Locked"
    assert "confirmed after" not in words(text)


async def test_missing_credentials_do_not_deny_the_sign_in_that_works(running: Running) -> None:
    await running.gateway.settings.change({"client_secret": ""})
    text = words((await page(running))[1])
    assert "Welcome." not in text
    assert "Your locks keep working until 2026-01-12T11:00:00Z." in text
