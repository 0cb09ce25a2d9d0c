"""The plugin: what it hears from the gateway, and hands to the connection."""

import random
from collections.abc import Callable
from secrets import token_hex

from utec_gateway.plugin_api import (
    Activity,
    BrokerStatus,
    CodeEvent,
    Device,
    IssueStatus,
    PluginContext,
    SignInStatus,
    TaskSet,
    hookimpl,
)

from .connection import Connection
from .memory import Memory


def new_installation() -> str:
    """Return an id that no other installation has."""
    return token_hex(4)


class Mqtt:
    """Publishes whenever something is news; the options say whether there is a broker."""

    def __init__(
        self,
        context: PluginContext,
        new_id: Callable[[], str] = new_installation,
        uniform: Callable[[float, float], float] = random.uniform,
    ) -> None:
        self._connection = Connection(context, Memory(context.storage, new_id), uniform)
        self._tasks = TaskSet()

    @hookimpl
    async def gateway_started(self) -> None:
        """Begin to connect."""
        self._tasks.create_task(self._connection.keep(), "connection to the MQTT broker")

    @hookimpl
    async def gateway_stopping(self) -> None:
        """Say that the gateway is gone; what was left on the broker stays."""
        await self._connection.say_goodbye()
        await self._connection.commands.close()
        await self._tasks.close()

    @hookimpl
    async def gateway_devices_changed(self, removed: tuple[Device, ...]) -> None:
        """Publish how the devices stand, and take away those that are gone."""
        await self._connection.removed(removed)

    @hookimpl
    async def gateway_activity(self, activity: Activity) -> None:
        """Publish what happened at a lock."""
        if session := self._connection.session:
            self._connection.events.occurred(activity)
            session.wake()

    @hookimpl
    async def gateway_codes_changed(self) -> None:
        """Publish how many have a code for each lock."""
        if session := self._connection.session:
            session.wake()

    @hookimpl
    async def gateway_code_event(self, event: CodeEvent) -> None:
        """Publish what happened to the code of a guest."""
        if session := self._connection.session:
            self._connection.events.code_happened(event)
            session.wake()

    @hookimpl
    async def gateway_issues_changed(self, added: tuple[IssueStatus, ...]) -> None:  # noqa: ARG002
        """Publish what is wrong."""
        if session := self._connection.session:
            session.wake()

    @hookimpl
    async def gateway_sign_in_changed(self, sign_in: SignInStatus) -> None:  # noqa: ARG002
        """Publish how the sign-in stands."""
        if session := self._connection.session:
            session.wake()

    @hookimpl
    def gateway_broker_status(self) -> BrokerStatus:
        """Return how the connection stands."""
        return self._connection.status

    @hookimpl
    async def gateway_test_broker(self) -> str | None:
        """Test the connection for a person."""
        return await self._connection.test()
