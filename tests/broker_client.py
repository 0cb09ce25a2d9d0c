"""A client that may do everything on a broker, and sees all of it; on a listener of its own."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass
from functools import partial

import aiomqtt
from paho.mqtt.subscribeoptions import SubscribeOptions

from tests.programs import until

NAME, SECRET = "observer", "the observer's own secret"
PATIENCE = 10.0
END = "observer/end"
"""What we send ourselves after everything that is retained; nobody else's business."""


@dataclass(frozen=True)
class Message:
    topic: str
    payload: str
    retain: bool
    qos: int

    @classmethod
    def of(cls, heard: aiomqtt.Message) -> "Message":
        text = bytes(heard.payload).decode("utf-8", "backslashreplace")
        return cls(str(heard.topic), text, heard.retain, heard.qos)


class BrokerClient:
    """Hears everything as it was published, the retain flag too."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._open = AsyncExitStack()
        self._client: aiomqtt.Client | None = None
        self.messages: list[Message] = []

    async def connect(self) -> None:
        self._client = await self._open.enter_async_context(self._connected())
        everything = SubscribeOptions(qos=2, retainAsPublished=True)
        await self._client.subscribe("#", options=everything)
        hearing = asyncio.create_task(self._hear(self._client))
        self._open.push_async_callback(_end, hearing)

    async def disconnect(self) -> None:
        """Leave the broker, whether it is still there or not."""
        with suppress(aiomqtt.MqttError):
            await self._open.aclose()
        self._client = None

    async def publish(
        self, topic: str, payload: str | bytes | None, *, retain: bool = False, qos: int = 0
    ) -> None:
        assert self._client, "the broker does not run"
        await self._client.publish(topic, payload, qos=qos, retain=retain)

    async def retained(self, pattern: str = "#") -> dict[str, str]:
        """Return what the broker retains at this moment, by topic."""
        found: dict[str, str] = {}
        async with self._connected() as client:
            await client.subscribe(END)
            await client.subscribe(pattern)
            await client.publish(END)
            async with asyncio.timeout(PATIENCE):
                async for heard in client.messages:
                    if str(heard.topic) == END:
                        return found
                    if heard.retain:
                        found[str(heard.topic)] = Message.of(heard).payload
        return found

    async def until(self, is_right: Callable[[list[Message]], object]) -> list[Message]:
        """Wait until what was heard so far is right."""

        async def heard() -> list[Message]:
            return self.messages

        return await until(heard, is_right)

    async def until_retained(
        self, is_right: Callable[[dict[str, str]], object], pattern: str = "#"
    ) -> dict[str, str]:
        """Wait until what is retained is right."""
        return await until(partial(self.retained, pattern), is_right)

    @asynccontextmanager
    async def _connected(self) -> AsyncIterator[aiomqtt.Client]:
        async with aiomqtt.Client(
            "127.0.0.1",
            self._port,
            username=NAME,
            password=SECRET,
            protocol=aiomqtt.ProtocolVersion.V5,
            timeout=PATIENCE,
        ) as client:
            yield client

    async def _hear(self, client: aiomqtt.Client) -> None:
        with suppress(aiomqtt.MqttError):  # the broker went away
            async for heard in client.messages:
                if str(heard.topic) != END:
                    self.messages.append(Message.of(heard))


async def _end(task: asyncio.Task[None]) -> None:
    task.cancel()
    await asyncio.wait([task])
