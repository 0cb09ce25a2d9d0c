"""The clock of tests in a browser runs by itself and can be ahead of time."""

import asyncio

import pytest

from tests.browser.leaping_clock import LeapingClock

pytestmark = pytest.mark.asyncio(loop_scope="session")
WEEK = 7 * 86400.0


async def test_a_leap_wakes_who_would_have_woken_and_nobody_else() -> None:
    clock = LeapingClock()
    began, moment = clock.monotonic(), clock.now()
    soon = asyncio.ensure_future(clock.sleep(WEEK - 1))
    later = asyncio.ensure_future(clock.sleep(WEEK * 2))
    await asyncio.sleep(0)  # noqa: TID251 - a turn of the loop, no time
    clock.leap(WEEK)
    await soon
    assert not later.done()
    assert clock.monotonic() - began >= WEEK
    assert (clock.now() - moment).total_seconds() >= WEEK
    later.cancel()


async def test_without_a_leap_it_is_the_machines_own() -> None:
    clock = LeapingClock()
    began = clock.monotonic()
    await clock.sleep(0.02)
    assert clock.monotonic() - began >= 0.02
