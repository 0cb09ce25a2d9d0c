"""A slow disk holds up nobody, and nothing that it takes late is lost or out of order."""

import asyncio
import logging
import threading
from collections.abc import Iterator

import pytest

from tests.conftest import Running, World
from utec_gateway.logging.log_queue import MOST_QUEUED, LogQueue


class HangingDisk(logging.Handler):
    """Takes nothing until it is released."""

    def __init__(self) -> None:
        super().__init__()
        self.released = threading.Event()
        self.taken: list[str] = []
        self.threads: set[str] = set()
        self.is_closed = False

    def emit(self, record: logging.LogRecord) -> None:
        self.released.wait()
        self.taken.append(self.format(record))
        self.threads.add(threading.current_thread().name)

    def close(self) -> None:
        super().close()
        self.is_closed = True


@pytest.fixture
def disk() -> Iterator[HangingDisk]:
    hanging = HangingDisk()
    yield hanging
    hanging.released.set()


@pytest.fixture
def queue(disk: HangingDisk) -> Iterator[LogQueue]:
    queue = LogQueue(logging.Formatter("%(levelname)s %(message)s"), [disk], flush_deadline=0.01)
    yield queue
    disk.released.set()
    queue.close()


def log(queue: LogQueue, message: str, *args: object) -> None:
    queue.handle(logging.LogRecord("tests", logging.INFO, __file__, 1, message, args, None))


def numbered(first: int, last: int) -> list[str]:
    return [f"INFO {number}" for number in range(first, last)]


def release(disk: HangingDisk, queue: LogQueue) -> None:
    """Let the disk take what waits, however long the machine is busy."""
    disk.released.set()
    queue._records.join()


def test_whoever_logs_does_not_wait_for_the_disk(queue: LogQueue, disk: HangingDisk) -> None:
    for number in range(100):
        log(queue, "%d", number)
    assert disk.taken == []
    release(disk, queue)
    assert disk.taken == numbered(0, 100)
    assert threading.current_thread().name not in disk.threads


def test_a_line_is_what_it_was_when_it_was_logged(queue: LogQueue, disk: HangingDisk) -> None:
    changing = ["before"]
    log(queue, "%s", changing)
    changing[0] = "after"
    release(disk, queue)
    assert disk.taken == ["INFO ['before']"]


def test_what_a_hanging_disk_does_not_take_is_counted_and_said(
    queue: LogQueue, disk: HangingDisk
) -> None:
    # One more than fit, since the thread has taken the first out of the queue already.
    log(queue, "%d", 0)
    while queue._records.qsize():
        threading.Event().wait(0.001)
    for number in range(1, MOST_QUEUED + 8):
        log(queue, "%d", number)
    release(disk, queue)
    log(queue, "at last")
    release(disk, queue)
    assert disk.taken[: MOST_QUEUED + 1] == numbered(0, MOST_QUEUED + 1)
    assert disk.taken[MOST_QUEUED + 1 :] == [
        "WARNING 7 lines are missing here: the disk was too slow",
        "INFO at last",
    ]


def test_at_the_end_everything_is_written_and_the_thread_is_gone(
    queue: LogQueue, disk: HangingDisk
) -> None:
    before = threading.active_count()
    disk.released.set()
    queue._flush_deadline = 10
    for number in range(100):
        log(queue, "%d", number)
    queue.close()
    assert disk.taken == numbered(0, 100)
    assert disk.is_closed
    assert threading.active_count() == before - 1


def test_the_end_does_not_wait_for_a_disk_that_hangs(queue: LogQueue, disk: HangingDisk) -> None:
    log(queue, "stays behind")
    queue.flush()
    queue.close()
    assert disk.taken == []
    assert not disk.is_closed
    release(disk, queue)
    assert disk.taken == ["INFO stays behind"], "the thread ends once the disk lets it"


async def test_the_gateway_answers_while_its_log_hangs(world: World, disk: HangingDisk) -> None:
    running: Running = await world.start()
    queue = next(one for one in logging.getLogger().handlers if isinstance(one, LogQueue))
    assert queue._thread
    queue.flush()
    queue._thread.handlers = (disk,)
    logging.getLogger("tests").warning("The disk hangs from here on")
    for _ in range(20):
        status, _ = await asyncio.wait_for(running.get("/api/devices/nowhere"), 10)
        assert status == 404
    assert disk.taken == []
    disk.released.set()
    (world.data_dir / "gateway.log").read_text()
    assert disk.taken[0].endswith("The disk hangs from here on")
