"""A client with no opinions: it sends what a test says and shows what came back."""

import json
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import pytest
from aiohttp import ClientResponse, ClientSession

from tests.simulator.push_steps import SECRET, Receiver, receiving
from utec_gateway.simulator.cloud import SimulatedCloud
from utec_gateway.simulator.devices import SimulatedDevice
from utec_gateway.simulator.virtual_time import VirtualClock

LOCK = "02:51:4D:00:00:01"


@dataclass(frozen=True)
class Answer:
    """One HTTP answer."""

    status: int
    headers: Mapping[str, str]
    body: Any

    @property
    def payload(self) -> Any:
        return self.body["payload"]

    @property
    def error_code(self) -> Any:
        return self.payload["error"]["code"]

    @property
    def device(self) -> Any:
        return self.payload["devices"][0]

    @property
    def granted(self) -> bool:
        """Whether this is tokens, in either shape."""
        return self.status == 200 and "access_token" in self.body.get("data", self.body)

    def state(self, capability: str, name: str) -> Any:
        """Return one value of the first device, or None."""
        for state in self.device["states"]:
            if (state["capability"], state["name"]) == (capability, name):
                return state["value"]
        return None


@dataclass
class Client:
    """Signed in unless `access_token` is taken away."""

    cloud: SimulatedCloud
    session: ClientSession
    access_token: str | None
    header: dict[str, Any] = field(default_factory=dict)

    async def get(self, path: str, **more: Any) -> Answer:
        return await self.send("GET", path, **more)

    async def post(self, path: str, **more: Any) -> Answer:
        return await self.send("POST", path, **more)

    async def send(self, method: str, path: str, **more: Any) -> Answer:
        url = self.cloud.url + path
        async with self.session.request(method, url, allow_redirects=False, **more) as response:
            return Answer(response.status, dict(response.headers), await _body(response))

    async def act(self, action: str, payload: Any = None, **more: Any) -> Answer:
        namespace, _, name = action.partition("/")
        header = {
            "namespace": f"Uhome.{namespace}",
            "name": name,
            "messageId": "sim-message",
            "payloadVersion": "1",
            **self.header,
        }
        body = {"header": header, "payload": {} if payload is None else payload, **more}
        headers = {"Authorization": f"Bearer {self.access_token}"} if self.access_token else {}
        return await self.post("/action", json=body, headers=headers)

    async def discover(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = (await self.act("Device/Discovery")).payload["devices"]
        return found

    async def query(self, *device_ids: str) -> Answer:
        wanted = [{"id": device_id} for device_id in device_ids or (LOCK,)]
        return await self.act("Device/Query", {"devices": wanted})

    async def command(
        self, name: str, arguments: Any = None, capability: str = "st.lock"
    ) -> Answer:
        command = {"capability": capability, "name": name}
        if arguments is not None:
            command["arguments"] = arguments
        return await self.act("Device/Command", {"devices": [{"id": LOCK, "command": command}]})

    async def register(self, url: object, secret: object = SECRET) -> Answer:
        """Ask for pushes; without a secret when that is None."""
        notification = {"url": url, "access_token": secret}
        if secret is None:
            del notification["access_token"]
        return await self.act("Configure/Set", {"configure": {"notification": notification}})

    async def bolt(self) -> Any:
        """Return the lockState that Query shows."""
        return (await self.query()).state("st.lock", "lockState")

    async def redeem(self, code: str, **more: str) -> Answer:
        return await self.token(grant_type="authorization_code", code=code, **more)

    async def refresh(self, refresh_token: str) -> Answer:
        return await self.token(grant_type="refresh_token", refresh_token=refresh_token)

    async def token(self, **more: str) -> Answer:
        form = {
            "client_id": self.cloud.client_id,
            "client_secret": self.cloud.client_secret,
            **more,
        }
        return await self.post("/token", data=form)


async def _body(response: ClientResponse) -> Any:
    text = await response.text()
    return json.loads(text) if text and response.content_type == "application/json" else text


@pytest.fixture
async def client(cloud: SimulatedCloud) -> AsyncIterator[Client]:
    async with ClientSession() as session:
        yield Client(cloud, session, cloud.issue_tokens().access_token)


@pytest.fixture
def lock(cloud: SimulatedCloud) -> SimulatedDevice:
    return cloud.add_device(LOCK, "Front Door")


@pytest.fixture
def refresh_token(cloud: SimulatedCloud) -> str:
    token = cloud.issue_tokens().refresh_token
    assert token is not None
    return token


@pytest.fixture
async def receiver(clock: VirtualClock) -> AsyncIterator[Receiver]:
    async with receiving(clock) as receiver:
        yield receiver
