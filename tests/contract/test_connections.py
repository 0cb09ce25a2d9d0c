"""One peer that opens connections without end, and everybody else."""

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from ipaddress import ip_address
from typing import Any

import pytest
from aiohttp import web

from utec_gateway.simulator.virtual_time import VirtualClock
from utec_gateway.web.connections import Connections, Limits
from utec_gateway.web.serving import serving

HOME, SUPERVISOR = ip_address("127.0.0.1"), ip_address("172.30.32.2")
HOSTILE, NEIGHBOUR = ip_address("192.0.2.66"), ip_address("192.0.2.7")
LIMITS = Limits(total=8, reserve=2, of_one_peer=3)
HALF = b"GET /slow HTTP/1.1\r\nHost: localhost\r\n"


@pytest.fixture
def connections() -> Connections:
    return Connections(LIMITS, SUPERVISOR)


def test_one_peer_gets_its_share_and_the_others_theirs(connections: Connections) -> None:
    assert [connections.enter(HOSTILE) for _ in range(5)] == [True, True, True, False, False]
    assert connections.enter(NEIGHBOUR)


def test_addresses_of_one_ipv6_household_share(connections: Connections) -> None:
    peers = [ip_address(f"2001:db8::{number}") for number in range(1, 5)]
    assert [connections.enter(peer) for peer in peers] == [True, True, True, False]


def test_this_machine_and_the_supervisor_have_a_reserve(connections: Connections) -> None:
    strangers = [ip_address(f"192.0.2.{number}") for number in range(1, 9)]
    assert sum(connections.enter(peer) for peer in strangers) == 6
    assert [connections.enter(peer) for peer in (HOME, SUPERVISOR, HOME)] == [True, True, False]


def test_what_this_machine_opens_is_not_taken_from_the_others_share(
    connections: Connections,
) -> None:
    assert all(connections.enter(HOME) for _ in range(2))
    strangers = [ip_address(f"192.0.2.{number}") for number in range(1, 9)]
    assert sum(connections.enter(peer) for peer in strangers) == 6


def test_whoever_leaves_makes_room(connections: Connections) -> None:
    for _ in range(100):
        assert all(connections.enter(HOSTILE) for _ in range(3))
        for _ in range(3):
            connections.leave(HOSTILE)


@pytest.mark.parametrize("open_files", [64, 200, 1024, 16384])
def test_there_is_room_for_everybody_under_any_limit_of_open_files(open_files: int) -> None:
    limits = Limits.within(open_files)
    assert limits.total <= max(16, open_files - 64)
    assert 0 < limits.of_one_peer < limits.total - limits.reserve < limits.total


@asynccontextmanager
async def server(clock: VirtualClock, **how: Any) -> AsyncIterator[tuple[str, int]]:
    """Serve a small answer and one too large to be sent unread."""

    async def small(_request: web.Request) -> web.Response:
        return web.Response(text="here")

    async def large(_request: web.Request) -> web.Response:
        return web.Response(body=b"x" * 50_000_000)

    app = web.Application()
    app.router.add_get("/", small)
    app.router.add_get("/large", large)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        address: tuple[str, int] = listener.getsockname()
        async with serving({listener: app}, clock, **how):
            yield address


async def is_closed(reader: asyncio.StreamReader) -> bool:
    """Wait for the other end to close; what it sent before does not matter."""
    try:
        async with asyncio.timeout(5):
            while await reader.read(1 << 20):
                pass
    except ConnectionError:
        pass
    return True


async def test_too_many_connections_are_closed_at_once_and_room_comes_back(
    clock: VirtualClock,
) -> None:
    async with server(clock, limits=LIMITS) as address:
        held = [await asyncio.open_connection(*address) for _ in range(8)]
        for _, writer in held:
            writer.write(HALF)
        reader, writer = await asyncio.open_connection(*address)
        assert await is_closed(reader)
        held[0][1].close()
        await held[0][1].wait_closed()
        await clock.settle()
        reader, new = await asyncio.open_connection(*address)
        new.write(b"GET / HTTP/1.0\r\nHost: localhost\r\n\r\n")
        assert b"200 OK" in await asyncio.wait_for(reader.readline(), 5)
        for _, open_one in [*held, (reader, new), (reader, writer)]:
            open_one.close()


@pytest.mark.parametrize("sent", [b"", HALF, b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n" + HALF])
async def test_a_connection_without_a_whole_request_is_closed(
    clock: VirtualClock, sent: bytes
) -> None:
    async with server(clock, patience=0.2) as address:
        reader, writer = await asyncio.open_connection(*address)
        writer.write(sent)
        assert await is_closed(reader)
        writer.close()


async def test_an_answer_that_nobody_reads_is_dropped(
    clock: VirtualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("utec_gateway.web.connections.WRITE_DEADLINE", 0.0)
    async with server(clock) as address:
        with socket.create_connection(address) as client:
            client.sendall(b"GET /large HTTP/1.1\r\nHost: localhost\r\n\r\n")
            received, loop = 0, asyncio.get_running_loop()
            client.setblocking(False)
            try:
                while bit := await asyncio.wait_for(loop.sock_recv(client, 1 << 20), 5):
                    received += len(bit)
            except ConnectionError:
                pass
            assert received < 50_000_000
