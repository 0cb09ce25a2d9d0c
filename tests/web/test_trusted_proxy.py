"""What a reverse proxy says of a request, and who is believed when he says it."""

import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from ipaddress import ip_network
from typing import Any

import pytest
from aiohttp import ClientSession, CookieJar, TCPConnector, web

from tests.conftest import LOCK, Running, World
from tests.served import serving
from tests.steps import bearer, is_error
from tests.web.panel.window import Window, key_of, start
from utec_gateway.simulator.cloud import SimulatedCloud
from utec_gateway.web.access import peer_of
from utec_gateway.web.peer_address import NOBODY, SUPERVISOR
from utec_gateway.web.trusted_proxy import as_sent, is_proxied, path_prefix

PROXY, STRANGER, CLIENT = "127.0.0.5", "127.0.0.6", "203.0.113.7"
SECOND_PROXY = "10.0.0.9"
TRUSTED = [f"{PROXY}/32", f"{SECOND_PROXY}/32", "fd00:5::/64"]
NETWORKS = [ip_network(each) for each in TRUSTED]


@asynccontextmanager
async def coming_from(peer: str) -> AsyncIterator[ClientSession]:
    """Open a client whose connections begin at that address of loopback."""
    local = TCPConnector(local_addr=(peer, 0), family=socket.AF_INET)
    async with ClientSession(connector=local, cookie_jar=CookieJar(unsafe=True)) as client:
        yield client


@asynccontextmanager
async def through(running: Running, peer: str = PROXY, port: str = "url") -> AsyncIterator[Window]:
    """Open a browser whose requests arrive from there."""
    async with coming_from(peer) as client:
        yield Window(client, getattr(running, port))


async def behind_a_proxy(world: World, **options: Any) -> Running:
    """Start a gateway in plain Python that trusts the proxy."""
    return await world.start(**{"trusted_proxies": TRUSTED, "trusted_networks": [], **options})


# What is believed


async def _echo(request: web.Request) -> web.Response:
    sent = as_sent(request, NETWORKS)
    return web.json_response(
        {
            "peer": str(peer_of(sent)),
            "host": sent.headers["Host"],
            "scheme": sent.scheme,
            "prefix": path_prefix(sent),
            "proxied": is_proxied(sent),
            "left": sorted(name for name in sent.headers if name.lower().startswith("x-")),
        }
    )


async def seen(headers: list[tuple[str, str]] | dict[str, str], peer: str = PROXY) -> Any:
    """Return how a request looks that arrived with these headers."""
    app = web.Application()
    app.router.add_get("/", _echo)
    async with (
        serving(app) as url,
        coming_from(peer) as client,
        client.get(url, headers=headers) as found,
    ):
        assert found.status == 200
        return await found.json()


async def test_a_trusted_proxy_is_believed_all_of_it() -> None:
    told = {
        "X-Forwarded-For": CLIENT,
        "X-Forwarded-Host": "home.example",
        "X-Forwarded-Proto": "HTTPS",
        "X-Forwarded-Prefix": "/utec/",
        "X-Real-IP": "198.51.100.1",
        "Forwarded": "for=198.51.100.2",
    }
    assert await seen(told) == {
        "peer": CLIENT,
        "host": "home.example",
        "scheme": "https",
        "prefix": "/utec",
        "proxied": True,
        "left": [],
    }


async def test_nobody_else_is_believed_anything() -> None:
    told = {
        "X-Forwarded-For": CLIENT,
        "X-Forwarded-Proto": "https",
        "X-Forwarded-Host": "home.example",
        "X-Forwarded-Prefix": "/utec",
    }
    found = await seen({"Host": "gateway.lan", **told}, peer=STRANGER)
    assert found == {
        "peer": STRANGER,
        "host": "gateway.lan",
        "scheme": "http",
        "prefix": "",
        "proxied": False,
        "left": sorted(told),
    }


@pytest.mark.parametrize(
    ("said", "believed"),
    [
        ([CLIENT], CLIENT),
        ([f"127.0.0.1, {CLIENT}"], CLIENT),
        ([f"{SUPERVISOR}, ::1, {CLIENT}"], CLIENT),
        ([f"127.0.0.1,{CLIENT}, {SECOND_PROXY}"], CLIENT),
        (["127.0.0.1", CLIENT, SECOND_PROXY], CLIENT),
        ([f"{CLIENT}, {SECOND_PROXY}, 198.51.100.9"], "198.51.100.9"),
        (["2001:db8::7"], "2001:db8::7"),
        (["[2001:db8::7]"], "2001:db8::7"),
        ([f"::ffff:{CLIENT}"], CLIENT),
        (["2001:db8::7, fd00:5::1"], "2001:db8::7"),
        ([f"{CLIENT}, rubbish"], str(NOBODY)),
        ([f"{CLIENT}, "], str(NOBODY)),
        ([f"{CLIENT}:4711"], str(NOBODY)),
        (["unknown"], str(NOBODY)),
        (["0x7f000001"], str(NOBODY)),
        (["," * 5000], str(NOBODY)),
        ([""], str(NOBODY)),
        ([PROXY], str(NOBODY)),
        ([f"{SECOND_PROXY}, {PROXY}"], str(NOBODY)),
        ([], str(NOBODY)),
    ],
)
async def test_the_client_is_the_last_address_that_is_no_proxy_of_ours(
    said: list[str], believed: str
) -> None:
    found = await seen([("X-Forwarded-For", line) for line in said])
    assert (found["peer"], found["proxied"]) == (believed, True)


@pytest.mark.parametrize(
    ("said", "believed"),
    [
        ("/utec", "/utec"),
        ("/utec/", "/utec"),
        ("/a/b.c~d_e-f", "/a/b.c~d_e-f"),
        ("/.well/..x", "/.well/..x"),
        ("", ""),
        ("/", ""),
        ("utec", ""),
        ("//evil.example", ""),
        ("/a//evil.example", ""),
        ("/\\evil.example", ""),
        ("/../", ""),
        ("/a/..", ""),
        ("/./a", ""),
        ("/%2e%2e", ""),
        ("/a;Domain=evil.example", ""),
        ("/a, /b", ""),
        ("/a b", ""),
        ("/a%0d%0aX: y", ""),
        ("http://evil.example/", ""),
        ("/ä", ""),
        ("/" + "a" * 5000, ""),
        ("/a" * 2500, ""),
    ],
)
async def test_a_prefix_is_a_plain_path_or_none(said: str, believed: str) -> None:
    assert (await seen({"X-Forwarded-Prefix": said}))["prefix"] == believed


@pytest.mark.parametrize("said", ["", "ftp", "https, http", "wss", "javascript"])
async def test_a_scheme_that_is_none_changes_nothing(said: str) -> None:
    assert (await seen({"X-Forwarded-Proto": said}))["scheme"] == "http"


# What that opens


@pytest.mark.parametrize("port", ["url", "panel"])
@pytest.mark.parametrize(
    "headers",
    [{}, {"X-Forwarded-For": "127.0.0.1"}, {"X-Forwarded-For": "::1"}, {"X-Forwarded-For": PROXY}],
)
async def test_the_proxys_own_address_opens_nothing(
    world: World, port: str, headers: dict[str, str]
) -> None:
    running = await behind_a_proxy(world)
    async with through(running, port=port) as browser:
        assert (await browser.go(headers=headers))[:2] == (303, "login")
        assert (await browser.go("/api/config", headers=headers)).status in {401, 404}
        assert (await browser.go("/login", headers=headers)).status == 200
    async with through(running, STRANGER, port) as at_this_machine:
        assert await at_this_machine.is_logged_in()


@pytest.mark.parametrize("port", ["url", "panel"])
async def test_the_supervisors_address_in_a_header_is_never_ingress(
    world: World, port: str
) -> None:
    world.ingress_peer = SUPERVISOR
    running = await behind_a_proxy(world, panel_on_api_port=True)
    for peer in (PROXY, STRANGER):
        async with through(running, peer, port) as browser:
            said = {"X-Forwarded-For": "172.30.32.2"}
            assert (await browser.go("/settings", headers=said))[:2] == (303, "login")
            assert (await browser.go("/diagnostics.json", headers=said)).status == 401


async def test_ingress_stays_open_where_its_network_is_taken_for_proxies(world: World) -> None:
    world.ingress_peer = NETWORKS[0].network_address
    running = await behind_a_proxy(world)
    for headers in ({}, {"X-Forwarded-For": CLIENT}):
        async with through(running, port="panel") as ingress:
            assert (await ingress.go("/settings", headers=headers)).status == 200


@pytest.mark.parametrize("claimed", ["127.0.0.1", "192.168.7.7"])
async def test_no_client_gives_itself_a_trusted_address(
    world: World, cloud: SimulatedCloud, claimed: str
) -> None:
    running = await behind_a_proxy(world, trusted_networks=["192.168.7.7/32"])
    async with through(running) as browser:
        spoofed = {"X-Forwarded-For": f"{claimed}, {CLIENT}"}
        answer = await browser.ask("POST", "/api/unlock", json={"id": LOCK}, headers=spoofed)
        assert answer.status == 401
        honest = {"X-Forwarded-For": "192.168.7.7"}
        assert (await browser.go("/api/devices", headers=honest)).status == 200
        assert (await browser.go("/api/config", headers=honest)).status == 401
    async with through(running, STRANGER) as browser:
        assert (await browser.go("/api/devices", headers=honest)).status == 401
    assert cloud.calls.commands == []


async def test_wrong_keys_are_counted_for_each_client_behind_the_proxy(
    world: World,
) -> None:
    running = await behind_a_proxy(world)
    async with through(running) as browser:
        for number in range(11):
            # what a client writes itself changes from guess to guess, and helps it nothing
            said = {"X-Forwarded-For": f"198.51.100.{number}, {CLIENT}"}
            last = await browser.ask("POST", "/login", data={"key": "guess"}, headers=said)
        assert last.status == 429
        other = {"X-Forwarded-For": "203.0.113.8"}
        shown = await browser.ask("POST", "/login", data={"key": "guess"}, headers=other)
        assert shown.status == 403
    assert f"Wrong key from {CLIENT}" in (world.data_dir / "gateway.log").read_text()


async def test_who_is_no_proxy_is_counted_under_its_own_address(world: World) -> None:
    running = await start(world, trusted_proxies=TRUSTED)
    async with through(running, STRANGER) as browser:
        for number in range(11):
            said = {"X-Forwarded-For": f"198.51.100.{number}"}
            last = await browser.ask("POST", "/login", data={"key": "guess"}, headers=said)
        assert last.status == 429


TOLD = {
    "X-Forwarded-For": CLIENT,
    "X-Forwarded-Host": "home.example",
    "X-Forwarded-Proto": "https",
    "X-Forwarded-Prefix": "/utec",
    "Origin": "https://home.example",
    "Sec-Fetch-Site": "same-origin",
}


async def test_the_cookie_is_for_tls_and_for_the_path_that_the_browser_sees(world: World) -> None:
    running = await behind_a_proxy(world)
    async with through(running) as browser:
        key = key_of(world)
        shown = await browser.ask("POST", "/login", data={"key": key}, headers=TOLD)
        assert (shown.status, shown.location) == (303, "./")
        attributes = shown.headers["Set-Cookie"].split("; ")[1:]
        assert set(attributes) >= {"HttpOnly", "SameSite=Strict", "Secure", "Path=/utec"}
        shown = await browser.go(f"/k/{key}", headers=TOLD)
        assert (shown.status, shown.location) == (302, "/utec/")


async def test_another_origin_than_the_one_that_the_proxy_serves_changes_nothing(
    world: World,
) -> None:
    running = await behind_a_proxy(world)
    foreign = {**TOLD, "Origin": "https://evil.example"}
    async with through(running) as browser:
        form = {"key": key_of(world)}
        assert (await browser.ask("POST", "/login", data=form, headers=foreign)).status == 403


async def test_proxies_are_an_option_that_acts_at_once(world: World) -> None:
    running = await start(world)
    told = {"X-Forwarded-For": CLIENT, **bearer(world)}
    async with through(running) as browser:
        for trusted, known_as in (([], PROXY), (TRUSTED, CLIENT)):
            await running.post("/api/config", {"trusted_proxies": trusted}, headers=bearer(world))
            wrong = {"X-Forwarded-For": CLIENT, "Authorization": "Bearer wrong"}
            await browser.go("/api/devices", headers=wrong)
            assert f"Wrong key from {known_as}" in (world.data_dir / "gateway.log").read_text()
        assert (await browser.go("/api/config", headers=told)).status == 200
    answer = await running.post("/api/config", {"trusted_proxies": ["x"]}, headers=bearer(world))
    assert is_error(answer, 400, "invalid_option")
