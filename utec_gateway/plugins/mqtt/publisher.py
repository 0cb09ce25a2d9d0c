"""What the broker holds of us, and how it gets there: nothing is published twice in vain."""

from aiomqtt import Client

from .memory import Announced, Memory
from .picture import dumped


class Publisher:
    """Owns what one connection has published; whatever is kept is acknowledged by the broker."""

    def __init__(self, client: Client, memory: Memory) -> None:
        self._client = client
        self._memory = memory
        self._published: dict[str, str] = {}

    def holds(self, topic: str) -> str | None:
        """Return what the broker holds, None for what this connection has not published."""
        return self._published.get(topic)

    def forget(self, topic: str) -> None:
        """Have a topic published again although it is the same."""
        self._published.pop(topic, None)

    def forget_all(self) -> None:
        """Have everything published again."""
        self._published.clear()

    async def keep(self, topic: str, payload: str) -> None:
        """Publish what is to stay there; QoS 0 to a frozen broker would succeed (mqtt 6)."""
        self._published[topic] = payload  # its echo may come before its acknowledgment
        await self._client.publish(topic, payload, qos=1, retain=True)

    async def keep_if_new(self, topic: str, payload: str) -> None:
        """Publish what is to stay there, unless it is there."""
        if self._published.get(topic) != payload:
            await self.keep(topic, payload)

    async def say(self, topic: str, payload: str) -> None:
        """Publish what happened: those who hear it later would take it for news."""
        await self._client.publish(topic, payload, qos=1)

    async def empty(self, topic: str) -> None:
        """Take away what is kept at a topic."""
        self.forget(topic)
        await self._client.publish(topic, "", qos=1, retain=True)

    async def remove(
        self,
        topic: str,
        announced: Announced,
        kept: frozenset[str] = frozenset(),
        *,
        in_full: bool = True,
    ) -> None:
        """Take a device away: a Core that has not seen it announced in full keeps it (mqtt 2)."""
        if in_full:
            await self.keep(topic, dumped(announced.payload))
        for one in (topic, *announced.topics):
            if one not in kept:
                await self.empty(one)
        await self._memory.forget(topic)
