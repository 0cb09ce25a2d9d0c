"""Home Assistant Core's notifications, as 2026.11.0 has them: in memory, lost at every restart."""

import asyncio
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from typing import Any

from aiohttp import WSMsgType, web

from tests.served import Served

TEMPLATE = ("{{", "{%", "{#")


class CoreDouble:
    def __init__(self, token: str) -> None:
        self.token = token
        self.notifications: dict[str, dict[str, Any]] = {}
        self.calls: list[tuple[str, dict[str, Any]]] = []
        self.language: object = "en"
        self.time_zone: object = None
        self.hangs = False
        self.refusals = 0
        """Each of them puts a `http-login` notification before the owner's eyes."""
        self._watchers: dict[web.WebSocketResponse, int] = {}
        self._sockets: set[web.WebSocketResponse] = set()
        app = web.Application()
        app.router.add_post("/api/services/persistent_notification/{service}", self._call)
        app.router.add_get("/api/config", self._config)
        app.router.add_get("/api/websocket", self._talk)
        self.served = Served(app)

    @property
    def url(self) -> str:
        return self.served.url

    async def start(self) -> None:
        await self.served.open()

    async def stop(self) -> None:
        """Go away, as for a restart: whatever was shown is lost."""
        await self.served.shut()
        await self.hang_up()
        self.notifications.clear()

    async def hang_up(self) -> None:
        """Break every connection, and nothing else."""
        for open_socket in tuple(self._sockets):
            await open_socket.close()

    async def dismiss(self, *ids: str) -> None:
        """Do what a person does."""
        gone = {name: self.notifications.pop(name) for name in ids if name in self.notifications}
        if gone:
            await self._say("removed", gone)

    def texts(self) -> Iterable[str]:
        return [f"{one['title']}\n{one['message']}" for one in self.notifications.values()]

    async def _call(self, request: web.Request) -> web.Response:
        if request.headers.get("Authorization") != f"Bearer {self.token}":
            self.refusals += 1
            return web.Response(status=401, text="401: Unauthorized")
        if self.hangs:
            await asyncio.Event().wait()
        service, data = request.match_info["service"], await request.json()
        self.calls.append((service, data))
        if service == "dismiss":
            await self.dismiss(data["notification_id"])
            return web.json_response([])
        if any(sign in data[name] for name in ("title", "message") for sign in TEMPLATE):
            return web.json_response({"message": "a template was run"}, status=400)
        self.notifications[data["notification_id"]] = data
        await self._say("added", {data["notification_id"]: data})
        return web.json_response([])

    async def _config(self, request: web.Request) -> web.Response:
        if request.headers.get("Authorization") != f"Bearer {self.token}":
            self.refusals += 1
            return web.Response(status=401, text="401: Unauthorized")
        told = {"language": self.language, "time_zone": self.time_zone}
        return web.json_response({"components": [], **told})

    async def _talk(self, request: web.Request) -> web.WebSocketResponse:
        spoken = web.WebSocketResponse()
        await spoken.prepare(request)
        self._sockets.add(spoken)
        try:
            await self._converse(spoken)
        finally:
            self._sockets.discard(spoken)
            self._watchers.pop(spoken, None)
        return spoken

    async def _converse(self, spoken: web.WebSocketResponse) -> None:
        await spoken.send_json({"type": "auth_required", "ha_version": "2026.11.0"})
        if (await spoken.receive_json()).get("access_token") != self.token:
            self.refusals += 1
            await spoken.send_json({"type": "auth_invalid", "message": "Invalid access token"})
            return
        await spoken.send_json({"type": "auth_ok", "ha_version": "2026.11.0"})
        async for message in spoken:
            if message.type is not WSMsgType.TEXT:
                return
            asked = message.json()
            assert asked["type"] == "persistent_notification/subscribe"
            self._watchers[spoken] = asked["id"]
            await spoken.send_json({"id": asked["id"], "type": "result", "success": True})
            await self._say_to(spoken, "current", self.notifications)

    async def _say(self, kind: str, notifications: dict[str, Any]) -> None:
        for watcher in tuple(self._watchers):
            await self._say_to(watcher, kind, notifications)

    async def _say_to(
        self, watcher: web.WebSocketResponse, kind: str, notifications: dict[str, Any]
    ) -> None:
        event = {"type": kind, "notifications": notifications}
        await watcher.send_json({"id": self._watchers[watcher], "type": "event", "event": event})


@asynccontextmanager
async def core_double(token: str) -> AsyncIterator[CoreDouble]:
    core = CoreDouble(token)
    await core.start()
    yield core
    await core.hang_up()
    await core.served.close()
