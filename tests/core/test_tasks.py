"""Every task has an owner: one failing stops nothing, and none outlives its owner."""

import asyncio
import gc
import subprocess
import sys

import pytest

from utec_gateway.core.tasks import SingleFlight, TaskSet, in_daemon_thread, join
from utec_gateway.simulator.virtual_time import VirtualClock

GRACE = 2.0


async def fail() -> None:
    raise LookupError("lost")


async def test_a_task_that_fails_is_logged_by_its_name_and_stops_no_other(
    clock: VirtualClock, caplog: pytest.LogCaptureFixture
) -> None:
    background = TaskSet()
    background.create_task(fail(), "the bad one")
    good = background.create_task(clock.sleep(5), "the good one")
    await clock.advance(5)
    assert good.done()
    (record,) = caplog.records
    assert record.message == "the bad one failed"
    assert record.exc_info
    assert isinstance(record.exc_info[1], LookupError)
    await background.close()


async def test_a_finished_task_is_forgotten(clock: VirtualClock) -> None:
    background = TaskSet()
    for _ in range(10):
        background.create_task(clock.sleep(1), "short")
    await clock.advance(1)
    await clock.settle()
    assert len(background._tasks) == 0


async def test_the_result_can_be_had_by_who_wants_it() -> None:
    async def answer() -> int:
        return 42

    background = TaskSet()
    assert await background.create_task(answer(), "answer") == 42


async def test_closing_cancels_what_still_runs_without_a_complaint(
    clock: VirtualClock, caplog: pytest.LogCaptureFixture
) -> None:
    background = TaskSet()
    tasks = [background.create_task(clock.sleep(60), "long") for _ in range(3)]
    await clock.settle()
    await background.close()
    assert all(task.cancelled() for task in tasks)
    assert caplog.records == []


async def test_closing_twice_or_with_nothing_to_close_is_harmless(clock: VirtualClock) -> None:
    background = TaskSet()
    await background.close()
    await background.close(clock.timeout(GRACE))


async def test_closing_waits_for_a_task_that_cleans_up(clock: VirtualClock) -> None:
    cleaned: list[bool] = []

    async def careful() -> None:
        try:
            await clock.sleep(60)
        finally:
            await asyncio.get_running_loop().run_in_executor(None, cleaned.append, True)

    background = TaskSet()
    background.create_task(careful(), "careful")
    await clock.settle()
    await background.close()
    assert cleaned == [True]


async def test_within_the_grace_a_task_may_end_by_itself(clock: VirtualClock) -> None:
    background = TaskSet()
    almost: asyncio.Future[str] = asyncio.get_running_loop().create_future()

    async def wait() -> str:
        return await almost

    task = background.create_task(wait(), "almost done")
    asyncio.get_running_loop().call_soon(almost.set_result, "landed")
    await background.close(clock.timeout(GRACE))
    assert task.result() == "landed"


async def test_after_the_grace_on_the_clock_a_task_is_cancelled(clock: VirtualClock) -> None:
    background, flight = TaskSet(), SingleFlight(asyncio.Event().wait, "flight")
    task = background.create_task(asyncio.Event().wait(), "endless")
    caller = asyncio.ensure_future(flight())
    await clock.settle()
    closing = [
        asyncio.ensure_future(each.close(clock.timeout(GRACE))) for each in (background, flight)
    ]
    await clock.advance(GRACE - 0.1)
    assert not any(each.done() for each in closing)
    await clock.advance(0.1)
    await asyncio.gather(*closing)
    assert task.cancelled()
    assert caller.cancelled()


class Work:
    """Counts how often it begins and how many run at once; ends when told to."""

    def __init__(self) -> None:
        self.begun = 0
        self.end: asyncio.Future[str] = asyncio.get_running_loop().create_future()

    async def __call__(self) -> str:
        self.begun += 1
        return await join(self.end)

    def finish(self, result: str) -> None:
        self.end.set_result(result)
        self.end = asyncio.get_running_loop().create_future()


@pytest.fixture
async def work() -> Work:
    return Work()


async def test_whoever_asks_during_a_flight_shares_its_result(
    work: Work, clock: VirtualClock
) -> None:
    flight = SingleFlight(work, "flight")
    callers = [asyncio.ensure_future(flight()) for _ in range(100)]
    await clock.settle()
    work.finish("first")
    assert set(await asyncio.gather(*callers)) == {"first"}
    assert work.begun == 1


async def test_whoever_asks_after_a_flight_starts_another(work: Work, clock: VirtualClock) -> None:
    flight = SingleFlight(work, "flight")
    for result in ("first", "second"):
        caller = asyncio.ensure_future(flight())
        await clock.settle()
        work.finish(result)
        assert await caller == result
    assert work.begun == 2


async def test_a_caller_that_goes_away_does_not_take_the_flight_down(
    work: Work, clock: VirtualClock
) -> None:
    flight = SingleFlight(work, "flight")
    impatient, patient = (asyncio.ensure_future(flight()) for _ in range(2))
    await clock.settle()
    impatient.cancel()
    await clock.settle()
    work.finish("landed")
    assert await patient == "landed"
    assert impatient.cancelled()


async def test_a_flight_that_nobody_waits_for_any_more_still_lands(
    work: Work, clock: VirtualClock
) -> None:
    flight = SingleFlight(work, "flight")
    caller = asyncio.ensure_future(flight())
    await clock.settle()
    caller.cancel()
    await clock.settle()
    again = asyncio.ensure_future(flight())
    await clock.settle()
    work.finish("landed")
    assert await again == "landed"
    assert work.begun == 1


async def test_a_failed_flight_fails_for_all_who_shared_it_and_for_nobody_else(
    work: Work, clock: VirtualClock
) -> None:
    flight = SingleFlight(work, "flight")
    callers = [asyncio.ensure_future(flight()) for _ in range(3)]
    await clock.settle()
    work.end.set_exception(LookupError("lost"))
    outcomes = await asyncio.gather(*callers, return_exceptions=True)
    assert [type(outcome) for outcome in outcomes] == [LookupError] * 3
    work.end = asyncio.get_running_loop().create_future()
    again = asyncio.ensure_future(flight())
    await clock.settle()
    work.finish("better")
    assert await again == "better"


async def test_a_failure_that_nobody_waited_for_is_not_complained_about(
    work: Work, clock: VirtualClock, caplog: pytest.LogCaptureFixture
) -> None:
    caller = asyncio.ensure_future(SingleFlight(work, "flight")())
    await clock.settle()
    caller.cancel()
    await clock.settle()
    work.end.set_exception(LookupError("lost"))
    await clock.settle()
    del caller
    work.end = asyncio.get_running_loop().create_future()  # the old one holds the flight
    gc.collect()
    assert caplog.records == []


@pytest.mark.parametrize("error", [None, LookupError("lost")])
async def test_a_caller_that_goes_away_leaves_what_it_waited_for_alone_and_nothing_is_logged(
    error: Exception | None, clock: VirtualClock, caplog: pytest.LogCaptureFixture
) -> None:
    shared: asyncio.Future[str] = asyncio.get_running_loop().create_future()
    impatient, patient = (asyncio.ensure_future(join(shared)) for _ in range(2))
    await clock.settle()
    impatient.cancel()
    await clock.settle()
    assert not shared.done()
    shared.set_exception(error) if error else shared.set_result("landed")
    (outcome,) = await asyncio.gather(patient, return_exceptions=True)
    assert outcome == (error or "landed")
    assert impatient.cancelled()
    del impatient, patient, shared
    gc.collect()
    assert caplog.records == []


async def test_closing_lets_a_flight_land_within_the_grace(work: Work, clock: VirtualClock) -> None:
    flight = SingleFlight(work, "flight")
    caller = asyncio.ensure_future(flight())
    await clock.settle()
    asyncio.get_running_loop().call_soon(work.finish, "landed")
    await flight.close(clock.timeout(GRACE))
    assert await caller == "landed"


async def test_closing_ends_a_flight_that_does_not_land(work: Work, clock: VirtualClock) -> None:
    flight = SingleFlight(work, "flight")
    caller = asyncio.ensure_future(flight())
    await clock.settle()
    await flight.close()
    await clock.settle()
    assert caller.cancelled()
    assert not [task for task in asyncio.all_tasks() if task.get_name() == "flight"]


async def test_closing_what_never_flew_is_harmless(work: Work, clock: VirtualClock) -> None:
    await SingleFlight(work, "flight").close(clock.timeout(GRACE))
    assert work.begun == 0


def test_a_thread_that_hangs_does_not_keep_the_process_from_ending() -> None:
    program = """
import asyncio, threading
from utec_gateway.core.tasks import in_daemon_thread, in_daemon_thread

async def main():
    hanging = asyncio.ensure_future(in_daemon_thread(threading.Event().wait))
    await asyncio.sleep(0)
    hanging.cancel()

asyncio.run(main())
print("ended")
"""
    ended = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=30
    )
    assert ended.stdout == "ended\n"


async def test_what_a_thread_returns_or_raises_arrives() -> None:
    assert await in_daemon_thread(int, "7") == 7
    with pytest.raises(ValueError, match="invalid literal"):
        await in_daemon_thread(int, "seven")
