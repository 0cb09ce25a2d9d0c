"""What one connection listens to."""

from collections.abc import Iterable

from aiomqtt import Client
from paho.mqtt.subscribeoptions import SubscribeOptions

from utec_gateway.plugin_api import NotDeliveredError

from .broker import Broker
from .topics import Topics

FAILED = 128


class Subscriptions:
    """Owns the list of them; each ends with the connection."""

    def __init__(self, client: Client, broker: Broker, topics: Topics) -> None:
        self._client = client
        self._broker = broker
        self._topics = topics
        self._followed: set[str] = set()

    async def begin(self) -> None:
        """Listen to commands, to ourselves, and to Home Assistant."""
        await self._subscribe(self._topics.commands, shows_retained=True)
        await self._subscribe(self._topics.bridge, *self._topics.births)

    def not_followed(self, topics: Iterable[str]) -> tuple[str, ...]:
        """Return which of these nobody listens to yet."""
        return tuple(topic for topic in topics if topic not in self._followed)

    async def follow(self, *topics: str) -> None:
        """Listen to where devices are announced: Home Assistant empties what people delete."""
        if topics:
            await self._subscribe(*topics)
            self._followed.update(topics)

    async def _subscribe(self, *topics: str, shows_retained: bool = False) -> None:
        """Hear what is published; with MQTT 5, whether a live message is to be retained, too."""
        how = SubscribeOptions(qos=1, retainAsPublished=shows_retained)
        codes = await (
            self._client.subscribe([(one, how) for one in topics])
            if self._broker.is_version_5
            else self._client.subscribe([(one, 1) for one in topics])
        )
        if any(_number(code) >= FAILED for code in codes):
            raise NotDeliveredError(
                f"The MQTT broker {self._broker.address} does not let the gateway read below "
                f"{self._topics.base} and {self._topics.prefix}"
            )


def _number(code: object) -> int:
    """Return a reason code as a number; MQTT 5 has objects for them."""
    return int(getattr(code, "value", code))  # type: ignore[call-overload,no-any-return]
