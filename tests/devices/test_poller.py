"""What happens at a door is known soon, by everybody who listens, and costs few calls."""

import asyncio
from dataclasses import replace

import pytest
from aiohttp import ClientResponse

from tests.conftest import LOCK, OTHER_LOCK, Running, World
from tests.plugins.installing import install
from tests.steps import QUERY, bolt, command, health, lock_state, meanwhile, timed
from utec_gateway.core.models import Device
from utec_gateway.simulator.cloud import SimulatedCloud
from utec_gateway.simulator.enums import QueryShape
from utec_gateway.simulator.states import DoorState, States, lock, unlock

CALM, QUICK, BURST = 15, 5, 120
LISTENER = """
from utec_gateway.plugin_api import hookimpl


class Listener:
    def __init__(self, clock):
        self.clock = clock

    @hookimpl
    async def gateway_lock_changed(self, lock, previous):
        print("lock", lock.reported_state, self.clock.monotonic(), flush=True)

    @hookimpl
    async def gateway_devices_changed(self, added, changed, removed):
        for device in changed:
            print("device", device.reported_state, self.clock.monotonic(), flush=True)


def create(context):
    return Listener(context.clock)
"""


def open_door(states: States) -> States:
    return replace(states, door=DoorState.OPEN)


async def polled_at(running: Running, cloud: SimulatedCloud, seconds: int) -> list[int]:
    """Return the seconds from now after which U-tec is queried."""
    found = []
    for second in range(1, seconds + 1):
        before = cloud.calls.by_action[QUERY]
        await running.clock.advance(1)
        found += [second] * (cloud.calls.by_action[QUERY] - before)
    return found


async def test_while_nothing_happens_there_is_a_poll_every_fifteen_seconds(
    running: Running, cloud: SimulatedCloud
) -> None:
    assert await polled_at(running, cloud, 60) == [15, 30, 45, 60]


async def test_a_bolt_turned_by_hand_is_followed_by_two_minutes_of_quick_polls(
    running: Running, cloud: SimulatedCloud
) -> None:
    cloud.devices[LOCK].operate(unlock)
    quick = list(range(CALM, CALM + BURST + 1, QUICK))
    assert await polled_at(running, cloud, 150) == [*quick, quick[-1] + CALM]


async def test_so_is_a_door(world: World, cloud: SimulatedCloud) -> None:
    cloud.devices[LOCK].operate(lambda states: replace(states, door=DoorState.CLOSED))
    running = await world.start()
    cloud.devices[LOCK].operate(open_door)
    assert await polled_at(running, cloud, 30) == [15, 20, 25, 30]


async def test_a_command_makes_the_other_locks_fresh_too(
    running: Running, cloud: SimulatedCloud
) -> None:
    await command(running, "unlock")
    cloud.devices[OTHER_LOCK].operate(unlock)
    await running.clock.advance(QUICK)
    assert await bolt(running, OTHER_LOCK) == "Unlocked"


async def test_an_offline_lock_is_known_at_the_second_reading_five_seconds_after_the_first(
    running: Running, cloud: SimulatedCloud
) -> None:
    cloud.devices[LOCK].go_offline()
    await running.clock.advance(CALM)
    assert await bolt(running) == "Locked"
    await running.clock.advance(QUICK)
    assert await bolt(running) is None


async def test_an_offline_blip_costs_two_quick_polls_and_nothing_else(
    running: Running, cloud: SimulatedCloud
) -> None:
    cloud.devices[LOCK].behaviour.offline_reads = 1
    assert await polled_at(running, cloud, 60) == [15, 20, 25, 40, 55]
    assert await bolt(running) == "Locked"


async def test_a_lock_reported_by_an_error_alone_is_asked_again_as_soon(
    running: Running, cloud: SimulatedCloud
) -> None:
    error = {"id": LOCK, "error": {"code": "DEVICE_OFFLINE", "message": "no"}}
    cloud.faults.answer(QUERY, {"payload": {"devices": [error]}}, times=2)
    await running.clock.advance(CALM + QUICK)
    assert await bolt(running) is None


async def test_an_answer_that_was_asked_for_before_a_command_does_not_confirm_it(
    running: Running, cloud: SimulatedCloud
) -> None:
    door = cloud.devices[LOCK]
    door.operate(unlock)
    await running.clock.advance(CALM)
    cloud.behaviour.actions.latency = 2.5
    await running.clock.advance(QUICK)  # a poll is under way
    cloud.behaviour.actions.latency = 0.0
    cloud.behaviour.commands.ignore_next = 1
    door.behaviour.query_shape = QueryShape.EMPTY_STATES  # what is asked later says nothing
    asked = asyncio.ensure_future(running.post("/api/lock", {"id": LOCK}))
    await running.clock.advance(2.25)
    door.operate(lock)
    door.behaviour.query_shape = QueryShape.NORMAL
    await running.clock.advance(0.5)
    assert await bolt(running) == "Locked", "the poll says so"
    door.behaviour.query_shape = QueryShape.EMPTY_STATES
    assert (await timed(running.clock, asked)).body["status"] == "pending"


@pytest.fixture
async def listening(
    world: World, capsys: pytest.CaptureFixture[str]
) -> tuple[Running, pytest.CaptureFixture[str]]:
    """A gateway with a plugin that listens."""
    install(world, "listener.py", LISTENER)
    return await world.start(), capsys


async def test_plugins_hear_of_news_in_the_moment_of_the_poll(
    listening: tuple[Running, pytest.CaptureFixture[str]], cloud: SimulatedCloud
) -> None:
    running, printed = listening
    news: list[float] = []
    running.gateway.account.poller.changed.subscribe(
        lambda _devices: news.append(running.clock.monotonic())
    )
    printed.readouterr()
    cloud.devices[LOCK].operate(unlock)
    await running.clock.advance(CALM)
    heard = [line.split() for line in printed.readouterr().out.splitlines()]
    assert {(what, state, float(at)) for what, state, at in heard} == {
        ("lock", "unlocked", news[0]),
        ("device", "unlocked", news[0]),
    }


async def next_event(stream: ClientResponse) -> str:
    event = await stream.content.readline()
    await stream.content.readline()
    return event.decode()


async def test_an_open_page_has_news_in_the_moment_of_the_poll(
    running: Running, cloud: SimulatedCloud
) -> None:
    clock, news, shown = running.clock, [], []

    def note(devices: tuple[Device, ...]) -> None:
        if any(device.reported_state == "unlocked" for device in devices):
            news.append(clock.monotonic())

    async def read(stream: ClientResponse) -> None:
        while "Unlocked" not in await next_event(stream):
            pass
        shown.append(clock.monotonic())

    running.gateway.account.poller.changed.subscribe(note)
    await clock.advance(0.3)  # so that no rendering is due with the poll
    async with running.client.get(f"{running.panel}/live?page=overview") as stream:
        await next_event(stream)
        cloud.devices[LOCK].operate(unlock)
        await meanwhile(running, read(stream))
    assert shown == news[:1]


async def test_while_a_page_is_open_polls_are_quick_and_afterwards_calm(
    running: Running, cloud: SimulatedCloud
) -> None:
    await running.clock.advance(1)
    async with running.client.get(f"{running.panel}/live?page=overview") as stream:
        await next_event(stream)
        assert await polled_at(running, cloud, 24) == [4, 9, 14, 19, 24]
    await running.clock.advance(2)
    assert await polled_at(running, cloud, 28) == [13, 28]


async def test_a_page_that_is_open_for_hours_stretches_the_polls_and_health_says_so(
    running: Running,
) -> None:
    sent: list[float] = []
    account = running.gateway.account
    account.meter.sent.subscribe(lambda _: sent.append(running.clock.monotonic()))
    with account.poller.pace.watched():
        await running.clock.advance(2 * 3600)
        assert await health(running) == "healthy", "nothing fails by it"
        (said,) = (await running.get("/health"))[1]["troubles"]
        assert "instead of every 5 s" in said
        assert "at most 360 times in any hour" in said
        assert (await command(running, "unlock")).body["status"] == "ok"
    busiest = max(sum(1 for other in sent if 0 <= other - one < 3600) for one in sent)
    assert 330 <= busiest <= 360
    await running.clock.advance(3600)
    assert (await running.get("/health"))[1]["troubles"] == []


async def test_a_program_that_forces_polls_all_the_time_gets_what_is_known(
    running: Running, cloud: SimulatedCloud
) -> None:
    cloud.calls.reset()
    for _ in range(100):
        for _ in range(8):
            await running.clock.advance(QUICK)
            assert (await running.post("/api/status/refresh"))[0] == 200
    assert cloud.calls.by_action.total() <= 360 * 4000 / 3600 + 240
    assert lock_state((await running.get("/api/status/latest"))[1]) == "Locked"


async def test_an_outage_without_a_connection_uses_up_none_of_the_hours_calls(
    world: World,
) -> None:
    running = await world.start()
    port = int(world.cloud.url.rpartition(":")[2])
    await world.cloud.stop()
    await world.clock.advance(2 * 3600)
    await world.cloud.start(port=port)
    await world.clock.advance(CALM + 10)
    assert await bolt(running) == "Locked"
