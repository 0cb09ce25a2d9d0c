"""What tests of pushes have in common: somebody who receives them."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

from tests.served import serving
from utec_gateway.simulator.virtual_time import VirtualClock

SECRET = "push-secret-one"
NEXT_SECRET = "push-secret-two"
STATUS = ("st.healthCheck", "status")
BOLT = ("st.lock", "lockState")


@dataclass(frozen=True)
class Received:
    """One push as it arrived."""

    at: float
    path: str
    authorization: str | None
    body: Any

    @property
    def header(self) -> Any:
        return self.body["header"]

    @property
    def devices(self) -> Any:
        return self.body["payload"]["devices"]

    @property
    def bolt(self) -> Any:
        return values(self.devices[0]["states"])[BOLT]


@dataclass
class Receiver:
    """Answers with `statuses` in turn, then with 200."""

    clock: VirtualClock
    url: str = ""
    statuses: list[int] = field(default_factory=list)
    pushes: list[Received] = field(default_factory=list)

    async def take(self, request: web.Request) -> web.Response:
        push = Received(
            self.clock.monotonic(),
            request.path_qs,
            request.headers.get("Authorization"),
            await request.json(),
        )
        self.pushes.append(push)
        status = self.statuses.pop(0) if self.statuses else 200
        return web.Response(status=status, headers={"Location": "/elsewhere"})

    @property
    def bolts(self) -> list[Any]:
        return [push.bolt for push in self.pushes]


@asynccontextmanager
async def receiving(clock: VirtualClock) -> AsyncIterator[Receiver]:
    receiver = Receiver(clock)
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", receiver.take)
    async with serving(app) as url:
        receiver.url = f"{url}/push"
        yield receiver


def values(states: list[Mapping[str, Any]]) -> dict[tuple[str, str], Any]:
    return {(state["capability"], state["name"]): state["value"] for state in states}
