"""The file for bug reports: useful, and silent about who, where and how to get in."""

import json
from typing import Any

from tests.conftest import LOCK, OTHER_LOCK, Running, World
from utec_gateway.web.panel.diagnostics import Disguise

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
    assert found["options"]["poll_interval_seconds"] == 30
    assert found["cloud_calls"]["last_hour"] > 0
    assert [renewal["detail"] for renewal in found["renewals"]] == ["signed in"]
    assert "event_log" in [plugin["name"] for plugin in found["plugins"]]
    states = {state["name"]: state["value"] for state in found["devices"][0]["states"]}
    assert states["lockState"] == "Locked"


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


def test_a_name_inside_another_does_not_betray_it() -> None:
    disguise = Disguise()
    disguise.hide("name", ["Door", "Front Door", "", "A", None])
    assert disguise.of({"Front Door": ["A Door", 1, None]}) == {"<name-2>": ["A <name-1>", 1, None]}


def test_a_short_name_is_hidden_where_it_stands_alone() -> None:
    disguise = Disguise()
    disguise.hide("name", ["A"])
    assert disguise.of({"name": "A", "detail": "An A"}) == {"name": "<name-1>", "detail": "An A"}
