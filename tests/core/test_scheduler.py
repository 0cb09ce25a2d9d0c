"""Every job runs when it is due, whatever the clock or the other jobs do."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from itertools import pairwise

import pytest

from utec_gateway.core.errors import UtecUnavailableError
from utec_gateway.core.events import Event
from utec_gateway.core.scheduler import Job, Scheduler
from utec_gateway.simulator.virtual_time import VirtualClock

HOUR = 3600.0


class Every:
    """A job that is due so many seconds after it last began, and does what the test says."""

    def __init__(self, clock: VirtualClock, seconds: float, name: str = "job") -> None:
        self._clock = clock
        self._next = clock.monotonic() + seconds
        self.seconds = seconds
        self.ran_at: list[float] = []
        self.failure: Exception | None = None
        self.hangs = False
        self.job = Job(name, self.due_in, self.run)

    def due_in(self) -> float:
        return self._next - self._clock.monotonic()

    async def run(self) -> None:
        self.ran_at.append(self._clock.monotonic())
        if self.hangs:
            await asyncio.Event().wait()
        if self.failure:
            raise self.failure
        self._next = self._clock.monotonic() + self.seconds


@asynccontextmanager
async def running(clock: VirtualClock, *jobs: Job) -> AsyncIterator[Scheduler]:
    scheduler = Scheduler(clock, jobs)
    scheduler.start()
    yield scheduler
    await scheduler.close()


def by_wall(clock: VirtualClock, due_at: Callable[[], datetime], ran: list[datetime]) -> Job:
    """Return a job that is due at a date, once."""

    async def run() -> None:
        ran.append(clock.now())

    def due_in() -> float:
        return float("inf") if ran else (due_at() - clock.now()).total_seconds()

    return Job("by the wall clock", due_in, run)


@pytest.mark.parametrize("seconds", [1.5, 30, 60, 61, 90.25, 10_000])
async def test_a_job_runs_exactly_when_it_is_due(seconds: float, clock: VirtualClock) -> None:
    job = Every(clock, seconds)
    start = clock.monotonic()
    async with running(clock, job.job):
        await clock.advance(seconds * 3)
    assert [at - start for at in job.ran_at] == [seconds, 2 * seconds, 3 * seconds]


async def test_what_is_due_at_the_start_runs_at_once(clock: VirtualClock) -> None:
    job = Every(clock, -5)
    async with running(clock, job.job):
        await clock.settle()
        assert len(job.ran_at) == 1


async def test_a_job_that_is_never_due_never_runs(clock: VirtualClock) -> None:
    job = Every(clock, float("inf"))
    async with running(clock, job.job):
        await clock.advance(HOUR)
    assert job.ran_at == []


async def test_a_wall_clock_that_jumps_forward_is_noticed_within_a_minute(
    clock: VirtualClock,
) -> None:
    ran: list[datetime] = []
    due_at = clock.now() + timedelta(days=7)
    async with running(clock, by_wall(clock, lambda: due_at, ran)):
        await clock.advance(HOUR)
        clock.jump(timedelta(days=8))
        jumped_at = clock.now()
        await clock.advance(60)
    assert len(ran) == 1
    assert ran[0] - jumped_at <= timedelta(seconds=60)


async def test_a_wall_clock_that_was_set_back_does_not_run_a_job_early(
    clock: VirtualClock,
) -> None:
    ran: list[datetime] = []
    due_at = clock.now() + timedelta(hours=1)
    async with running(clock, by_wall(clock, lambda: due_at, ran)):
        await clock.advance(1800)
        clock.jump(timedelta(hours=-1))
        await clock.advance(2 * HOUR)
    assert ran == [due_at]


async def test_an_event_wakes_every_job(clock: VirtualClock) -> None:
    ran: list[datetime] = []
    start = clock.now()
    due_at = [start + timedelta(hours=20)]
    changed = Event[int]("numbers")
    scheduler = Scheduler(clock, [by_wall(clock, lambda: due_at[0], ran)], [changed])
    scheduler.start()
    await clock.advance(5)
    due_at[0] = clock.now() + timedelta(seconds=2)
    changed.emit(1)
    await clock.advance(10)
    await scheduler.close()
    assert ran == [start + timedelta(seconds=7)]


async def test_waking_a_job_that_is_running_is_not_forgotten(clock: VirtualClock) -> None:
    ran: list[float] = []
    due = [clock.monotonic()]

    async def run() -> None:
        ran.append(clock.monotonic())
        due[0] = clock.monotonic() + HOUR
        await clock.sleep(5)

    job = Job("slow", lambda: due[0] - clock.monotonic(), run)
    async with running(clock, job) as scheduler:
        await clock.advance(2)
        scheduler.wake()
        due[0] = clock.monotonic() + 10
        await clock.advance(20)
    assert [at - ran[0] for at in ran] == [0, 12]


@pytest.mark.parametrize("failure", [UtecUnavailableError("down"), LookupError("a bug"), None])
async def test_a_job_that_fails_or_hangs_stops_no_other(
    failure: Exception | None, clock: VirtualClock
) -> None:
    bad, good = Every(clock, 10, "bad"), Every(clock, 10, "good")
    bad.failure, bad.hangs = failure, failure is None
    async with running(clock, bad.job, good.job):
        await clock.advance(HOUR)
    assert len(good.ran_at) == 360


async def test_a_job_that_failed_runs_again_when_it_is_cured(clock: VirtualClock) -> None:
    job = Every(clock, 10)
    job.failure = LookupError("a bug")
    async with running(clock, job.job):
        await clock.advance(30)
        job.failure = None
        count = len(job.ran_at)
        await clock.advance(120)
    assert len(job.ran_at) > count + 3


async def test_a_bug_is_not_repeated_more_than_once_a_minute(
    clock: VirtualClock, caplog: pytest.LogCaptureFixture
) -> None:
    job = Every(clock, 10)
    job.failure = LookupError("a bug")
    async with running(clock, job.job):
        await clock.advance(HOUR)
    assert 50 <= len(job.ran_at) <= 60
    assert "job failed unexpectedly" in caplog.text


async def test_a_job_that_stays_due_never_spins(clock: VirtualClock) -> None:
    job = Every(clock, 0)
    job.seconds = -1
    async with running(clock, job.job):
        await clock.advance(60)
    assert 30 <= len(job.ran_at) <= 61
    assert all(later - earlier >= 1 for earlier, later in pairwise(job.ran_at))


async def test_a_job_that_cannot_say_when_it_is_due_is_asked_again(clock: VirtualClock) -> None:
    ran: list[float] = []
    problems: list[Exception] = [OverflowError("date value out of range")]

    def due_in() -> float:
        if problems:
            raise problems.pop()
        return 0.0 if not ran else float("inf")

    async def run() -> None:
        ran.append(clock.monotonic())

    async with running(clock, Job("renewal", due_in, run)):
        await clock.advance(HOUR)
    assert len(ran) == 1


async def test_a_closed_scheduler_runs_nothing_more(clock: VirtualClock) -> None:
    job, hanging = Every(clock, 10), Every(clock, 1, "hanging")
    hanging.hangs = True
    async with running(clock, job.job, hanging.job) as scheduler:
        assert scheduler.is_running
        await clock.advance(10)
    assert not scheduler.is_running
    await clock.advance(HOUR)
    assert len(job.ran_at) == 1
    assert not [task for task in asyncio.all_tasks() if "scheduler" in task.get_name()]


async def test_a_job_that_runs_for_long_before_its_first_rest_is_no_mistake(
    clock: VirtualClock, caplog: pytest.LogCaptureFixture
) -> None:
    hanging = Every(clock, -10.0)
    hanging.hangs = True
    async with running(clock, hanging.job):
        await clock.advance(HOUR)
    assert len(hanging.ran_at) == 1
    assert not [record for record in caplog.records if record.levelname == "ERROR"]
