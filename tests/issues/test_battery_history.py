"""A battery that swings is one message; it is good once it has been good for a day."""

from datetime import timedelta
from typing import Any

import pytest

from tests.conftest import LOCK, World
from tests.issues.test_news import DAY, HOUR, MINUTE, open_ids, told
from utec_gateway.issues.battery_history import SILENCE, LowBattery, judged

SELDOM: dict[str, Any] = {"poll_interval_seconds": 600, "stale_after_seconds": 3600}
LOW_NEWS = "The battery of Front Door is low"


def set_level(world: World, level: int | None) -> None:
    world.cloud.devices[LOCK].behaviour.battery_stuck_at = level


def titles(world: World) -> list[str]:
    """Return what people were told of the battery, by its beginning."""
    return [line.removesuffix(".").partition(": The lock")[0] for line in told(world)]


@pytest.mark.parametrize("levels", [(1, 3), (1, 2), (1, 4), (2, 1, 5)], ids=str)
async def test_a_battery_that_swings_is_told_once_and_is_over_once(
    levels: tuple[int, ...], world: World
) -> None:
    running = await world.start(**SELDOM)
    for turn in range(26):
        set_level(world, levels[turn % len(levels)])
        await world.clock.advance(HOUR)
    assert titles(world)[-1:] == [LOW_NEWS]
    assert len(titles(world)) <= 2, "once, and once more when it got worse"
    set_level(world, 4)
    await world.clock.advance(DAY + HOUR)
    assert titles(world)[-1] == f"Over: {LOW_NEWS}"
    assert open_ids(running) == []


async def test_one_low_reading_begins_the_good_day_anew(world: World) -> None:
    running = await world.start(**SELDOM)
    for level, seconds in ((1, HOUR), (4, DAY - HOUR), (2, 12 * MINUTE), (4, DAY - HOUR)):
        set_level(world, level)
        await world.clock.advance(seconds)
        assert len(open_ids(running)) == 1
    await world.clock.advance(HOUR + 12 * MINUTE)
    assert open_ids(running) == []


async def test_a_good_day_goes_on_over_a_restart(world: World) -> None:
    running = await world.start(**SELDOM)
    set_level(world, 1)
    await world.clock.advance(HOUR)
    set_level(world, 4)
    await world.clock.advance(20 * HOUR)
    await world.stop()
    again = await world.start(**SELDOM)
    await world.clock.advance(3 * HOUR)
    assert len(open_ids(again)) == 1
    await world.clock.advance(HOUR + 12 * MINUTE)
    assert open_ids(again) == []
    assert titles(world) == [LOW_NEWS, f"Over: {LOW_NEWS}"]
    assert running is not again


async def test_an_offline_lock_with_an_old_good_reading_has_no_good_day(world: World) -> None:
    running = await world.start(**SELDOM)
    set_level(world, 1)
    await world.clock.advance(HOUR)
    set_level(world, 4)
    await world.clock.advance(HOUR)
    world.cloud.devices[LOCK].go_offline()
    await world.clock.advance(3 * DAY)
    assert len(open_ids(running)) == 1
    world.cloud.devices[LOCK].go_online()
    await world.clock.advance(22 * HOUR + 30 * MINUTE)
    assert len(open_ids(running)) == 1, "the days of silence were not good ones"
    await world.clock.advance(2 * HOUR)
    assert open_ids(running) == []


async def test_an_offline_lock_with_one_old_low_reading_is_not_low_for_a_day(world: World) -> None:
    running = await world.start(**SELDOM)
    set_level(world, 2)
    await world.clock.advance(15 * MINUTE)
    world.cloud.devices[LOCK].go_offline()
    await world.clock.advance(3 * DAY)
    assert open_ids(running) == []


async def test_a_lock_that_is_asked_once_an_hour_is_heard(world: World) -> None:
    running = await world.start(poll_interval_seconds=3600, stale_after_seconds=5)
    set_level(world, 1)
    await world.clock.advance(2 * HOUR)
    assert len(open_ids(running)) == 1
    set_level(world, 5)
    await world.clock.advance(DAY)
    assert len(open_ids(running)) == 1
    await world.clock.advance(2 * HOUR)
    assert open_ids(running) == []


async def test_a_clock_that_was_set_back_delays_the_good_day_by_a_day_at_most(
    world: World,
) -> None:
    now = world.clock.now()
    later = now + timedelta(days=300)
    battery = judged(LowBattery(now, later), 4, now)
    assert battery == LowBattery(now, now)
    assert judged(battery, 4, now + timedelta(days=1)) is None
    assert judged(LowBattery(later), 2, now) == LowBattery(now)


async def test_silence_shorter_than_two_polls_counts(world: World) -> None:
    now = world.clock.now()
    good = LowBattery(now, now)
    assert judged(good, 4, now + timedelta(days=1), timedelta(0)) is None
    assert judged(good, 4, now + timedelta(days=1), SILENCE) == LowBattery(now, now + SILENCE)
