"""One connection to the broker, from the first subscription to the last word (mqtt 3)."""

import asyncio
import logging
from collections.abc import Callable, Iterable, Mapping

from aiomqtt import Client, Message

from utec_gateway.plugin_api import Moment, NotDeliveredError, PluginContext

from .broker import Broker
from .commands import Commands, Received
from .echoes import Echoes
from .events import Events
from .memory import Announced, Memory
from .picture import Painter, Picture, dumped
from .publisher import Publisher
from .subscriptions import Subscriptions
from .topics import Topics

_LOGGER = logging.getLogger(__name__)

ECHO_WITHIN = 10.0
"""Seconds in which the broker must hand us what we published ourselves."""
TICK = 5.0
SUSPENDED = 10.0
"""Seconds between two ticks after which we must have been suspended."""
REPAINT_EVERY = 60.0
ONLINE, OFFLINE = "online", "offline"
BIRTH_DELAY = (2.0, 10.0)
"""Seconds, at random: not everybody answers at once when Home Assistant starts."""


class Session:
    """Keeps the broker holding what it should, and hears what comes from there."""

    def __init__(
        self,
        client: Client,
        broker: Broker,
        context: PluginContext,
        memory: Memory,
        topics: Topics,
        events: Events,
        commands: Commands,
        deleted: set[str],
        confirmed: Callable[[], None],
        uniform: Callable[[float, float], float],
    ) -> None:
        self._client = client
        self._broker = broker
        self._context = context
        self._memory = memory
        self._topics = topics
        self._events = events
        self._commands = commands
        self._deleted = deleted
        """Where devices were announced that a person has deleted in Home Assistant."""
        self._confirmed = confirmed
        """Is told when the broker has shown that it takes and gives what it should."""
        self._uniform = uniform
        self._painter = Painter(context, memory, topics)
        self._publisher = Publisher(client, memory)
        self._subscriptions = Subscriptions(client, broker, topics)
        self._wake = asyncio.Event()
        self._wake.set()
        self._caught_up = asyncio.Event()
        """Set once everything was published."""
        self._echoes = Echoes(context.clock)
        self._ticked = self._now()
        self._is_over = False

    def wake(self) -> None:
        """Publish what has changed."""
        self._wake.set()

    def republish(self, topic: str) -> None:
        """Publish a state again although it is the same."""
        self._publisher.forget(topic)
        self.wake()

    def republish_all(self) -> None:
        """Publish everything again."""
        self._publisher.forget_all()
        self.wake()

    async def run(self) -> None:
        """Live until the connection is lost; raise MqttError then."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self._keep_listening(group), name="MQTT: listening")
            self._commands.quiet()
            await self._subscriptions.begin()
            self._commands.quiet()
            group.create_task(self._keep_publishing(), name="MQTT: publishing")
            group.create_task(self._keep_ticking(), name="MQTT: clock")
            group.create_task(self._check_echo(), name="MQTT: echo")

    async def round_trip(self) -> None:
        """Raise NotDeliveredError unless what we publish comes back."""
        self._echoes.expect(self._topics.bridge)
        await self._publisher.keep(self._topics.bridge, ONLINE)
        if not await self._echoes.are_complete(ECHO_WITHIN):
            raise NotDeliveredError(
                f"The MQTT broker {self._broker.address} takes what is published and does not "
                "hand it on: its user must be allowed to read and write below "
                f"{self._topics.base} and {self._topics.prefix}"
            )

    async def say_goodbye(self) -> None:
        """Say that the gateway is gone: a clean end sends no will, and nothing is said after it."""
        self._is_over = True
        await self._publisher.keep(self._topics.bridge, OFFLINE)

    async def remove_everything(self) -> None:
        """Take everything of ours off the broker, and the entities out of Home Assistant."""
        for topic, announced in self._memory.announced.items():
            await self._publisher.remove(topic, announced)

    async def _check_echo(self) -> None:
        await self._caught_up.wait()
        await self.round_trip()
        self._confirmed()

    async def _keep_ticking(self) -> None:
        """Notice that we were suspended, and repaint every minute."""
        clock, painted = self._context.clock, self._context.clock.monotonic()
        while True:
            await clock.sleep(TICK)
            self._tick()
            if clock.monotonic() - painted >= REPAINT_EVERY:
                painted = clock.monotonic()
                self.wake()

    def _tick(self) -> None:
        """Unlock nothing for a moment once we were suspended: what comes then may be old."""
        before, self._ticked = self._ticked, self._now()
        if before.age(self._ticked) > SUSPENDED:
            self._commands.quiet()

    def _now(self) -> Moment:
        return Moment(self._context.clock.now(), self._context.clock.monotonic())

    async def _keep_publishing(self) -> None:
        while True:
            await self._wake.wait()
            self._wake.clear()
            await self._publish_what_changed()
            self._caught_up.set()

    async def _publish_what_changed(self) -> None:
        """Bring the broker up to date; what is new is remembered before it is published."""
        picture = self._painter(frozenset(self._deleted))
        before = self._memory.announced
        await self._memory.remember(
            {
                topic: announced.with_topics_of(before.get(topic))
                for topic, announced in picture.announced.items()
            }
        )
        for topic, announced in picture.announced.items():
            await self._publisher.keep_if_new(topic, dumped(announced.payload))
        await self._follow(picture.announced)
        for topic, state in picture.states.items():
            await self._publisher.keep_if_new(topic, state)
        if self._is_over:
            return
        await self._publisher.keep_if_new(self._topics.bridge, ONLINE)
        while event := self._events.take(self._topics):
            await self._publisher.say(*event)
        await self._clear_away(picture, before)

    async def _clear_away(self, picture: Picture, before: Mapping[str, Announced]) -> None:
        """Empty what is out of date, and remove what is known to be gone."""
        kept = picture.topics | {self._topics.bridge}
        for topic, announced in before.items():
            if topic in picture.announced:
                for stale in set(announced.topics) - kept:
                    await self._publisher.empty(stale)
            elif self._may_remove(topic):
                in_full = topic not in self._deleted
                await self._publisher.remove(topic, announced, kept, in_full=in_full)
        await self._memory.remember(picture.announced)

    def _may_remove(self, topic: str) -> bool:
        """Tell whether a device is gone indeed: a list that got lost removes nothing."""
        is_known = topic in self._memory.gone or topic in self._deleted
        return is_known or not self._topics.is_discovery(topic)

    async def _follow(self, topics: Iterable[str]) -> None:
        new = self._subscriptions.not_followed(topics)
        self._echoes.expect(*new)
        await self._subscriptions.follow(*new)

    async def _keep_listening(self, group: asyncio.TaskGroup) -> None:
        async for message in self._client.messages:
            await self._receive(message, group)

    async def _receive(self, message: Message, group: asyncio.TaskGroup) -> None:
        topic, is_retained = str(message.topic), bool(message.retain)
        payload = message.payload
        if payload and payload.decode("utf-8", "replace") == self._publisher.holds(topic):
            self._echoes.heard(topic)
        if commanded := self._topics.commanded(topic):
            if payload:
                self._tick()
                self._commands.receive(Received(*commanded, payload, is_retained))
            if payload and is_retained:
                await self._publisher.empty(topic)
        elif topic == self._topics.bridge:
            self._hear_of_ourselves(payload)
        elif topic in self._topics.births:
            if payload == ONLINE.encode() and not is_retained:
                group.create_task(self._answer_birth(), name="MQTT: birth")
        elif not payload and self._publisher.holds(topic):
            self._deleted_by_a_person(topic)

    def _hear_of_ourselves(self, payload: bytes) -> None:
        """Put a will of an earlier life right that comes late."""
        if payload != ONLINE.encode() and self._publisher.holds(self._topics.bridge) == ONLINE:
            self.republish(self._topics.bridge)

    async def _answer_birth(self) -> None:
        await self._context.clock.sleep(self._uniform(*BIRTH_DELAY))
        self.republish_all()

    def _deleted_by_a_person(self, topic: str) -> None:
        _LOGGER.info("A device was deleted in Home Assistant; a restart brings it back")
        self._deleted.add(topic)
        self._echoes.heard(topic)
        self.wake()
