"""Without the key: only for a name of ours, only from the peer itself, only from where we say."""

import asyncio
import json
import socket
from collections.abc import AsyncIterator
from ipaddress import ip_address, ip_network

import pytest
from aiohttp import ClientSession, TCPConnector

from tests.conftest import LOCK, Running, World
from tests.steps import bearer, is_error, on_disk
from utec_gateway.simulator.cloud import SimulatedCloud
from utec_gateway.web import access

PROXIES = [
    ("X-Forwarded-For", "203.0.113.7"),
    ("X-Forwarded-Host", "localhost"),
    ("Forwarded", "for=203.0.113.7"),
    ("X-Real-IP", "203.0.113.7"),
    ("Via", "1.1 proxy"),
]
INGRESS = "127.0.0.2"


@pytest.fixture
async def trusting(world: World, elsewhere: str) -> AsyncIterator[Running]:
    """A gateway that trusts a neighbour, and is asked by it."""
    await world.start()
    await world.stop()
    options = on_disk(world, "options.json") | {"trusted_networks": [f"{elsewhere}/32"]}
    (world.data_dir / "options.json").write_text(json.dumps(options))
    async with world.as_it_is(elsewhere) as reachable:
        yield reachable


async def from_ingress(running: Running, path: str, **headers: str) -> int:
    """Ask the panel from where ingress comes from; return the status."""
    local = TCPConnector(local_addr=(INGRESS, 0), family=socket.AF_INET)
    async with (
        ClientSession(connector=local) as supervisor,
        supervisor.get(running.panel + path, headers=headers) as response,
    ):
        return response.status


async def test_a_page_under_a_rebound_name_borrows_no_trust(
    trusting: Running, cloud: SimulatedCloud
) -> None:
    headers = {"Host": "evil.example", "Origin": "http://evil.example"}
    answer = await trusting.post("/api/unlock", {"id": LOCK}, headers=headers)
    assert is_error(answer, 403, "forbidden")
    assert "evil.example" in answer[1]["detail"]
    assert "allowed_hosts" in answer[1]["detail"]
    assert cloud.calls.commands == []


async def test_health_tells_nothing_under_a_rebound_name(trusting: Running) -> None:
    _, body = await trusting.get("/health", headers={"Host": "evil.example"})
    assert "troubles" not in body


@pytest.mark.parametrize("name", ["{}", "{}.local", "{}.LOCAL.", "localhost", "[fd00::7]"])
async def test_a_neighbour_may_use_the_machines_own_names(trusting: Running, name: str) -> None:
    host = name.format(socket.gethostname().partition(".")[0])
    status, _ = await trusting.get("/api/devices", headers={"Host": f"{host}:8000"})
    assert status == 200


async def test_people_can_add_names_at_once(trusting: Running, world: World) -> None:
    headers = {"Host": "gateway.lan:8000"}
    assert is_error(await trusting.get("/api/devices", headers=headers), 403)
    allowed = {"allowed_hosts": ["Gateway.lan."]}
    assert (await trusting.post("/api/config", allowed, headers=bearer(world)))[0] == 200
    assert (await trusting.get("/api/devices", headers=headers))[0] == 200
    assert on_disk(world, "options.json")["allowed_hosts"] == ["Gateway.lan."]
    _, shown = await trusting.get("/api/config", headers=bearer(world))
    assert shown["allowed_hosts"] == ["gateway.lan"]


@pytest.mark.parametrize("name", ["http://gateway.lan", "gateway.lan:8000", "*", "", ".lan", 7])
async def test_what_is_no_bare_name_is_refused_in_words(running: Running, name: object) -> None:
    answer = await running.post("/api/config", {"allowed_hosts": [name]})
    assert is_error(answer, 400, "invalid_option")
    assert "homeassistant.local" in answer[1]["detail"]


async def test_a_program_that_names_nobody_means_this_machine(running: Running) -> None:
    host, _, port = running.url.removeprefix("http://").partition(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    writer.write(b"GET /api/devices HTTP/1.0\r\n\r\n")
    assert b"200 OK" in await asyncio.wait_for(reader.readline(), 3)
    writer.close()


@pytest.mark.parametrize("header", PROXIES, ids=[name for name, _ in PROXIES])
async def test_what_a_proxy_passes_on_does_not_enjoy_the_proxys_trust(
    running: Running, world: World, cloud: SimulatedCloud, header: tuple[str, str]
) -> None:
    headers = dict([header])
    assert is_error(await running.get("/api/devices", headers=headers), 401, "unauthorized")
    assert is_error(await running.get("/api/config", headers=headers), 401, "unauthorized")
    assert is_error(await running.post("/api/unlock", {"id": LOCK}, headers=headers), 401)
    assert "troubles" not in (await running.get("/health", headers=headers))[1]
    assert (await running.get("/settings", headers=headers))[0] == 200  # the login page
    assert is_error(await running.get("/api/config", headers=headers), 401)
    assert cloud.calls.commands == []
    assert (await running.get("/api/devices", headers=headers | bearer(world)))[0] == 200


async def test_only_the_supervisor_may_pass_requests_on_to_the_panel(world: World) -> None:
    world.ingress_peer = ip_address(INGRESS)
    running = await world.start()
    passed_on = {"X-Forwarded-For": "192.168.1.5", "Host": "home.example:8123"}
    assert await from_ingress(running, "/", **passed_on) == 200
    async with running.client.get(running.panel, headers=passed_on) as response:
        assert response.status == 403
    async with running.client.get(running.panel) as response:
        assert response.status == 200


async def test_home_assistants_own_token_is_no_wrong_key(world: World) -> None:
    world.ingress_peer = ip_address(INGRESS)
    running = await world.start()
    for _ in range(20):
        assert await from_ingress(running, "/", Authorization="Bearer of-home-assistant") == 200
    assert "Wrong key" not in (world.data_dir / "gateway.log").read_text()


async def test_the_supervisors_networks_count_only_where_there_is_one(
    world: World, elsewhere: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    network = f"{elsewhere}/32"
    monkeypatch.setattr(access, "SUPERVISOR_NETWORKS", frozenset({ip_network(network)}))
    await world.start()
    await world.stop()
    options = on_disk(world, "options.json") | {"trusted_networks": [network]}
    (world.data_dir / "options.json").write_text(json.dumps(options))
    async with world.as_it_is(elsewhere) as alone:
        assert is_error(await alone.get("/api/devices"), 401)
    world.ingress_peer = ip_address(INGRESS)
    async with world.as_it_is(elsewhere) as supervised:
        assert (await supervised.get("/api/devices"))[0] == 200


async def test_without_a_supervisor_nobody_is_taken_for_it(running: Running) -> None:
    assert await from_ingress(running, "/alive", **{"X-Forwarded-For": "192.168.1.5"}) == 401
