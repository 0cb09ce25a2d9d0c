"""The only caller of plugins: typed on both sides, deaf to one plugin's failure."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from functools import partial
from typing import Any, ParamSpec, TypeVar

import pluggy
from tenacity import AsyncRetrying, RetryError

from utec_gateway.core.access_codes import CodeEvent, LockCodes
from utec_gateway.core.activity import Activity
from utec_gateway.core.clock import Clock
from utec_gateway.core.errors import (
    GatewayError,
    NotDeliveredError,
    OptionsError,
    TokenEndpointError,
)
from utec_gateway.core.models import Device, Operation
from utec_gateway.core.notification import Notification

from .answers import check, is_policy, is_refresher
from .broker_status import BrokerStatus
from .call_guard import call, call_async
from .changes import Changes
from .device_status import DeviceStatus
from .hookspecs import TokenRefresher
from .issue_status import IssueStatus
from .never_repeated import RetryGuard
from .plugin_health import Delivery, PluginStatus
from .push_status import PushStatus
from .refresher_guard import GuardedRefresher, TokenReceived, nobody_listens
from .registry import PluginRegistry
from .sign_in_status import SignInStatus

P = ParamSpec("P")
T = TypeVar("T")

SILENT = Delivery(None, "It did not report a result; it may be turned off.")


class Hooks:
    """A typed method per hook."""

    def __init__(
        self,
        registry: PluginRegistry,
        clock: Clock,
        received: TokenReceived = nobody_listens,
    ) -> None:
        self._health = registry.health
        self._hook = registry.hook
        self._clock = clock
        self._received = received

    @property
    def plugins(self) -> tuple[PluginStatus, ...]:
        """Return how every plugin fares, those that could not be loaded included."""
        return self._health.plugins

    def token_refresher(self) -> TokenRefresher:
        """Return who refreshes the sign-in; raise TokenEndpointError when nobody does."""
        answer = self._first_result(self._hook.gateway_token_refresher, is_refresher)
        if answer is None:
            raise TokenEndpointError("No plugin is loaded that can refresh the sign-in")
        name, refresher = answer
        return GuardedRefresher(refresher, name, self._health, self._clock, self._received)

    async def attempt(
        self,
        operation: Operation,
        work: Callable[P, Awaitable[T]],
        *args: P.args,
        **kwargs: P.kwargs,
    ) -> T:
        """Do `work` under the retry policy, once without one; its last error comes through."""
        answer = self._first_result(self._hook.gateway_retry_policy, is_policy, operation=operation)
        guard = RetryGuard(operation, work, self._clock)
        if answer is None:
            return await guard(*args, **kwargs)
        policy: AsyncRetrying
        name, policy = answer
        try:
            result: T = await policy(guard, *args, **kwargs)
        except Exception as error:
            if error is guard.error:
                raise
            if not isinstance(error, RetryError):
                self._health.record_failure(name, "gateway_retry_policy", error)
            if guard.error:
                raise guard.error from None
            return await guard(*args, **kwargs)
        return result

    @property
    def notifiers(self) -> tuple[str, ...]:
        """Return the names of those that tell people something, in the order of loading."""
        names = {*self.listeners("gateway_notify"), *self.listeners("gateway_dismiss")}
        return tuple(plugin.name for plugin in self.plugins if plugin.name in names)

    async def notify(
        self, notification: Notification, notifier: str | None = None
    ) -> dict[str, Delivery]:
        """Tell every notifier once, or only this one; return what each says of it, by name.

        A plugin that could not be loaded is named, too, unless one is asked for: it may be one.
        """
        hook = self._hook.gateway_notify
        said = await self._deliver(hook, notifier, notification=notification)
        return said if notifier else {**said, **self._not_loaded()}

    def _not_loaded(self) -> dict[str, Delivery]:
        """Return why plugins that could not be loaded notify nobody, by name."""
        missing = (plugin for plugin in self.plugins if not plugin.is_loaded)
        return {
            one.name: Delivery(delivered=False, detail=one.last_error or "", may_pass=False)
            for one in missing
        }

    async def dismiss(
        self, notification_id: str, title: str, notifier: str | None = None
    ) -> dict[str, Delivery]:
        """Have every notifier take a notification back, or only this one."""
        hook = self._hook.gateway_dismiss
        return await self._deliver(hook, notifier, notification_id=notification_id, title=title)

    async def lock_changed(self, lock: Device, previous: Device) -> None:
        """Tell everybody that the state of a lock changed."""
        await self._broadcast(self._hook.gateway_lock_changed, lock=lock, previous=previous)

    async def devices_changed(self, listener: str, changes: Changes[DeviceStatus]) -> None:
        """Tell one plugin which devices came, changed or went."""
        devices = {
            kind: tuple(one.device for one in found) for kind, found in vars(changes).items()
        }
        await self._deliver(self._hook.gateway_devices_changed, listener, **devices)

    async def activity(self, activity: Activity) -> None:
        """Tell everybody what happened at a lock."""
        await self._broadcast(self._hook.gateway_activity, activity=activity)

    async def codes_changed(self, listener: str, changes: Changes[LockCodes]) -> None:
        """Tell one plugin who has a code for which lock."""
        await self._deliver(self._hook.gateway_codes_changed, listener, **vars(changes))

    async def code_event(self, event: CodeEvent) -> None:
        """Tell everybody what happened to the code of a guest."""
        await self._broadcast(self._hook.gateway_code_event, event=event)

    def broker_status(self) -> BrokerStatus:
        """Return how the connection to the MQTT broker stands; off while nobody says."""
        hook = self._hook.gateway_broker_status
        answer = self._first_result(hook, lambda found: isinstance(found, BrokerStatus))
        return answer[1] if answer else BrokerStatus()

    def push_status(self) -> PushStatus:
        """Return how the registration for pushes stands; off while nobody says."""
        hook = self._hook.gateway_push_status
        answer = self._first_result(hook, lambda found: isinstance(found, PushStatus))
        return answer[1] if answer else PushStatus()

    def push_posted(self, secret: str, body: bytes) -> bool:
        """Hand over a push; return whether anybody knows its secret."""
        hook = self._hook.gateway_push_posted
        taken = self._first_result(
            hook, lambda found: isinstance(found, bool), secret=secret, body=body
        )
        return bool(taken and taken[1])

    async def test_broker(self) -> dict[str, Delivery]:
        """Have the connection to the MQTT broker tested; return what each plugin says of it."""
        return await self._deliver(self._hook.gateway_test_broker, None)

    async def issues_changed(self, listener: str, changes: Changes[IssueStatus]) -> None:
        """Tell one plugin what is wrong, what is said differently, and what is right again."""
        await self._deliver(self._hook.gateway_issues_changed, listener, **vars(changes))

    async def sign_in_changed(self, listener: str, changes: Changes[SignInStatus]) -> None:
        """Tell one plugin how the sign-in stands now."""
        (sign_in,) = changes.added or changes.changed
        await self._deliver(self._hook.gateway_sign_in_changed, listener, sign_in=sign_in)

    def listeners(self, hook: str) -> tuple[str, ...]:
        """Return the names of the plugins that implement a hook."""
        return tuple(plugin.name for plugin in self.plugins if hook in plugin.hooks)

    async def started(self) -> None:
        """Tell everybody that the gateway answers."""
        await self._broadcast(self._hook.gateway_started)

    async def stopping(self) -> None:
        """Tell everybody that the gateway is about to stop."""
        await self._broadcast(self._hook.gateway_stopping)

    async def _broadcast(self, hook: pluggy.HookCaller, **event: object) -> None:
        """Tell each plugin by itself: pluggy would stop at the first that raises."""
        plugins = hook.get_hookimpls()
        await asyncio.gather(*(self._call_one(hook.name, plugin, event) for plugin in plugins))

    async def _deliver(
        self, hook: pluggy.HookCaller, notifier: str | None, **event: object
    ) -> dict[str, Delivery]:
        plugins = [
            plugin for plugin in hook.get_hookimpls() if notifier in {None, plugin.plugin_name}
        ]
        found = await asyncio.gather(*(self._call_one(hook.name, one, event) for one in plugins))
        return {one.plugin_name: delivery for one, delivery in zip(plugins, found, strict=True)}

    async def _call_one(
        self, hook: str, plugin: pluggy.HookImpl, event: Mapping[str, object]
    ) -> Delivery:
        work = partial(plugin.function, **_wanted(plugin, event))
        try:
            said = await call_async(self._clock, work)
        except Exception as error:  # noqa: BLE001 - whatever it throws, it alone has failed
            self._health.record_failure(plugin.plugin_name, hook, error)
            said = str(error) if isinstance(error, GatewayError) else "It failed; see the log."
            detail = self._health.sanitize(said)
            return Delivery(delivered=False, detail=detail, may_pass=_may_pass(error))
        self._health.record_success(plugin.plugin_name, hook)
        if not isinstance(said, str):
            return SILENT
        return Delivery(delivered=True, detail=self._health.sanitize(said))

    def _first_result(
        self, hook: pluggy.HookCaller, fits: Callable[[object], bool], **event: object
    ) -> tuple[str, Any] | None:
        """Ask one plugin after the other, as pluggy would; one that fails only loses its turn."""
        for plugin in reversed(hook.get_hookimpls()):
            try:
                answer = call(partial(plugin.function, **_wanted(plugin, event)))
                check(answer, fits)
            except Exception as error:  # noqa: BLE001 - whatever it throws, it alone has failed
                self._health.record_failure(plugin.plugin_name, hook.name, error)
                continue
            self._health.record_success(plugin.plugin_name, hook.name)
            if answer is not None:
                return plugin.plugin_name, answer
        return None


def _wanted(plugin: pluggy.HookImpl, event: Mapping[str, object]) -> dict[str, object]:
    """Return the arguments that a plugin asks for; it may leave some out."""
    return {name: event[name] for name in plugin.argnames}


def _may_pass(error: Exception) -> bool:
    """Tell whether a failure may go away by itself; only who knows better says that it cannot."""
    return error.retryable if isinstance(error, NotDeliveredError | OptionsError) else True
