"""The Supervisor's way to Core (home-assistant 5): its token, not Core's, and 502 without Core."""

import asyncio
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager, suppress

from aiohttp import ClientError, ClientSession, ClientWebSocketResponse, WSMsgType, web

from tests.served import Served

SLUG = "abcd1234_utec_gateway"


class SupervisorProxy:
    def __init__(self, token: str, core: str, core_token: str, client: ClientSession) -> None:
        self.token = token
        self.is_core_running = True
        self.requests: list[str] = []
        self._core = core
        self._core_token = core_token
        self._client = client
        app = web.Application()
        app.router.add_get("/addons/self/info", self._about_us)
        app.router.add_post("/addons/self/options", self._about_us)
        app.router.add_get("/core/api/config", self._api)
        app.router.add_post("/core/api/{path:.+}", self._api)
        app.router.add_get("/core/websocket", self._websocket)
        self.served = Served(app)

    async def _about_us(self, request: web.Request) -> web.Response:
        if not self._is_ours(request):
            return web.Response(status=401, text="401: Unauthorized")
        ours = {"slug": SLUG, "hostname": "abcd1234-utec-gateway", "options": {}}
        return web.json_response({"result": "ok", "data": ours})

    def _is_ours(self, request: web.Request) -> bool:
        return request.headers.get("Authorization") == f"Bearer {self.token}"

    async def _api(self, request: web.Request) -> web.Response:
        self.requests.append(request.path)
        if not self._is_ours(request):
            return web.Response(status=401, text="401: Unauthorized")
        if not self.is_core_running:
            return _not_running()
        try:
            async with self._client.request(
                request.method,
                self._core + request.path.removeprefix("/core"),
                data=await request.read(),
                headers={
                    "Authorization": f"Bearer {self._core_token}",
                    "Content-Type": request.content_type,
                },
            ) as answer:
                body = await answer.read()
                return web.Response(
                    status=answer.status, body=body, content_type=answer.content_type
                )
        except ClientError:
            return _not_running()

    async def _websocket(self, request: web.Request) -> web.StreamResponse:
        self.requests.append(request.path)
        if not self.is_core_running:
            return _not_running()
        try:
            core = await self._client.ws_connect(f"{self._core}/api/websocket")
        except ClientError:
            return _not_running()
        async with core:
            ours = web.WebSocketResponse(heartbeat=30.0)
            await ours.prepare(request)
            if await self._let_in(ours, core):
                await _first_to_end(_relay(ours, core), _relay(core, ours))
            await ours.close()
        return ours

    async def _let_in(self, ours: web.WebSocketResponse, core: ClientWebSocketResponse) -> bool:
        await ours.send_json({"type": "auth_required", "ha_version": "2026.11.0"})
        if (await ours.receive_json()).get("access_token") != self.token:
            await ours.send_json({"type": "auth_invalid", "message": "Invalid access"})
            return False
        await core.receive_json()
        await core.send_json({"type": "auth", "access_token": self._core_token})
        assert (await core.receive_json())["type"] == "auth_ok"
        await ours.send_json({"type": "auth_ok", "ha_version": "2026.11.0"})
        return True


def _not_running() -> web.Response:
    return web.Response(status=502, text="502: Bad Gateway")


Either = web.WebSocketResponse | ClientWebSocketResponse


async def _relay(source: Either, sink: Either) -> None:
    with suppress(ConnectionError):
        async for message in source:
            if message.type is WSMsgType.TEXT:
                await sink.send_str(message.data)


async def _first_to_end(*works: Coroutine[None, None, None]) -> None:
    tasks = [asyncio.create_task(work) for work in works]
    await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


@asynccontextmanager
async def supervisor_proxy(
    token: str, core: str, core_token: str
) -> AsyncIterator[SupervisorProxy]:
    async with ClientSession() as client:
        proxy = SupervisorProxy(token, core, core_token, client)
        await proxy.served.open()
        yield proxy
        await proxy.served.close()
