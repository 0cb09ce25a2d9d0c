"""A gateway at home: simulated cloud on one side, ingress on the other, real sockets all around."""

import json
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass, field
from ipaddress import ip_address
from pathlib import Path
from typing import Any

from tests.browser.ingress import Ingress, ingress_to
from tests.browser.leaping_clock import LeapingClock
from tests.ports import free_port
from utec_gateway.core.errors import GatewayError
from utec_gateway.gateway import Gateway
from utec_gateway.simulator.cloud import SimulatedCloud
from utec_gateway.simulator.scenario import load_scenario
from utec_gateway.storage.settings import OptionsFile
from utec_gateway.utec.transport import new_session
from utec_gateway.web.peer_address import Address

PATIENCE = 15.0
LOOK_AGAIN = 0.01


HOME_ASSISTANT = ip_address("127.0.0.1")
"""Where the double of ingress comes from."""


def _listener(port: int) -> socket.socket:
    return socket.create_server(("127.0.0.1", port))


@dataclass
class House:
    """Everything around an open page that a test may turn."""

    cloud: SimulatedCloud
    clock: LeapingClock
    data_dir: Path
    ingress: Ingress
    api_port: int
    panel_port: int
    gateway: Gateway | None = None
    environment: dict[str, str] = field(default_factory=dict)
    ingress_peer: Address | None = HOME_ASSISTANT
    _running: AsyncExitStack = field(default_factory=AsyncExitStack)

    @property
    def api(self) -> str:
        """The address of the API, where the callback arrives too."""
        return f"http://127.0.0.1:{self.api_port}"

    @property
    def redirect_uri(self) -> str:
        """The redirect URI that is registered with the cloud and leads to the gateway."""
        return f"{self.api}/oauth/callback"

    @property
    def present(self) -> Gateway:
        """The gateway that runs."""
        assert self.gateway is not None
        return self.gateway

    async def start(self, *, sign_in: bool = True, **options: Any) -> Gateway:
        """Start the gateway on its data folder and ports; given options replace the saved ones."""
        path = self.data_dir / "options.json"
        saved = json.loads(path.read_text()) if path.exists() else self._first_options()
        path.write_text(json.dumps({**saved, **options}))
        session = await self._running.enter_async_context(new_session())
        gateway = Gateway(
            OptionsFile(path),
            self.environment,
            session,
            self.clock,
            self.data_dir,
            ingress_peer=self.ingress_peer,
        )
        listeners = (_listener(self.api_port), _listener(self.panel_port))
        await self._running.enter_async_context(gateway.running(*listeners))
        self.gateway = gateway
        if sign_in and gateway.account.tokens.token is None:
            await gateway.account.sign_in.by_code(self.cloud.issue_code(self.redirect_uri))
            await self.until(lambda: gateway.health.word == "healthy")
        return gateway

    async def stop(self) -> None:
        """Stop the gateway as SIGTERM would; cloud, data folder and Home Assistant stay."""
        self.gateway = None
        await self._running.aclose()
        self._running = AsyncExitStack()

    async def lose_the_sign_in(self) -> None:
        """Let U-tec refuse the grant for good."""
        self.cloud.refuse_grants()
        with suppress(GatewayError):
            await self.present.account.tokens.refresh()

    async def until(self, happened: Callable[[], Any]) -> None:
        """Wait for something, for real; raise TimeoutError when it does not happen."""
        async with self.clock.timeout(PATIENCE):
            while not happened():
                await self.clock.sleep(LOOK_AGAIN)

    def _first_options(self) -> dict[str, Any]:
        return {
            "client_id": self.cloud.client_id,
            "client_secret": self.cloud.client_secret,
            "redirect_uri": self.redirect_uri,
            "api_base_url": self.cloud.url,
            "oauth_base_url": self.cloud.url,
        }


@asynccontextmanager
async def new_house(data_dir: Path) -> AsyncIterator[House]:
    """Build a house with the demo's devices and an empty data folder; nothing runs in it yet."""
    clock = LeapingClock()
    cloud = SimulatedCloud(clock)
    load_scenario(cloud, "demo")
    ports = free_port(), free_port()
    await cloud.start()
    async with ingress_to(f"http://127.0.0.1:{ports[1]}") as ingress:
        house = House(cloud, clock, data_dir, ingress, *ports)
        cloud.behaviour.oauth.redirect_uris = (house.redirect_uri, "http://localhost:9501")
        yield house
        await house.stop()
    await cloud.stop()
