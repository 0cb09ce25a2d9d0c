"""Core's half of ingress: the frame around the panel, the outer filter, and compression."""

from aiohttp import ClientSession, web
from aiohttp.typedefs import Handler
from yarl import URL

from tests.browser.ingress_hop import METHODS, asked_on, refuse_exploits, relay
from tests.browser.ingress_supervisor import SESSION_COOKIE, Doors, User

PREFIX = "/api/hassio_ingress/"
FRAME = "/app/utec_gateway"
SAFE_HEADERS = {
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "SAMEORIGIN",
}
PAGE = """<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <meta name="color-scheme" content="light dark">
    <title>Home Assistant</title>
    <style>
      body {{ margin: 0 }}
      iframe {{ display: block; border: 0; width: 100vw; height: 100vh }}
    </style>
    <script>
      window.told = [];
      addEventListener("message", (event) => told.push(event.data));
    </script>
  </head>
  <body><iframe title="U-tec Gateway" src="{home}"></iframe></body>
</html>
"""


@web.middleware
async def refuse_raw_control_characters(
    request: web.Request, handler: Handler
) -> web.StreamResponse:
    """Answer 400 to a tab, CR or LF that nobody quoted."""
    if any(character in request.raw_path for character in "\t\r\n"):
        raise web.HTTPBadRequest
    return await handler(request)


@web.middleware
async def add_safe_headers(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Set Core's own headers on whatever has not been sent yet: streams have."""
    try:
        response = await handler(request)
    except web.HTTPException as error:
        error.headers.update(SAFE_HEADERS)
        raise
    if not response.prepared:
        response.headers.update(SAFE_HEADERS)
    return response


class Core:
    """`/api/hassio_ingress/<token>/…` in front of the Supervisor, and the page that frames it."""

    def __init__(self, doors: Doors, supervisor: str, client: ClientSession) -> None:
        self._doors = doors
        self._supervisor = supervisor
        self._client = client
        self._sessions = 0

    def application(self) -> web.Application:
        """Return the application that browsers talk to."""
        app = web.Application(
            middlewares=[add_safe_headers, refuse_raw_control_characters, refuse_exploits]
        )
        for method in METHODS:
            app.router.add_route(method, PREFIX + "{token}/{path:.*}", self.enter)
        app.router.add_get(FRAME, self.frame)
        app.router.add_get("/favicon.ico", _nothing)
        return app

    def new_session(self) -> str:
        """Let somebody in; return what their cookie holds."""
        self._sessions += 1
        session = f"session-{self._sessions}-of-{id(self):x}"
        self._doors.sessions[session] = User()
        return session

    async def frame(self, _request: web.Request) -> web.Response:
        """Show the panel inside Home Assistant, in a session of its own."""
        home = f"{PREFIX}{self._doors.token}/"
        response = web.Response(text=PAGE.format(home=home), content_type="text/html")
        response.set_cookie(SESSION_COOKIE, self.new_session(), path=PREFIX, samesite="Strict")
        return response

    async def enter(self, request: web.Request) -> web.StreamResponse:
        """Pass a request to the Supervisor."""
        _, _, _, token, raw_path = request.rel_url.raw_path.split("/", 4)
        headers = asked_on(request)
        headers["X-Ingress-Path"] = f"{PREFIX}{token}"
        headers["X-Hass-Source"] = "core.ingress"
        return await relay(
            self._client,
            request,
            URL(f"{self._supervisor}/ingress/{token}/{raw_path}", encoded=True),
            headers,
            await _body(request),
            compresses=True,
        )


async def _body(request: web.Request) -> bytes:
    """Return the whole body; how large it may be is the Supervisor's business."""
    return b"".join([bit async for bit in request.content.iter_any()])


async def _nothing(_request: web.Request) -> web.Response:
    return web.Response(status=204)
