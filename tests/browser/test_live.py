"""The stream behind a page: all of it at first, then what changes, and an end."""

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio
from aiohttp import ClientResponse, ClientSession

from tests.browser.house import House
from utec_gateway.simulator.states import unlock
from utec_gateway.web.panel.live import HEARTBEAT_EVERY, MOST_STREAMS, RENDER_EVERY

pytestmark = pytest.mark.asyncio(loop_scope="session")


@pytest_asyncio.fixture(loop_scope="session")
async def client() -> AsyncIterator[ClientSession]:
    async with ClientSession() as session:
        yield session


def live(house: House) -> str:
    return f"http://127.0.0.1:{house.panel_port}/live?page=overview"


async def next_event(stream: ClientResponse) -> dict[str, Any]:
    line = await stream.content.readline()
    await stream.content.readline()
    event: dict[str, Any] = json.loads(line.removeprefix(b"data: "))
    return event


async def test_the_stream_begins_with_everything_and_goes_on_with_what_changed(
    house: House, client: ClientSession
) -> None:
    door = next(iter(house.cloud.devices.values()))
    async with client.get(live(house)) as stream:
        assert stream.content_type == "text/event-stream"
        assert set(await next_event(stream)) == {"headline", "devices", "sign-in"}
        door.operate(unlock)
        await house.present.account.poller.poll()
        while "devices" not in (changed := await next_event(stream)):
            pass
        assert "Unlocked" in changed["devices"]
        assert "headline" not in changed


async def test_a_page_where_nothing_changes_is_told_that_somebody_is_there(
    empty_house: House, client: ClientSession
) -> None:
    await empty_house.start(sign_in=False)
    async with client.get(live(empty_house)) as stream:
        await next_event(stream)
        assert await next_event(stream) == {}
    assert HEARTBEAT_EVERY * RENDER_EVERY < 15, "the page gives up after fifteen seconds of silence"


async def test_streams_end_when_the_gateway_stops(house: House, client: ClientSession) -> None:
    async with client.get(live(house)) as stream:
        await next_event(stream)
        stopping = asyncio.ensure_future(house.stop())
        await stream.content.read()
    await stopping


async def test_too_many_streams_are_refused_and_places_become_free(
    house: House, client: ClientSession
) -> None:
    streams = [await client.get(live(house)) for _ in range(MOST_STREAMS)]
    async with client.get(live(house)) as refused:
        assert refused.status == 503
    for stream in streams:
        stream.close()
    async with asyncio.timeout(15):
        while True:
            async with client.get(live(house)) as stream:
                if stream.status == 200:
                    break


async def test_no_secret_and_no_id_is_in_an_event(house: House, client: ClientSession) -> None:
    async with client.get(live(house)) as stream:
        text = json.dumps(await next_event(stream))
    state = house.present.store.state
    assert state.token
    assert state.token.refresh_token
    known = (*house.cloud.devices, state.api_key, state.token.access_token)
    for secret in (*known, state.token.refresh_token):
        assert secret not in text
