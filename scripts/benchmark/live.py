"""What a real gateway process costs: time, memory, start; the cloud runs in this process."""

import asyncio
import compileall
import json
import os
import subprocess
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import median

import utec_gateway
from scripts.benchmark.daily_calls import options_for
from scripts.benchmark.figures import Figure, percentile
from scripts.benchmark.raw_http import Connection, paced, request, throughput
from utec_gateway.core.clock import SystemClock
from utec_gateway.core.models import Token
from utec_gateway.simulator.cloud import SimulatedCloud
from utec_gateway.storage.state import State

LOCKS = 100
COMMANDS = 300
CALLERS = 200
PACE = 0.03
"""Seconds between two commands."""
IDS = [f"02:51:4D:00:01:{number:02X}" for number in range(LOCKS)]


@dataclass
class Process:
    """A gateway of its own."""

    port: int
    pid: int
    seconds_to_health: float

    def megabytes(self) -> float:
        """Return the resident memory."""
        shown = subprocess.run(
            ["ps", "-o", "rss=", "-p", str(self.pid)], capture_output=True, text=True, check=True
        )
        return int(shown.stdout) / 1024


@asynccontextmanager
async def gateway(cloud: SimulatedCloud, folder: Path) -> AsyncIterator[Process]:
    """Start a gateway that is signed in, and stop it."""
    issued = cloud.issue_tokens()
    now = datetime.now(UTC)  # noqa: TID251 - the benchmark lives in real time
    token = Token(issued.access_token, issued.refresh_token, now, now + timedelta(days=6))
    (folder / "options.json").write_text(json.dumps(options_for(cloud)))
    (folder / "state.json").write_text(json.dumps(State("bench-key", token).to_json()))
    compileall.compile_dir(utec_gateway.__path__[0], quiet=1)  # as in the image
    started = time.perf_counter()
    process = subprocess.Popen(  # noqa: ASYNC220 - starting is what is measured
        [
            sys.executable,
            "-m",
            "utec_gateway",
            "--data-dir",
            str(folder),
            "--api-port",
            "0",
            "--panel-port",
            "0",
        ],
        stdout=subprocess.PIPE,
        text=True,
        env=os.environ | {"PYTHONUNBUFFERED": "1"},
    )
    try:
        first_line = await asyncio.to_thread(process.stdout.readline)  # type: ignore[union-attr]
        port = int(first_line.partition(" on ")[2].split()[0].rpartition(":")[2])
        connection = await Connection.to(port)
        await connection.ask(request("GET", "/health"))
        to_health = time.perf_counter() - started
        connection.close()
        await _until_there_is_a_picture(port)
        yield Process(port, process.pid, to_health)
    finally:
        process.terminate()
        await asyncio.to_thread(process.wait)


async def _until_there_is_a_picture(port: int) -> None:
    connection = await Connection.to(port)
    while (await connection.ask(request("GET", "/api/devices")))[0] != 200:  # noqa: ASYNC110, PLR2004
        await asyncio.sleep(0.05)  # noqa: TID251 - real time
    connection.close()


async def measure(folder: Path) -> list[Figure]:
    """Return every figure of the live gateway."""
    cloud = SimulatedCloud(SystemClock())
    for device_id in IDS:
        cloud.add_device(device_id, f"Door {device_id[-2:]}")
    cloud.behaviour.commands.effect_delay = 0.0
    await cloud.start()
    figures: list[Figure] = []
    async with gateway(cloud, folder) as process:
        figures.append(
            Figure("process start to first /health", process.seconds_to_health, "s", at_most=1)
        )
        at_start = process.megabytes()
        figures += await status_figures(process)
        figures += await command_figures(process, cloud)
        figures += await memory_figures(process, at_start)
        figures.append(await renewals_figure(process, cloud))
    await cloud.stop()
    return figures


async def status_figures(process: Process) -> list[Figure]:
    """Measure `POST /api/status` with a hundred locks: the median of three rounds.

    The machine may be shared, and one stall of it would pass for ours.
    """
    messages = [
        request("POST", "/api/status", json.dumps({"id": IDS[number % LOCKS]}).encode())
        for number in range(6000)
    ]
    await throughput(process.port, messages[:1000], 8)
    per_second = await throughput(process.port, messages, 8)
    rounds = [await paced(process.port, messages[:1000], 200) for _ in range(3)]
    half = median(percentile(seconds, 0.5) for seconds in rounds) * 1000
    nearly_all = median(percentile(seconds, 0.99) for seconds in rounds) * 1000
    return [
        Figure("status p50 at 200 requests/s", half, "ms"),
        Figure("status p99 at 200 requests/s", nearly_all, "ms", at_most=5),
        Figure("status requests/s, 100 locks", per_second, "/s", at_least=1500),
    ]


async def command_figures(process: Process, cloud: SimulatedCloud) -> list[Figure]:
    """Measure from `POST /api/lock` to the Command at the cloud, beside a bare aiohttp call."""
    through = await _through_the_gateway(process, cloud)
    bare = await _bare(cloud)
    own = percentile(through, 0.5) - percentile(bare, 0.5)
    return [
        Figure("command leaves, p50", percentile(through, 0.5) * 1000, "ms"),
        Figure("command leaves, p99", percentile(through, 0.99) * 1000, "ms"),
        Figure("bare aiohttp call, p50", percentile(bare, 0.5) * 1000, "ms"),
        Figure("bare aiohttp call, p99", percentile(bare, 0.99) * 1000, "ms"),
        Figure("own time per command, p50", own * 1000, "ms", at_most=2),
    ]


async def _through_the_gateway(process: Process, cloud: SimulatedCloud) -> list[float]:
    clock, sent = SystemClock(), []
    cloud.calls.reset()
    for number in range(COMMANDS):
        verb = "lock" if number // LOCKS % 2 else "unlock"
        connection = await Connection.to(process.port)
        await connection.ask(request("GET", "/health"))
        body = json.dumps({"id": IDS[number % LOCKS]}).encode()
        sent.append(clock.now())
        answer = asyncio.create_task(connection.ask(request("POST", f"/api/{verb}", body)))
        await clock.sleep(PACE)
        answer.cancel()
        connection.close()
    return _seconds(cloud, sent)


async def _bare(cloud: SimulatedCloud) -> list[float]:
    cloud.calls.reset()
    arguments = (cloud.url, cloud.issue_tokens().access_token, str(COMMANDS), str(PACE), IDS[0])
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "scripts.benchmark.bare_call", *arguments, stdout=subprocess.PIPE
    )
    moments = json.loads((await process.communicate())[0])
    return _seconds(cloud, [datetime.fromisoformat(moment) for moment in moments])


def _seconds(cloud: SimulatedCloud, sent: list[datetime]) -> list[float]:
    arrived = [command.at for command in cloud.calls.commands]
    return [(at - start).total_seconds() for at, start in zip(arrived, sent, strict=True)]


async def memory_figures(process: Process, at_start: float) -> list[Figure]:
    """Measure memory at the start, and what ten thousand mixed requests add once it is warm."""
    mixed = [
        request("GET", "/health"),
        request("GET", "/api/devices"),
        request("GET", "/api/status/latest"),
        request("GET", "/api/config"),
        request("POST", "/api/status", json.dumps({"devices": IDS[:20]}).encode()),
    ]
    await throughput(process.port, mixed * 400, 8)  # the first thousands fill buffers and caches
    before = process.megabytes()
    await throughput(process.port, mixed * 2000, 8)
    after = process.megabytes()
    return [
        Figure("memory after start", at_start, "MB", at_most=50),
        Figure("memory after 10,000 mixed requests", after, "MB", at_most=50),
        Figure("memory growth over them, once warm", after - before, "MB", at_most=1),
    ]


async def renewals_figure(process: Process, cloud: SimulatedCloud) -> Figure:
    """Count renewals in flight under many callers at once."""
    cloud.calls.reset()
    connections = [await Connection.to(process.port) for _ in range(CALLERS)]
    message = request("POST", "/api/oauth/refresh")
    await asyncio.gather(*(connection.ask(message) for connection in connections))
    for connection in connections:
        connection.close()
    most = cloud.calls.most_refreshes_at_once
    return Figure(f"renewals in flight under {CALLERS} callers", most, "", at_most=1)
