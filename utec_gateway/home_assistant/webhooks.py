"""A webhook of Core that leads to us: no integration and no open port (home-assistant 14)."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any

from utec_gateway.core.errors import NotDeliveredError

from .connection import Connection
from .core import HomeAssistant

POST_ONLY = ("POST",)


class WebhookSubscription:
    """What is posted to one webhook, for as long as the connection lasts."""

    def __init__(self, connection: Connection, address: str) -> None:
        self._connection = connection
        self.address = address
        """Where the internet reaches it, empty where it does not."""

    async def next(self) -> object:
        """Wait for the next post, and return its JSON; None for a post that has none."""
        event = await self._connection.next_event()
        trigger = _in(_in(event, "variables"), "trigger")
        return trigger.get("json")


class Webhooks:
    """Raises NotDeliveredError for whatever goes wrong, as `HomeAssistant` does."""

    def __init__(self, core: HomeAssistant) -> None:
        self._core = core

    @asynccontextmanager
    async def subscription(self, webhook_id: str) -> AsyncIterator[WebhookSubscription]:
        """Keep a connection open on which Core passes on what is posted to a webhook.

        Core gives no headers, so its id is the secret.
        """
        external = _external(await self._core.fetch_config(), webhook_id)

        async def begin(connection: Connection) -> str:
            cloudhook = await _cloudhook(connection, webhook_id)
            await _subscribe(connection, webhook_id)
            return cloudhook or external

        async with self._core.connected(begin) as (connection, address):
            yield WebhookSubscription(connection, address)

    async def withdraw(self, webhook_id: str) -> None:
        """Delete its address at Home Assistant Cloud, which would stay there for ever."""

        async def begin(connection: Connection) -> None:
            if not _known_at(await _cloud(connection), webhook_id):
                return
            deleted = await connection.request("cloud/cloudhook/delete", webhook_id=webhook_id)
            if deleted.get("success") is not True:
                raise NotDeliveredError("Home Assistant Cloud does not delete an address")

        async with self._core.connected(begin):
            pass


async def _subscribe(connection: Connection, webhook_id: str) -> None:
    trigger = {
        "trigger": "webhook",
        "webhook_id": webhook_id,
        "allowed_methods": POST_ONLY,
        "local_only": False,
    }
    if (await connection.request("subscribe_trigger", trigger=trigger)).get("success") is not True:
        raise NotDeliveredError("Home Assistant does not offer its webhooks")


async def _cloud(connection: Connection) -> Mapping[str, Any]:
    """Return how Home Assistant Cloud stands; empty where it is not set up.

    As Core's `cloud` integration has it; it was not tried, for want of an account.
    """
    return _in(await connection.request("cloud/status"), "result")


async def _cloudhook(connection: Connection, webhook_id: str) -> str:
    """Return its address at Home Assistant Cloud; empty where nobody is logged in there."""
    cloud = await _cloud(connection)
    if cloud.get("logged_in") is not True:
        return ""
    if known := _known_at(cloud, webhook_id):
        return known
    created = await connection.request("cloud/cloudhook/create", webhook_id=webhook_id)
    return _text(_in(created, "result").get("cloudhook_url"))


def _known_at(cloud: Mapping[str, Any], webhook_id: str) -> str:
    """Return the address that was made before, which cannot be made twice."""
    hooks = _in(_in(cloud, "prefs"), "cloudhooks")
    return _text(_in(hooks, webhook_id).get("cloudhook_url"))


def _external(config: Mapping[str, Any], webhook_id: str) -> str:
    """Return its address below the one that people gave for access from outside."""
    external = _text(config.get("external_url")).rstrip("/")
    return f"{external}/api/webhook/{webhook_id}" if external else ""


def _in(whole: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    part = whole.get(name)
    return part if isinstance(part, Mapping) else {}


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""
