"""What we use of Home Assistant Core, as 2026.11.0 has it.

Notifications are lost at every restart; a webhook lasts as long as the connection that asked for
it; an address at Home Assistant Cloud stays until it is deleted.
"""

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
        self.external_url: object = None
        self.state = "RUNNING"
        self.components = ["webhook"]
        self.offers_webhooks = self.is_administrator = True
        self.is_cloud_set_up = self.is_logged_in_at_cloud = False
        self.is_cloud_connected = True
        self.cloudhooks: dict[str, str] = {}
        """Addresses at Home Assistant Cloud, by the webhook's id."""
        self.triggers: list[dict[str, Any]] = []
        """Every trigger that was subscribed to."""
        self._webhooks: dict[str, dict[web.WebSocketResponse, int]] = {}
        self._watchers: dict[web.WebSocketResponse, int] = {}
        self._sockets: set[web.WebSocketResponse] = set()
        app = web.Application()
        app.router.add_post("/api/services/persistent_notification/{service}", self._call)
        app.router.add_get("/api/config", self._config)
        app.router.add_get("/api/websocket", self._talk)
        app.router.add_post("/api/webhook/{webhook_id}", self._post)
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
        told = {
            "language": self.language,
            "time_zone": self.time_zone,
            "external_url": self.external_url,
        }
        told |= {"components": self.components, "state": self.state}
        return web.json_response(told)

    async def _talk(self, request: web.Request) -> web.WebSocketResponse:
        spoken = web.WebSocketResponse()
        await spoken.prepare(request)
        self._sockets.add(spoken)
        try:
            await self._converse(spoken)
        finally:
            self._sockets.discard(spoken)
            self._watchers.pop(spoken, None)
            for heard in self._webhooks.values():
                heard.pop(spoken, None)
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
            await self._answer(spoken, message.json())

    async def _answer(self, spoken: web.WebSocketResponse, asked: dict[str, Any]) -> None:
        kind, _, rest = asked["type"].partition("/")
        if asked["type"] == "persistent_notification/subscribe":
            self._watchers[spoken] = asked["id"]
            await self._result(spoken, asked)
            await self._say_to(spoken, "current", self.notifications)
        elif kind == "subscribe_trigger" and not self.is_administrator:
            error = {"code": "unauthorized", "message": "Unauthorized"}
            await self._result(spoken, asked, success=False, error=error)
        elif kind == "subscribe_trigger":
            self.triggers.append(asked["trigger"])
            heard = self._webhooks.setdefault(asked["trigger"]["webhook_id"], {})
            heard |= {spoken: asked["id"]} if self.offers_webhooks else {}
            early = {"variables": {"trigger": {"platform": "webhook", "data": "{}"}}}
            await spoken.send_json({"id": asked["id"], "type": "event", "event": early})
            await self._result(spoken, asked, success=self.offers_webhooks)
        else:
            assert kind == "cloud", asked
            await self._answer_of_cloud(spoken, asked, rest)

    async def _answer_of_cloud(
        self, spoken: web.WebSocketResponse, asked: dict[str, Any], kind: str
    ) -> None:
        if not self.is_cloud_set_up:
            await self._result(spoken, asked, success=False)
        elif kind == "status":
            hooks = {name: {"cloudhook_url": url} for name, url in self.cloudhooks.items()}
            prefs = {"prefs": {"cloudhooks": hooks}} if self.is_logged_in_at_cloud else {}
            status = {"logged_in": self.is_logged_in_at_cloud, **prefs}
            await self._result(spoken, asked, result=status)
        else:
            await self._change_cloudhook(spoken, asked, kind)

    async def _change_cloudhook(
        self, spoken: web.WebSocketResponse, asked: dict[str, Any], kind: str
    ) -> None:
        name = asked["webhook_id"]
        is_known = name in self.cloudhooks
        assert self.is_logged_in_at_cloud
        assert is_known is (kind == "cloudhook/delete"), "Core refuses that"
        if not self.is_cloud_connected:
            await self._result(spoken, asked, success=False)
        elif is_known:
            del self.cloudhooks[name]
            await self._result(spoken, asked)
        else:
            self.cloudhooks[name] = f"{self.url}/api/webhook/{name}"
            found = {"webhook_id": name, "cloudhook_url": self.cloudhooks[name]}
            await self._result(spoken, asked, result=found)

    async def _result(
        self, spoken: web.WebSocketResponse, asked: dict[str, Any], **answer: Any
    ) -> None:
        await spoken.send_json({"id": asked["id"], "type": "result", "success": True, **answer})

    @property
    def webhooks(self) -> list[str]:
        """The ids of the webhooks that somebody hears."""
        return [name for name, heard in self._webhooks.items() if heard]

    async def _post(self, request: web.Request) -> web.Response:
        """Pass on what is posted; Core answers the same for an id that nobody knows."""
        content = request.headers.get("Content-Type", "")
        trigger = {"json": await request.json()} if "json" in content else {"data": "{}"}
        event = {"variables": {"trigger": {"platform": "webhook", **trigger}}}
        for heard, number in self._webhooks.get(request.match_info["webhook_id"], {}).items():
            await heard.send_json({"id": number, "type": "event", "event": event})
        return web.Response()

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
