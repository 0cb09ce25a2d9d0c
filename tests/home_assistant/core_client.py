"""What an owner does in Home Assistant, asked as the frontend asks it."""

import asyncio
import shutil
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from http import HTTPStatus
from pathlib import Path
from typing import Any

from aiohttp import ClientSession, ClientWebSocketResponse

from tests import programs

Json = dict[str, Any]
IsRight = Callable[[Json], object]


class CoreError(Exception):
    """Core said no."""


class CoreClient:
    """Core by its REST and WebSocket interfaces."""

    def __init__(self, folder: Path, url: str, client: ClientSession) -> None:
        self.folder = folder
        self.url = url
        self.token = ""
        self._client = client

    # Notifications

    async def notifications(self) -> dict[str, Json]:
        """Return what it shows, by id."""
        shown = await self.ask("persistent_notification/get")
        return {one["notification_id"]: one for one in shown}

    async def dismiss(self, notification_id: str) -> None:
        """Dismiss a notification as the frontend does for a person."""
        await self.call("persistent_notification", "dismiss", notification_id=notification_id)

    # States and services

    async def states(self, pattern: str = "") -> dict[str, Json]:
        """Return the states whose entity id holds this text, by entity id."""
        everything = await self.ask("get_states")
        return {one["entity_id"]: one for one in everything if pattern in one["entity_id"]}

    async def state(self, entity_id: str) -> Json:
        """Return `state`, `attributes` and the rest; empty when there is no such entity."""
        return (await self.states(entity_id)).get(entity_id, {})

    async def until(self, entity_id: str, wanted: str | IsRight) -> Json:
        """Wait until an entity shows this state, or is what it should be; it is {} before it is."""

        async def look() -> Json:
            return await self.state(entity_id)

        def shows(state: Json) -> bool:
            return state.get("state") == wanted

        return await programs.until(look, shows if isinstance(wanted, str) else wanted)

    async def call(self, domain: str, service: str, **data: Any) -> Any:
        """Run a service; `entity_id` is data like everything else."""
        return await self.ask("call_service", domain=domain, service=service, service_data=data)

    async def call_for_answer(self, domain: str, service: str, **data: Any) -> Json:
        """Run a service and return what it answers, as `response`."""
        answer: Json = await self.ask(
            "call_service",
            domain=domain,
            service=service,
            service_data=data,
            return_response=True,
        )
        return answer

    # Registries

    async def entities(self, pattern: str = "") -> dict[str, Json]:
        """Return what is registered, disabled or not, by entity id."""
        everything: list[Json] = await self.ask("config/entity_registry/list")
        return {one["entity_id"]: one for one in everything if pattern in one["entity_id"]}

    async def devices(self) -> dict[str, Json]:
        """Return the devices by name: the user's, or else their own."""
        everything: list[Json] = await self.ask("config/device_registry/list")
        return {one["name_by_user"] or one["name"]: one for one in everything}

    async def remove_device(self, name: str) -> None:
        """Delete a device on its page."""
        device_id = (await self.devices())[name]["id"]
        await self.ask("config/device_registry/remove", device_id=device_id)

    async def remove_all_devices(self) -> None:
        """Delete every device that an owner can delete; Core's own stays."""
        for name in await self.devices():
            if name != "Backup":
                await self.remove_device(name)

    async def enable_entity(self, entity_id: str) -> None:
        """Enable an entity, and do not wait until Core reloads its integration by itself."""
        answer = await self.ask(
            "config/entity_registry/update", entity_id=entity_id, disabled_by=None
        )
        await self.reload_entry(answer["entity_entry"]["config_entry_id"])

    # Its addresses

    async def set_external_url(self, url: str | None) -> None:
        """Say where it is reached from outside, as on its page Network."""
        await self.ask("config/core/update", external_url=url)

    async def webhooks(self) -> dict[str, Json]:
        """Return the webhooks that somebody listens to over the WebSocket, by id."""
        known: list[Json] = await self.ask("webhook/list")
        return {one["webhook_id"]: one for one in known if one["domain"] == "websocket_api"}

    # Integrations

    async def add_mqtt(
        self,
        host: str,
        port: int,
        username: str | None = None,
        password: str | None = None,
        protocol: str = "5",
    ) -> None:
        """Add the integration as a person does; CoreError when it cannot reach the broker."""
        form = await self.post("config/config_entries/flow", {"handler": "mqtt"})
        login = {} if username is None else {"username": username, "password": password}
        other = {"set_client_cert": False, "set_ca_cert": "off", "transport": "tcp"}
        answer = await self.post(
            f"config/config_entries/flow/{form['flow_id']}",
            {"broker": host, "port": port, "protocol": protocol, **login, "other_settings": other},
        )
        if answer["type"] != "create_entry":
            raise CoreError(answer)

    async def remove_mqtt(self) -> None:
        for entry in await self.ask("config_entries/get", domain="mqtt"):
            await self.request("DELETE", f"config/config_entries/entry/{entry['entry_id']}")

    async def reload_entry(self, entry_id: str) -> None:
        await self.post(f"config/config_entries/entry/{entry_id}/reload", {})

    # Automations

    def add_blueprint(self, path: Path) -> str:
        """Import a blueprint for automations; return what `use_blueprint` calls it."""
        folder = self.folder / "blueprints/automation/utec"
        folder.mkdir(parents=True, exist_ok=True)
        shutil.copy(path, folder)
        return f"utec/{path.name}"

    async def add_automation(self, key: str, config: Json) -> None:
        """Save an automation in the editor, and wait until it is on; CoreError if it is invalid.

        Core answers before it listens to what triggers it.
        """
        await self.post(f"config/automation/config/{key}", {"alias": key, **config})
        await self.until(f"automation.{key}", "on")

    async def remove_automation(self, key: str) -> None:
        await self.request("DELETE", f"config/automation/config/{key}")
        await self.until(f"automation.{key}", lambda state: not state)

    # Events

    async def fire_event(self, kind: str, **data: Any) -> None:
        await self.post(f"events/{kind}", data)

    @asynccontextmanager
    async def events(self, kind: str) -> AsyncIterator[list[Json]]:
        """Collect the events of a kind in a list that grows, each with its `data`."""
        heard: list[Json] = []
        async with self._conversation() as socket_:
            await _ask(socket_, "subscribe_events", event_type=kind)
            hearing = asyncio.create_task(_hear(socket_, heard))
            try:
                yield heard
            finally:
                hearing.cancel()
                await asyncio.wait([hearing])

    # How it is asked

    async def ask(self, kind: str, **more: Any) -> Any:
        """Send one command over the WebSocket and return its result."""
        async with self._conversation() as socket_:
            return await _ask(socket_, kind, **more)

    async def post(self, path: str, body: Json) -> Any:
        return await self.request("POST", path, json=body)

    async def request(self, method: str, path: str, **how: Any) -> Any:
        headers = {"Authorization": f"Bearer {self.token}"}
        url = f"{self.url}/api/{path}"
        async with self._client.request(method, url, headers=headers, **how) as answer:
            if answer.status >= HTTPStatus.BAD_REQUEST:
                raise CoreError(f"{method} {path}: {answer.status} {await answer.text()}")
            return await answer.json()

    @asynccontextmanager
    async def _conversation(self) -> AsyncIterator[ClientWebSocketResponse]:
        url = f"{self.url}/api/websocket"
        async with self._client.ws_connect(url, max_msg_size=0) as socket_:
            await _said(socket_, "auth_required")
            await socket_.send_json({"type": "auth", "access_token": self.token})
            await _said(socket_, "auth_ok")
            yield socket_


async def _ask(socket_: ClientWebSocketResponse, kind: str, **more: Any) -> Any:
    await socket_.send_json({"id": 1, "type": kind, **more})
    answer = await _said(socket_, "result")
    if not answer["success"]:
        raise CoreError(f"{kind}: {answer['error']}")
    return answer["result"]


async def _said(socket_: ClientWebSocketResponse, kind: str) -> Json:
    message: Json = await socket_.receive_json(timeout=programs.PATIENCE)
    assert message["type"] == kind, message
    return message


async def _hear(socket_: ClientWebSocketResponse, heard: list[Json]) -> None:
    async for message in socket_:
        heard.append(message.json()["event"])  # noqa: PERF401 - others look at it meanwhile
