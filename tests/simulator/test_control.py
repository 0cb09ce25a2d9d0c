"""The control API and the scenarios."""

import asyncio
import os
import signal
import sys
from typing import Any

import pytest

from tests.simulator.conftest import LOCK, Answer, Client
from utec_gateway.simulator.cloud import SimulatedCloud
from utec_gateway.simulator.devices import SimulatedDevice
from utec_gateway.simulator.enums import TokenShape
from utec_gateway.simulator.scenario import load_scenario, scenario_names
from utec_gateway.simulator.virtual_time import VirtualClock

A = {"a1", "a2", "a3", "a4", "a5", "a6", "a7", "a9", "a11", "a12"}  # A8 and A10 are faults
B = {"b1", "b2", "b3", "b5", "b6", "b8", "b9", "b10"}  # B4 is a fault, B7 is always so
C = {"c1", "c2", "c4", "c5", "c7", "c9"}  # C3, C6 are always so, C8 is done to a device
D = {"d1", "d2", "d3", "d4", "d5", "d7"}  # D6 is a fault
E = {"e1", "e2", "e3", "e4"}

pytestmark = pytest.mark.usefixtures("lock")


async def control(client: Client, what: str, body: Any) -> Answer:
    return await client.post(f"/_control/{what}", json=body)


async def test_the_overview_lists_every_row_of_switches(client: Client) -> None:
    overview = (await client.get("/_control")).body
    names = {*overview["behaviour"], *overview["devices"][LOCK]}
    rows = {name.partition("_")[0] for name in names}
    assert rows >= A | B | C | D | E
    assert overview["behaviour"]["a5_token_shape"] == "enveloped"


async def test_the_overview_tells_what_may_be_set(client: Client) -> None:
    may_be = (await client.get("/_control")).body["may_be"]
    assert may_be["behaviour"]["a5_token_shape"] == "enveloped or flat or alternating"
    assert may_be["devices"]["lock_state"] == "Locked or Unlocked or Jammed or Unknown or null"
    assert may_be["faults"]["times"] == "int or null"


async def test_switches_are_set_by_name_with_or_without_the_row(client: Client) -> None:
    wanted = {"a5_token_shape": "flat", "effect_delay": 0, "a1_redirect_uris": ["http://a.example"]}
    assert (await control(client, "behaviour", wanted)).status == 200
    behaviour = client.cloud.behaviour
    assert behaviour.oauth.token_shape is TokenShape.FLAT
    assert behaviour.commands.effect_delay == 0.0
    assert client.cloud.redirect_uris == ("http://a.example",)


async def test_a_switch_of_devices_is_set_on_all_of_them(
    client: Client, lock: SimulatedDevice
) -> None:
    await control(client, "behaviour", {"c5_auto_lock_after": 30})
    assert lock.behaviour.auto_lock_after == 30


@pytest.mark.parametrize(
    ("wanted", "words"),
    [
        ({"a5_token_shape": "round"}, "enveloped or flat or alternating"),
        ({"expires_in": "soon"}, "it is int"),
        ({"no_such_switch": 1}, "There is no switch no_such_switch"),
        ([], "must be a JSON object"),
    ],
)
async def test_a_bad_setting_is_refused_in_a_sentence_and_nothing_is_set(
    client: Client, wanted: Any, words: str
) -> None:
    if isinstance(wanted, dict):
        wanted = {"d2_effect_delay": 50, **wanted}
    answer = await control(client, "behaviour", wanted)
    assert answer.status == 400
    assert words in answer.body["detail"]
    assert client.cloud.behaviour.commands.effect_delay == 4.0


async def test_faults_are_added_and_cleared(client: Client) -> None:
    fault = {"target": "/action", "kind": "answer", "status": 503, "body": "", "times": 2}
    overview = (await control(client, "faults", fault)).body
    assert [armed["left"] for armed in overview["faults"]] == [2]
    assert (await client.act("User/Get")).status == 503
    assert (await client.send("DELETE", "/_control/faults")).body["faults"] == []
    assert (await client.act("User/Get")).status == 200


@pytest.mark.parametrize("fault", [{}, {"target": "/action", "kind": "explode"}])
async def test_a_fault_that_is_none_is_refused(client: Client, fault: Any) -> None:
    assert (await control(client, "faults", fault)).status == 400


async def test_a_device_can_be_changed_at_the_door_and_in_the_app(
    client: Client, clock: VirtualClock, lock: SimulatedDevice
) -> None:
    await control(client, f"devices/{LOCK}", {"lock_state": "Jammed", "in_seconds": 5})
    assert await client.bolt() == "Locked"
    await clock.advance(5)
    assert await client.bolt() == "Jammed"
    changes = {"name": "Blue Door", "ticked": False, "d2_effect_delay": 9, "online": False}
    answer = await control(client, f"devices/{LOCK}", changes)
    assert answer.body["name"] == "Blue Door"
    assert answer.body["online"] is False
    assert lock.commands is not None
    assert lock.commands.effect_delay == 9
    assert await client.discover() == []
    await control(client, f"devices/{LOCK}", {"online": True, "ticked": True})
    assert lock.online
    await control(client, f"devices/{LOCK}", {"offline_for": 10})
    assert not lock.online


@pytest.mark.parametrize("change", [{"lock_state": "Ajar"}, {"colour": "blue"}])
async def test_a_change_that_no_device_knows_is_refused(client: Client, change: Any) -> None:
    assert (await control(client, f"devices/{LOCK}", change)).status == 400
    assert (await control(client, "devices/nobody", {})).status == 400


async def test_tokens_can_be_ended(client: Client) -> None:
    await control(client, "tokens", {"expire_access_tokens": True})
    assert (await client.act("User/Get")).error_code == "INVALID_TOKEN"
    await control(client, "tokens", {"refuse_grants": True})
    code = client.cloud.issue_code()
    assert (await client.redeem(code)).body["error"] == "invalid_grant"
    await control(client, "tokens", {"refuse_grants": False})
    assert "data" in (await client.redeem(code)).body
    refresh_token = client.cloud.issue_tokens().refresh_token or ""
    await control(client, "tokens", {"revoke_everything": True})
    assert (await client.refresh(refresh_token)).body["error"] == "invalid_grant"
    assert (await control(client, "tokens", {"print": True})).status == 400


async def test_counters_are_shown_without_secrets(client: Client) -> None:
    await client.command("unlock")
    await client.refresh(client.cloud.issue_tokens().refresh_token or "")
    calls = (await client.get("/_control")).body["calls"]
    assert calls["by_action"] == {"Device/Command": 1, "token/refresh_token": 1}
    assert [command["name"] for command in calls["commands"]] == ["unlock"]
    assert calls["most_refreshes_at_once"] == 1
    assert "SIM-" not in str(calls)


@pytest.mark.parametrize("name", scenario_names())
async def test_every_scenario_loads_and_answers(name: str, clock: VirtualClock) -> None:
    cloud = SimulatedCloud(clock)
    load_scenario(cloud, name)
    assert all(device_id.startswith("02:51:4D:00:") for device_id in cloud.devices)


async def test_the_demo_shows_four_locks_and_three_other_devices(client: Client) -> None:
    load_scenario(client.cloud, "demo")
    answer = await client.query(*client.cloud.devices)
    found = {
        client.cloud.devices[device["id"]].name: [state["value"] for state in device["states"]]
        for device in answer.payload["devices"]
    }
    assert found == {
        "Front Door": ["Online", "Locked", 0, 4],
        "Garden Door": ["Online", "Locked", 0, 1, "Closed"],
        "Side Door": ["Online", "Unlocked", 1, 4],
        "Garage": ["Offline", "Locked", 0, 4],
        "Hall Dimmer": ["Online", "off", 50],
        "Fountain Plug": ["Online", "off"],
        "Greenhouse Air": ["Online", 3, 21.5, 48],
    }


async def test_the_command_line_prints_addresses_and_stops_when_told() -> None:
    arguments = ("-m", "utec_gateway.simulator", "--port", "0", "--speed", "100")
    process = await asyncio.create_subprocess_exec(
        sys.executable, *arguments, stdout=asyncio.subprocess.PIPE
    )
    assert process.stdout is not None
    assert b"http://127.0.0.1:" in await process.stdout.readline()
    os.kill(process.pid, signal.SIGTERM)
    await process.stdout.read()
    assert await process.wait() == 0
