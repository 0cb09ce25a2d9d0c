"""The connection to the broker: made again for ever, for as long as the options want one."""

import asyncio
import logging
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace

from aiomqtt import MqttError

from utec_gateway.plugin_api import (
    BrokerState,
    BrokerStatus,
    Device,
    GatewayError,
    MqttOptions,
    NotDeliveredError,
    PluginContext,
    done_within,
)

from .broker import Broker, find_broker
from .broker_log import BrokerLog
from .commands import Commands
from .events import Events
from .memory import Memory
from .problems import explained
from .session import Session
from .topics import Topics

_LOGGER = logging.getLogger(__name__)

SHORTEST_PAUSE, LONGEST_PAUSE = 1.0, 60.0
LASTS = 60.0
"""Seconds that a connection must last for the next pause to be short again."""
GOODBYE_WITHIN = 1.0
TEST_WITHIN = 15.0
LOOK_AGAIN = 0.1


class Connection:
    """Owns the one session, and what is known of the broker."""

    def __init__(
        self,
        context: PluginContext,
        memory: Memory,
        uniform: Callable[[float, float], float],
    ) -> None:
        self._context = context
        self._memory = memory
        self._uniform = uniform
        self._log = BrokerLog(context.clock)
        self.session: Session | None = None
        """While there is a connection."""
        self.events = Events()
        self.commands = Commands(context, self.events, self._settled)
        self._deleted: set[str] = set()
        """Where devices were announced that a person has deleted in Home Assistant."""
        self._again = asyncio.Event()
        """Set when a pause is to end, and the present connection with it."""
        self._pause = SHORTEST_PAUSE
        self._used: MqttOptions | None = None
        """What the present connection was made with."""
        context.options_changed.subscribe(lambda _: self._options_changed())

    @property
    def status(self) -> BrokerStatus:
        """Return what is known of the broker."""
        return self._log.status

    @property
    def topics(self) -> Topics:
        """Return the topics of the present options."""
        options, own = self._context.settings.options.mqtt, self._memory.installation
        return Topics(f"{options.base_topic}/{own}", options.discovery_prefix, own)

    async def keep(self) -> None:
        """Connect for ever; a broker that is away or refuses is asked again, ever more rarely."""
        await self._memory.load()
        while True:
            self._again.clear()
            self._used = self._broker_options
            broker = await self._find()
            if broker and (not self._is_off or self._memory.announced):
                await self._connect(broker)
            if self._is_off:
                self._log.enter(BrokerState.OFF)
            if self._is_off and (broker is None or not self._memory.announced):
                await self._again.wait()
            else:
                await self._rest()

    async def removed(self, devices: Iterable[Device]) -> None:
        """Take devices away as soon as there is a broker, and publish how the others stand."""
        if gone := [self.topics.discovery(one.tag) for one in devices]:
            await self._memory.mark_gone(gone)
        if self.session:
            self.session.wake()

    async def test(self) -> str | None:
        """Ask for an echo, or connect anew; what was deleted in Home Assistant comes back.

        Return what was found in words, None while MQTT is off; raise NotDeliveredError.
        """
        if self._is_off:
            return None
        self._deleted.clear()
        if not (self.session and await self._answers(self.session)):
            await self._connect_now()
        if self._log.state is not BrokerState.CONNECTED:
            raise NotDeliveredError(self.status.problem or "There is no MQTT broker")
        return f"Connected to the MQTT broker {self.status.address}"

    async def say_goodbye(self) -> None:
        """Say that the gateway is gone, if the broker listens."""
        if self.session:
            with suppress(MqttError, TimeoutError):
                async with self._context.clock.timeout(GOODBYE_WITHIN):
                    await self.session.say_goodbye()

    @property
    def _is_off(self) -> bool:
        return self._context.settings.options.mqtt.mode == "disabled"

    def _settled(self, device: Device) -> None:
        if self.session:
            self.session.republish(self.topics.state(device.tag))

    @property
    def _broker_options(self) -> MqttOptions:
        """Return what needs another connection when it changes."""
        return replace(self._context.settings.options.mqtt, allow_unlock=True)

    def _options_changed(self) -> None:
        if self._used != self._broker_options:
            self._start_again()
        elif self.session:
            self.session.wake()

    def _start_again(self) -> None:
        self._pause = SHORTEST_PAUSE
        self._again.set()

    async def _answers(self, session: Session) -> bool:
        try:
            await session.round_trip()
        except MqttError:
            return False
        session.republish_all()
        return True

    async def _connect_now(self) -> None:
        self._start_again()
        self._log.enter(BrokerState.CONNECTING)
        settled = asyncio.ensure_future(self._is_settled())
        if not await done_within(self._context.clock, TEST_WITHIN, settled):
            settled.cancel()
            raise NotDeliveredError("The MQTT broker does not answer in time", retryable=True)

    async def _is_settled(self) -> None:
        while self._log.state is BrokerState.CONNECTING:
            await self._context.clock.sleep(LOOK_AGAIN)

    async def _rest(self) -> None:
        pause = self._uniform(self._pause / 2, self._pause)
        waiting = asyncio.ensure_future(self._again.wait())
        try:
            if not await done_within(self._context.clock, pause, waiting):
                self._pause = min(2 * self._pause, LONGEST_PAUSE)
        finally:
            waiting.cancel()

    async def _find(self) -> Broker | None:
        try:
            broker = await find_broker(self._context)
        except GatewayError as error:
            self._log.failed(BrokerState.UNREACHABLE, str(error))
            return None
        if broker is None:
            self._log.enter(BrokerState.MISSING)
        return broker

    async def _connect(self, broker: Broker) -> None:
        """Live through one connection."""
        if not self._is_off:
            self._log.connecting(broker)
        began = self._context.clock.monotonic()
        try:
            await self._live(broker)
        except* (MqttError, OSError, GatewayError, ValueError) as group:
            self._failed(group, broker)
        except* Exception as group:
            _LOGGER.exception("The connection to the MQTT broker failed unexpectedly")
            self._failed(group, broker)
        if self._context.clock.monotonic() - began >= LASTS:
            self._pause = SHORTEST_PAUSE

    def _failed(self, error: BaseException, broker: Broker) -> None:
        """Say what went wrong, but not of a broker that is wanted only to take things away."""
        if not self._is_off:
            self._log.failed(*explained(error, broker), broker)

    async def _live(self, broker: Broker) -> None:
        """Publish until the options change; with MQTT off, take everything away."""
        topics = self.topics
        async with broker.client(f"utec-{topics.installation}", topics.bridge) as client:
            session = Session(
                client,
                broker,
                self._context,
                self._memory,
                topics,
                self.events,
                self.commands,
                self._deleted,
                lambda: self._log.connected(broker),
                self._uniform,
            )
            if not self._is_off:
                with self._present(session):
                    await self._until_options_change(session)
            await (session.remove_everything() if self._is_off else session.say_goodbye())

    async def _until_options_change(self, session: Session) -> None:
        running = asyncio.ensure_future(session.run())
        changed = asyncio.ensure_future(self._again.wait())
        try:
            await asyncio.wait({running, changed}, return_when=asyncio.FIRST_COMPLETED)
            if running.done():
                running.result()
        finally:
            running.cancel()
            changed.cancel()
            await asyncio.gather(running, changed, return_exceptions=True)

    @contextmanager
    def _present(self, session: Session) -> Iterator[None]:
        self.events.clear()
        self.session = session
        try:
            yield
        finally:
            self.session = None
