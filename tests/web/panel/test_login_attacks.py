"""What a hostile stranger tried at the login and at the panel behind it."""

import pytest

from tests.conftest import Running, World
from tests.steps import bearer, is_error
from tests.web.panel.window import logged_in, start, window
from tests.web.test_hostile import log_of, raw, status_of
from utec_gateway.web.session_cookie import COOKIE


@pytest.mark.parametrize("host", ["[127.0.0.1]", "[127.0.0.1]:8000", "[::1.]", "localhost:٣"])
@pytest.mark.parametrize("wish", ["GET /settings", "POST /api/login-links"])
async def test_a_host_that_is_none_is_refused_and_is_no_error_of_ours(
    running: Running, world: World, host: str, wish: str
) -> None:
    lines = f"{wish} HTTP/1.1", f"Host: {host}", "Origin: http://localhost", "", ""
    answer = await raw(running.url, "\r\n".join(lines).encode())
    assert status_of(answer) == 403
    assert " ERROR " not in log_of(world)


@pytest.mark.parametrize("header", ["User-Agent", "Cookie", "Accept-Language", "X-Forwarded-Host"])
async def test_a_header_that_is_no_utf_8_passes_a_trusted_proxy_as_it_does_without_one(
    world: World, header: str
) -> None:
    running = await start(world, trusted_proxies=["127.0.0.1/32"])
    for home in (running.url, running.panel):
        lines = b"GET /login HTTP/1.1", b"Host: localhost", header.encode() + b": caf\xe9", b"", b""
        answer = await raw(home, b"\r\n".join(lines))
        assert status_of(answer) == (403 if header == "X-Forwarded-Host" else 200)
    assert " ERROR " not in log_of(world)


async def test_thousands_of_cookies_do_not_cost_thousands_of_digests(world: World) -> None:
    running = await start(world)
    async with logged_in(world, running.url) as owner, window(running.url) as stranger:
        junk = f"{COOKIE}=a;" * 300
        for place, status in ((5, 200), (300, 303)):
            shown = f"{junk[: place * len(COOKIE + '=a;')]}{COOKIE}={owner.cookie}"
            assert (await stranger.go(headers={"Cookie": shown})).status == status


async def test_an_expectation_that_is_no_utf_8_is_no_failure_of_ours(running: Running) -> None:
    lines = b"GET /login HTTP/1.1", b"Host: localhost", b"Expect: caf\xe9", b"", b""
    assert status_of(await raw(running.url, b"\r\n".join(lines))) == 400


async def test_where_everybody_logs_in_this_machine_gets_no_link_without_the_key(
    world: World,
) -> None:
    """A proxy that does not name itself brings every visitor from this machine's own address."""
    running = await start(world)
    assert is_error(await running.post("/api/login-links"), 401, "unauthorized")
    assert (await running.post("/api/login-links", headers=bearer(world)))[0] == 200


async def test_in_plain_python_this_machine_gets_a_link_without_the_key(running: Running) -> None:
    assert (await running.post("/api/login-links"))[0] == 200
