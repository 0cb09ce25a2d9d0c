"""Commands from Home Assistant, and what never moves a bolt (mqtt 4)."""

import json
import logging
from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import dataclass

from utec_gateway.plugin_api import (
    Device,
    GatewayError,
    InvalidRequestError,
    Operation,
    PluginContext,
    TaskSet,
)

from .entities import PRESS
from .events import Events
from .topics import GATEWAY

_LOGGER = logging.getLogger(__name__)

LONGEST_COMMAND = 256
QUIET = 2.0
"""Seconds after a connect, or after we were suspended, in which nothing is unlocked."""
WORDS = {
    ("lock", "LOCK"): Operation.LOCK,
    ("lock", "UNLOCK"): Operation.UNLOCK,
    ("switch", "ON"): Operation.TURN_ON,
    ("switch", "OFF"): Operation.TURN_OFF,
    ("light", "ON"): Operation.TURN_ON,
    ("light", "OFF"): Operation.TURN_OFF,
}
MOST_AT_ONCE = 50
"""Commands under way; more than that is an accident or an attack."""


@dataclass(frozen=True)
class Received:
    """A message on a command topic."""

    tag: str
    part: str
    payload: bytes
    is_retained: bool


class NotCarriedOutError(InvalidRequestError):
    """A command over MQTT that is too dangerous to be carried out."""


class Commands:
    """Carries commands out; whatever is wrong with one becomes an event and a log line."""

    def __init__(
        self, context: PluginContext, events: Events, settled: Callable[[Device], None]
    ) -> None:
        self._context = context
        self._events = events
        self._settled = settled
        """Has a device's state published again: Home Assistant may show what was asked for."""
        self._tasks = TaskSet()
        self._under_way = 0
        self._quiet_since = self._context.clock.monotonic()

    def quiet(self) -> None:
        """Unlock nothing for a moment: what comes now may have been on its way for long."""
        self._quiet_since = self._context.clock.monotonic()

    def receive(self, received: Received) -> None:
        """Carry out a command without waiting for it."""
        if received.tag == GATEWAY:
            self._receive_own(received)
        elif device := self._find(received.tag):
            self._receive_for(device, received)
        else:
            _LOGGER.info("A command over MQTT is for no device that is known; it is ignored")

    async def close(self) -> None:
        """Stop waiting for what is under way; it is carried out all the same."""
        await self._tasks.close()

    def _receive_own(self, received: Received) -> None:
        context = self._context
        actions = {
            "refresh_sign_in": context.refresh_sign_in,
            "refresh_devices": context.refresh_devices,
        }
        if action := actions.get(received.part):
            self._press(action, received)
        else:
            _LOGGER.info("An unknown command over MQTT for the gateway is ignored")

    def _receive_for(self, device: Device, received: Received) -> None:
        if received.part == "refresh":
            self._press(self._context.refresh_devices, received)
            return
        operation: Operation | None = None
        try:
            operation, level = _parse(received)
            self._check(operation, received)
        except GatewayError as error:
            self._refuse(device, operation, error)
        else:
            self._run(self._carry_out(device, operation, level))

    def _press(self, action: Callable[[], Awaitable[None]], received: Received) -> None:
        if received.is_retained:
            _LOGGER.warning("A command over MQTT was retained on the broker; it is ignored")
        elif received.payload == PRESS.encode() and self._has_room:
            self._run(self._pressed(action))
        else:
            _LOGGER.info("An unknown command over MQTT for a button is ignored")

    @property
    def _has_room(self) -> bool:
        return self._under_way < MOST_AT_ONCE

    def _check(self, operation: Operation, received: Received) -> None:
        """Raise NotCarriedOutError for what must not be carried out."""
        if received.is_retained:
            raise NotCarriedOutError(
                "The command was retained on the broker, so nobody knows how old it is; "
                "publish commands without the retain flag"
            )
        if not self._has_room:
            raise NotCarriedOutError("Too many commands over MQTT are under way")
        if not operation.unlocks:
            return
        if not self._context.settings.options.mqtt.allow_unlock:
            raise NotCarriedOutError("Unlocking over MQTT is switched off in the settings")
        if self._context.clock.monotonic() - self._quiet_since < QUIET:
            raise NotCarriedOutError(
                "The connection to the MQTT broker is too young to be sure that the command is; "
                "nothing was unlocked. Try again"
            )

    def _refuse(self, device: Device, operation: Operation | None, error: GatewayError) -> None:
        if operation:
            self._context.command_refused(device.id, operation, error)
        else:
            _LOGGER.warning("%s: a command over MQTT is ignored: %s", device.name, error)
        self._events.refused(device, error, self._context.name)
        self._settled(device)

    async def _carry_out(self, device: Device, operation: Operation, level: int | None) -> None:
        try:
            sent = await self._context.command(device.id, operation, level)
            await sent.ended()
        except GatewayError as error:
            self._events.refused(device, error, self._context.name)
        finally:
            self._settled(device)

    async def _pressed(self, action: Callable[[], Awaitable[None]]) -> None:
        try:
            await action()
        except GatewayError as error:
            _LOGGER.warning("What was asked for over MQTT failed: %s", error)

    def _run(self, work: Coroutine[None, None, None]) -> None:
        self._under_way += 1
        self._tasks.create_task(self._counted(work), "command over MQTT")

    async def _counted(self, work: Coroutine[None, None, None]) -> None:
        try:
            await work
        finally:
            self._under_way -= 1

    def _find(self, tag: str) -> Device | None:
        return next((one for one in self._context.devices() if one.tag == tag), None)


def _parse(received: Received) -> tuple[Operation, int | None]:
    """Return what is to be done; raise InvalidRequestError for what is no command."""
    word, level = _text(received.payload), None
    if received.part == "light":
        word, level = _light(word)
    if level is not None:
        return Operation.SET_LEVEL, level
    operation = WORDS.get((received.part, word))
    if operation is None:
        raise InvalidRequestError("What was received is not a command")
    return operation, None


def _text(payload: bytes) -> str:
    if len(payload) > LONGEST_COMMAND:
        raise InvalidRequestError("What was received is too long to be a command")
    return payload.decode("utf-8", "replace")


def _light(text: str) -> tuple[str, int | None]:
    """Return the state and the level of a light's command."""
    try:
        asked = json.loads(text)
    except (ValueError, RecursionError):
        asked = None
    if not isinstance(asked, dict):
        raise InvalidRequestError("What was received is not a command")
    level = asked.get("brightness") if asked.get("state") == "ON" else None
    if level is not None and type(level) is not int:
        raise InvalidRequestError("The brightness is not a whole number")
    return str(asked.get("state")), level
