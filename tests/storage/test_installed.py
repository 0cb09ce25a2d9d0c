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

from tests.conftest import World

INSTALLED = Path(__file__).with_name("files_of_0_1_1")
STOPPED_AT = datetime.fromisoformat("2026-01-06T14:13:00+00:00")
TOLD = ["battery_low_4efbe62f", "reauth_required"]


def of_0_1_1(name: str) -> Any:
    return json.loads((INSTALLED / name).read_bytes())


def on_disk(world: World, name: str) -> Any:
    return json.loads((world.data_dir / name).read_bytes())


@pytest.fixture
async def installed(world: World) -> World:
    """A data folder as 0.1.1 left it, two minutes later."""
    shutil.copytree(INSTALLED, world.data_dir, dirs_exist_ok=True)
    world.options = of_0_1_1("options.json")
    await world.clock.advance((STOPPED_AT - world.clock.now()).total_seconds() + 120)
    return world


async def test_the_sign_in_the_key_and_the_refusal_are_those_of_before(installed: World) -> None:
    running, before = await installed.start(), of_0_1_1("state.json")
    state = running.gateway.store.state
    assert state.token
    assert state.token.access_token == before["token"]["access_token"]
    assert state.token.refresh_token == before["token"]["refresh_token"]
    assert state.previous_refresh_token == before["previous_refresh_token"]
    assert (state.api_key, state.token_serial) == (before["api_key"], before["token_serial"])
    assert state.refusal
    assert state.refusal.since.isoformat() == before["refusal"]["since"]
    assert running.gateway.account.tokens.reauth_required


async def test_what_was_told_is_open_and_not_told_again(installed: World) -> None:
    running = await installed.start()
    assert [one.id for one in running.gateway.bulletin.open] == TOLD
    await installed.clock.advance(600)
    assert [one.id for one in running.gateway.bulletin.told] == TOLD
    assert " WARNING [utec_gateway.plugins" not in (installed.data_dir / "gateway.log").read_text()


async def test_what_left_the_state_file_is_in_files_of_its_own_after_one_start(
    installed: World,
) -> None:
    before = of_0_1_1("state.json")
    await installed.start()
    await installed.stop()
    issues = on_disk(installed, "issues.json")
    assert issues == {name: before[name] for name in ("notifications", "told")}
    assert not {"notifications", "told"} & on_disk(installed, "state.json").keys()


async def test_a_disk_that_refuses_the_new_file_costs_nothing_of_what_the_old_one_has(
    installed: World,
) -> None:
    (installed.data_dir / "issues.json.new").mkdir()
    await installed.start()
    await installed.stop()
    assert on_disk(installed, "state.json")["told"] == of_0_1_1("state.json")["told"]
    (installed.data_dir / "issues.json.new").rmdir()
    running = await installed.start()
    assert [one.id for one in running.gateway.bulletin.told] == TOLD


@pytest.mark.parametrize("damage", [b"", b"{", b"[]", b"5", b"\xff", b'{"told": 5}'])
async def test_a_damaged_file_of_what_was_told_stops_nothing(damage: bytes, world: World) -> None:
    await world.start()
    await world.stop()
    (world.data_dir / "issues.json").write_bytes(damage)
    running = await world.start()
    running.gateway.bulletin.put_up("trouble", "Trouble", "one")
    await world.clock.advance(1)
    assert [one.id for one in running.gateway.bulletin.told] == ["trouble"]
