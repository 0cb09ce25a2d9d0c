"""What a plugin can do in Home Assistant."""

import asyncio
from collections.abc import Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from typing import Protocol


@dataclass
class Turn:
    """Lets one ask Core at a time, and nobody for a while once Core has refused the token."""

    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    refused_until: float = float("-inf")
    """Monotonic seconds."""


@dataclass(frozen=True)
class CoreAccess:
    """Where Home Assistant Core answers, and what opens it."""

    api: str
    """What stands before `/services/…`."""
    websocket: str
    token: str = field(repr=False)
    turn: Turn = field(default_factory=Turn, compare=False, repr=False)
    """All who use the same access share it: Core shows its owner a warning for each refusal."""


@dataclass(frozen=True)
class MqttService:
    """The MQTT broker that the Supervisor offers."""

    host: str
    port: int
    username: str = ""
    password: str = field(default="", repr=False)
    is_encrypted: bool = False


@dataclass(frozen=True)
class NotificationChange:
    """What Core says of its notifications: their ids after "current", "removed" or another word."""

    kind: str
    ids: frozenset[str]


class NotificationSubscription(Protocol):
    """A connection on which Core says what becomes of its notifications; "current" comes first."""

    async def next(self) -> NotificationChange:
        """Wait for the next change; raise NotDeliveredError when the connection is lost."""
        ...


class CoreNotifications(Protocol):
    """Core's persistent notifications.

    Every failure is a NotDeliveredError, retryable while Home Assistant does not answer.
    """

    async def call(self, service: str, data: Mapping[str, str]) -> None:
        """Call `create` or `dismiss`; the latter of something unknown does nothing."""
        ...

    def subscription(self) -> AbstractAsyncContextManager[NotificationSubscription]:
        """Keep a connection open on which Core says what becomes of its notifications."""
        ...


class WebhookSubscription(Protocol):
    """What is posted to one webhook of Core's, for as long as the connection lasts."""

    address: str
    """Where the internet reaches it, empty where it does not."""

    async def next(self) -> object:
        """Wait for the next post, and return its JSON; raise NotDeliveredError at the end."""
        ...


class CoreWebhooks(Protocol):
    """Core's webhooks; every failure is a NotDeliveredError."""

    def subscription(self, webhook_id: str) -> AbstractAsyncContextManager[WebhookSubscription]:
        """Keep a connection open on which Core passes on what is posted to a webhook."""
        ...

    async def delete_cloudhook(self, webhook_id: str) -> None:
        """Delete its address at Home Assistant Cloud, if it has one."""
        ...
