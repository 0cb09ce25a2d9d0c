"""Rows B4 to B6: faults on a real connection."""

import asyncio
from itertools import pairwise

import pytest
from aiohttp import (
    ClientPayloadError,
    ServerDisconnectedError,
)

from tests.simulator.conftest import Client
from utec_gateway.simulator.cloud import SimulatedCloud
from utec_gateway.simulator.faults import Fault
from utec_gateway.simulator.virtual_time import VirtualClock


async def statuses(client: Client, number: int) -> list[int]:
    return [(await client.act("User/Get")).status for _ in range(number)]


async def test_nothing_fails_by_itself(client: Client) -> None:
    assert await statuses(client, 5) == [200] * 5


async def test_the_next_few_requests_may_fail(client: Client) -> None:
    client.cloud.faults.fail("/action", times=2)
    client.cloud.faults.empty("/action", times=1)
    assert await statuses(client, 4) == [500, 500, 400, 200]


async def test_a_server_error_looks_like_the_vendors(client: Client) -> None:
    client.cloud.faults.fail("/action")
    assert (await client.act("User/Get")).body == {"message": "Internal server error"}


async def test_requests_may_fail_for_a_while(client: Client, clock: VirtualClock) -> None:
    client.cloud.faults.fail("/action", 503, for_seconds=30)
    assert await statuses(client, 3) == [503] * 3
    await clock.advance(30)
    assert await statuses(client, 1) == [200]


async def test_requests_may_fail_now_and_then(client: Client) -> None:
    client.cloud.faults.fail("/action", probability=0.5)
    found = await statuses(client, 40)
    assert 10 < found.count(500) < 30
    assert any(one == two == 500 for one, two in pairwise(found))


async def test_a_fault_may_concern_one_action_only(client: Client) -> None:
    client.cloud.faults.fail("Device/Discovery")
    assert (await client.act("Device/Discovery")).status == 500
    assert await statuses(client, 1) == [200]


async def test_the_login_page_may_fail_too(client: Client) -> None:
    client.cloud.faults.fail("/authorize", 502)
    assert (await client.get("/authorize")).status == 502


async def test_latency_is_spent_on_the_clock(client: Client, clock: VirtualClock) -> None:
    client.cloud.behaviour.actions.latency = 0.3
    client.cloud.behaviour.actions.latency_at_most = 1.5
    asked = asyncio.create_task(client.act("User/Get"))
    await clock.advance(0.29)
    assert not asked.done()
    await clock.until(asked.done, limit=2)
    assert (await asked).status == 200


async def test_a_request_may_hang_until_released(client: Client, clock: VirtualClock) -> None:
    client.cloud.faults.hang("/action", times=1)
    asked = asyncio.create_task(client.act("User/Get"))
    await clock.advance(3600)
    assert not asked.done()
    client.cloud.faults.clear()
    assert "user" in (await asked).payload


async def test_a_client_that_gives_up_leaves_nothing_behind(client: Client) -> None:
    client.cloud.faults.hang("token/refresh_token")
    asked = asyncio.create_task(client.refresh("SIM-REFRESH-any"))
    while not client.cloud.calls.refreshes_now:
        await asyncio.wait([asked], timeout=0.001)
    asked.cancel()
    while client.cloud.calls.refreshes_now:  # the server hears of it a moment later
        await client.act("User/Get")
    assert client.cloud.calls.most_refreshes_at_once == 1


async def test_stopping_the_cloud_frees_what_hangs(client: Client) -> None:
    client.cloud.faults.hang("/action")
    asked = asyncio.create_task(client.act("User/Get"))
    while not client.cloud.calls.by_action:
        await asyncio.wait([asked], timeout=0.001)
    await client.cloud.stop()
    done, _ = await asyncio.wait([asked], timeout=1)
    assert done == {asked}
    asked.exception()


async def test_the_connection_may_drop(client: Client) -> None:
    client.cloud.faults.drop("/action", times=1)
    with pytest.raises(ServerDisconnectedError):
        await client.act("User/Get")


async def test_the_body_may_be_cut_off(client: Client) -> None:
    client.cloud.faults.cut_off("/action", times=1)
    with pytest.raises(ClientPayloadError):
        await client.act("User/Get")


async def test_the_body_may_be_a_web_page_or_any_json(client: Client) -> None:
    client.cloud.faults.html("/action", times=1)
    client.cloud.faults.answer("/action", [1, None], times=1)
    assert (await client.act("User/Get")).body.startswith("<!doctype html>")
    assert (await client.act("User/Get")).body == [1, None]


async def test_the_body_may_be_huge(client: Client) -> None:
    client.cloud.faults.huge("/action", times=1)
    async with client.session.post(client.cloud.url + "/action", json={"header": {}}) as response:
        size = 0
        async for chunk in response.content.iter_any():
            size += len(chunk)
    assert size > 50_000_000


async def test_the_body_may_never_end(client: Client) -> None:
    client.cloud.faults.endless("/action")
    async with client.session.post(client.cloud.url + "/action", json={"header": {}}) as response:
        assert [await response.content.readexactly(1) for _ in range(3)] == [b" "] * 3
        assert not response.content.at_eof()


@pytest.mark.parametrize("retry_after", [None, "7"])
async def test_the_rate_may_be_limited(client: Client, retry_after: str | None) -> None:
    client.cloud.faults.rate_limit(retry_after=retry_after)
    answer = await client.act("User/Get")
    assert (answer.status, answer.headers.get("Retry-After")) == (429, retry_after)


async def test_the_script_shows_what_is_left(cloud: SimulatedCloud, client: Client) -> None:
    cloud.faults.add(Fault("/action", times=2))
    await statuses(client, 1)
    assert [armed.left for armed in cloud.faults.armed] == [1]
    cloud.faults.clear()
    assert cloud.faults.armed == ()
