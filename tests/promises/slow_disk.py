"""Run a gateway whose fsync is slow, and kill it that long after a token answer's bytes arrived.

`python -m tests.promises.slow_disk <seconds until the kill> <arguments of the gateway>`
"""

import os
import signal
import socket
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from utec_gateway import __main__ as gateway
from utec_gateway.core.clock import SystemClock

FSYNC = 0.05
"""Seconds that an SD card takes."""
GLANCE, LONGEST_BLINK = 0.0002, 0.001
"""Seconds; what happened between two glances further apart is not known."""
CLOCK = SystemClock()


def slow_down_fsync() -> None:
    really: Callable[[int], None] = os.fsync

    def fsync(descriptor: int) -> None:
        time.sleep(FSYNC)  # noqa: TID251 - in a real process the disk's time is real
        really(descriptor)

    os.fsync = fsync  # type: ignore[assignment]


def watch_for_the_answer(alarm: int) -> None:
    """Have the kernel's hand-over of the answer's bytes written to `alarm`."""

    class Socket(socket.socket):
        def recv(self, size: int, flags: int = 0, /) -> bytes:
            content = super().recv(size, flags)
            if b'"access_token"' in content:
                os.write(alarm, b"!")
            return content

    socket.socket = Socket  # type: ignore[misc]


def seconds_on_the_processor(process: int) -> tuple[float, bool]:
    """Return for how long a process has run, and whether it runs, or would if it were let."""
    seconds, wants_to_run = 0.0, False
    for task in Path(f"/proc/{process}/task").iterdir():
        with suppress(OSError):  # the thread has just ended
            seconds += int((task / "schedstat").read_bytes().split()[0]) / 1e9
            wants_to_run |= (task / "stat").read_bytes().rpartition(b") ")[2][:1] == b"R"
    return seconds, wants_to_run


def kill_when_told(alarm: int, process: int, delay: float) -> None:
    """Kill after `delay` seconds of the process's own.

    Those it runs and those it sleeps, waiting for the disk; not those in which it stands in line
    for the processor of a busy machine, which could be all of them.
    """
    if not os.read(alarm, 1):
        return
    before, _ = seconds_on_the_processor(process)
    ran, slept, glanced_at = 0.0, 0.0, CLOCK.monotonic()
    while ran + slept < delay:
        time.sleep(GLANCE)  # noqa: TID251
        now, (total, wants_to_run) = CLOCK.monotonic(), seconds_on_the_processor(process)
        slept += 0.0 if wants_to_run else min(now - glanced_at, LONGEST_BLINK)
        ran, glanced_at = total - before, now
    os.kill(process, signal.SIGKILL)


def main() -> int:
    hears, alarm = os.pipe()
    process = os.getpid()
    if os.fork() == 0:
        os.close(alarm)
        kill_when_told(hears, process, float(sys.argv.pop(1)))
        os._exit(0)
    os.close(hears)
    sys.argv.pop(1)
    slow_down_fsync()
    watch_for_the_answer(alarm)
    return gateway.main()


if __name__ == "__main__":
    sys.exit(main())
