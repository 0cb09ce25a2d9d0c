"""What an installation remembers: its own id, and everything that it left on the broker."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from utec_gateway.plugin_api import PluginStorage

Payload = Mapping[str, Any]
"""A device as it is announced (mqtt 2)."""


@dataclass(frozen=True)
class Announced:
    """A device that was announced, and the topics that are kept for it."""

    payload: Payload
    topics: tuple[str, ...]

    def with_topics_of(self, before: "Announced | None") -> "Announced":
        """Return this with what is still to be emptied of what was there before."""
        stale = before.topics if before else ()
        return replace(self, topics=tuple(dict.fromkeys((*self.topics, *stale))))


class Memory:
    """Owns what outlives a restart; a backup takes it along, and with it the entities."""

    def __init__(self, storage: PluginStorage, new_id: Callable[[], str]) -> None:
        self._storage = storage
        self._new_id = new_id
        self.installation = ""
        self._announced: dict[str, Announced] = {}
        self._gone: set[str] = set()

    async def load(self) -> None:
        """Read it; an installation without an id gets one."""
        raw = await self._storage.load()
        found = raw if isinstance(raw, Mapping) else {}
        self.installation = _text(found.get("installation"))
        announced = found.get("announced")
        for topic, one in announced.items() if isinstance(announced, Mapping) else ():
            if _is_topic(topic) and (read := _announced(one)):
                self._announced[topic] = read
        gone = found.get("gone")
        self._gone.update(filter(_is_topic, gone if isinstance(gone, list) else ()))
        if not self.installation:
            self.installation = self._new_id()
            await self._save()

    @property
    def announced(self) -> Mapping[str, Announced]:
        """Return what is on the broker, by the topic where it is announced."""
        return dict(self._announced)

    @property
    def gone(self) -> frozenset[str]:
        """Return where devices were announced that are known to be gone."""
        return frozenset(self._gone)

    async def mark_gone(self, topics: Iterable[str]) -> None:
        """Remember that devices are gone, until they were taken off the broker or came back."""
        self._gone.update(topics)
        await self._save()

    async def remember(self, announced: Mapping[str, Announced]) -> None:
        """Remember these before they are published; what is known of others stays."""
        if any(self._announced.get(topic) != one for topic, one in announced.items()):
            self._announced.update(announced)
            self._gone -= announced.keys()
            await self._save()

    async def forget(self, *topics: str) -> None:
        """Forget what was taken off the broker."""
        for topic in topics:
            self._announced.pop(topic, None)
            self._gone.discard(topic)
        await self._save()

    async def _save(self) -> None:
        announced = {
            topic: {"payload": one.payload, "topics": list(one.topics)}
            for topic, one in self._announced.items()
        }
        await self._storage.save(
            {
                "installation": self.installation,
                "announced": announced,
                "gone": sorted(self._gone),
            }
        )


def _announced(raw: object) -> Announced | None:
    """Return what was announced, None for what somebody has edited beyond recognition."""
    found = raw if isinstance(raw, Mapping) else {}
    payload, topics = found.get("payload"), found.get("topics")
    components = payload.get("components") if isinstance(payload, Mapping) else None
    if not (isinstance(topics, list) and isinstance(components, Mapping)):
        return None
    if not all(isinstance(one, Mapping) and "platform" in one for one in components.values()):
        return None
    return Announced(found["payload"], tuple(filter(_is_topic, topics)))


def _is_topic(value: object) -> bool:
    return isinstance(value, str) and bool(value) and not {"+", "#"} & set(value)


def _text(value: object) -> str:
    is_id = isinstance(value, str) and value.isascii() and value.isalnum()
    return value.lower() if is_id and isinstance(value, str) else ""
