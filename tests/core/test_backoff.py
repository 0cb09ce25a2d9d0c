"""The one rule for when a failing server is asked again."""

import pytest

from utec_gateway.core.backoff import LONGEST_RETRY_AFTER, PATIENCE, Backoff
from utec_gateway.core.errors import UtecRateLimitedError, UtecUnavailableError
from utec_gateway.simulator.virtual_time import VirtualClock

DOWN = UtecUnavailableError("down")


async def pauses(clock: VirtualClock, backoff: Backoff, attempts: int) -> list[float]:
    """Return how long each of so many failed attempts in a row has to wait for the next."""
    found = []
    for _ in range(attempts):
        backoff.failed(DOWN, 1.0, 60.0)
        found.append(round(backoff.pause, 3))
        await clock.advance(backoff.pause)
    return found


async def test_without_patience_the_pause_doubles_from_the_second_failure_on(
    clock: VirtualClock,
) -> None:
    backoff = Backoff(clock, patience=0.0)
    assert await pauses(clock, backoff, 9) == [1, 2, 4, 8, 16, 32, 60, 60, 60]
    backoff.reset()
    assert await pauses(clock, backoff, 2) == [1, 2]


async def test_with_patience_the_interval_stays_until_it_has_run_out(clock: VirtualClock) -> None:
    found = await pauses(clock, Backoff(clock), int(PATIENCE) + 3)
    assert found[: int(PATIENCE)] == [1.0] * int(PATIENCE)
    assert found[int(PATIENCE) :] == [2, 4, 8]


@pytest.mark.parametrize(
    ("wish", "pause"), [(0.5, 1.0), (90.0, 90.0), (10**9, LONGEST_RETRY_AFTER)]
)
async def test_the_wish_of_the_server_is_kept_for_a_day_at_most_and_outlives_a_new_try(
    wish: float, pause: float, clock: VirtualClock
) -> None:
    backoff = Backoff(clock)
    backoff.failed(UtecRateLimitedError("slow down", retry_after=wish), 1.0, 60.0)
    assert backoff.pause == pause
    backoff.retry_now()
    assert backoff.pause == pause
