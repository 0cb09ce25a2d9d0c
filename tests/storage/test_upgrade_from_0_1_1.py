"""A gateway that starts on what 0.1.1 left on the disk goes on where that one stopped.

The files were written by version 0.1.1 against the simulated cloud: two locks, one battery low for
a day and told of, four refreshes, then a refused one. Nobody listens at the address in them.
"""

import json
import shutil
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import LOCK, OTHER_LOCK, World
from tests.steps import on_disk
from tests.web.panel.asking import page, words
from utec_gateway.storage.state import LEFT_OVER

INSTALLED = Path(__file__).with_name("files_of_0_1_1")
STOPPED_AT = datetime.fromisoformat("2026-01-06T14:13:00+00:00")
TOLD = ["battery_low_4efbe62f", "reauth_required"]
NEW_FILES = {
    "devices.json": ("account", "devices"),
    "batteries.json": ("low_since", "good_since"),
    "issues.json": ("notifications", "told"),
}


def of_0_1_1(name: str) -> Any:
    return json.loads((INSTALLED / name).read_bytes())


def without_messages(content: dict[str, Any]) -> dict[str, Any]:
    """Return a file's content without the texts that this version words anew at its start."""
    told = [{**one, "message": "", "what": ""} for one in content.get("notifications", ())]
    return {**content, "notifications": told} if told else content


STATE = of_0_1_1("state.json")


@pytest.fixture
async def installed(world: World) -> World:
    """A data folder as 0.1.1 left it, two minutes later."""
    shutil.copytree(INSTALLED, world.data_dir, dirs_exist_ok=True)
    world.options = of_0_1_1("options.json")
    await world.clock.advance((STOPPED_AT - world.clock.now()).total_seconds() + 120)
    return world


async def test_the_sign_in_the_key_and_the_refusal_are_those_of_before(installed: World) -> None:
    running = await installed.start()
    state = running.gateway.store.state
    assert state.token
    assert state.token.access_token == STATE["token"]["access_token"]
    assert state.token.refresh_token == STATE["token"]["refresh_token"]
    assert state.previous_refresh_token == STATE["previous_refresh_token"]
    assert (state.api_key, state.token_serial) == (STATE["api_key"], STATE["token_serial"])
    assert state.refusal
    assert state.refusal.since.isoformat() == STATE["refusal"]["since"]
    assert running.gateway.account.tokens.reauth_required
    assert not list(installed.data_dir.glob("*.damaged*"))


async def test_the_devices_are_shown_at_once_without_u_tec(installed: World) -> None:
    running = await installed.start()
    status, body = await running.get("/api/devices")
    assert (status, body["payload"]["devices"]) == (200, STATE["devices"])
    assert LOCK not in (installed.data_dir / "gateway.log").read_text()
    assert OTHER_LOCK not in (installed.data_dir / "gateway.log").read_text()


@pytest.mark.parametrize("language", ["en", "de"])
async def test_what_was_told_is_open_and_not_told_again(installed: World, language: str) -> None:
    running = await installed.start(language=language)
    assert [one.id for one in running.gateway.tracker.open] == TOLD
    await installed.clock.advance(600)
    assert [one.id for one in running.gateway.tracker.delivered] == TOLD
    assert " WARNING [utec_gateway.plugins" not in (installed.data_dir / "gateway.log").read_text()


async def test_the_refreshes_are_in_the_timeline_in_the_token_s_life_and_in_the_diagnostics(
    installed: World,
) -> None:
    running = await installed.start()
    timeline = words((await page(running, "/activity"))[1])
    assert timeline.count("The sign-in was refreshed.") == 3
    assert timeline.count("Signed in to U-tec.") == 1
    assert "The sign-in could not be refreshed. U-tec refused the sign-in" in timeline
    assert "Failed refresh" in (await page(running, "/sign-in"))[1]
    async with running.client.get(f"{running.panel}/diagnostics.json") as answer:
        found = (await answer.json())["renewals"]
    assert [one["at"][:19] for one in found] == [
        one["at"][:19].replace("T", " ") for one in STATE["renewals"]
    ]


async def test_the_entries_of_the_old_journal_stand_in_the_order_of_time(installed: World) -> None:
    running = await installed.start()
    entries = running.gateway.journal.entries
    assert len(entries) == len(of_0_1_1("journal.json")) + len(STATE["renewals"]) + 1
    assert [entry.at for entry in entries] == sorted(entry.at for entry in entries)


async def test_what_left_the_state_file_is_in_files_of_its_own_after_one_start(
    installed: World,
) -> None:
    await installed.start()
    await installed.stop()
    for name, fields in NEW_FILES.items():
        moved = on_disk(installed, name)
        assert without_messages(moved) == without_messages(
            {field: STATE[field] for field in fields}
        )
    assert not set(LEFT_OVER) & on_disk(installed).keys()


async def test_a_second_start_remembers_the_same(installed: World) -> None:
    for _ in range(2):
        running = await installed.start()
        assert len(running.gateway.journal.refreshes) == len(STATE["renewals"])
        assert [one.id for one in running.gateway.tracker.delivered] == TOLD
        await installed.stop()
    assert on_disk(installed, "batteries.json")["low_since"] == STATE["low_since"]


@pytest.mark.parametrize("name", [*NEW_FILES, "journal.json"])
async def test_a_disk_that_refuses_a_new_file_costs_nothing_of_what_the_old_one_has(
    name: str, installed: World
) -> None:
    """As a crash before the file is written: the state file keeps everything until it is."""
    (installed.data_dir / f"{name}.new").mkdir()
    await installed.start()
    await installed.stop()
    left = on_disk(installed)
    assert {field: left[field] for field in LEFT_OVER} == {
        field: STATE[field] for field in LEFT_OVER
    }
    (installed.data_dir / f"{name}.new").rmdir()
    running = await installed.start()
    assert [one.id for one in running.gateway.tracker.delivered] == TOLD
    assert len(running.gateway.journal.refreshes) == len(STATE["renewals"])
    assert (await running.get("/api/devices"))[1]["payload"]["devices"] == STATE["devices"]
    assert not set(LEFT_OVER) & on_disk(installed).keys()


@pytest.mark.parametrize("name", [*NEW_FILES, "journal.json"])
@pytest.mark.parametrize(
    "damage", [b"", b"{", b"[]", b"5", b"\xff", b'{"told": 5, "devices": [5], "low_since": "x"}']
)
async def test_a_damaged_file_stops_nothing(name: str, damage: bytes, world: World) -> None:
    await world.start()
    await world.stop()
    (world.data_dir / name).write_bytes(damage)
    running = await world.start()
    running.gateway.tracker.raise_issue("trouble", "Trouble", "one")
    await world.clock.advance(1)
    assert [one.id for one in running.gateway.tracker.delivered] == ["trouble"]
    assert (await running.get("/health"))[1]["health"] == "healthy"
