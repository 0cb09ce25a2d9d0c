"""Time is passed in, and waiting for work never takes the work down."""

import asyncio
from datetime import UTC

import pytest

from utec_gateway.core.clock import Clock, FastClock, SystemClock, done_within
from utec_gateway.simulator.virtual_time import VirtualClock


@pytest.mark.parametrize("clock", [SystemClock(), FastClock(1_000_000)])
async def test_a_real_clock_is_aware_of_utc_and_never_goes_back(clock: Clock) -> None:
    assert clock.now().tzinfo is UTC
    before = clock.monotonic()
    await clock.sleep(0.001)
    assert clock.monotonic() - before >= 0.001


async def test_a_fast_clock_sleeps_an_hour_of_its_own_in_a_moment_of_ours() -> None:
    clock = FastClock(1_000_000)
    wall, monotonic = clock.now(), clock.monotonic()
    await clock.sleep(3600)
    assert clock.monotonic() - monotonic >= 3600
    assert (clock.now() - wall).total_seconds() >= 3600


async def test_work_that_ends_in_time_is_done_and_nobody_waits_longer(clock: VirtualClock) -> None:
    work = asyncio.ensure_future(clock.sleep(3))
    asking = asyncio.ensure_future(done_within(clock, 10, work))
    await clock.advance(3)
    assert asking.done()
    assert await asking is True


async def test_work_that_takes_longer_is_not_done_and_goes_on(clock: VirtualClock) -> None:
    work = asyncio.ensure_future(clock.sleep(10))
    asking = asyncio.ensure_future(done_within(clock, 9, work))
    await clock.advance(8.9)
    assert not asking.done()
    await clock.advance(0.1)
    assert await asking is False
    assert not work.done()
    await clock.advance(1)
    assert work.done()


async def test_work_that_fails_is_done_and_keeps_its_error_for_its_owner(
    clock: VirtualClock,
) -> None:
    work: asyncio.Future[None] = asyncio.get_running_loop().create_future()
    work.set_exception(LookupError("lost"))
    assert await done_within(clock, 5, work)
    with pytest.raises(LookupError, match="lost"):
        await work


async def test_whoever_stops_waiting_leaves_the_work_alone(clock: VirtualClock) -> None:
    work = asyncio.ensure_future(clock.sleep(5))
    asking = asyncio.ensure_future(done_within(clock, 10, work))
    await clock.settle()
    asking.cancel()
    await asyncio.gather(asking, return_exceptions=True)
    await clock.advance(5)
    assert work.done()
    assert not work.cancelled()


async def test_no_time_at_all_is_enough_for_what_is_done_already(clock: VirtualClock) -> None:
    done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
    done.set_result(None)
    assert await done_within(clock, 0, done)
    never: asyncio.Future[None] = asyncio.get_running_loop().create_future()
    assert not await done_within(clock, 0, never)


async def test_a_block_that_waits_too_long_is_ended_on_the_clock(clock: VirtualClock) -> None:
    async def wait() -> None:
        async with clock.timeout(30):
            await asyncio.Event().wait()

    waiting = asyncio.ensure_future(wait())
    await clock.advance(29)
    assert not waiting.done()
    await clock.advance(1)
    with pytest.raises(TimeoutError):
        await waiting


async def test_a_block_that_ends_in_time_is_not_ended_later(clock: VirtualClock) -> None:
    async with clock.timeout(30):
        await clock.sleep(0)
    await clock.advance(60)


@pytest.mark.parametrize("clock", [SystemClock(), FastClock(1_000_000)])
async def test_a_real_clock_limits_a_block_in_real_time(clock: Clock) -> None:
    with pytest.raises(TimeoutError):
        async with clock.timeout(0.01):
            await asyncio.Event().wait()
