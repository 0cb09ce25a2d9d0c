"""Addresses as people type them, and HEAD, which monitors ask with."""

import pytest
from aiohttp import ClientResponse
from yarl import URL

from tests.conftest import LOCK, Running, World
from tests.steps import command, is_error, lock_state, on_disk
from utec_gateway.simulator.cloud import SimulatedCloud
from utec_gateway.web.app import ROUTES

READS = ["/health", "/api/devices", "/devices", "/api/status/latest", "/api/config", "/logs"]
PAGES = ["/", "/set-up", "/activity", "/settings", "/diagnostics.json", "/log.txt", "/alive"]


def spelt(running: Running, path: str) -> URL:
    """Return an address letter by letter, as a client that tidies nothing sends it."""
    return URL(running.url + path, encoded=True)


@pytest.mark.parametrize(
    "path",
    ["//api/devices", "///api/devices", "/api//devices", "/api/devices/", "//api///devices//"],
)
async def test_repeated_slashes_count_as_one(running: Running, path: str) -> None:
    expected = await running.get("/api/devices")
    assert expected[0] == 200
    async with running.client.get(spelt(running, path), allow_redirects=False) as answer:
        assert (answer.status, await answer.json()) == expected


@pytest.mark.parametrize("slashes", ["/", "//", "///"])
async def test_a_slash_after_the_key_is_no_other_address(
    running: Running, world: World, slashes: str
) -> None:
    prefix = f"/k/{on_disk(world)['api_key']}{slashes}"
    async with running.client.get(spelt(running, f"{prefix}api/devices")) as answer:
        assert len((await answer.json())["payload"]["devices"]) == 2
    address = spelt(running, f"{prefix}api/status?id={LOCK}")
    async with running.client.get(address) as answer:
        assert lock_state(await answer.json()) == "Locked"


async def test_a_command_with_a_slash_too_many_moves_the_bolt(running: Running) -> None:
    answer = await command(running, "/unlock")
    assert (answer.status, answer.body["status"]) == (200, "ok")
    assert lock_state(answer.body) == "Unlocked"


@pytest.mark.parametrize("path", ["//nowhere", "/%2Fapi/devices", "//..//api/devices", "//api//"])
async def test_an_address_that_is_none_stays_none(running: Running, path: str) -> None:
    async with running.client.get(spelt(running, path)) as answer:
        assert is_error((answer.status, await answer.json()), 404, "not_found")


async def test_the_wrong_method_is_named_whatever_the_slashes(running: Running) -> None:
    async with running.client.delete(spelt(running, "//api/devices")) as answer:
        assert is_error((answer.status, await answer.json()), 405, "method_not_allowed")


@pytest.mark.parametrize("path", ["//", "//set-up", "///static/panel.css"])
async def test_the_panel_takes_repeated_slashes_as_one(running: Running, path: str) -> None:
    async with running.client.get(URL(running.panel + path, encoded=True)) as answer:
        assert answer.status == 200


async def head_and_get(running: Running, url: str) -> tuple[ClientResponse, ClientResponse, bytes]:
    """Return both answers, and what came as the body of the first."""
    async with running.client.head(url, allow_redirects=False) as head:
        body = await head.read()
    async with running.client.get(url, allow_redirects=False) as got:
        await got.read()
    return head, got, body


@pytest.mark.parametrize("path", [*READS, f"/api/status?id={LOCK}", "/", "/api/status?id=nobody"])
async def test_head_says_what_get_says_without_a_body(running: Running, path: str) -> None:
    head, got, body = await head_and_get(running, running.url + path)
    assert body == b""
    assert head.status == got.status
    assert head.headers["Content-Type"] == got.headers["Content-Type"]
    assert head.headers["Content-Security-Policy"] == got.headers["Content-Security-Policy"]
    if path != "/logs":
        assert head.headers["Content-Length"] == got.headers["Content-Length"]


@pytest.mark.parametrize("path", PAGES)
async def test_head_works_on_every_page_of_the_panel(running: Running, path: str) -> None:
    head, got, body = await head_and_get(running, running.panel + path)
    assert (head.status, body) == (got.status, b"")
    assert head.headers.get("Content-Type") == got.headers.get("Content-Type")


@pytest.mark.parametrize("path", sorted(path for way, path, *_ in ROUTES if way == "GET"))
async def test_head_works_wherever_get_does(running: Running, path: str) -> None:
    address = running.url + path.format(id=LOCK)  # codes are not managed here
    async with running.client.head(address, allow_redirects=False) as head:
        assert head.status == 403 if "users" in path else head.status < 400


async def test_head_needs_the_key_where_get_does(closed: Running) -> None:
    async with closed.client.head(closed.url + "/api/devices") as head:
        assert head.status == 401


async def test_head_redeems_no_code_and_issues_no_state(
    running: Running, cloud: SimulatedCloud
) -> None:
    sign_in = running.gateway.account.sign_in
    async with running.client.head(running.url + "/api/oauth/authorize-url") as head:
        assert (head.status, head.content_type) == (200, "application/json")
    async with running.client.head(running.panel + "/redeem", allow_redirects=False) as head:
        assert head.status == 405
    assert not sign_in.is_under_way
    _, body = await running.get("/api/oauth/authorize-url")
    state = URL(body["url"]).query["state"]
    exchanges = cloud.calls.by_action["token/authorization_code"]
    code = cloud.issue_code(cloud.redirect_uris[0])
    address = f"{running.url}/oauth/callback?code={code}&state={state}"
    async with running.client.head(address) as head:
        assert (head.status, head.content_type) == (200, "text/html")
    assert cloud.calls.by_action["token/authorization_code"] == exchanges
    assert "Signed in" in (await running.get(address.removeprefix(running.url)))[1]


async def test_head_says_that_there_is_no_way_to_sign_in_as_get_does(world: World) -> None:
    running = await world.start(sign_in=False, client_secret="")
    head, got, _ = await head_and_get(running, running.url + "/api/oauth/authorize-url")
    assert head.status == got.status == 400


async def test_head_of_a_stream_ends_at_once(running: Running) -> None:
    async with running.client.head(f"{running.panel}/live?page=overview") as it:
        assert (it.status, it.content_type) == (200, "text/event-stream")
        assert await it.read() == b""
