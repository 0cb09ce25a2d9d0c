"""The count of calls by hour: what is not known is left out, and nothing is counted twice."""

import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from utec_gateway.core.models import Operation
from utec_gateway.simulator.virtual_time import VirtualClock
from utec_gateway.utec.meter import Hour, Meter

HOUR = 3600


@pytest.fixture
async def meter(clock: VirtualClock) -> Meter:
    """A meter that begins at 12:00 UTC."""
    return Meter(clock)


@pytest.fixture
def in_nepal(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A machine whose hours begin at a quarter past those of UTC."""
    with monkeypatch.context() as patch:
        patch.setenv("TZ", "Asia/Kathmandu")
        time.tzset()
        yield
    time.tzset()


def at(hour: int, minute: int = 0, day: int = 5) -> datetime:
    return datetime(2026, 1, day, hour, minute, tzinfo=UTC)


async def test_an_hour_without_calls_is_nought_and_one_before_the_count_is_left_out(
    meter: Meter,
) -> None:
    assert meter.by_hour() == (Hour(at(12), 0, 0),)


async def test_calls_are_counted_in_the_hour_they_were_made_in(
    meter: Meter, clock: VirtualClock
) -> None:
    await clock.advance(HOUR - 1)
    meter.count(Operation.QUERY, failed=False)
    meter.count(Operation.LOCK, failed=True)
    await clock.advance(1)
    meter.count(Operation.DISCOVERY, failed=True)
    await clock.advance(2 * HOUR)
    assert meter.by_hour() == (
        Hour(at(12), 2, 1),
        Hour(at(13), 1, 1),
        Hour(at(14), 0, 0),
        Hour(at(15), 0, 0),
    )


async def test_a_day_is_shown_and_what_is_older_is_not(meter: Meter, clock: VirtualClock) -> None:
    meter.count(Operation.QUERY, failed=False)
    await clock.advance(23 * HOUR)
    assert (len(meter.by_hour()), meter.by_hour()[0]) == (24, Hour(at(12), 1, 0))
    await clock.advance(HOUR)
    assert (len(meter.by_hour()), meter.by_hour()[0]) == (24, Hour(at(13), 0, 0))


async def test_a_clock_that_goes_back_leaves_the_present_hour(
    meter: Meter, clock: VirtualClock
) -> None:
    meter.count(Operation.QUERY, failed=False)
    clock.jump(timedelta(hours=-5))
    meter.count(Operation.QUERY, failed=True)
    assert meter.by_hour() == (Hour(at(7), 1, 1),)


@pytest.mark.usefixtures("in_nepal")
async def test_hours_are_those_of_the_machines_own_clock(meter: Meter, clock: VirtualClock) -> None:
    await clock.advance(20 * 60)
    meter.count(Operation.QUERY, failed=False)
    assert meter.by_hour() == (Hour(at(11, 15), 0, 0), Hour(at(12, 15), 1, 0))
