"""The three verbs, spoken to a real server."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import pytest
from aiohttp import ClientSession

from tests.utec.given import Given
from utec_gateway.core.command import Command
from utec_gateway.core.errors import InvalidTokenError, UtecProtocolError, UtecUnavailableError
from utec_gateway.core.models import Device, Operation
from utec_gateway.options.schema import Options
from utec_gateway.simulator.cloud import SimulatedCloud
from utec_gateway.simulator.virtual_time import VirtualClock
from utec_gateway.utec.client import UtecClient
from utec_gateway.utec.meter import Meter
from utec_gateway.utec.transport import new_session

LOCK = "02:51:4D:00:00:01"
INVALID_TOKEN = {"payload": {"error": {"code": "INVALID_TOKEN", "message": "no"}}}


class Tokens:
    """A source of access tokens that knows which ones were refused."""

    def __init__(self, cloud: SimulatedCloud) -> None:
        self._token = cloud.issue_tokens().access_token
        self.refused: list[str] = []
        self.is_fresh = True

    def available_in(self) -> float:
        return 0.0

    async def access_token(self, refused: str | None = None, *, is_urgent: bool = False) -> str:  # noqa: ARG002
        if refused is not None:
            self.refused.append(refused)
        return self._token


async def once(_: Operation, work: Callable[..., Awaitable[Any]], *args: Any) -> Any:
    """Stand in for a retry policy without patience."""
    return await work(*args)


@pytest.fixture
async def session() -> AsyncIterator[ClientSession]:
    async with new_session() as opened:
        yield opened


@pytest.fixture
async def tokens(cloud: SimulatedCloud) -> Tokens:
    return Tokens(cloud)


@pytest.fixture
async def meter(clock: VirtualClock) -> Meter:
    return Meter(clock)


@pytest.fixture
async def client(
    session: ClientSession, cloud: SimulatedCloud, tokens: Tokens, clock: VirtualClock, meter: Meter
) -> UtecClient:
    given = Given(Options(api_base_url=cloud.url))
    return UtecClient(session, given, tokens, once, meter, clock)


def device(device_id: str = LOCK, **entry: Any) -> Device:
    return Device(device_id, {"id": device_id, **entry})


async def test_many_devices_are_asked_about_twenty_at_a_time(
    client: UtecClient, cloud: SimulatedCloud
) -> None:
    ids = [f"02:51:4D:00:00:{number:02X}" for number in range(41)]
    for device_id in ids:
        cloud.add_device(device_id, device_id)
    reports = await client.fetch_reports([device(device_id) for device_id in ids])
    assert [report.id for report in reports] == ids
    assert cloud.calls.by_action["Device/Query"] == 3


async def test_no_devices_cost_no_request(client: UtecClient, cloud: SimulatedCloud) -> None:
    assert await client.fetch_reports([]) == ()
    assert cloud.calls.by_action.total() == 0


async def test_an_answer_about_none_of_our_devices_is_not_an_answer(
    client: UtecClient, cloud: SimulatedCloud
) -> None:
    cloud.faults.answer("Device/Query", {"payload": {"devices": []}})
    with pytest.raises(UtecProtocolError, match="none of the requested devices"):
        await client.fetch_reports([device()])


async def test_a_token_that_is_seconds_old_is_tried_once_more_before_it_counts_as_refused(
    client: UtecClient, cloud: SimulatedCloud, tokens: Tokens, clock: VirtualClock
) -> None:
    cloud.faults.answer("Device/Discovery", INVALID_TOKEN, times=1)
    asked = asyncio.ensure_future(client.fetch_devices())
    await clock.advance(1.9)
    assert not asked.done()
    await clock.advance(0.1)
    await asked
    assert tokens.refused == []
    assert cloud.calls.by_action["Device/Discovery"] == 2


async def test_a_registration_for_pushes_that_is_refused_does_not_cost_the_token(
    client: UtecClient, cloud: SimulatedCloud, tokens: Tokens
) -> None:
    cloud.faults.answer("Configure/Set", INVALID_TOKEN)
    tokens.is_fresh = False
    with pytest.raises(InvalidTokenError):
        await client.register_push("https://locks.example.com/push/word", "word")
    assert (tokens.refused, cloud.calls.by_action["Configure/Set"]) == ([], 1)


@pytest.mark.parametrize(
    ("operation", "deadline"),
    [(Operation.DISCOVERY, 20), (Operation.QUERY, 15), (Operation.LOCK, 6), (Operation.UNLOCK, 6)],
)
async def test_a_cloud_that_hangs_is_given_up_at_the_deadline_of_the_operation(
    operation: Operation,
    deadline: float,
    client: UtecClient,
    cloud: SimulatedCloud,
    clock: VirtualClock,
) -> None:
    cloud.faults.hang("/action")
    asked: dict[Operation, Callable[[], Awaitable[object]]] = {
        Operation.DISCOVERY: client.fetch_devices,
        Operation.QUERY: lambda: client.fetch_reports([device()]),
    }
    send = asked.get(operation, lambda: client.send_command(device(), Command(operation)))
    asking = asyncio.ensure_future(send())
    await clock.advance(deadline - 1)
    assert not asking.done()
    await clock.advance(1)
    with pytest.raises(UtecUnavailableError) as raised:
        await asking
    assert not raised.value.not_run


async def test_every_request_is_metered_with_how_it_ended(
    client: UtecClient, cloud: SimulatedCloud, meter: Meter
) -> None:
    await client.fetch_devices()
    cloud.faults.fail("/action")
    with pytest.raises(UtecUnavailableError):
        await client.fetch_devices()
    report = meter.report()
    assert report["by_action"] == {"discovery": 2}
    assert report["failures"] == {"discovery": 1}


async def test_the_meter_forgets_what_is_older_than_an_hour(
    clock: VirtualClock, meter: Meter
) -> None:
    meter.count(Operation.QUERY, failed=False)
    await clock.advance(59 * 60)
    assert meter.report()["last_hour"] == 1
    await clock.advance(60)
    assert meter.report()["last_hour"] == 0


async def test_the_meter_is_bounded(clock: VirtualClock, meter: Meter) -> None:
    for _ in range(3 * 24 * 60):
        meter.count(Operation.QUERY, failed=True)
        await clock.advance(60)
    assert len(meter.minutes) == 24 * 60
