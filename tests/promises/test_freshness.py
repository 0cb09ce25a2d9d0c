"""How soon what happens at a door is known, at the worst moment, and what a day of it costs."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from tests.conftest import LOCK, OTHER_LOCK, Running, World
from utec_gateway.core.models import Device
from utec_gateway.simulator.states import DoorState, States, jam, lock, unlock

WORST, FOLLOWING, OFFLINE = 16.0, 6.0, 26.0
CALLS_A_DAY, BURSTS_A_DAY = 6000, 8
HOUR = 3600.0


@pytest.fixture(params=[0.0, 1.0], ids=["an instant cloud", "a cloud that takes a second"])
async def running(request: pytest.FixtureRequest, world: World) -> Running:
    """A gateway that has polled just now: whatever happens next is seen as late as can be."""
    world.cloud.devices[LOCK].operate(lambda states: replace(states, door=DoorState.CLOSED))
    running = await world.start()
    world.cloud.behaviour.actions.latency = request.param
    await next_poll(running)
    world.cloud.calls.reset()
    return running


async def next_poll(running: Running) -> None:
    """Let time pass until a poll has ended."""
    polled: list[object] = []
    running.gateway.account.poller.changed.subscribe(polled.append)
    while not polled:
        await running.clock.advance(0.05)


async def known_after(
    running: Running, is_known: Callable[[Device], bool], device_id: str = LOCK
) -> float:
    """Return the seconds until everybody who listens is told something of a device."""
    began, told = running.clock.monotonic(), []

    def listen(devices: tuple[Device, ...]) -> None:
        if any(device.id == device_id and is_known(device) for device in devices):
            told.append(running.clock.monotonic())

    running.gateway.account.poller.changed.subscribe(listen)
    await running.clock.until(lambda: told, limit=120)
    return told[0] - began


def bolt(state: str) -> Callable[[Device], bool]:
    return lambda device: device.reported_state == state


def door(state: str) -> Callable[[Device], bool]:
    return lambda device: device.readings.door.value == state


def open_door(states: States) -> States:
    return replace(states, door=DoorState.OPEN)


async def test_a_bolt_a_jam_and_an_outage_are_known_in_time(running: Running, world: World) -> None:
    front, back = world.cloud.devices[LOCK], world.cloud.devices[OTHER_LOCK]
    front.operate(unlock)
    assert await known_after(running, bolt("unlocked")) <= WORST
    await running.clock.advance(200)
    await next_poll(running)
    front.operate(jam)
    assert await known_after(running, bolt("jammed")) <= WORST
    await running.clock.advance(200)
    await next_poll(running)
    back.go_offline()
    is_offline: Callable[[Device], bool] = lambda device: device.is_offline  # noqa: E731
    assert await known_after(running, is_offline, OTHER_LOCK) <= OFFLINE


async def test_what_follows_a_movement_is_known_within_six_seconds(
    running: Running, world: World
) -> None:
    front, back = world.cloud.devices[LOCK], world.cloud.devices[OTHER_LOCK]
    front.operate(unlock)
    await known_after(running, bolt("unlocked"))
    front.operate(open_door)
    assert await known_after(running, door("open")) <= FOLLOWING
    await running.clock.advance(100)
    await next_poll(running)
    back.operate(unlock)
    assert await known_after(running, bolt("unlocked"), OTHER_LOCK) <= FOLLOWING
    await running.clock.advance(100)
    await next_poll(running)
    front.operate(lock)
    assert await known_after(running, bolt("locked")) <= FOLLOWING


async def test_a_day_with_eight_bursts_stays_below_six_thousand_calls(
    running: Running, world: World
) -> None:
    front = world.cloud.devices[LOCK]
    await running.clock.advance(HOUR)
    calm = world.cloud.calls.by_action.total()
    world.cloud.calls.reset()
    front.operate(unlock)
    front.operate(open_door, 5)
    front.operate(lock, 40)
    await running.clock.advance(HOUR)
    burst = world.cloud.calls.by_action.total()
    assert burst > calm + 15, "it was a burst"
    assert (24 - BURSTS_A_DAY) * calm + BURSTS_A_DAY * burst <= CALLS_A_DAY
