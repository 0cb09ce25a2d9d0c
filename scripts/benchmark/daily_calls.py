"""Cloud calls per day under the polling of each integration, on virtual time.

One virtual hour is lived through, with real requests on real sockets, and counted times 24.
"""

import asyncio
import json
import random
import socket
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from aiohttp import ClientSession

from scripts.benchmark.figures import Figure
from utec_gateway.gateway import Gateway
from utec_gateway.simulator.cloud import SimulatedCloud
from utec_gateway.simulator.virtual_time import VirtualClock, VirtualTimeLoop
from utec_gateway.storage.settings import OptionsFile
from utec_gateway.utec.transport import new_session

HOUR, POLL = 3600, 30
LOCKS = (1, 5, 20, 100)
BATCH = 20
QUERIES_A_DAY, DISCOVERIES_A_DAY = 5760, 24
MOST_A_DAY = 360 * 24

Client = Callable[[ClientSession, str, list[str]], Awaitable[None]]


async def version_1_5(session: ClientSession, url: str, ids: list[str]) -> None:
    """Poll as 1.5 does: the devices, then each lock, one after the other."""
    async with session.get(f"{url}/api/devices") as response:
        await response.read()
    for device_id in ids:
        async with session.post(f"{url}/api/status", json={"id": device_id}) as response:
            await response.read()


async def version_1_3(session: ClientSession, url: str, ids: list[str]) -> None:
    """Poll as 1.3 does: up to six requests per lock, all at once."""

    async def ask(device_id: str) -> None:
        async with session.post(f"{url}/api/status", json={"id": device_id}) as response:
            await response.read()

    await asyncio.gather(*(ask(device_id) for device_id in ids for _ in range(6)))


async def live_an_hour(locks: int, client: Client) -> dict[str, int]:
    """Return how often each action of the cloud was called in one virtual hour."""
    clock = VirtualClock()
    cloud = SimulatedCloud(clock, random.Random(1))
    ids = [f"02:51:4D:00:{number // 256:02X}:{number % 256:02X}" for number in range(locks)]
    for device_id in ids:
        cloud.add_device(device_id, f"Door {device_id[-5:]}")
    await cloud.start()
    async with signed_in(cloud, clock) as (url, _), ClientSession() as session:
        cloud.calls.reset()
        for _ in range(HOUR // POLL):
            await clock.advance(POLL)
            await client(session, url, ids)
        counted = dict(cloud.calls.by_action)
    await cloud.stop()
    return counted


@asynccontextmanager
async def signed_in(
    cloud: SimulatedCloud, clock: VirtualClock
) -> AsyncIterator[tuple[str, Gateway]]:
    """Run a gateway on virtual time, and give its address."""
    with tempfile.TemporaryDirectory() as folder:
        options = Path(folder) / "options.json"
        options.write_text(json.dumps(options_for(cloud)))
        async with new_session() as session:
            gateway = Gateway(
                OptionsFile(options, at_once), {}, session, clock, Path(folder), at_once
            )
            listener, panel = (socket.create_server(("127.0.0.1", 0)) for _ in range(2))
            async with gateway.running(listener, panel):
                await gateway.account.sign_in.by_code(cloud.issue_code())
                await clock.settle()
                yield f"http://127.0.0.1:{listener.getsockname()[1]}", gateway


def options_for(cloud: SimulatedCloud) -> dict[str, Any]:
    """Return options that point at the simulated cloud."""
    return {
        "client_id": cloud.client_id,
        "client_secret": cloud.client_secret,
        "redirect_uri": cloud.redirect_uris[0],
        "api_base_url": cloud.url,
        "oauth_base_url": cloud.url,
        "log_level": "warning",
    }


async def at_once(function: Callable[..., Any], *args: Any) -> Any:
    """Do disk work without a thread: virtual time does not wait for threads."""
    return function(*args)


def measure() -> list[Figure]:
    """Return calls per day for each number of locks and each integration."""
    figures = []
    for name, client in (("1.5", version_1_5), ("1.3", version_1_3)):
        for locks in LOCKS:
            with asyncio.Runner(loop_factory=VirtualTimeLoop) as runner:
                counted = runner.run(live_an_hour(locks, client))
            queries = QUERIES_A_DAY * -(-locks // BATCH)
            limit = min(queries + DISCOVERIES_A_DAY, MOST_A_DAY)
            calls = sum(number for action, number in counted.items() if "Device/" in action)
            label = f"cloud calls a day, {locks} locks, integration {name}"
            figures.append(Figure(label, calls * 24, "calls", at_most=limit))
    return figures
