"""The demo as a program that runs, and what it tells of its pushes."""

import asyncio
import os
import re
import signal
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

from aiohttp import ClientSession

from tests import programs

CLOUD = re.compile(r"The simulated cloud is at (http://\S+);")
API = re.compile(r"the API at (http://\S+)\. Lines")
TURN_A_BOLT = re.compile(r"curl -d '(.*lock_state.*)' (\S+)")


@dataclass(frozen=True)
class Demo:
    """A demo that runs, by what it printed."""

    printed: str
    client: ClientSession

    @property
    def api(self) -> str:
        return self._found(API)[0]

    async def registered(self) -> str:
        """Wait until the cloud may push; return where to."""
        told = await programs.until(self._pushes, lambda told: told["registrations"])
        return str(told["registrations"][-1]["url"])

    async def turn_a_bolt(self) -> None:
        """Do what the demo says in its lines to try."""
        body, address = self._found(TURN_A_BOLT)
        async with self.client.post(address, data=body) as answer:
            assert answer.ok

    async def pushed(self) -> Mapping[str, Any]:
        """Wait for the first push, and return what became of it."""
        told = await programs.until(self._pushes, lambda told: told["deliveries"])
        first: Mapping[str, Any] = told["deliveries"][0]
        return first

    async def calls(self, polls: int) -> Mapping[str, int]:
        """Wait for so many polls, and return what the cloud was asked and how often."""
        told = await programs.until(
            lambda: self._told("/_control"),
            lambda told: told["calls"]["by_action"].get("Device/Query", 0) >= polls,
        )
        asked: Mapping[str, int] = told["calls"]["by_action"]
        return asked

    async def _told(self, path: str) -> Mapping[str, Any]:
        async with self.client.get(self._found(CLOUD)[0] + path) as answer:
            told: Mapping[str, Any] = await answer.json()
            return told

    async def _pushes(self) -> Mapping[str, Any]:
        return await self._told("/_control/pushes")

    def _found(self, pattern: re.Pattern[str]) -> tuple[str, ...]:
        found = pattern.search(self.printed)
        assert found, pattern.pattern
        return found.groups()


@asynccontextmanager
async def running_demo(*arguments: str, **environment: str) -> AsyncIterator[Demo]:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "utec_gateway", "--demo", "--api-port", "0", "--panel-port", "0"),
        *arguments,
        env={**os.environ, **environment},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
    )
    assert process.stdout
    try:
        async with ClientSession() as client, asyncio.timeout(programs.PATIENCE):
            printed = await process.stdout.readuntil(b"Ctrl-C ends the demo.\n")
            yield Demo(printed.decode(), client)
    finally:
        process.send_signal(signal.SIGINT)
        assert await process.wait() == 0
