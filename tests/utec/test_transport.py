"""One request: bounded in time and size, and its failures say whether it may have run."""

import asyncio
import json
import math
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial

import pytest
from aiohttp import web
from hypothesis import given
from hypothesis import strategies as st

from tests.ports import free_port
from tests.served import serving
from tests.utec.given import THOROUGHLY
from utec_gateway.core.errors import UtecProtocolError, UtecUnavailableError, UtecUnreachableError
from utec_gateway.simulator.cloud import SimulatedCloud
from utec_gateway.simulator.virtual_time import VirtualClock
from utec_gateway.utec.transport import LARGEST_ANSWER, Answer, new_session, post, retry_after

DEADLINE = 20.0

Posting = Callable[..., Awaitable[Answer]]
Answering = Callable[[web.Request], Awaitable[web.StreamResponse]]


@dataclass
class Server:
    """A server that answers what the test says, and remembers who came."""

    url: str = ""
    answering: Answering | None = None
    peers: list[object] = field(default_factory=list)
    paths: list[str] = field(default_factory=list)
    cookies: list[str | None] = field(default_factory=list)

    async def answer(self, request: web.Request) -> web.StreamResponse:
        await request.read()
        self.peers.append(request.transport and request.transport.get_extra_info("peername"))
        self.paths.append(request.path)
        self.cookies.append(request.headers.get("Cookie"))
        return await self.answering(request) if self.answering else web.Response(text="{}")


@pytest.fixture
async def server() -> AsyncIterator[Server]:
    odd = Server()
    app = web.Application()
    app.router.add_route("*", "/{tail:.*}", odd.answer)
    async with serving(app, handler_cancellation=True, shutdown_timeout=0.0) as odd.url:
        yield odd


@pytest.fixture
async def send(clock: VirtualClock) -> AsyncIterator[Posting]:
    """Post as the gateway does, with its session and a deadline."""
    async with new_session() as session:
        yield partial(post, session, clock)


async def test_status_body_and_the_wait_asked_for_come_back_unread(
    server: Server, send: Posting
) -> None:
    async def slow_down(_: web.Request) -> web.Response:
        return web.Response(status=429, body=b"\xff{", headers={"Retry-After": "3"})

    server.answering = slow_down
    assert await send(server.url, DEADLINE, json={}) == Answer(429, b"\xff{", 3.0)


NOW = datetime(2026, 1, 5, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("0", 0.0),
        ("3600", 3600.0),
        ("9" * 400, math.inf),
        ("Mon, 05 Jan 2026 12:00:45 GMT", 45.0),
        ("Mon, 05 Jan 2026 13:00:00 +0100", 0.0),
        ("Mon, 05 Jan 2026 12:01:00 -0000", 60.0),
        ("Sun, 04 Jan 2026 12:00:00 GMT", 0.0),
        ("", None),
        ("-1", None),
        ("1.5", None),
        ("\N{ARABIC-INDIC DIGIT SEVEN}", None),
        ("soon", None),
        ("nan", None),
        ("Mon, 35 Jan 2026 12:00:00 GMT", None),
    ],
)
def test_a_wait_may_be_asked_for_in_seconds_or_by_a_date(
    header: str, seconds: float | None
) -> None:
    assert retry_after(header, NOW) == seconds


@THOROUGHLY
@given(st.text(max_size=40) | st.from_regex(r"\w{3}, \d+ \w{3} \d+ \d+:\d+:\d+ [+-]?\d*\w*"))
def test_any_header_asks_for_a_wait_or_for_nothing(header: str) -> None:
    wait = retry_after(header, NOW)
    assert wait is None or wait >= 0


async def test_an_answer_of_fifty_megabytes_is_cut_off(
    cloud: SimulatedCloud, send: Posting
) -> None:
    cloud.faults.huge("/token")
    with pytest.raises(UtecProtocolError, match="too long"):
        await send(f"{cloud.url}/token", DEADLINE, data={})


@pytest.mark.parametrize("more", [0, 1])
async def test_the_largest_answer_is_read_and_one_byte_more_is_not(
    more: int, server: Server, send: Posting
) -> None:
    async def large(_: web.Request) -> web.Response:
        return web.Response(body=b" " * (LARGEST_ANSWER + more))

    server.answering = large
    if more:
        with pytest.raises(UtecProtocolError):
            await send(server.url, DEADLINE)
    else:
        assert len((await send(server.url, DEADLINE)).body) == LARGEST_ANSWER


async def test_a_small_answer_that_unpacks_to_a_huge_one_is_cut_off(
    server: Server, send: Posting
) -> None:
    async def bomb(_: web.Request) -> web.Response:
        answer = web.Response(body=b" " * (20 * LARGEST_ANSWER))
        answer.enable_compression(web.ContentCoding.gzip)
        return answer

    server.answering = bomb
    with pytest.raises(UtecProtocolError):
        await send(server.url, DEADLINE)


async def test_an_endless_answer_ends_at_the_deadline(
    cloud: SimulatedCloud, send: Posting, clock: VirtualClock
) -> None:
    cloud.faults.endless("/token")
    asking = asyncio.ensure_future(send(f"{cloud.url}/token", DEADLINE, data={}))
    await clock.advance(DEADLINE - 1)
    assert not asking.done()
    await clock.advance(1)
    with pytest.raises(UtecUnavailableError, match="within 20 seconds") as raised:
        await asking
    assert not raised.value.not_run


async def test_a_server_that_says_nothing_may_have_acted(
    server: Server, send: Posting, clock: VirtualClock
) -> None:
    async def silence(_: web.Request) -> web.Response:
        await asyncio.Event().wait()
        raise AssertionError

    server.answering = silence
    asking = asyncio.ensure_future(send(server.url, DEADLINE))
    await clock.advance(DEADLINE)
    with pytest.raises(UtecUnavailableError) as raised:
        await asking
    assert type(raised.value) is UtecUnavailableError
    assert not raised.value.not_run


async def test_a_connection_that_is_refused_proves_that_nothing_was_sent(
    send: Posting,
) -> None:
    with pytest.raises(UtecUnreachableError) as raised:
        await send(f"http://127.0.0.1:{free_port()}", DEADLINE)
    assert raised.value.not_run


@pytest.mark.parametrize("fault", ["drop", "cut_off"])
async def test_a_connection_that_breaks_proves_nothing(
    fault: str, cloud: SimulatedCloud, send: Posting
) -> None:
    getattr(cloud.faults, fault)("/token")
    with pytest.raises(UtecUnavailableError) as raised:
        await send(f"{cloud.url}/token", DEADLINE, data={})
    assert type(raised.value) is UtecUnavailableError
    assert not raised.value.not_run


@pytest.mark.parametrize(
    "content", [{"headers": {"Authorization": "Bearer a\r\nX: y"}}, {"data": {"a": "\ud800"}}]
)
async def test_content_that_cannot_be_sent_is_an_error_of_ours(
    content: dict[str, object], server: Server, send: Posting
) -> None:
    with pytest.raises(UtecUnavailableError):
        await send(server.url, DEADLINE, **content)
    assert server.paths == []


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
async def test_a_redirect_is_not_followed(status: int, server: Server, send: Posting) -> None:
    async def elsewhere(_: web.Request) -> web.Response:
        return web.Response(status=status, headers={"Location": "/elsewhere"})

    server.answering = elsewhere
    assert (await send(f"{server.url}/token", DEADLINE, data={})).status == status
    assert server.paths == ["/token"]


async def test_one_connection_serves_many_requests(server: Server, send: Posting) -> None:
    for _ in range(5):
        await send(server.url, DEADLINE)
    assert len(server.peers) == 5
    assert len(set(server.peers)) == 1


async def test_a_cookie_that_the_cloud_sets_is_not_kept(server: Server, send: Posting) -> None:
    async def bake(_: web.Request) -> web.Response:
        answer = web.Response(text="{}")
        answer.set_cookie("visitor", "17")
        return answer

    server.answering = bake
    by_name = server.url.replace("127.0.0.1", "localhost")
    await send(by_name, DEADLINE)
    await send(by_name, DEADLINE)
    assert server.cookies == [None, None]


@pytest.mark.parametrize("body", [b"", b"<html>", b"{", b"\xff\xfe", b"[" * 100_000, b"9" * 5000])
def test_a_body_that_is_not_json_is_not_the_protocol(body: bytes) -> None:
    with pytest.raises(UtecProtocolError, match="HTTP 418"):
        Answer(418, body).json()


@pytest.mark.parametrize("word", [b"NaN", b"Infinity", b"-Infinity"])
def test_numbers_that_json_does_not_know_are_read_as_nothing(word: bytes) -> None:
    assert Answer(200, b'{"a":' + word + b"}").json() == {"a": None}
    assert json.dumps(Answer(200, word).json()) == "null"
