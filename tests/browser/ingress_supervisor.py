"""The Supervisor's half of ingress: session, size, who is asking, and the hop to the panel."""

from dataclasses import dataclass, field

from aiohttp import ClientSession, web
from yarl import URL

from tests.browser.ingress_hop import LARGEST_BODY, METHODS, asked_on, refuse_exploits, relay

SESSION_COOKIE = "ingress_session"


@dataclass(frozen=True)
class User:
    """Who is signed in to Home Assistant."""

    id: str = "9f7a2c55"
    name: str = "anna"
    display_name: str = "Anna Müller"


@dataclass
class Doors:
    """What the Supervisor knows: where the panel listens, its token, and who may enter."""

    panel: str
    token: str
    sessions: dict[str, User] = field(default_factory=dict)


class Supervisor:
    """`/ingress/<token>/…` in front of the panel."""

    def __init__(self, doors: Doors, client: ClientSession) -> None:
        self._doors = doors
        self._client = client

    def application(self) -> web.Application:
        """Return the application that Core talks to."""
        app = web.Application(client_max_size=LARGEST_BODY, middlewares=[refuse_exploits])
        for method in METHODS:
            app.router.add_route(method, "/ingress/{token}/{path:.*}", self.enter)
        return app

    async def enter(self, request: web.Request) -> web.StreamResponse:
        """Pass a request to the panel, if token and session are good."""
        if request.match_info["token"] != self._doors.token:
            raise web.HTTPServiceUnavailable
        user = self._doors.sessions.get(request.cookies.get(SESSION_COOKIE, ""))
        if user is None:
            raise web.HTTPUnauthorized
        raw_path = request.rel_url.raw_path.split("/", 3)[3]
        headers = asked_on(request)
        for name in [name for name in headers if name.lower().startswith("x-remote-user-")]:
            headers.popall(name, None)
        headers["X-Remote-User-Id"] = user.id
        headers["X-Remote-User-Name"] = user.name
        headers["X-Remote-User-Display-Name"] = user.display_name
        return await relay(
            self._client,
            request,
            URL(f"{self._doors.panel}/{raw_path}", encoded=True),
            headers,
            await request.read(),
            compresses=False,
        )
