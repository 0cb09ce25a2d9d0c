"""The file for bug reports: useful, and silent about who, where and how to get in."""

import json
import logging
import re
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import LOCK, OTHER_LOCK, Running, World
from tests.plugins.installing import install
from tests.steps import together
from utec_gateway.core.models import Operation, StateEntry
from utec_gateway.journal.entry import Kind
from utec_gateway.logging import digest
from utec_gateway.simulator.cloud import SimulatedCloud
from utec_gateway.simulator.states import unlock
from utec_gateway.web.panel.diagnostics import anonymizer

EMAIL: dict[str, Any] = {
    "smtp_host": "mail.example.com",
    "username": "somebody",
    "password": "Mailbox-password-nobody-sees",
    "sender": "home@example.com",
    "recipients": ["me@example.com", "you@example.com"],
}


async def report(running: Running) -> tuple[str, Any]:
    async with running.client.get(running.panel + "/diagnostics.json") as response:
        assert response.status == 200
        assert response.headers["Content-Disposition"].startswith("attachment")
        text = await response.text()
    return text, json.loads(text)


async def test_it_says_what_a_developer_needs(running: Running) -> None:
    _, found = await report(running)
    assert found["health"] == "healthy"
    assert found["versions"]["aiohttp"]
    assert found["token"]["expires_at"] == "2026-01-12T11:00:00+00:00"
    assert found["token"]["next_renewal_in_seconds"] == 86400
    assert found["options"]["poll_interval_seconds"] == 15
    assert found["cloud_calls"]["last_hour"] > 0
    assert [renewal["detail"] for renewal in found["renewals"]] == ["signed in"]
    assert "event_log" in [plugin["name"] for plugin in found["plugins"]]
    states = {state["name"]: state["value"] for state in found["devices"][0]["states"]}
    assert states["lockState"] == "Locked"


async def test_it_says_which_libraries_are_installed(running: Running) -> None:
    _, found = await report(running)
    names = found["versions"].keys() - {"utec_gateway", "python"}
    assert len(names) == 6
    assert {name: version(name) for name in names}.items() <= found["versions"].items()


async def test_no_secret_and_nobody_is_in_it(world: World) -> None:
    running = await world.start(email=EMAIL)
    world.cloud.faults.fail("/action")
    await running.clock.advance(300)
    await running.post("/api/lock", {"id": "unknown"})
    state, options = running.gateway.store.state, running.gateway.settings.options
    text, found = await report(running)
    assert state.token
    assert found["last_errors"]
    for secret in (
        *(LOCK, OTHER_LOCK, "Front Door", "Back Door", state.api_key),
        *(state.token.access_token, state.token.refresh_token),
        *(options.client_id, options.client_secret, options.redirect_uri),
        *(EMAIL["smtp_host"], EMAIL["username"], EMAIL["password"], EMAIL["sender"]),
        *EMAIL["recipients"],
    ):
        assert secret
        assert secret not in text, secret


async def test_the_same_lock_is_the_same_everywhere(running: Running) -> None:
    _, found = await report(running)
    assert [device["id"] for device in found["devices"]] == ["<device-1>", "<device-2>"]
    assert [device["name"] for device in found["devices"]] == ["<name-1>", "<name-2>"]


async def test_it_works_before_anything_is_set_up(world: World) -> None:
    running = await world.start(sign_in=False, client_id="", client_secret="")
    _, found = await report(running)
    assert found["health"] == "setup_required"
    assert found["token"]["next_renewal_in_seconds"] is None


PRIVATE = "Grandmas-own-9317"
ENTRY: dict[str, Any] = {
    "id": LOCK,
    "name": "Front Door",
    "category": "SmartLock",
    "handleType": "utec-lock-sensor",
    "deviceInfo": {"manufacturer": "U-tec", "model": "U-Bolt-Pro-WiFi", "hwVersion": "02.34.0020"},
    "attributes": {"batteryLevelRange": {"min": 1, "max": 5, "step": 1}},
}
KEYS: list[tuple[str, ...]] = [
    ("category",),
    ("handleType",),
    ("owner",),
    ("customData",),
    ("deviceInfo",),
    ("deviceInfo", "manufacturer"),
    ("deviceInfo", "model"),
    ("deviceInfo", "hwVersion"),
    ("deviceInfo", "serialNumber"),
    ("attributes",),
    ("attributes", "batteryLevelRange"),
    ("attributes", "batteryLevelRange", "max"),
    ("attributes", "location"),
]
HOSTILE: list[Any] = [
    PRIVATE,
    [PRIVATE],
    {PRIVATE: PRIVATE},
    {"a": {"b": [PRIVATE]}},
    93171234,
    "SN0123456789",
    "02514D000001",
    "me@example.com",
    f"{PRIVATE}\ud800",
    float("nan"),
    True,
]


def planted(entry: dict[str, Any], way: tuple[str, ...], value: Any) -> dict[str, Any]:
    """Return an entry with a value somewhere in it."""
    name, *rest = way
    return {**entry, name: planted(entry.get(name) or {}, tuple(rest), value) if rest else value}


def test_what_is_known_of_a_device_is_told() -> None:
    told = {name: value for name, value in ENTRY.items() if name not in {"id", "name"}}
    assert anonymizer.entry(ENTRY) == {**told, "left_out": 2}


@pytest.mark.parametrize("way", KEYS, ids=".".join)
@pytest.mark.parametrize("value", HOSTILE, ids=repr)
async def test_nothing_that_is_unknown_comes_out_wherever_it_stands(
    way: tuple[str, ...], value: Any
) -> None:
    text = json.dumps(anonymizer.entry(planted(ENTRY, way, value)))
    for private in (PRIVATE, "9317", "0123456789", "02514D", "me@example", "Front Door", "ud800"):
        assert private not in text


@pytest.mark.parametrize("value", [*HOSTILE[:-1], "Grandma", 12345, -1e9])
@pytest.mark.parametrize("key", [*anonymizer.STATES, ("st.lock", "user"), ("st.door", PRIVATE)])
def test_no_reading_says_more_than_its_kind(key: tuple[str, str], value: Any) -> None:
    told = anonymizer.state(StateEntry(*key, value))
    assert told["value"] == f"<{type(value).__name__}>"
    assert PRIVATE not in str(told)
    unknown = anonymizer.state(StateEntry(PRIVATE, PRIVATE, value))
    assert set(unknown.values()) == {"<str>", f"<{type(value).__name__}>"}


def test_a_reading_that_is_known_is_told_as_it_came() -> None:
    for reading in (
        StateEntry("st.lock", "lockState", "Jammed"),
        StateEntry("st.Lock", "lockMode", 1),
        StateEntry("st.batteryLevel", "level", 5),
    ):
        assert anonymizer.state(reading) == reading.to_json()


async def test_former_names_and_addresses_and_the_network_do_not_come_out(
    world: World, cloud: SimulatedCloud
) -> None:
    cloud.devices[LOCK].name = "Grandmas flat"
    mine: dict[str, Any] = {"trusted_networks": ["192.168.77.0/24"], "scope": "openapi grandma"}
    running = await world.start(email=EMAIL, **mine)
    await running.post("/api/lock", {"id": LOCK})
    await running.clock.advance(20)
    cloud.devices[LOCK].operate(unlock)
    await running.clock.advance(20)
    (moved,) = [one for one in running.gateway.journal.entries if one.kind is Kind.ACTIVITY]
    assert moved.subject == "Grandmas flat"
    cloud.devices[LOCK].name = "Studio"
    another = {"recipients": ["new@example.com"], "sender": "new@example.com", "username": "new"}
    assert (await running.post("/api/config", {"email": another}))[0] == 200
    await running.clock.advance(4000)
    logging.getLogger("utec_gateway.devices.poller").error("%s does not move", "Grandmas flat")
    logging.getLogger("Grandma").error("Grandmas flat of me@example.com")
    text, found = await report(running)
    for private in (
        "Grandma",
        "Studio",
        moved.tag,
        "192.168",
        *EMAIL["recipients"],
        "somebody",
        "example",
    ):
        assert private not in text
    assert found["options"]["trusted_networks"] == "<1 of them>"
    assert found["options"]["email"]["recipients"] == "<1 of them>"
    assert found["options"]["email"]["smtp_port"] == 587
    assert found["options"]["oauth_base_url"] == "<set>"
    assert found["options"]["action_path"] == "<default>"


async def test_half_a_character_does_not_keep_the_file_from_being_made(
    world: World, cloud: SimulatedCloud
) -> None:
    cloud.devices[LOCK].name = "Door \ud800"
    running = await world.start()
    logging.getLogger("utec_gateway.devices.poller").error(
        "Oh \ud800 %s", "\udfff", exc_info=ValueError("\ud800")
    )
    _, found = await report(running)
    assert found["last_errors"][-1]["error"] == ["ValueError"]


async def test_somebodys_own_plugin_is_not_named(world: World) -> None:
    install(world, "grandmas_flat.py", "raise ValueError('Grandmas flat')")
    text, found = await report(await world.start())
    assert "grandma" not in text.lower()
    plugin = found["plugins"][-1]
    assert (plugin["name"], plugin["is_failing"]) == ("<own-1>", True)


async def test_an_error_says_what_a_developer_needs(world: World) -> None:
    running = await world.start()
    world.cloud.faults.fail("/token")
    await together(running.clock, running.post("/api/oauth/refresh"), limit=300)
    _, found = await report(running)
    (problem,) = [
        one for one in found["last_errors"] if one["logger"] == "utec_gateway.auth.refresh"
    ]
    assert problem["level"] == "ERROR"
    assert problem["message"] == "Token refresh failed: %s"
    assert problem["where"].startswith("auth/refresh.py:")
    ((error, *_),) = problem["arguments"]
    assert error.startswith("TokenEndpointError HTTP 500 at utec/oauth.py:")
    assert found["troubles"]["renewal"]["error"][0] == error


async def test_problems_of_before_the_restart_are_told_by_when_and_where(world: World) -> None:
    running = await world.start()
    world.cloud.faults.fail("/token")
    await together(running.clock, running.post("/api/oauth/refresh"), limit=300)
    await world.stop()
    running = await world.start()
    _, found = await report(running)
    problem = found["last_errors"][0]
    assert (problem["level"], problem["logger"]) == ("ERROR", "utec_gateway.auth.refresh")
    assert problem["message"] is None
    await running.post("/logs/clear")
    assert (await report(running))[1]["last_errors"] == []


def test_of_an_argument_only_the_harmless_is_kept() -> None:
    for value in (None, True, 500, -3, 2.5, Operation.UNLOCK):
        assert digest.harmless(value) == value
    values: list[Any] = ["1234", 1234, ["a"], {"a": 1}, float("inf"), Path("/home/grandma")]
    for value in values:
        assert "<" in digest.harmless(value)
        assert not re.search("1234|grandma|a'", digest.harmless(value))
    assert digest.harmless("U-tec: invalid_grant for me, HTTP 401") == (
        "<str> invalid_grant HTTP 401"
    )
