"""The two Home Assistant integrations in the field, as they really behave."""

import asyncio
from collections.abc import Coroutine
from typing import Any

from tests.conftest import Running
from tests.steps import PATIENCE

POLL_SECONDS = 30.0
AT_ONCE = 6
GONE = 404
BAD = 400


class RefusedError(Exception):
    """Any HTTP error at all, and no answer within the limit."""


class Integration:
    """What both have in common: an address, and a belief about every lock."""

    def __init__(self, running: Running, prefix: str = "") -> None:
        self.running = running
        self.prefix = prefix
        self.believes: dict[str, bool | None] = {}
        self.refusals: list[str] = []

    async def refresh(self) -> None:
        """Do one round of polling."""
        raise NotImplementedError

    async def move(self, name: str, device_id: str) -> Any:
        """Send `lock` or `unlock`."""
        raise NotImplementedError

    async def keep_polling(self, rounds: int) -> None:
        """Poll every thirty seconds."""
        for _ in range(rounds):
            await self.refresh()
            await self.running.clock.sleep(POLL_SECONDS)

    async def ask(self, method: str, path: str, body: Any = None) -> Any:
        """Return the JSON of a success; anything else is an error."""
        url = self.running.url + self.prefix + path
        status, answer = await self._limited(self._asked(method, url, body))
        if status >= BAD:
            self.refusals.append(f"{status} {path}")
            raise RefusedError(f"{status} {path}")
        return answer

    async def _asked(self, method: str, url: str, body: Any) -> tuple[int, Any]:
        async with self.running.client.request(method, url, json=body) as response:
            return response.status, await response.json()

    async def _limited(self, request: Coroutine[Any, Any, tuple[int, Any]]) -> tuple[int, Any]:
        asked = asyncio.ensure_future(request)
        limit = asyncio.ensure_future(self.running.clock.sleep(PATIENCE))
        done, _ = await asyncio.wait({asked, limit}, return_when=asyncio.FIRST_COMPLETED)
        limit.cancel()
        if asked in done:
            return asked.result()
        asked.cancel()
        self.refusals.append("no answer within the limit")
        raise RefusedError("no answer within the limit")


class Integration15(Integration):
    """Generation 1.5: one lock after the other, letter by letter, last state kept on an error."""

    async def refresh(self) -> None:
        try:
            devices = (await self.ask("GET", "/api/devices"))["payload"]["devices"]
        except RefusedError:
            return
        for device in devices:
            try:
                answer = await self.ask("POST", "/api/status", {"id": device["id"]})
            except RefusedError:
                continue
            self.believes[device["id"]] = self._is_locked(answer)

    async def move(self, name: str, device_id: str) -> Any:
        return await self.ask("POST", f"/api/{name}", {"id": device_id})

    def _is_locked(self, answer: Any) -> bool | None:
        for state in answer["payload"]["devices"][0]["states"]:
            if state["capability"] == "st.lock" and state["name"] == "lockState":
                return str(state["value"]).lower() == "locked"
        return None


class Integration13(Integration):
    """Generation 1.3: six requests per lock at once, letters of any size, paths tried in turn.

    It believes a command before the bolt moves, and keeps what it believes of a lock whose state
    it is not told or cannot read.
    """

    async def refresh(self) -> None:
        try:
            devices = (await self.ask("GET", "/api/devices"))["payload"]["devices"]
            asked = [
                self.ask("POST", "/api/status", {"id": device["id"]})
                for device in devices
                for _ in range(AT_ONCE)
            ]
            for answer in await asyncio.gather(*asked):
                device = answer["payload"]["devices"][0]
                is_locked = self._is_locked(device["states"])
                if is_locked is not None or device["id"] not in self.believes:
                    self.believes[device["id"]] = is_locked
        except RefusedError:
            return

    async def move(self, name: str, device_id: str) -> Any:
        self.believes[device_id] = name == "lock"
        try:
            return await self.ask("POST", f"/api/devices/{device_id}/{name}", {})
        except RefusedError as refused:
            if not str(refused).startswith(str(GONE)):
                raise
        return await self.ask("POST", f"/{name}", {"id": device_id})

    def _is_locked(self, states: Any) -> bool | None:
        for state in states:
            if (state["capability"].lower(), state["name"].lower()) == ("st.lock", "lockstate"):
                return {"locked": True, "unlocked": False}.get(str(state["value"]).lower())
        return None
