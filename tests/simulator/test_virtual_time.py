"""Virtual time: a week passes in a moment, in order, with real sockets."""

import asyncio
from datetime import timedelta

import pytest
from aiohttp import ClientSession, web

from tests.served import serving
from utec_gateway.simulator.virtual_time import VirtualClock, VirtualTimeLoop

WEEK = 7 * 86400.0


async def test_time_stands_still_until_somebody_advances_it(clock: VirtualClock) -> None:
    wall, monotonic = clock.now(), clock.monotonic()
    await clock.settle()
    assert (clock.now(), clock.monotonic()) == (wall, monotonic)
    await clock.advance(WEEK)
    assert clock.now() - wall == timedelta(days=7)
    assert clock.monotonic() - monotonic == WEEK


async def test_sleepers_wake_in_the_order_in_which_they_are_due(clock: VirtualClock) -> None:
    woken: list[tuple[str, float]] = []
    start = clock.monotonic()

    async def sleeper(name: str, seconds: float) -> None:
        await clock.sleep(seconds)
        woken.append((name, clock.monotonic() - start))

    async with asyncio.TaskGroup() as group:
        for name, seconds in (("c", 3), ("a", 1), ("b1", 2), ("b2", 2), ("z", 0), ("y", -1)):
            group.create_task(sleeper(name, seconds))
        await clock.advance(2.5)
        assert woken == [("z", 0), ("y", 0), ("a", 1), ("b1", 2), ("b2", 2)]
        await clock.advance(0.5)
    assert woken[-1] == ("c", 3)


async def test_whoever_sleeps_again_and_again_misses_no_turn(clock: VirtualClock) -> None:
    turns: list[float] = []

    async def every_minute() -> None:
        while True:
            await clock.sleep(60)
            turns.append(clock.monotonic())

    task = asyncio.create_task(every_minute())
    await clock.advance(86400)
    task.cancel()
    assert len(turns) == 24 * 60
    assert turns[-1] == clock.monotonic()


async def test_a_sleeper_that_is_cancelled_disturbs_nobody(clock: VirtualClock) -> None:
    gone, other = (asyncio.create_task(clock.sleep(5)) for _ in range(2))
    await clock.settle()
    gone.cancel()
    await clock.advance(5)
    assert gone.cancelled()
    assert other.done()


async def test_a_jump_moves_the_wall_clock_and_wakes_nobody(clock: VirtualClock) -> None:
    sleeper = asyncio.create_task(clock.sleep(60))
    wall, monotonic = clock.now(), clock.monotonic()
    clock.jump(timedelta(days=-400))
    await clock.settle()
    assert clock.now() - wall == timedelta(days=-400)
    assert clock.monotonic() == monotonic
    assert not sleeper.done()
    await clock.advance(60)
    assert sleeper.done()


async def test_waiting_for_something_ends_soon_after_it_happened(clock: VirtualClock) -> None:
    start = clock.monotonic()
    sleeper = asyncio.create_task(clock.sleep(7.2))
    await clock.until(sleeper.done)
    assert 7.2 <= clock.monotonic() - start <= 7.7


async def test_waiting_for_what_never_happens_ends_at_the_limit(clock: VirtualClock) -> None:
    start = clock.monotonic()
    with pytest.raises(TimeoutError, match="within 10 virtual seconds"):
        await clock.until(lambda: False, limit=10)
    assert clock.monotonic() - start == 10


async def test_time_does_not_pass_while_a_request_is_under_way(clock: VirtualClock) -> None:
    seen: list[float] = []

    async def answer(_: web.Request) -> web.Response:
        seen.append(clock.monotonic())
        return web.Response(text="x" * 3_000_000)

    app = web.Application()
    app.router.add_get("/", answer)

    async def ask_every_hour(url: str) -> None:
        async with ClientSession() as session:
            for _ in range(24):
                await clock.sleep(3600)
                asked = clock.monotonic()
                async with session.get(url) as response:
                    assert len(await response.text()) == 3_000_000
                assert clock.monotonic() == asked == seen[-1]

    async with serving(app) as url:
        task = asyncio.create_task(ask_every_hour(url))
        await clock.advance(86400)
        await task
    assert len(seen) == 24


def test_an_ordinary_loop_is_refused() -> None:
    async def make() -> VirtualClock:
        return VirtualClock()

    with asyncio.Runner() as runner, pytest.raises(TypeError, match="VirtualTimeLoop"):
        runner.run(make())


def test_each_loop_has_a_time_of_its_own() -> None:
    async def a_day_later() -> float:
        clock = VirtualClock()
        await clock.advance(86400)
        return clock.monotonic()

    times = []
    for _ in range(2):
        with asyncio.Runner(loop_factory=VirtualTimeLoop) as runner:
            times.append(runner.run(a_day_later()))
    assert times[0] == times[1]
