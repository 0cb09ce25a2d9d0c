"""One gateway and one simulated cloud, on real sockets and virtual time."""

import asyncio
import json
import logging
import random
import socket
from collections.abc import AsyncIterator, Callable, Generator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from aiohttp import ClientResponse, ClientSession

from tests.ports import free_port
from utec_gateway.core.files import Executor
from utec_gateway.gateway import Gateway
from utec_gateway.home_assistant.supervisor import SupervisorClient, SupervisorOptions
from utec_gateway.simulator.cloud import SimulatedCloud
from utec_gateway.simulator.virtual_time import VirtualClock, VirtualTimeLoop
from utec_gateway.storage.settings import OptionsFile
from utec_gateway.utec.transport import new_session
from utec_gateway.web.peer_address import Address

LOCK = "02:51:4D:00:00:01"
NOWHERE = ("203.0.113.1", 9)
TOKEN = "SUPERVISOR-TOKEN-of-this-start"
OTHER_LOCK = "02:51:4D:00:00:02"
QUIET: dict[str, Any] = {"poll_interval_seconds": 3600, "stale_after_seconds": 3600}
"""Options for tests in which days pass: U-tec is asked hourly, so that they cost little."""
SLOW: dict[str, Any] = {"poll_interval_seconds": 600, "stale_after_seconds": 900}
"""The same for tests that look at the locks: these are stale after a quarter of an hour."""


def pytest_asyncio_loop_factories() -> Mapping[str, Callable[[], VirtualTimeLoop]]:
    return {"virtual": VirtualTimeLoop}


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--years", type=int, default=1, help="how many years of bad luck, of the three there are"
    )


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Let a report travel between processes, whatever odd text a test had in the log."""
    report = yield
    report.sections = [
        (name, text.encode("utf-8", "backslashreplace").decode()) for name, text in report.sections
    ]
    return report


async def at_once(function: Callable[..., Any], *args: Any) -> Any:
    """Stand in for a thread: disk work is instant in virtual time."""
    return function(*args)


def address(listener: socket.socket) -> str:
    host, port = listener.getsockname()
    return f"http://{host}:{port}"


@dataclass
class Running:
    """A gateway as a test sees it: from outside, and in its parts."""

    gateway: Gateway
    url: str
    panel: str
    client: ClientSession
    clock: VirtualClock

    async def get(self, path: str, **more: Any) -> tuple[int, Any]:
        return await self._answer(self.client.get(self.url + path, **more))

    async def post(self, path: str, body: Any = None, **more: Any) -> tuple[int, Any]:
        return await self._answer(self.client.post(self.url + path, json=body, **more))

    async def _answer(self, request: Any) -> tuple[int, Any]:
        response: ClientResponse
        async with request as response:
            is_json = response.content_type == "application/json"
            return response.status, await (response.json() if is_json else response.text())


@dataclass
class World:
    """Everything a test may turn: the cloud, the clock, the disk, the gateway's life."""

    cloud: SimulatedCloud
    clock: VirtualClock
    folder: Path
    options: dict[str, Any]
    environment: dict[str, str] = field(default_factory=dict)
    supervisor: str | None = None
    """The address of a Supervisor, when the gateway is to believe that there is one."""
    ingress_peer: Address | None = None
    """Where the Supervisor calls from, when it is to be somewhere on this machine."""
    executor: Executor | None = None
    """What runs blocking work, unless it is to run at once."""
    _open: AsyncExitStack = field(default_factory=AsyncExitStack)

    @property
    def data_dir(self) -> Path:
        """Return the data folder, with everything in it that was logged so far."""
        for handler in logging.getLogger().handlers:
            handler.flush()
        return self.folder

    async def start(self, *, sign_in: bool = True, **options: Any) -> Running:
        """Start a gateway on the data folder, signed in unless it already was."""
        (self.data_dir / "options.json").write_text(json.dumps({**self.options, **options}))
        running = await self._start_as_it_is()
        account = running.gateway.account
        if sign_in and account.tokens.token is None:
            await account.sign_in.by_code(self.cloud.issue_code(self.options["redirect_uri"]))
        await self.clock.settle()
        return running

    @asynccontextmanager
    async def as_it_is(self, bind: str = "127.0.0.1") -> AsyncIterator[Running]:
        """Run a gateway on what lies in the data folder; nobody signs it in."""
        running = await self._start_as_it_is(bind)
        try:
            await self.clock.settle()
            yield running
        finally:
            await self.stop()

    async def _start_as_it_is(self, bind: str = "127.0.0.1") -> Running:
        session = await self._open.enter_async_context(new_session())
        client = await self._open.enter_async_context(ClientSession())
        path, executor = self.data_dir / "options.json", self.executor or at_once
        client_of = SupervisorClient(session, TOKEN, self.supervisor) if self.supervisor else None
        gateway = Gateway(
            SupervisorOptions(path, client_of) if client_of else OptionsFile(path, executor),
            self.environment,
            session,
            self.clock,
            self.data_dir,
            executor,
            client_of,
            ingress_peer=self.ingress_peer,
        )
        api, panel = (socket.create_server((bind, 0)) for _ in range(2))
        await self._open.enter_async_context(gateway.running(api, panel))
        return Running(gateway, address(api), address(panel), client, self.clock)

    async def stop(self) -> None:
        """Stop the gateway as SIGTERM would; the cloud and the disk stay."""
        graces = asyncio.ensure_future(self.clock.run_out())
        try:
            await self._open.aclose()
        finally:
            graces.cancel()
        self._open = AsyncExitStack()


@pytest.fixture
async def clock() -> VirtualClock:
    return VirtualClock()


@pytest.fixture
async def cloud(clock: VirtualClock) -> AsyncIterator[SimulatedCloud]:
    simulated = SimulatedCloud(clock, random.Random(1))
    await simulated.start(port=free_port())
    yield simulated
    await simulated.stop()


@pytest.fixture
async def world(cloud: SimulatedCloud, clock: VirtualClock, tmp_path: Path) -> AsyncIterator[World]:
    """A cloud with two locks and an empty data folder."""
    cloud.add_device(LOCK, "Front Door")
    cloud.add_device(OTHER_LOCK, "Back Door")
    options = {
        "client_id": cloud.client_id,
        "client_secret": cloud.client_secret,
        "redirect_uri": cloud.redirect_uris[0],
        "api_base_url": cloud.url,
        "oauth_base_url": cloud.url,
    }
    everything = World(cloud, clock, tmp_path, options)
    yield everything
    await everything.stop()


@pytest.fixture
async def running(world: World) -> Running:
    """A gateway that is signed in and has a picture."""
    return await world.start()


@pytest.fixture
def elsewhere() -> str:
    """Another address of this machine, as a neighbour on the network would have."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe, suppress(OSError):
        probe.connect(NOWHERE)  # nothing is sent
        address: str = probe.getsockname()[0]
        if not address.startswith("127."):
            return address
    pytest.skip("this machine has no address but loopback")
