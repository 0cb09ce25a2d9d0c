"""The contract between the gateway and its plugins, built-in and people's own alike.

A plugin is a module with `create(context: PluginContext)` that returns an object with methods
marked `hookimpl`, or None when it has nothing to do.

First-result hooks are plain functions: the first answer that is not None wins, the plugin loaded
last is asked first, and a built-in that anyone may replace is marked `trylast`.
Broadcast hooks are coroutines: everybody is told, and one plugin's failure never stops another.
"""

from collections.abc import Awaitable
from typing import Protocol

import pluggy
from tenacity import AsyncRetrying

from utec_gateway.core.access_codes import CodeEvent, LockCodes
from utec_gateway.core.activity import Activity
from utec_gateway.core.models import Device, Operation, Token
from utec_gateway.core.notification import Notification
from utec_gateway.options.schema import Options

from .broker_status import BrokerStatus
from .issue_status import IssueStatus
from .push_status import PushStatus
from .sign_in_status import SignInStatus

PROJECT = "utec_gateway"
hookspec = pluggy.HookspecMarker(PROJECT)
hookimpl = pluggy.HookimplMarker(PROJECT)


class OptionsSource(Protocol):
    """Where a plugin reads the options: always the present ones."""

    @property
    def options(self) -> Options:
        """Return the options as they are now."""
        ...


class TokenRefresher(Protocol):
    """Talks to the authorization server; raises TokenRefreshError and its kin."""

    def authorization_url(self, state: str) -> str:
        """Return the address of the sign-in page; raise OptionsError until it can be built."""
        ...

    async def exchange(self, code: str) -> Token:
        """Turn an authorization code into a token."""
        ...

    async def refresh(self, token: Token) -> Token:
        """Turn a refresh token into a newer token; one request, no retries."""
        ...


class GatewayHooks:
    """Every hook there is."""

    @hookspec(firstresult=True)
    def gateway_token_refresher(self) -> TokenRefresher | None:
        """Return who refreshes the sign-in; asked before every exchange and every refresh."""

    @hookspec(firstresult=True)
    def gateway_retry_policy(self, operation: Operation) -> AsyncRetrying | None:
        """Return how often `operation` is tried; asked once per operation, for a fresh object."""

    @hookspec(firstresult=True)
    def gateway_broker_status(self) -> BrokerStatus | None:
        """Return how the connection to the MQTT broker stands; asked for pages and issues."""

    @hookspec(firstresult=True)
    def gateway_push_status(self) -> PushStatus | None:
        """Return how the registration for pushes stands; asked for pages."""

    @hookspec(firstresult=True)
    def gateway_push_posted(self, secret: str, body: bytes) -> bool | None:
        """Take in what was posted to `/push/<secret>`; return whether the secret is good."""

    @hookspec
    def gateway_notify(self, notification: Notification) -> Awaitable[str | None]:  # type: ignore[empty-body]
        """Tell a person; fires when a notification is raised, changes, or must be shown again.

        Whoever cannot show it in place acts on `notification.is_new` only. The answer says in
        words what was done ("Accepted by the mail server"), None that nothing was.
        """

    @hookspec
    def gateway_dismiss(self, notification_id: str, title: str) -> Awaitable[str | None]:  # type: ignore[empty-body]
        """Take a notification back; fires when its cause is cured."""

    @hookspec
    def gateway_lock_changed(self, lock: Device, previous: Device) -> Awaitable[None]:  # type: ignore[empty-body]
        """Hear that a lock changed: readings, online, or a command under way."""

    @hookspec
    def gateway_devices_changed(  # type: ignore[empty-body]
        self,
        added: tuple[Device, ...],
        changed: tuple[Device, ...],
        removed: tuple[Device, ...],
    ) -> Awaitable[None]:
        """Hear which devices of any kind came, changed or went since the last call.

        Changed means: what is known, what of it may be shown, or the command under way.
        """

    @hookspec
    def gateway_activity(self, activity: Activity) -> Awaitable[None]:  # type: ignore[empty-body]
        """Hear what happened at a lock, by a command or outside of the gateway."""

    @hookspec
    def gateway_codes_changed(  # type: ignore[empty-body]
        self,
        added: tuple[LockCodes, ...],
        changed: tuple[LockCodes, ...],
        removed: tuple[LockCodes, ...],
    ) -> Awaitable[None]:
        """Hear of which locks the codes are managed, and who has one; never a code."""

    @hookspec
    def gateway_code_event(self, event: CodeEvent) -> Awaitable[None]:  # type: ignore[empty-body]
        """Hear what happened to the code of a guest."""

    @hookspec
    def gateway_issues_changed(  # type: ignore[empty-body]
        self,
        added: tuple[IssueStatus, ...],
        changed: tuple[IssueStatus, ...],
        removed: tuple[IssueStatus, ...],
    ) -> Awaitable[None]:
        """Hear what is wrong, what is said differently, and what is right again."""

    @hookspec
    def gateway_sign_in_changed(self, sign_in: SignInStatus) -> Awaitable[None]:  # type: ignore[empty-body]
        """Hear of a sign-in, a refresh and a refusal."""

    @hookspec
    def gateway_test_broker(self) -> Awaitable[str | None]:  # type: ignore[empty-body]
        """Test the connection to the MQTT broker; fires when a person asks for it.

        The answer says in words what was done; a NotDeliveredError why it was not.
        """

    @hookspec
    def gateway_started(self) -> Awaitable[None]:  # type: ignore[empty-body]
        """Hear that the gateway answers; fires once, after the listeners are up."""

    @hookspec
    def gateway_stopping(self) -> Awaitable[None]:  # type: ignore[empty-body]
        """Hear that the gateway is about to stop; fires once, before anything is closed."""
