"""How often each operation is tried, after which failure, and how long is waited."""

import asyncio
from itertools import pairwise

import pytest

from tests.utec.given import Given
from utec_gateway.core.errors import (
    DeviceOfflineError,
    GatewayError,
    GrantRefusedError,
    InvalidTokenError,
    TokenAnswerError,
    TokenEndpointError,
    TokenRateLimitedError,
    UtecProtocolError,
    UtecRateLimitedError,
    UtecRejectedError,
    UtecServerError,
    UtecUnavailableError,
    UtecUnreachableError,
)
from utec_gateway.core.models import Operation
from utec_gateway.options.schema import Options
from utec_gateway.plugins.exponential_backoff import ExponentialBackoff, may_be_repeated
from utec_gateway.simulator.virtual_time import VirtualClock

LOST = UtecUnavailableError("the connection broke")
RUBBISH = UtecProtocolError("not JSON")
NO_CONNECTION = UtecUnreachableError("no connection")
SLOW_DOWN = UtecRateLimitedError("slow down", retry_after=1.0)
REFUSED = UtecRejectedError("no", "BAD-REQUEST")
BAD_TOKEN = InvalidTokenError("no")
OFFLINE = DeviceOfflineError("asleep")
TOKEN_ENDPOINT_DOWN = TokenEndpointError("down")
NO_TOKEN = TokenAnswerError("no token")
GRANT_REFUSED = GrantRefusedError("invalid_grant")
BUG = LookupError("a bug")

PATIENT = {LOST, RUBBISH, NO_CONNECTION, SLOW_DOWN, TOKEN_ENDPOINT_DOWN, NO_TOKEN}
FINAL = {REFUSED, BAD_TOKEN, OFFLINE, GRANT_REFUSED, BUG}
NOTHING_RAN = {NO_CONNECTION, SLOW_DOWN}
ONCE_ONLY = {
    Operation.UNLOCK,
    Operation.PASSAGE_MODE,
    Operation.ADD_USER,
    Operation.EXCHANGE_CODE,
}


class Failing:
    """Work that fails so many times and then succeeds, and remembers when it was tried."""

    def __init__(self, clock: VirtualClock, error: Exception, times: int = 1000) -> None:
        self._clock = clock
        self._error = error
        self._left = times
        self.tried_at: list[float] = []

    async def __call__(self) -> str:
        self.tried_at.append(self._clock.monotonic())
        self._left -= 1
        if self._left < 0:
            return "done"
        raise self._error

    @property
    def pauses(self) -> list[float]:
        return [later - earlier for earlier, later in pairwise(self.tried_at)]


async def tried(
    clock: VirtualClock, operation: Operation, work: Failing, max_retries: int = 2
) -> str | Exception:
    """Do the work under the policy, in as much virtual time as it likes."""
    policy = ExponentialBackoff(Given(Options(max_retries=max_retries)), clock)
    outcome: list[str | Exception] = []

    async def attempt() -> None:
        try:
            outcome.append(await policy.gateway_retry_policy(operation)(work))
        except Exception as error:  # noqa: BLE001 - a test looks at whatever comes out
            outcome.append(error)

    async with asyncio.TaskGroup() as group:
        group.create_task(attempt())
        await clock.until(lambda: outcome)
    return outcome[0]


@pytest.mark.parametrize("operation", list(Operation))
@pytest.mark.parametrize("error", sorted(PATIENT | FINAL, key=repr), ids=repr)
def test_only_what_can_help_and_do_no_harm_is_tried_again(
    operation: Operation, error: Exception
) -> None:
    expected = error in (NOTHING_RAN if operation in ONCE_ONLY else PATIENT)
    assert may_be_repeated(operation, error) is expected


@pytest.mark.parametrize("error", [LOST, RUBBISH, TOKEN_ENDPOINT_DOWN, BUG], ids=repr)
@pytest.mark.parametrize("operation", sorted(ONCE_ONLY))
async def test_an_unlock_or_a_code_is_never_sent_twice_when_it_may_have_arrived(
    operation: Operation, error: Exception, clock: VirtualClock
) -> None:
    work = Failing(clock, error)
    assert await tried(clock, operation, work, max_retries=10) is error
    assert len(work.tried_at) == 1


@pytest.mark.parametrize(
    ("operation", "max_retries", "attempts"),
    [
        (Operation.DISCOVERY, 2, 3),
        (Operation.QUERY, 2, 3),
        (Operation.LOCK, 2, 3),
        (Operation.QUERY, 0, 1),
        (Operation.LOCK, 0, 1),
        (Operation.QUERY, 10, 11),
        (Operation.REFRESH_TOKEN, 2, 5),
        (Operation.REFRESH_TOKEN, 0, 5),
    ],
)
async def test_a_failure_that_may_pass_is_tried_as_often_as_the_options_say(
    operation: Operation, max_retries: int, attempts: int, clock: VirtualClock
) -> None:
    work = Failing(clock, LOST)
    assert await tried(clock, operation, work, max_retries) is LOST
    assert len(work.tried_at) == attempts


async def test_what_succeeds_at_last_has_succeeded(clock: VirtualClock) -> None:
    work = Failing(clock, LOST, times=2)
    assert await tried(clock, Operation.LOCK, work) == "done"


@pytest.mark.parametrize("operation", [Operation.LOCK, Operation.UNLOCK])
async def test_somebody_at_the_door_never_waits_more_than_two_seconds_for_the_next_try(
    operation: Operation, clock: VirtualClock
) -> None:
    work = Failing(clock, NO_CONNECTION)
    await tried(clock, operation, work, max_retries=10)
    assert len(work.pauses) == 10
    assert max(work.pauses) <= 2


async def test_pauses_grow_and_no_pause_is_longer_than_a_minute(clock: VirtualClock) -> None:
    early, late = [], []
    for _ in range(20):
        work = Failing(clock, LOST)
        await tried(clock, Operation.QUERY, work, max_retries=10)
        early += work.pauses[:3]
        late += work.pauses[-3:]
    assert max(early) <= 4
    assert max(late) <= 60
    assert sum(late) > sum(early)
    assert len(set(late)) == len(late)


@pytest.mark.parametrize("error", [UtecRateLimitedError, UtecServerError, TokenRateLimitedError])
@pytest.mark.parametrize("asked", [0.0, 7.0, 60.0])
async def test_the_wait_that_the_cloud_asks_for_is_kept(
    asked: float, error: type[GatewayError], clock: VirtualClock
) -> None:
    work = Failing(clock, error("slow down", retry_after=asked))
    await tried(clock, Operation.QUERY, work)
    assert work.pauses == [asked] * 2


@pytest.mark.parametrize(
    ("operation", "asked"), [(Operation.QUERY, 61.0), (Operation.LOCK, 3.0), (Operation.QUERY, 1e9)]
)
async def test_a_wait_longer_than_anybody_waits_ends_the_tries(
    operation: Operation, asked: float, clock: VirtualClock
) -> None:
    work = Failing(clock, UtecRateLimitedError("slow down", retry_after=asked))
    await tried(clock, operation, work)
    assert len(work.tried_at) == 1
