"""Who did it: every command says where it came from, and claims no more than the connection."""

import json
from typing import Any

import pytest

from tests.conftest import LOCK, Running, World
from tests.issues.test_jammed import turn
from tests.steps import command, meanwhile
from tests.web.panel.asking import page, submit, words
from utec_gateway.core.command_origin import PANEL, Origin, OriginKind
from utec_gateway.journal.entry import Entry, Kind
from utec_gateway.journal.journal import LOCK_STATES
from utec_gateway.simulator.states import to_mode, unlock

HERE = Origin(OriginKind.API, "127.0.0.1")


def entered(running: Running) -> list[tuple[Origin, ...]]:
    """Return who asked for each command in the journal."""
    entries = running.gateway.journal.entries
    return [entry.origins for entry in entries if entry.kind is Kind.COMMAND]


def log(world: World) -> str:
    return (world.data_dir / "gateway.log").read_text()


async def press(running: Running, operation: str) -> None:
    tag = running.gateway.account.cache.find(LOCK).tag
    await submit(running, "/move", device=tag, operation=operation)


@pytest.mark.parametrize(
    ("origin", "said"),
    [
        (Origin(OriginKind.API, "172.30.32.1"), "API from 172.30.32.1"),
        (PANEL, "panel"),
        (Origin(OriginKind.PLUGIN, "bell.py"), "plugin bell.py"),
    ],
)
def test_an_origin_says_what_is_known_of_it(origin: Origin, said: str) -> None:
    assert str(origin) == said


async def test_an_integration_is_in_the_journal_and_in_the_log(
    world: World, running: Running
) -> None:
    await command(running, "unlock")
    assert entered(running) == [(HERE,)]
    assert "Front Door: unlock, asked by API from 127.0.0.1" in log(world)
    assert "Front Door: unlock confirmed after 5.0 s (API from 127.0.0.1)" in log(world)


async def test_the_panel_is_in_the_journal_and_in_the_log(world: World, running: Running) -> None:
    await press(running, "unlock")
    await running.clock.advance(9)
    assert entered(running) == [(PANEL,)]
    assert "Front Door: unlock confirmed after 5.0 s (panel)" in log(world)


async def test_both_are_named_when_one_joins_the_others_command(
    world: World, running: Running
) -> None:
    await press(running, "unlock")
    await press(running, "unlock")
    await command(running, "unlock")
    assert entered(running) == [(PANEL, HERE)]
    assert "unlock confirmed after 5.0 s (panel, API from 127.0.0.1)" in log(world)
    assert world.cloud.calls.commands_for(LOCK) == ["unlock"]


async def test_a_refused_a_replaced_and_an_unconfirmed_command_are_named_too(
    world: World, running: Running
) -> None:
    world.cloud.behaviour.commands.ignore_next = 2
    await press(running, "unlock")
    await command(running, "lock")
    await running.clock.advance(70)
    turn(world, to_mode(1))
    await running.clock.advance(31)
    await command(running, "lock")
    assert entered(running) == [(PANEL,), (HERE,), (HERE,)]
    assert "Front Door: lock failed (API from 127.0.0.1): Front Door is in passage" in log(world)


async def test_a_forwarded_address_is_not_believed(running: Running) -> None:
    liar = {
        "X-Forwarded-For": "203.0.113.9",
        "Forwarded": "for=203.0.113.9",
        "X-Real-IP": "203.0.113.9",
        "X-Remote-User-Name": "mallory",
    }
    key = {"Authorization": f"Bearer {running.gateway.store.state.api_key}"}
    asked = running.post("/api/unlock", {"id": LOCK}, headers={**liar, **key})
    assert (await meanwhile(running, asked))[0] == 200
    assert entered(running) == [(HERE,)]


async def test_another_machine_is_named_by_its_address(world: World, elsewhere: str) -> None:
    first = await world.start(trusted_networks=[f"{elsewhere}/32"])
    await world.stop()
    assert first is not None
    async with world.as_it_is(elsewhere) as running:
        await running.clock.advance(1)
        assert (await command(running, "unlock"))[1]["status"] == "ok"
        assert entered(running)[-1] == (Origin(OriginKind.API, elsewhere),)


async def test_origins_are_kept_over_a_restart(world: World, running: Running) -> None:
    await press(running, "unlock")
    await command(running, "unlock")
    await world.stop()
    again = await world.start()
    assert entered(again) == entered(running) == [(PANEL, HERE)]


async def test_an_entry_from_before_origins_were_kept_is_read(world: World) -> None:
    running = await world.start()
    await command(running, "unlock")
    await world.stop()
    path = world.data_dir / "journal.json"
    entries = [one for one in json.loads(path.read_text()) if one["kind"] != LOCK_STATES]
    for entry in entries:
        del entry["origins"]
    path.write_text(json.dumps(entries))
    again = await world.start()
    assert entered(again) == [()]
    assert "Front Door was unlocked" in words((await page(again, "/activity"))[1])


@pytest.mark.parametrize("damage", [5, "text", [5], [{}], [{"kind": "burglar", "address": ""}]])
async def test_a_damaged_origin_costs_its_entry_only(damage: Any, world: World) -> None:
    running = await world.start()
    await command(running, "unlock")
    await world.stop()
    path = world.data_dir / "journal.json"
    entries = [one for one in json.loads(path.read_text()) if one["kind"] != LOCK_STATES]
    (hit,) = [entry for entry in entries if entry["kind"] == Kind.COMMAND]
    hit["origins"] = damage
    path.write_text(json.dumps(entries))
    again = await world.start()
    kinds = [entry.kind for entry in again.gateway.journal.entries]
    assert kinds == [*(entry["kind"] for entry in entries if entry is not hit), Kind.STARTED]


async def test_the_page_says_who_asked_in_the_readers_language(running: Running) -> None:
    await press(running, "unlock")
    await command(running, "unlock")
    running.gateway.journal._enter(
        Entry(
            running.clock.now(),
            Kind.COMMAND,
            "Back Door",
            operation=running.gateway.journal.entries[-1].operation,
            outcome=running.gateway.journal.entries[-1].outcome,
            origins=(Origin(OriginKind.PLUGIN, "<b>ell.py"),),
        )
    )
    _, text = await page(running, "/activity")
    shown = words(text)
    assert "Sent from the panel." in shown
    assert "Sent through the API from 127.0.0.1." in shown
    assert "Sent by the plugin &lt;b&gt;ell.py." in shown
    _, text = await page(running, "/activity", headers={"Accept-Language": "de"})
    assert "Über die API gesendet von 127.0.0.1." in words(text)


async def test_the_first_turn_by_hand_has_no_origin(world: World, running: Running) -> None:
    turn(world, unlock)
    await running.clock.advance(31)
    assert entered(running) == []
