"""Three faults that were measured in the most used integration are promises of ours."""

import asyncio
from collections.abc import AsyncIterator
from itertools import pairwise
from typing import Any

import pytest

from tests.conftest import LOCK, OTHER_LOCK, Running, World
from tests.plugins.installing import install
from tests.promises.push_front import Front, in_front, started
from tests.steps import HOUR, QUERY, bolt, lock_state, states_of
from utec_gateway.core.models import Device, Operation
from utec_gateway.devices.push_hints import MOST_AN_HOUR, QUERY_EVERY
from utec_gateway.plugin_api import PushState
from utec_gateway.simulator.enums import PushShape
from utec_gateway.simulator.states import lock, unlock

CALM: dict[str, Any] = {"poll_interval_seconds": 15, "stale_after_seconds": 900}
MIRROR = """
from utec_gateway.plugin_api import hookimpl


class Mirror:
    def __init__(self, context):
        self.statuses = context.statuses

    @hookimpl
    async def gateway_devices_changed(self, added, changed, removed):
        for status in self.statuses():
            print("shown", status.device.name, status.readings.lock_state.value, flush=True)


def create(context):
    return Mirror(context)
"""
HEALTH = {"capability": "st.healthCheck", "name": "status", "value": "Online"}
BATTERY = {"capability": "st.batteryLevel", "name": "level", "value": 2}
DOOR = {"capability": "st.doorSensor", "name": "sensorState", "value": "Open"}
MODE = {"capability": "st.lock", "name": "lockMode", "value": 0}
NULL = {"capability": "st.lock", "name": "lockState", "value": None}
NO_VALUE = {"capability": "st.lock", "name": "lockState"}
EMPTY = {"capability": "st.lock", "name": "lockState", "value": ""}
LIE = {"capability": "st.lock", "name": "lockState", "value": "Unlocked"}
WITHOUT_THE_BOLT: dict[str, list[dict[str, Any]] | None] = {
    "an id alone": None,
    "no states": [],
    "health": [HEALTH],
    "battery": [BATTERY],
    "door": [DOOR],
    "mode": [HEALTH, MODE],
    "null": [HEALTH, NULL],
    "no value": [HEALTH, NO_VALUE],
    "nothing": [EMPTY],
    "what is not so": [HEALTH, LIE],
}


@pytest.fixture
async def front() -> AsyncIterator[Front]:
    async with in_front() as front:
        yield front


class Seen:
    """Every state of the front door that anybody could see."""

    def __init__(self, running: Running, printed: pytest.CaptureFixture[str]) -> None:
        self._running = running
        self._printed = printed
        self._readings: set[str] = set()
        running.gateway.account.poller.changed.subscribe(self._take_in)

    def _take_in(self, devices: tuple[Device, ...]) -> None:
        self._readings |= {str(one.reported_state) for one in devices if one.id == LOCK}

    async def watch(self, seconds: float) -> set[str]:
        """Look four times a second; return what plugins, MQTT and the integrations saw."""
        shown: set[str] = set()
        for _ in range(int(seconds * 4)):
            await self._running.clock.advance(0.25)
            _, answer = await self._running.get("/api/status/latest")
            assert ("st.lock", "lockState") in states_of(answer), "shown as unknown"
            shown.add(str(lock_state(answer)).lower())
        lines = self._printed.readouterr().out.splitlines()
        mirrored = {line.rpartition(" ")[2] for line in lines if "shown Front Door" in line}
        seen, self._readings = shown | mirrored | self._readings, set()
        return seen


async def watched(
    world: World, front: Front, printed: pytest.CaptureFixture[str]
) -> tuple[Running, Seen]:
    install(world, "mirror.py", MIRROR)
    running = await started(world, front, **CALM)
    printed.readouterr()
    return running, Seen(running, printed)


@pytest.mark.parametrize("states", WITHOUT_THE_BOLT.values(), ids=WITHOUT_THE_BOLT)
async def test_a_push_without_the_bolt_never_shows_a_locked_door_as_anything_else(
    states: list[dict[str, Any]] | None,
    world: World,
    front: Front,
    capsys: pytest.CaptureFixture[str],
) -> None:
    _, seen = await watched(world, front, capsys)
    entry = {"id": LOCK} if states is None else {"id": LOCK, "states": states}
    before = world.cloud.calls.by_action[QUERY]
    world.cloud.pushes.push_body({"payload": {"devices": [entry]}})
    assert await seen.watch(40) == {"locked"}
    assert world.cloud.calls.by_action[QUERY] > before
    world.cloud.devices[LOCK].operate(unlock)
    assert "unlocked" in await seen.watch(7), "who watches would have seen it"


@pytest.mark.parametrize("shape", [PushShape.ID_ONLY, PushShape.PARTIAL])
async def test_a_door_that_is_unlocked_is_not_shown_locked_by_such_a_push_either(
    shape: PushShape, world: World, front: Front, capsys: pytest.CaptureFixture[str]
) -> None:
    world.cloud.behaviour.pushes.push_shape = shape
    _, seen = await watched(world, front, capsys)
    world.cloud.devices[LOCK].operate(unlock)
    await seen.watch(7)
    world.cloud.pushes.push_states([world.cloud.devices[LOCK]])
    assert await seen.watch(40) == {"unlocked"}


async def test_such_a_push_during_a_command_changes_nothing_of_how_it_ends(
    world: World, front: Front, capsys: pytest.CaptureFixture[str]
) -> None:
    running, seen = await watched(world, front, capsys)
    world.cloud.behaviour.commands.ignore_next = 1
    account = running.gateway.account
    async with running.client.post(f"{running.url}/api/unlock", json={"id": "nobody"}) as refused:
        assert refused.status == 404
    task = asyncio.ensure_future(running.post("/api/unlock", {"id": LOCK}))
    for _ in range(10):
        world.cloud.pushes.push_body([{"id": LOCK, "states": [LIE]}])
        assert await seen.watch(1) == {"locked"}
    assert (await task)[1]["status"] == "pending"
    assert await seen.watch(60) == {"locked"}
    last = account.commands.last(LOCK)
    assert last
    assert str(last.state) == "not_confirmed"


class Polls:
    """When U-tec was asked, told apart by whether it was a poll that asked."""

    def __init__(self, running: Running) -> None:
        self._running = running
        self._poller = running.gateway.account.poller
        self.sent: list[float] = []
        self.polled: set[float] = set()
        running.gateway.account.meter.sent.subscribe(self._sent)
        self._poller.polled.subscribe(lambda _: self._ended())
        self._last = self._poller.last_updated

    def _sent(self, operation: Operation) -> None:
        if operation is Operation.QUERY:
            self.sent.append(self._running.clock.monotonic())

    def _ended(self) -> None:
        if self._poller.last_updated != self._last:
            self._last = self._poller.last_updated
            self.polled.add(self._running.clock.monotonic())

    @property
    def extra(self) -> list[float]:
        """When an extra Query was sent, but for those in the very moment of a poll."""
        return [at for at in self.sent if at not in self.polled]

    @property
    def gaps(self) -> set[float]:
        return {later - one for one, later in pairwise(sorted(self.polled))}


async def test_a_push_every_four_seconds_for_an_hour_stops_no_poll_and_costs_few_queries(
    world: World, front: Front
) -> None:
    world.cloud.behaviour.pushes.push_every = 4
    running = await started(world, front, **CALM)
    polls = Polls(running)
    await world.clock.advance(HOUR)
    assert world.cloud.calls.by_action["Notification/DeviceState"] >= HOUR / 4
    assert polls.gaps == {15.0}
    assert HOUR / 15 - 1 <= len(polls.polled) <= HOUR / 15 + 1
    assert len(polls.extra) >= 40
    assert len(polls.sent) - len(polls.polled) <= MOST_AN_HOUR
    assert min(later - one for one, later in pairwise(polls.extra)) >= QUERY_EVERY
    assert running.gateway.account.poller.pace.slowed is None


async def test_after_an_hour_of_such_pushes_the_next_poll_shows_what_none_told_of(
    world: World, front: Front
) -> None:
    world.cloud.behaviour.pushes.push_every = 4
    running = await started(world, front, **CALM)
    await world.clock.advance(HOUR)
    world.cloud.behaviour.pushes.pushes_left = 0
    for change, shown in ((unlock, "Unlocked"), (lock, "Locked")):
        world.cloud.devices[OTHER_LOCK].operate(change)
        await world.clock.advance(15)
        assert await bolt(running, OTHER_LOCK) == shown


AT_HOME = [
    "http://192.168.1.5:8000",
    "https://192.168.1.5:8000",
    "https://homeassistant.local",
    "https://homeassistant.local:8123",
    "https://10.0.0.1",
    "https://172.16.0.1",
    "https://[fd00::1]:8443",
    "https://[fe80::1]",
    "https://[::1]",
    "https://127.0.0.1",
    "https://100.64.0.1",
    "https://169.254.10.10",
    "https://gateway.lan",
    "https://gateway",
    "https://localhost:8000",
    "http://locks.example.com",
    "https://user:password@192.168.1.5",
    "https://locks.example.com:443@192.168.1.5",
]


@pytest.mark.parametrize("address", AT_HOME)
async def test_a_private_address_is_never_registered_with_u_tec(address: str, world: World) -> None:
    """Nobody has signed in, so that nothing goes out to the public name of the cloud."""
    options = {"api_base_url": "https://api.u-tec.com", "push": "auto", "push_url": address}
    running = await world.start(sign_in=False, **options)
    await world.clock.advance(2 * HOUR)
    status = running.gateway.hooks.push_status()
    assert (status.state, status.host) == (PushState.NO_ADDRESS, "")


async def test_a_public_one_would_be(world: World) -> None:
    options = {"api_base_url": "https://api.u-tec.com", "push": "auto"}
    running = await world.start(sign_in=False, push_url="https://locks.example.com", **options)
    await world.clock.advance(20)
    status = running.gateway.hooks.push_status()
    assert status.state is PushState.FAILED
    assert "Nobody has signed in" in status.problem
