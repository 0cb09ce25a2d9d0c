"""A real Home Assistant Core: headless, on loopback, with an owner, and without the internet."""

import asyncio
import signal
from asyncio.subprocess import DEVNULL, Process
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from http import HTTPStatus
from pathlib import Path
from typing import Any

from aiohttp import ClientError, ClientSession, ClientWebSocketResponse

from tests.ports import free_port

PROGRAM = Path(__file__).parents[2] / ".venv-home-assistant/bin/hass"
PATIENCE = 50.0
LOOK_AGAIN = 0.05
WITHOUT_AN_OWNER = HTTPStatus.BAD_REQUEST
OWNER = {"name": "Anna", "username": "anna", "password": "a secret of hers", "language": "en"}
CONFIGURATION = """
http:
  server_host: 127.0.0.1
  server_port: {port}
api:
auth:
onboarding:
persistent_notification:
websocket_api:
frontend:
  development_repo: {frontend}
"""


class Core:
    """Core's process, and what its owner does in the browser."""

    def __init__(self, folder: Path, client: ClientSession) -> None:
        self._folder = folder
        self._client = client
        self._process: Process | None = None
        self.token = ""
        self.url = f"http://127.0.0.1:{free_port()}"

    async def install(self) -> None:
        """Start for the first time, and become the owner."""
        frontend = self._folder / "frontend"
        (frontend / "hass_frontend").mkdir(parents=True)
        port = self.url.rpartition(":")[2]
        configuration = CONFIGURATION.format(port=port, frontend=frontend)
        (self._folder / "configuration.yaml").write_text(configuration)
        await self.start()
        self.token = await self._onboard()

    async def start(self) -> None:
        """Start, and wait until it answers."""
        self._process = await asyncio.create_subprocess_exec(
            *(PROGRAM, "--config", self._folder, "--skip-pip"), stdout=DEVNULL, stderr=DEVNULL
        )
        async with asyncio.timeout(PATIENCE):
            while not await self._answers():
                assert self._process.returncode is None, "Home Assistant Core has ended"
                await asyncio.sleep(LOOK_AGAIN)  # noqa: TID251 - another process needs real time

    async def stop(self, how: signal.Signals = signal.SIGTERM) -> None:
        if self._process and self._process.returncode is None:
            self._process.send_signal(how)
            async with asyncio.timeout(PATIENCE):
                await self._process.wait()

    async def restart(self, how: signal.Signals = signal.SIGTERM) -> None:
        await self.stop(how)
        await self.start()

    async def notifications(self) -> dict[str, dict[str, Any]]:
        """Return what it shows, by id."""
        shown = await self._ask({"type": "persistent_notification/get"})
        return {one["notification_id"]: one for one in shown}

    async def dismiss(self, notification_id: str) -> None:
        """Dismiss a notification as the frontend does for a person."""
        await self._ask(
            {
                "type": "call_service",
                "domain": "persistent_notification",
                "service": "dismiss",
                "service_data": {"notification_id": notification_id},
            }
        )

    async def _answers(self) -> bool:
        try:
            async with self._client.get(f"{self.url}/auth/providers") as answer:
                return answer.status in {HTTPStatus.OK, WITHOUT_AN_OWNER}
        except ClientError:
            return False

    async def _onboard(self) -> str:
        """Make the owner, sign in, and make a long-lived token as people do in their profile."""
        client_id = f"{self.url}/"
        user = {"client_id": client_id, **OWNER}
        async with self._client.post(f"{self.url}/api/onboarding/users", json=user) as answer:
            code = (await answer.json())["auth_code"]
        grant = {"grant_type": "authorization_code", "code": code, "client_id": client_id}
        async with self._client.post(f"{self.url}/auth/token", data=grant) as answer:
            self.token = (await answer.json())["access_token"]
        wish = {"type": "auth/long_lived_access_token", "client_name": "U-tec", "lifespan": 365}
        token: str = await self._ask(wish)
        return token

    async def _ask(self, command: dict[str, Any]) -> Any:
        async with self._client.ws_connect(f"{self.url}/api/websocket") as socket_:
            await _said(socket_, "auth_required")
            await socket_.send_json({"type": "auth", "access_token": self.token})
            await _said(socket_, "auth_ok")
            await socket_.send_json({"id": 1, **command})
            return (await _said(socket_, "result"))["result"]


async def _said(socket_: ClientWebSocketResponse, kind: str) -> dict[str, Any]:
    message: dict[str, Any] = await socket_.receive_json()
    assert message["type"] == kind, message
    return message


@asynccontextmanager
async def real_core(folder: Path) -> AsyncIterator[Core]:
    async with ClientSession() as client:
        core = Core(folder, client)
        try:
            await core.install()
            yield core
        finally:
            await core.stop(signal.SIGKILL)
