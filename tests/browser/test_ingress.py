"""The ingress double keeps every rule (home-assistant 4); no browser is needed to see it."""

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass
from io import BytesIO
from typing import Any

import pytest
import pytest_asyncio
from aiohttp import ClientSession, web

from tests.browser.ingress import Ingress, ingress_to
from tests.served import Served, serving

pytestmark = pytest.mark.asyncio(loop_scope="session")

MIB = 1024**2
LONG = "calm " * 200


class Panel:
    """An application that repeats what it was asked, and a few odd answers."""

    def __init__(self) -> None:
        self.more = asyncio.Event()

    def application(self) -> web.Application:
        app = web.Application(client_max_size=32 * MIB)
        app.router.add_get("/page", self.page)
        app.router.add_get("/away", self.away)
        app.router.add_get("/nothing-new", self.nothing_new)
        app.router.add_get("/bits/{kind:.*}", self.bits)
        app.router.add_route("*", "/{path:.*}", self.echo)
        return app

    async def echo(self, request: web.Request) -> web.Response:
        return web.json_response(
            {
                "method": request.method,
                "path": request.raw_path,
                "headers": {name.lower(): value for name, value in request.headers.items()},
                "size": len(await request.read()),
                "peer": request.remote,
            }
        )

    async def page(self, _request: web.Request) -> web.Response:
        response = web.Response(text=f"<p>{LONG}</p>", content_type="text/html", charset="utf-8")
        response.headers["ETag"] = '"7"'
        response.headers["Content-Security-Policy"] = "default-src 'self'"
        response.headers.add("Set-Cookie", "a=1; Path=/x")
        response.headers.add("Set-Cookie", "b=2; Path=/x")
        return response

    async def away(self, _request: web.Request) -> web.Response:
        raise web.HTTPSeeOther("/outside")

    async def nothing_new(self, _request: web.Request) -> web.Response:
        return web.Response(status=304, headers={"ETag": '"7"'})

    async def bits(self, request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Type": request.match_info["kind"]})
        await response.prepare(request)
        await response.write(b"data: one\n\n")
        await self.more.wait()
        await response.write(b"data: two\n\n")
        return response


@dataclass
class Setup:
    """The panel, its ingress, and somebody with a session."""

    panel: Panel
    ingress: Ingress
    client: ClientSession

    def ask(self, path: str, method: str = "GET", **more: Any) -> Any:
        return self.client.request(method, self.ingress.home + path, allow_redirects=False, **more)

    async def echo(self, path: str, method: str = "GET", **more: Any) -> Any:
        async with self.ask(path, method, **more) as answer:
            assert answer.status == 200
            return await answer.json()

    async def status(self, path: str, method: str = "GET", **more: Any) -> int:
        async with self.ask(path, method, **more) as answer:
            return int(answer.status)


@pytest_asyncio.fixture(loop_scope="session")
async def setup() -> AsyncIterator[Setup]:
    panel = Panel()
    async with (
        serving(panel.application()) as url,
        ingress_to(url) as ingress,
        ClientSession(cookies=ingress.cookie()) as client,
    ):
        yield Setup(panel, ingress, client)


async def test_the_prefix_is_stripped_and_told_in_a_header(setup: Setup) -> None:
    seen = await setup.echo("settings/email?a=1")
    assert seen["path"] == "/settings/email?a=1"
    assert setup.ingress.home == f"{setup.ingress.url}{seen['headers']['x-ingress-path']}/"


async def test_the_panel_learns_who_asks_and_by_which_way(setup: Setup) -> None:
    told = (await setup.echo(""))["headers"]
    assert told["x-hass-source"] == "core.ingress"
    assert told["x-remote-user-id"] == "9f7a2c55"
    assert told["x-remote-user-name"] == "anna"
    assert told["x-remote-user-display-name"] == "Anna Müller"
    assert told["x-forwarded-for"] == "127.0.0.1, 127.0.0.1"
    assert told["x-forwarded-proto"] == "http"
    assert told["host"] == told["x-forwarded-host"] == setup.ingress.url.partition("://")[2]
    assert told["accept-encoding"] == "gzip, deflate"


async def test_what_only_the_supervisor_may_say_is_not_taken_from_browsers(setup: Setup) -> None:
    claims = {
        "X-Remote-User-Id": "boss",
        "X-Ingress-Path": "/elsewhere",
        "X-Hass-Source": "me",
        "X-Supervisor-Token": "secret",
    }
    told = (await setup.echo("", headers=claims))["headers"]
    assert told["x-remote-user-id"] == "9f7a2c55"
    assert told["x-ingress-path"].startswith("/api/hassio_ingress/")
    assert told["x-hass-source"] == "core.ingress"
    assert "x-supervisor-token" not in told


@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "DELETE", "PATCH", "OPTIONS"])
async def test_every_method_reaches_the_panel(setup: Setup, method: str) -> None:
    assert (await setup.echo("x", method))["method"] == method


async def test_head_comes_back_without_a_body(setup: Setup) -> None:
    async with setup.ask("page", "HEAD") as answer:
        assert (answer.status, await answer.read()) == (200, b"")


async def test_a_query_is_encoded_again(setup: Setup) -> None:
    seen = await setup.echo("search?words=a%20b&empty=&again=1&again=2")
    assert seen["path"] == "/search?words=a+b&empty=&again=1&again=2"


async def test_the_content_type_loses_its_charset_and_cookies_stay(setup: Setup) -> None:
    async with setup.ask("page") as answer:
        assert answer.headers["Content-Type"] == "text/html"
        assert answer.headers.getall("Set-Cookie") == ["a=1; Path=/x", "b=2; Path=/x"]
        assert answer.headers["ETag"] == '"7"'
        assert answer.headers["Content-Security-Policy"] == "default-src 'self'"
        assert LONG in await answer.text("utf-8")


async def test_whole_answers_get_the_headers_of_core(setup: Setup) -> None:
    async with setup.ask("page") as answer:
        assert answer.headers["X-Frame-Options"] == "SAMEORIGIN"
        assert answer.headers["Referrer-Policy"] == "no-referrer"
        assert answer.headers["X-Content-Type-Options"] == "nosniff"


async def test_a_long_page_is_compressed_on_the_last_hop(setup: Setup) -> None:
    async with setup.ask("page", headers={"Accept-Encoding": "deflate"}) as answer:
        assert answer.headers["Content-Encoding"] == "deflate"
    async with setup.ask("page", headers={"Accept-Encoding": "identity"}) as answer:
        assert "Content-Encoding" not in answer.headers


async def test_a_redirect_is_passed_on_untouched(setup: Setup) -> None:
    async with setup.ask("away") as answer:
        assert (answer.status, answer.headers["Location"]) == (303, "/outside")


async def test_not_modified_is_passed_on(setup: Setup) -> None:
    async with setup.ask("nothing-new") as answer:
        assert (answer.status, answer.headers["ETag"]) == (304, '"7"')


async def test_events_arrive_one_by_one_and_uncompressed(setup: Setup) -> None:
    async with setup.ask("bits/text/event-stream") as answer:
        assert answer.headers["Content-Type"] == "text/event-stream"
        assert "Content-Encoding" not in answer.headers
        assert "X-Frame-Options" not in answer.headers
        assert await answer.content.readuntil(b"\n\n") == b"data: one\n\n"
        setup.panel.more.set()
        assert await answer.content.read() == b"data: two\n\n"


@pytest.mark.parametrize("kind", ["text/plain", "application/x-ndjson", "application/json"])
async def test_every_other_stream_arrives_at_the_end(setup: Setup, kind: str) -> None:
    async with setup.ask(f"bits/{kind}") as answer:
        assert answer.headers["Content-Encoding"] in {"deflate", "gzip"}
        reading = asyncio.ensure_future(answer.content.read())
        done, _ = await asyncio.wait({reading}, timeout=0.2)
        assert not done
        setup.panel.more.set()
        assert await reading == b"data: one\n\ndata: two\n\n"


@pytest.mark.parametrize(
    "path",
    [
        "x?next=/a/",
        "x?file=..%2F..%2Fsecrets",
        "x?file=%252e%252e%252fsecrets",
        "x?name=%3Cscript%3Ealert(1)%3C/script%3E",
        "x?q=1+union+select+(1)",
        "x?q=CONCAT(a)",
        "%3Cscript%3E/x",
    ],
)
async def test_what_looks_like_an_attack_is_refused(setup: Setup, path: str) -> None:
    async with setup.client.get(setup.ingress.home + path, allow_redirects=False) as answer:
        assert answer.status == 400


@pytest.mark.parametrize("path", ["x?next=/settings/", "x?q=select", "x?lock=1&mode=2", "x?a=%0A"])
async def test_what_does_not_look_like_one_passes(setup: Setup, path: str) -> None:
    assert await setup.status(path) == 200


@pytest.mark.parametrize("character", ["\t", "\r", "\n"])
async def test_a_raw_control_character_is_refused(setup: Setup, character: str) -> None:
    host, port = setup.ingress.url.partition("://")[2].split(":")
    path = setup.ingress.home.removeprefix(setup.ingress.url)
    cookie = "; ".join(f"{name}={value}" for name, value in setup.ingress.cookie().items())
    reader, writer = await asyncio.open_connection(host, int(port))
    writer.write(
        f"GET {path}x{character}y HTTP/1.1\r\nHost: {host}\r\nCookie: {cookie}\r\n"
        "Connection: close\r\n\r\n".encode()
    )
    assert b" 400 " in await reader.readline()
    writer.close()
    await writer.wait_closed()


async def test_sixteen_mebibytes_pass_and_no_more(setup: Setup) -> None:
    most = b"x" * (16 * MIB)
    assert (await setup.echo("x", "POST", data=BytesIO(most)))["size"] == 16 * MIB
    assert await setup.status("x", "POST", data=BytesIO(most + b"x")) == 413


async def test_nobody_enters_without_a_session(setup: Setup) -> None:
    async with ClientSession() as stranger, stranger.get(setup.ingress.home) as answer:
        assert answer.status == 401
    assert await setup.status("x") == 200
    setup.ingress.end_sessions()
    assert await setup.status("x") == 401


async def test_an_unknown_token_is_no_way_in(setup: Setup) -> None:
    async with setup.client.get(f"{setup.ingress.home[:-2]}/") as answer:
        assert answer.status == 503


async def test_a_panel_that_does_not_listen_is_a_bad_gateway() -> None:
    async with (
        ingress_to("http://127.0.0.1:9") as ingress,
        ClientSession(cookies=ingress.cookie()) as client,
        client.get(ingress.home) as answer,
    ):
        assert (answer.status, await answer.text()) == (502, "502: Bad Gateway")


async def test_a_panel_that_stops_in_the_middle_ends_the_stream() -> None:
    served = Served(Panel().application())
    await served.open()
    async with (
        ingress_to(served.url) as ingress,
        ClientSession(cookies=ingress.cookie()) as client,
        client.get(f"{ingress.home}bits/text/event-stream") as answer,
    ):
        assert await answer.content.readuntil(b"\n\n") == b"data: one\n\n"
        await served.close()
        assert await answer.content.read() == b""


async def test_the_frame_lets_its_visitor_in(setup: Setup) -> None:
    async with ClientSession() as visitor:
        async with visitor.get(setup.ingress.frame) as answer:
            page = await answer.text()
            cookie = answer.cookies["ingress_session"]
        assert setup.ingress.home.removeprefix(setup.ingress.url) in page
        assert (cookie["path"], cookie["samesite"]) == ("/api/hassio_ingress/", "Strict")
        visitor.cookie_jar.update_cookies({"ingress_session": cookie.value})
        async with visitor.get(setup.ingress.home) as answer:
            assert json.loads(await answer.text())["path"] == "/"
