"""The real gateway beside a real broker, in real time that can be leapt over."""

import json
import socket
from collections.abc import Callable, Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from aiohttp import ClientSession

from tests.broker import Broker
from tests.broker_client import Message
from tests.browser.leaping_clock import LeapingClock
from tests.conftest import LOCK, TOKEN, address
from tests.programs import until
from utec_gateway.core.models import Device
from utec_gateway.gateway import Gateway
from utec_gateway.home_assistant.supervisor import SupervisorClient
from utec_gateway.plugin_api import BrokerState
from utec_gateway.simulator.cloud import SimulatedCloud
from utec_gateway.storage.settings import OptionsFile
from utec_gateway.utec.transport import new_session

STRIDE = 0.5
"""Seconds that pass at each look, where minutes would."""
OLD_ENOUGH = 2.5
"""Seconds after which a connection may unlock."""


def is_known(shown: Mapping[str, Any]) -> bool:
    """Tell whether a device is online and its first Query has ended; a Discovery comes before."""
    return shown["online"] and any(shown[name] is not None for name in ("lock", "state", "battery"))


def tag_of(device_id: str) -> str:
    return Device(device_id, {}).tag


@dataclass
class House:
    broker: Broker
    cloud: SimulatedCloud
    clock: LeapingClock
    folder: Path
    mqtt: dict[str, Any]
    options: dict[str, Any] = field(default_factory=dict)
    supervisor: str | None = None
    _open: AsyncExitStack = field(default_factory=AsyncExitStack)

    @property
    def gateway(self) -> Gateway:
        assert self._gateway, "the gateway does not run"
        return self._gateway

    _gateway: Gateway | None = None
    url: str = ""

    async def start(self, *, sign_in: bool = True) -> Gateway:
        """Start a gateway on the data folder, signed in unless it already was."""
        path = self.folder / "options.json"
        path.write_text(json.dumps(self._options()))
        session = await self._open.enter_async_context(new_session())
        self.client = await self._open.enter_async_context(ClientSession())
        supervisor = SupervisorClient(session, TOKEN, self.supervisor) if self.supervisor else None
        gateway = self._gateway = Gateway(
            OptionsFile(path), {}, session, self.clock, self.folder, supervisor=supervisor
        )
        listeners = [socket.create_server(("127.0.0.1", 0)) for _ in range(2)]
        self.url = address(listeners[0])
        await self._open.enter_async_context(gateway.running(*listeners))
        if sign_in and gateway.account.tokens.token is None:
            code = self.cloud.issue_code(self.cloud.redirect_uris[0])
            await gateway.account.sign_in.by_code(code)
        return gateway

    async def connected(self) -> None:
        """Start, and wait until Home Assistant could show every lock and how it is."""
        await self.start()
        await self.until_state(BrokerState.CONNECTED)
        for device in self.cloud.devices.values():
            await self.until_shown(device.device_id, is_known)

    async def ready(self) -> None:
        """Start, and wait until what opens a door is believed."""
        await self.connected()
        self.clock.leap(OLD_ENOUGH)

    async def stop(self) -> None:
        """Stop the gateway as SIGTERM would."""
        self._gateway = None
        try:
            await self._open.aclose()
        finally:
            self._open = AsyncExitStack()

    async def change(self, **mqtt: Any) -> None:
        """Change options of the group while the gateway runs."""
        self.mqtt |= mqtt
        await self.gateway.settings.change({"mqtt": mqtt})

    @property
    def state(self) -> BrokerState:
        return self.gateway.hooks.broker_status().state

    @property
    def problem(self) -> str:
        return self.gateway.hooks.broker_status().problem

    async def until_state(self, state: BrokerState, *, leaping: float = 0.0) -> None:
        """Wait for a state of the connection, for as long as it takes."""

        async def look() -> tuple[BrokerState, str]:
            self.clock.leap(leaping)
            return self.state, self.problem

        await until(look, lambda found: found[0] is state)

    @property
    def base(self) -> str:
        return f"{self.mqtt.get('base_topic', 'utec_gateway')}/{self.installation}"

    @property
    def installation(self) -> str:
        found: str = json.loads((self.folder / "plugin-mqtt.json").read_text())["installation"]
        return found

    @property
    def bridge(self) -> str:
        return f"{self.base}/bridge"

    def state_topic(self, device_id: str = LOCK) -> str:
        return f"{self.base}/{tag_of(device_id)}/state"

    def discovery(self, device_id: str | None = LOCK) -> str:
        """Return where a device is announced; None is the gateway."""
        prefix = self.mqtt.get("discovery_prefix", "homeassistant")
        tag = f"_{tag_of(device_id)}" if device_id else ""
        return f"{prefix}/device/utec_{self.installation}{tag}/config"

    async def send(
        self,
        payload: str | bytes,
        device_id: str = LOCK,
        part: str = "lock",
        *,
        retain: bool = False,
    ) -> None:
        """Publish a command, as Home Assistant or anybody else does."""
        topic = f"{self.base}/{tag_of(device_id)}/{part}/set"
        await self.broker.publish(topic, payload, retain=retain, qos=1)

    def heard(self, topic: str) -> list[str]:
        """Return everything that was published on a topic so far."""
        return [one.payload for one in self.broker.messages if one.topic == topic]

    def shown(self, device_id: str = LOCK) -> list[dict[str, Any]]:
        """Return every state that was published of a device so far."""
        return [json.loads(one) for one in self.heard(self.state_topic(device_id)) if one]

    def bolts(self, device_id: str = LOCK) -> list[str | None]:
        """Return what was published of a bolt, without repetition."""
        seen: list[str | None] = []
        for shown in self.shown(device_id):
            if shown["lock"] not in seen[-1:]:
                seen.append(shown["lock"])
        return seen

    def events(self, device_id: str = LOCK) -> list[dict[str, Any]]:
        """Return every event that was published of a lock so far."""
        return [json.loads(one) for one in self.heard(f"{self.base}/{tag_of(device_id)}/event")]

    async def until_event(
        self, kind: str, device_id: str = LOCK, *, leaping: float = STRIDE
    ) -> dict[str, Any]:
        """Wait for an event of a kind, letting time pass; return the first."""

        async def look() -> list[dict[str, Any]]:
            self.clock.leap(leaping)
            return [one for one in self.events(device_id) if one["event_type"] == kind]

        return (await until(look, bool))[0]

    async def until_shown(
        self,
        device_id: str,
        is_right: Callable[[Mapping[str, Any]], object],
        *,
        leaping: float = 0.0,
    ) -> Mapping[str, Any]:
        """Wait until the latest state of a device is right, letting time pass."""

        async def look() -> list[dict[str, Any]]:
            self.clock.leap(leaping)
            return self.shown(device_id)[-1:]

        return (await until(look, lambda found: found and is_right(found[0])))[0]

    def log(self, *words: str) -> list[str]:
        """Return the lines of the log with all these words."""
        lines = (self.folder / "gateway.log").read_text().splitlines()
        return [line for line in lines if all(word in line for word in words)]

    async def until_logged(self, *words: str, leaping: float = 0.0) -> list[str]:
        """Wait for lines of the log: they are written by a thread."""

        async def look() -> list[str]:
            self.clock.leap(leaping)
            return self.log(*words)

        return await until(look, bool)

    async def announced(self, device_id: str | None = LOCK) -> dict[str, Any]:
        """Return how a device is announced on the broker now."""
        retained = await self.broker.retained(self.discovery(device_id))
        found: dict[str, Any] = json.loads(retained[self.discovery(device_id)])
        return found

    async def get(self, path: str) -> tuple[int, Any]:
        async with self.client.get(self.url + path) as answer:
            return answer.status, await answer.json()

    async def post(self, path: str, body: Any) -> tuple[int, Any]:
        async with self.client.post(self.url + path, json=body) as answer:
            return answer.status, await answer.json()

    def _options(self) -> dict[str, Any]:
        return {
            "client_id": self.cloud.client_id,
            "client_secret": self.cloud.client_secret,
            "redirect_uri": self.cloud.redirect_uris[0],
            "api_base_url": self.cloud.url,
            "oauth_base_url": self.cloud.url,
            "mqtt": self.mqtt,
            **self.options,
        }


def index_of(messages: list[Message], topic: str, payload: str | None = None) -> int:
    """Return where something was said first."""
    return next(
        number
        for number, one in enumerate(messages)
        if one.topic == topic and payload in {None, one.payload}
    )
