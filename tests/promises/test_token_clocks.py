"""Clocks that lie: a machine without a battery clock, a leap of NTP, a laptop that sleeps."""

import random
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager
from datetime import datetime, timedelta

import pytest

from tests.conftest import QUIET, World
from tests.steps import (
    DAY,
    HOUR,
    QUERY,
    REFRESH,
    assert_signed_in,
    bolt,
    command,
    health,
    lifetime_left,
    refreshes,
)
from utec_gateway.simulator.cloud import SimulatedCloud
from utec_gateway.simulator.virtual_time import VirtualClock

YEAR = timedelta(days=365)


class SteadyClock:
    """The cloud's own clock: it passes with the machine's, and never leaps."""

    def __init__(self, machine: VirtualClock) -> None:
        self._machine = machine
        self._start = machine.now() - timedelta(seconds=machine.monotonic())

    def now(self) -> datetime:
        return self._start + timedelta(seconds=self._machine.monotonic())

    def monotonic(self) -> float:
        return self._machine.monotonic()

    async def sleep(self, seconds: float) -> None:
        await self._machine.sleep(seconds)

    def timeout(self, seconds: float) -> AbstractAsyncContextManager[object]:
        return self._machine.timeout(seconds)


@pytest.fixture
async def cloud(clock: VirtualClock) -> AsyncIterator[SimulatedCloud]:
    """A cloud whose tokens live and die by true time."""
    simulated = SimulatedCloud(SteadyClock(clock), random.Random(1))
    await simulated.start()
    yield simulated
    await simulated.stop()


def asked_within_reason(world: World, most: int) -> None:
    assert refreshes(world.cloud) <= most
    assert world.cloud.calls.busiest_minute(REFRESH) <= 2


async def test_booting_years_in_the_past_and_being_set_right_costs_no_sign_in(
    world: World,
) -> None:
    await world.start()
    await world.stop()
    world.clock.jump(-5 * YEAR)
    running = await world.start(sign_in=False, poll_interval_seconds=300, stale_after_seconds=600)
    await world.clock.advance(20)
    assert await bolt(running) == "Locked"
    world.clock.jump(5 * YEAR)
    await world.clock.advance(420)
    assert_signed_in(running)
    assert await health(running) == "healthy"
    assert await bolt(running) == "Locked"
    assert lifetime_left(running) > timedelta(days=6)
    asked_within_reason(world, 2)
    await running.gateway.settings.change(QUIET)
    await world.clock.advance(10 * DAY)
    assert_signed_in(running)
    asked_within_reason(world, 13)


async def test_booting_in_the_past_without_a_cloud_is_healed_when_both_come_back(
    world: World,
) -> None:
    await world.start()
    await world.stop()
    world.clock.jump(-5 * YEAR)
    world.cloud.faults.drop("/action")
    world.cloud.faults.drop("/token")
    running = await world.start(sign_in=False)
    await world.clock.advance(600)
    world.clock.jump(5 * YEAR)
    await world.clock.advance(600)
    world.cloud.faults.clear()
    await world.clock.advance(1000)
    assert_signed_in(running)
    assert await bolt(running) == "Locked"


async def test_a_leap_of_a_year_ahead_and_back_costs_no_sign_in_and_no_storm(
    world: World,
) -> None:
    running = await world.start()
    await world.clock.advance(HOUR)
    world.clock.jump(YEAR)
    await world.clock.advance(HOUR)
    assert_signed_in(running)
    assert await bolt(running) == "Locked"
    asked_within_reason(world, 1)
    world.clock.jump(-YEAR)
    await world.clock.advance(HOUR)
    assert_signed_in(running)
    assert await bolt(running) == "Locked"
    assert await health(running) == "healthy"
    asked_within_reason(world, 2)


async def test_a_token_made_in_a_wrong_future_is_not_trusted_for_a_year(world: World) -> None:
    """A year too much on the gateway's books would let the true week run out unnoticed."""
    running = await world.start(renew_every_hours=0)
    world.clock.jump(YEAR)
    await world.clock.advance(120)
    world.clock.jump(-YEAR)
    await world.clock.advance(120)
    assert lifetime_left(running) < timedelta(days=7)


@pytest.mark.parametrize("seconds", [-250, -30, 30, 250])
async def test_a_small_correction_of_the_clock_renews_nothing(seconds: int, world: World) -> None:
    running = await world.start()
    await world.clock.advance(60)
    world.clock.jump(timedelta(seconds=seconds))
    await world.clock.advance(120)
    assert refreshes(world.cloud) == 0
    assert await bolt(running) == "Locked"


async def test_a_clock_that_wavers_all_day_causes_no_storm(world: World) -> None:
    running = await world.start(poll_interval_seconds=60)
    rng = random.Random(7)
    for _ in range(60):
        world.clock.jump(timedelta(hours=rng.uniform(-30, 30)))
        await world.clock.advance(300)
        assert_signed_in(running)
    asked_within_reason(world, 60)


async def test_a_laptop_that_slept_for_days_renews_within_a_minute_of_waking(
    world: World,
) -> None:
    running = await world.start()
    await world.clock.advance(HOUR)
    asked = world.cloud.calls.by_action[QUERY]
    world.clock.jump(timedelta(days=3))  # asleep: the wall clock goes on, nothing else does
    assert await bolt(running) is None, "what was seen three days ago is not the truth"
    await world.clock.advance(70)
    assert refreshes(world.cloud) == 1
    assert await bolt(running) == "Locked"
    assert world.cloud.calls.by_action[QUERY] - asked <= 4


async def test_a_laptop_that_slept_past_the_end_of_its_token_works_on_waking(
    world: World,
) -> None:
    running = await world.start()
    await world.clock.advance(60)
    world.clock.jump(timedelta(days=9))
    world.cloud.expire_access_tokens()
    assert (await command(running, "unlock"))[1]["status"] == "ok"
    await world.clock.advance(120)
    assert await health(running) == "healthy"
    asked_within_reason(world, 1)


async def test_a_laptop_that_naps_all_day_neither_storms_nor_forgets_to_renew(
    world: World,
) -> None:
    running = await world.start(poll_interval_seconds=30)
    for _ in range(100):
        world.clock.jump(timedelta(hours=1))
        await world.clock.advance(90)
    assert 4 <= refreshes(world.cloud) <= 6
    assert world.cloud.calls.by_action[QUERY] <= 100 * 6
    assert_signed_in(running)
