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
        config = await self._fetch_config()
        if "webhook" not in _list(config, "components"):  # it subscribes all the same, to nothing
            raise NotDeliveredError("Home Assistant does not offer its webhooks")

        async def begin(connection: Connection) -> str:
            address = await _address(connection, webhook_id, _external(config, webhook_id))
            await _subscribe(connection, webhook_id)
            return address

        async with self._core.connected(begin) as (connection, address):
            yield WebhookSubscription(connection, address)

    async def delete_cloudhook(self, webhook_id: str) -> None:
        """Delete its address at Home Assistant Cloud, which would stay there forever."""
        await self._fetch_config()

        async def begin(connection: Connection) -> None:
            if not _known_at(await _cloud(connection), webhook_id):
                return
            deleted = await connection.request("cloud/cloudhook/delete", webhook_id=webhook_id)
            if deleted.get("success") is not True:
                raise NotDeliveredError("Home Assistant Cloud does not delete an address")

        async with self._core.connected(begin):
            pass

    async def _fetch_config(self) -> Mapping[str, Any]:
        """Fetch it once Core has set up what it has; until then it denies having it."""
        config = await self._core.fetch_config()
        if config.get("state") != "RUNNING":
            raise NotDeliveredError("Home Assistant is still starting", retryable=True)
        return config


async def _subscribe(connection: Connection, webhook_id: str) -> None:
    trigger = {
        "trigger": "webhook",
        "webhook_id": webhook_id,
        "allowed_methods": POST_ONLY,
        "local_only": False,
    }
    answer = await connection.request("subscribe_trigger", trigger=trigger)
    if _in(answer, "error").get("code") == "unauthorized":
        raise NotDeliveredError("Home Assistant lets only an administrator's token use webhooks")
    if answer.get("success") is not True:
        raise NotDeliveredError("Home Assistant does not offer its webhooks")


async def _cloud(connection: Connection) -> Mapping[str, Any]:
    """Return how Home Assistant Cloud stands; empty where it is not set up.

    As Core's `cloud` integration has it; it was not tried, for want of an account.
    """
    return _in(await connection.request("cloud/status"), "result")


async def _address(connection: Connection, webhook_id: str, external: str) -> str:
    """Return where the internet reaches it, at Home Assistant Cloud if somebody is logged in."""
    cloud = await _cloud(connection)
    if cloud.get("logged_in") is not True:
        return external
    if known := _known_at(cloud, webhook_id):
        return known
    created = await connection.request("cloud/cloudhook/create", webhook_id=webhook_id)
    address = _text(_in(created, "result").get("cloudhook_url")) or external
    if not address:
        raise NotDeliveredError("Home Assistant Cloud gives no address", retryable=True)
    return address


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


def _list(whole: Mapping[str, Any], name: str) -> list[Any]:
    part = whole.get(name)
    return part if isinstance(part, list) else []
