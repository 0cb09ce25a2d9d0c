"""The simulated cloud, put together: a real server on a real socket."""

import random
from dataclasses import replace
from pathlib import Path
from typing import Any

import aiohttp_jinja2
import jinja2
from aiohttp import web

from utec_gateway.core.clock import Clock

from .actions import ActionEndpoint
from .authorization import Authorization
from .behaviour import Behaviour
from .calls import Calls
from .cloud_state import CloudState
from .control import Control
from .devices import SimulatedDevice
from .faults import Faults
from .grants import Grants, IssuedTokens
from .kinds import KINDS
from .oauth_client import CLIENT_ID, CLIENT_SECRET
from .pushes import Pushes
from .serving import Serving
from .token_endpoint import TokenEndpoint

TEMPLATES = Path(__file__).parent / "templates"
SHUTDOWN_SECONDS = 0.2


class SimulatedCloud:
    """One account's cloud; empty until devices are added or a scenario is loaded."""

    client_id = CLIENT_ID
    client_secret = CLIENT_SECRET

    def __init__(self, clock: Clock, rng: random.Random | None = None) -> None:
        rng = rng or random.Random()  # noqa: S311 - its secrets are fakes
        self.behaviour = Behaviour()
        self.faults = Faults(clock, rng)
        self.calls = Calls(clock)
        self.grants = Grants(clock, rng, self.behaviour.oauth)
        self.devices: dict[str, SimulatedDevice] = {}
        self.pushes = Pushes(clock, rng, self.behaviour, self.calls, self.devices)
        self.url = ""
        self._clock = clock
        self._runner: web.AppRunner | None = None
        serving = Serving(clock, rng, self.behaviour.actions, self.faults)
        self._world = CloudState(
            clock=clock,
            rng=rng,
            behaviour=self.behaviour,
            faults=self.faults,
            calls=self.calls,
            grants=self.grants,
            serving=serving,
            devices=self.devices,
            pushes=self.pushes,
        )

    @property
    def redirect_uris(self) -> tuple[str, ...]:
        """The redirect URIs registered for the client, a switch of row A1."""
        return self.behaviour.oauth.redirect_uris

    async def start(self, host: str = "127.0.0.1", port: int = 0) -> None:
        """Listen; the same cloud may be stopped and started again."""
        self._runner = web.AppRunner(
            self._application(),
            access_log=None,
            handler_cancellation=True,  # a client that goes away frees what hangs for it
            shutdown_timeout=SHUTDOWN_SECONDS,
        )
        await self._runner.setup()
        await web.TCPSite(self._runner, host, port).start()
        self.url = f"http://{host}:{self._runner.addresses[0][1]}"

    async def stop(self) -> None:
        """Close the socket and everything that hangs; harmless when not started."""
        runner, self._runner = self._runner, None
        if runner is not None:
            await runner.cleanup()

    def add_device(
        self, device_id: str, name: str, kind: str = "lock", **states: Any
    ) -> SimulatedDevice:
        """Add a device of one of the `KINDS`; states given replace the kind's own."""
        described = KINDS[kind]
        start = replace(described.states, **states)
        device = SimulatedDevice(device_id, name, described, start, self._clock, self.pushes.wake)
        self.devices[device_id] = device
        self.pushes.look()
        return device

    def issue_code(self, redirect_uri: str | None = None) -> str:
        """Return the code that a click on Allow would send to the client."""
        return self.grants.issue_code(redirect_uri)

    def issue_tokens(self) -> IssuedTokens:
        """Return the tokens of a finished sign-in."""
        return self.grants.issue_tokens()

    def expire_access_tokens(self) -> None:
        """Let every access token die now (A12)."""
        self.grants.revoke_access_tokens()

    def revoke_refresh_tokens(self) -> None:
        """Let every refresh token die now (A7)."""
        self.grants.revoke_refresh_tokens()

    def revoke_everything(self) -> None:
        """Unlink the client: nothing it holds is good any more."""
        self.grants.revoke_everything()

    def refuse_grants(self) -> None:
        """Answer every grant with `invalid_grant` until `accept_grants`."""
        self.behaviour.oauth.refuse_grants = True

    def accept_grants(self) -> None:
        """Take `refuse_grants` back."""
        self.behaviour.oauth.refuse_grants = False

    def _application(self) -> web.Application:
        app = web.Application()
        aiohttp_jinja2.setup(app, loader=jinja2.FileSystemLoader(TEMPLATES))
        app.on_shutdown.append(self._release)
        app.cleanup_ctx.append(self.pushes.running)
        for endpoint in (ActionEndpoint, TokenEndpoint, Authorization, Control):
            app.add_routes(endpoint(self._world).routes())
        return app

    async def _release(self, _app: web.Application) -> None:
        self.faults.release()
