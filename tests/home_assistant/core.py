"""A real Home Assistant Core: headless, on loopback, with an owner, and without the internet."""

import asyncio
import json
import re
import signal
import subprocess
from asyncio.subprocess import DEVNULL, Process
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from http import HTTPStatus
from pathlib import Path
from typing import Any

from aiohttp import ClientError, ClientSession

from tests import programs
from tests.home_assistant.core_client import CoreClient
from tests.ports import HOST, free_port

LAUNCHER = Path(__file__).parents[2] / "scripts/home-assistant"
OWNER = {"name": "Anna", "username": "anna", "password": "a secret of hers", "language": "en"}
CONFIGURATION = """
homeassistant:
  name: Home
  country: NL
  language: en
  time_zone: UTC
  unit_system: metric
automation: !include automations.yaml
rest_command: !include rest_command.yaml
recorder:
  commit_interval: 0
webhook:
"""
REST_COMMAND = """
nothing:
  url: http://127.0.0.1
"""
HTTP = {
    "server_host": [HOST],
    "cors_allowed_origins": [],
    "login_attempts_threshold": -1,
    "ip_ban_enabled": True,
    "ssl_profile": "intermediate_v6",
    "use_x_frame_options": True,
    "created_at": "2026-01-01T00:00:00+00:00",
    "error": None,
    "error_message": None,
}
BAD = {"WARNING", "ERROR", "CRITICAL"}
LINE = re.compile(r"^\d{4}-\d\d-\d\d \S+ (\w+) ")


def is_there(folder: Path) -> bool:
    asked = subprocess.run([LAUNCHER, folder, "--version"], capture_output=True, check=False)
    return asked.returncode == 0


class Core(CoreClient):
    """Core's process, and what its owner does in the browser."""

    def __init__(self, folder: Path, client: ClientSession) -> None:
        self._port = free_port()
        super().__init__(folder, f"http://{HOST}:{self._port}", client)
        self._process: Process | None = None

    async def install(self) -> None:
        """Start for the first time, and become the owner."""
        (self.folder / "configuration.yaml").write_text(CONFIGURATION)
        (self.folder / "automations.yaml").write_text("[]")
        (self.folder / "rest_command.yaml").write_text(REST_COMMAND)
        (self.folder / ".storage").mkdir()
        # HTTP settings in YAML are taken for a trial and reverted after five minutes.
        stable = {**HTTP, "server_port": self._port}
        settings = {"stable": stable, "pending": None, "yaml_migration_done": True}
        self._store("http", 3, settings)
        # Of the steps, the owner is left; "core_config" would start what wants the internet.
        done = ["core_config", "analytics", "integration"]
        self._store("onboarding", 4, {"done": done})
        await self.start()
        self.token = await self._onboard()
        await programs.until(self._answers, bool)

    async def start(self) -> None:
        """Start, and wait until it answers."""
        log = self.folder / "home-assistant.log"
        self._process = await asyncio.create_subprocess_exec(
            *(*programs.DIES_WITH_US, LAUNCHER, self.folder),
            *("--skip-pip", "--log-no-color", "--log-file", log),
            stdout=DEVNULL,
            stderr=DEVNULL,
        )
        await programs.until(self._answers, bool)

    async def stop(self, how: signal.Signals = signal.SIGTERM) -> None:
        if self._process and self._process.returncode is None:
            self._process.send_signal(how)
            async with asyncio.timeout(programs.PATIENCE):
                await self._process.wait()

    async def kill(self) -> None:
        await self.stop(signal.SIGKILL)

    async def restart(self, how: signal.Signals = signal.SIGTERM) -> None:
        await self.stop(how)
        await self.start()

    def log_lines(self, about: str = "") -> list[str]:
        """Return its warnings and errors since the last start, about a part: "components.mqtt".

        There are always some about parts of Core that lack what they want.
        """
        lines: list[str] = []
        is_bad = False
        for line in (self.folder / "home-assistant.log").read_text("utf-8").splitlines():
            level = LINE.match(line)
            is_bad = level[1] in BAD and about in line if level else is_bad
            lines += [line] if is_bad else []
        return lines

    def _store(self, key: str, version: int, data: dict[str, Any]) -> None:
        stored = {"version": version, "minor_version": 1, "key": key, "data": data}
        (self.folder / ".storage" / key).write_text(json.dumps(stored))

    async def _answers(self) -> bool:
        assert self._process
        assert self._process.returncode is None, "Home Assistant Core has ended"
        try:
            return await self._is_up()
        except ClientError:
            return False

    async def _is_up(self) -> bool:
        """Tell whether the owner can be made, or everything runs that the owner set up."""
        if not self.token:
            async with self._client.get(f"{self.url}/api/onboarding") as answer:
                return answer.status == HTTPStatus.OK
        headers = {"Authorization": f"Bearer {self.token}"}
        async with self._client.get(f"{self.url}/api/config", headers=headers) as answer:
            is_ok = answer.status == HTTPStatus.OK
            return is_ok and (await answer.json())["state"] == "RUNNING"

    async def _onboard(self) -> str:
        """Make the owner, sign in, and make a long-lived token as people do in their profile."""
        client_id = f"{self.url}/"
        user = {"client_id": client_id, **OWNER}
        async with self._client.post(f"{self.url}/api/onboarding/users", json=user) as answer:
            code = (await answer.json())["auth_code"]
        grant = {"grant_type": "authorization_code", "code": code, "client_id": client_id}
        async with self._client.post(f"{self.url}/auth/token", data=grant) as answer:
            self.token = (await answer.json())["access_token"]
        token: str = await self.ask(
            "auth/long_lived_access_token", client_name="U-tec", lifespan=365
        )
        return token


@asynccontextmanager
async def real_core(folder: Path) -> AsyncIterator[Core]:
    async with ClientSession() as client:
        core = Core(folder, client)
        try:
            await core.install()
            yield core
        finally:
            await core.kill()
