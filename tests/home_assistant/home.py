"""The real gateway with the simulated cloud, in the home of a real Home Assistant."""

import json
import socket
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.browser.leaping_clock import LeapingClock
from tests.conftest import LOCK, TOKEN
from tests.home_assistant.core import Core
from tests.programs import LOOK_AGAIN, PATIENCE
from utec_gateway.gateway import Gateway
from utec_gateway.home_assistant.supervisor import SupervisorClient, SupervisorOptions
from utec_gateway.simulator.cloud import SimulatedCloud
from utec_gateway.storage.settings import OptionsFile
from utec_gateway.utec.transport import new_session

Shown = Mapping[str, Mapping[str, Any]]


@dataclass
class Home:
    core: Core
    cloud: SimulatedCloud
    clock: LeapingClock
    data_dir: Path
    supervisor: str | None = None
    environment: dict[str, str] = field(default_factory=dict)
    options: dict[str, Any] = field(default_factory=dict)
    """Beside those that point at the simulated cloud."""
    api: str = ""
    """The address of the API of the gateway that runs."""
    panel: str = ""
    """The address of the panel of the gateway that runs."""
    _running: AsyncExitStack = field(default_factory=AsyncExitStack)

    async def start(self, *, sign_in: bool = True) -> Gateway:
        """Start a gateway on the data folder, signed in unless it already was."""
        path = self.data_dir / "options.json"
        path.write_text(json.dumps(self._options()))
        session = await self._running.enter_async_context(new_session())
        supervisor = SupervisorClient(session, TOKEN, self.supervisor) if self.supervisor else None
        gateway = Gateway(
            SupervisorOptions(path, supervisor) if supervisor else OptionsFile(path),
            self.environment,
            session,
            self.clock,
            self.data_dir,
            supervisor=supervisor,
        )
        listeners = [socket.create_server(("127.0.0.1", 0)) for _ in range(2)]
        self.api, self.panel = (f"http://127.0.0.1:{one.getsockname()[1]}" for one in listeners)
        await self._running.enter_async_context(gateway.running(*listeners))
        if sign_in and gateway.account.tokens.token is None:
            await self.sign_in(gateway)
        return gateway

    async def stop(self) -> None:
        """Stop the gateway as SIGTERM would."""
        await self._running.aclose()
        self._running = AsyncExitStack()

    async def sign_in(self, gateway: Gateway) -> None:
        await gateway.account.sign_in.by_code(self.cloud.issue_code(self.cloud.redirect_uris[0]))

    async def until(self, is_right: Callable[[Shown], Any]) -> Shown:
        """Wait until Core shows what it should; return our part of it, by our own ids."""
        shown: Shown = {}

        async def look() -> bool:
            nonlocal shown
            everything = await self.core.notifications()
            mark = "utec_gateway_"
            shown = {
                name.removeprefix(mark): one
                for name, one in everything.items()
                if name.startswith(mark)
            }
            return bool(is_right(shown))

        await self.happened(look)
        return shown

    async def happened(self, did: Callable[[], Awaitable[bool]]) -> None:
        """Wait for something, for real; raise TimeoutError when it does not happen."""
        async with self.clock.timeout(PATIENCE):
            while not await did():
                await self.clock.sleep(LOOK_AGAIN)

    def _options(self) -> dict[str, Any]:
        return {
            "client_id": self.cloud.client_id,
            "client_secret": self.cloud.client_secret,
            "redirect_uri": self.cloud.redirect_uris[0],
            "api_base_url": self.cloud.url,
            "oauth_base_url": self.cloud.url,
            **self.options,
        }


@asynccontextmanager
async def new_home(core: Core, data_dir: Path) -> AsyncIterator[Home]:
    """Build a home with one lock, in whose Home Assistant nothing of ours is left."""
    for name in await core.notifications():
        await core.dismiss(name)
    clock = LeapingClock()
    cloud = SimulatedCloud(clock)
    cloud.add_device(LOCK, "Front Door")
    await cloud.start()
    home = Home(core, cloud, clock, data_dir)
    try:
        yield home
    finally:
        await home.stop()
        await cloud.stop()
