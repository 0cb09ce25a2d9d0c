"""What a hostile stranger tried: raw sockets, odd bytes, and a cloud that means harm."""

import asyncio
import gzip
import json
from typing import Any
from urllib.parse import quote

import pytest

from tests.conftest import LOCK, Running, World
from tests.steps import together
from utec_gateway.simulator.cloud import SimulatedCloud

FORM = "application/x-www-form-urlencoded"
UNLOCK = json.dumps({"id": LOCK})


async def raw(url: str, request: str | bytes, *, hang_up: bool = False) -> bytes:
    """Send bytes as they are; return what comes back first."""
    host, _, port = url.removeprefix("http://").partition(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    try:
        writer.write(request if isinstance(request, bytes) else request.encode("latin-1"))
        await writer.drain()
        return b"" if hang_up else await asyncio.wait_for(reader.read(65536), 3)
    finally:
        writer.close()


def posted(path: str, body: bytes | str = "", *headers: str, host: str = "localhost") -> bytes:
    """Return a POST request, its length right."""
    content = body.encode() if isinstance(body, str) else body
    lines = [f"POST {path} HTTP/1.1", f"Host: {host}", *headers, f"Content-Length: {len(content)}"]
    return "\r\n".join([*lines, "", ""]).encode("latin-1") + content


def asked(path: str, host: str = "localhost") -> str:
    return f"GET {path} HTTP/1.1\r\nHost: {host}\r\n\r\n"


def status_of(answer: bytes) -> int:
    return int(answer.split(b" ", 2)[1])


def log_of(world: World) -> str:
    return (world.data_dir / "gateway.log").read_text()


# Signing in, and the page that anybody may call


@pytest.mark.parametrize("host", ["localhost?y=", "127.0.0.1?y=", "localhost/?y=", "localhost#"])
async def test_a_host_with_a_question_mark_does_not_hide_the_missing_state(
    running: Running, cloud: SimulatedCloud, world: World, host: str
) -> None:
    code = cloud.issue_code(world.options["redirect_uri"])
    before = cloud.calls.by_action["token/authorization_code"]
    answer = await raw(running.url, asked(f"/oauth/callback?state=junk&code={code}", host))
    assert b"Signed in" not in answer
    assert cloud.calls.by_action["token/authorization_code"] == before


async def test_a_stranger_cannot_strike_words_out_of_the_log(
    running: Running, world: World
) -> None:
    await running.get("/oauth/callback?state=not-ours&code=refreshed")
    await running.post("/api/oauth/refresh")
    assert "Access token refreshed successfully" in log_of(world)


async def test_a_stranger_cannot_fill_the_memory_of_secrets(running: Running) -> None:
    before = len(running.gateway.redactor._known)
    for number in range(20):
        await running.get(f"/oauth/callback?state=not-ours&code={number}{'x' * 2000}")
    assert len(running.gateway.redactor._known) == before


async def test_the_same_state_five_times_at_once_is_redeemed_once(running: Running) -> None:
    _, body = await running.get("/api/oauth/authorize-url")
    state = body["url"].rpartition("state=")[2]
    wanted = {"callback_url": f"http://localhost:9501/?code=wrong&state={state}"}
    answers = await together(
        running.clock, *(running.post("/api/oauth/exchange", wanted) for _ in range(5))
    )
    assert sorted(body["code"] for _, body in answers) == ["code_refused", *["invalid_request"] * 4]


# A client's mistake is the client's: no 500, no traceback, no ERROR

MISTAKES: dict[str, bytes | str] = {
    "an origin cut off": posted("/api/lock", UNLOCK, "Origin: http://[::1"),
    "a port of letters": asked("/", "localhost:abc"),
    "a port too large": asked("/", "localhost:99999"),
    "an IPv6 literal": asked("/", "[::1]:8000"),
    "a port of letters at the callback": asked("/oauth/callback?state=a&code=b", "localhost:abc"),
    "a long line": asked("/" + "a" * 9000),
    "a null byte": "GET /health HTTP/1.1\r\nX: a\0b\r\nHost: localhost\r\n\r\n",
    "two hosts": "GET /health HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n",
    "no gzip": posted("/api/lock", "hello", "Content-Encoding: gzip"),
    "half a surrogate in an option": posted("/api/config", r'{"email":{"x":"\ud800"}}'),
    "a broken address": posted("/api/oauth/exchange", '{"callback_url":"http://[::1?code=a"}'),
}


@pytest.mark.parametrize("request_", [*MISTAKES.values(), "RUBBISH\r\n\r\n"])
async def test_the_answer_to_a_mistake_does_not_name_the_software(
    running: Running, request_: bytes | str
) -> None:
    for address in (running.url, running.panel):
        head, _, _ = (await raw(address, request_)).partition(b"\r\n\r\n")
        assert head.startswith(b"HTTP/1.")
        assert b"\r\nserver:" not in head.lower()


async def test_rubbish_is_answered_as_every_error_is(running: Running) -> None:
    answer = await raw(running.url, "RUBBISH\r\n\r\n")
    assert status_of(answer) == 400
    assert json.loads(answer.partition(b"\r\n\r\n")[2])["code"] == "bad_request"


@pytest.mark.parametrize("request_", MISTAKES.values(), ids=MISTAKES)
async def test_a_mistake_of_the_client_is_not_an_error_of_ours(
    running: Running, world: World, request_: bytes | str
) -> None:
    assert status_of(await raw(running.url, request_)) < 500
    assert " ERROR " not in log_of(world)
    assert "Traceback" not in log_of(world)


async def test_a_client_that_hangs_up_in_the_middle_is_no_error(
    running: Running, world: World
) -> None:
    half = posted("/api/status", "{}").replace(b"Length: 2", b"Length: 500")
    await raw(running.url, half, hang_up=True)
    for _ in range(5):
        await running.get("/health")
    assert "Traceback" not in log_of(world)


FORMS = {
    "a token that is no ASCII": (FORM, b"token=%C3%A9"),
    "no UTF-8": (FORM, b"token=\xff"),
    "an unknown charset": (f"{FORM}; charset=bogus", b"token=x"),
    "no boundary": ("multipart/form-data", b"token=x"),
    "a broken part": ("multipart/form-data; boundary=a", b"--a\r\njunk"),
}


@pytest.mark.parametrize(("kind", "body"), FORMS.values(), ids=FORMS)
async def test_a_form_that_the_panel_cannot_read_is_refused(
    running: Running, world: World, kind: str, body: bytes
) -> None:
    answer = await raw(running.panel, posted("/renew", body, f"Content-Type: {kind}"))
    assert 400 <= status_of(answer) < 500
    assert "Traceback" not in log_of(world)


# A cloud that means harm


async def listed(running: Running, cloud: SimulatedCloud, body: str) -> None:
    """Let the cloud answer one Discovery with this."""
    cloud.faults.fail("Device/Discovery", 200, body, times=1)
    await running.post("/api/devices/refresh")


def door(device_id: str, name: Any) -> dict[str, Any]:
    return {"id": device_id, "name": name, "category": "SmartLock"}


async def test_six_hundred_devices_do_not_make_the_log_forget_the_secrets(
    running: Running, cloud: SimulatedCloud
) -> None:
    token, key = running.gateway.account.tokens.token, running.gateway.store.state.api_key
    assert token
    devices = [door(f"DEVICE-{number}", "Door") for number in range(600)]
    await listed(running, cloud, json.dumps({"payload": {"devices": devices}}))
    said = f"door {token.access_token} {token.refresh_token} {key} {cloud.client_secret}"
    assert running.gateway.redactor.redact(said) == "door *** *** *** ***"


@pytest.mark.parametrize("name", ["Door \ud83d", "<img src=x onerror=alert(1)>", "\x1b[2J\0"])
async def test_the_panel_shows_whatever_a_door_is_called(
    running: Running, cloud: SimulatedCloud, name: str
) -> None:
    await listed(running, cloud, json.dumps({"payload": {"devices": [door(LOCK, name)]}}))
    async with running.client.get(running.panel) as page:
        assert page.status == 200
        assert "<img" not in await page.text()


# Keys, settings, doors


async def test_a_password_in_an_address_is_not_shown(running: Running) -> None:
    await running.post("/api/config", {"api_base_url": "http://me:SIM-SECRET-x@127.0.0.1:1"})
    assert "SIM-SECRET" not in str(await running.get("/api/config"))


TRICKS = ["//api/unlock", "/API/unlock", "/api/unlock/", "/k//api/unlock", "/k/a/k/b/api/unlock"]
TRICKS += ["/k/..%2f/api/unlock", "/%61pi/unlock", "/k/%00/unlock", "/k/%ed%a0%80/unlock"]


@pytest.mark.parametrize("path", TRICKS)
async def test_no_spelling_of_an_address_goes_round_the_key(
    world: World, cloud: SimulatedCloud, path: str
) -> None:
    running = await world.start(trusted_networks=[])
    assert status_of(await raw(running.url, posted(path, UNLOCK))) in {401, 404}
    assert cloud.calls.commands == []


@pytest.mark.parametrize("coding", ["chunked", "chunked, identity", "xchunked", "identity"])
async def test_no_request_is_smuggled_inside_another(
    running: Running, cloud: SimulatedCloud, coding: str
) -> None:
    inner = b"0\r\n\r\n" + posted("/api/unlock", UNLOCK)
    await raw(running.url, posted("/api/status", inner, f"Transfer-Encoding: {coding}"))
    await running.get("/health")
    assert cloud.calls.commands == []


async def test_a_bomb_in_a_body_is_too_large(running: Running) -> None:
    bomb = posted("/api/lock", gzip.compress(b" " * 5_000_000), "Content-Encoding: gzip")
    assert status_of(await raw(running.url, bomb)) == 413


@pytest.mark.parametrize("path", ["../panel.py", quote("../panel.py", safe=""), "%2e%2e/panel.py"])
async def test_the_panel_gives_no_file_but_its_own(running: Running, path: str) -> None:
    assert status_of(await raw(running.panel, asked(f"/static/{path}"))) == 404
