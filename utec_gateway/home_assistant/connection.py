"""One WebSocket to Core: log in, ask, and then hear events."""

import json
from collections.abc import Mapping
from typing import Any

from aiohttp import ClientWebSocketResponse, WSMsgType

from utec_gateway.core.errors import NotDeliveredError


class Connection:
    """A WebSocket of Core's, logged in."""

    def __init__(self, socket: ClientWebSocketResponse) -> None:
        self._socket = socket
        self._asked = 0

    async def log_in(self, token: str) -> bool:
        """Show the token, and return whether Core takes it."""
        await self.receive()  # "auth_required"
        await self._socket.send_json({"type": "auth", "access_token": token})
        return (await self.receive()).get("type") == "auth_ok"

    async def request(self, kind: str, **asked: Any) -> Mapping[str, Any]:
        """Ask something, and return Core's answer; an event that comes before it is lost."""
        self._asked += 1
        await self._socket.send_json({"id": self._asked, "type": kind, **asked})
        while (answer := await self.receive()).get("type") == "event":
            pass
        return answer

    async def next_event(self) -> Mapping[str, Any]:
        """Wait for the next event; the heartbeat notices that nobody is there any more."""
        while True:
            event = (await self.receive()).get("event")
            if isinstance(event, Mapping):
                return event

    async def receive(self) -> Mapping[str, Any]:
        """Return Core's next message, as it is."""
        message = await self._socket.receive()
        if message.type is not WSMsgType.TEXT:
            raise NotDeliveredError("Home Assistant closed the connection", retryable=True)
        try:
            content = json.loads(message.data)
        except (ValueError, RecursionError):
            content = None
        if not isinstance(content, Mapping):
            raise NotDeliveredError("Home Assistant sent an invalid response", retryable=True)
        return content
