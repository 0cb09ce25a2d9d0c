"""The only caller of plugins: typed on both sides, deaf to one plugin's failure."""

import asyncio
import inspect
from collections.abc import Awaitable, Callable, Mapping
from functools import partial
from typing import Any, ParamSpec, TypeVar

import pluggy
from tenacity import AsyncRetrying, RetryError

from utec_gateway.core.clock import Clock
from utec_gateway.core.errors import GatewayError, NotDeliveredError, OptionsError, PluginError
from utec_gateway.core.models import Device, Notification, Operation

from .call_guard import Work, answered, finished
from .plugin_health import BUILT_IN, Delivery, PluginStatus, Roster
from .refresher_guard import GuardedRefresher, TokenReceived, nobody_listens
from .spec import PROJECT, GatewayHooks, TokenRefresher

P = ParamSpec("P")
T = TypeVar("T")

SILENT = Delivery(None, "It did not say what became of it; it may be switched off.")


def new_plugin_manager() -> pluggy.PluginManager:
    """Return a plugin manager that knows our hooks and nobody yet."""
    manager = pluggy.PluginManager(PROJECT)
    manager.add_hookspecs(GatewayHooks)
    return manager


class Hooks:
    """A typed method per hook; raises LookupError at once when a choice has no default."""

    def __init__(
        self,
        manager: pluggy.PluginManager,
        clock: Clock,
        redact: Callable[[str], str] = str,
        received: TokenReceived = nobody_listens,
    ) -> None:
        self._manager = manager
        self._clock = clock
        self._received = received
        manager.check_pending()
        self._call = manager.hook
        for choice in (self._call.gateway_token_refresher, self._call.gateway_retry_policy):
            if not choice.get_hookimpls():
                raise LookupError(f"no plugin answers {choice.name}")
        self._roster = Roster(clock, redact)
        for name, plugin in manager.list_name_plugin():
            self._roster.enter(name, BUILT_IN, self._hooks_of(plugin))

    @property
    def plugins(self) -> tuple[PluginStatus, ...]:
        """Return how every plugin fares, those that could not be loaded included."""
        return self._roster.plugins

    def admit(self, name: str, plugin: object) -> None:
        """Let in somebody's own plugin; one that does not fit the contract is named and left."""
        try:
            self._register(name, plugin)
        except (pluggy.PluginValidationError, PluginError, ValueError) as error:
            if self._manager.has_plugin(name):
                self._manager.unregister(name=name)
            # pluggy begins with the object's own description, which helps nobody.
            self.refuse(name, PluginError(str(error).partition("\n")[2] or str(error)))
        else:
            self._roster.enter(name, name, self._hooks_of(plugin))

    def _register(self, name: str, plugin: object) -> None:
        self._manager.register(plugin, name)
        callers = self._manager.get_hookcallers(plugin) or ()
        if strangers := [caller.name for caller in callers if not caller.has_spec()]:
            raise PluginError(f"there is no hook {', '.join(strangers)}")

    def refuse(self, name: str, error: BaseException) -> None:
        """Remember that somebody's own plugin could not be loaded."""
        self._roster.enter(name, name)
        self._roster.failed(name, "loading", error)

    def _hooks_of(self, plugin: object) -> tuple[str, ...]:
        return tuple(caller.name for caller in self._manager.get_hookcallers(plugin) or ())

    def token_refresher(self) -> TokenRefresher:
        """Return who renews the sign-in."""
        name, refresher = self._choose(self._call.gateway_token_refresher, _is_refresher)
        return GuardedRefresher(refresher, name, self._roster, self._clock, self._received)

    async def attempt(
        self,
        operation: Operation,
        work: Callable[P, Awaitable[T]],
        *args: P.args,
        **kwargs: P.kwargs,
    ) -> T:
        """Do `work` under the retry policy; its last error comes through untouched."""
        policy: AsyncRetrying
        name, policy = self._choose(
            self._call.gateway_retry_policy, _is_policy, operation=operation
        )
        tried = Work(operation, work, self._clock)
        try:
            result: T = await policy(tried, *args, **kwargs)
        except Exception as error:
            if error is tried.error:
                raise
            if not isinstance(error, RetryError):
                self._roster.failed(name, "gateway_retry_policy", error)
            if tried.error:
                raise tried.error from None
            return await tried(*args, **kwargs)
        return result

    @property
    def notifiers(self) -> tuple[str, ...]:
        """Return the names of those that tell people something, in the order of loading."""
        hooks = {self._call.gateway_notify.name, self._call.gateway_dismiss.name}
        return tuple(plugin.name for plugin in self.plugins if hooks.intersection(plugin.hooks))

    async def notify(
        self, notification: Notification, notifier: str | None = None
    ) -> dict[str, Delivery]:
        """Tell every notifier once, or only this one; return what each says of it, by name."""
        hook = self._call.gateway_notify
        return await self._deliver(hook, notifier, notification=notification)

    async def dismiss(
        self, notification_id: str, title: str, notifier: str | None = None
    ) -> dict[str, Delivery]:
        """Have every notifier take a notification back, or only this one."""
        hook = self._call.gateway_dismiss
        return await self._deliver(hook, notifier, notification_id=notification_id, title=title)

    async def lock_changed(self, lock: Device, previous: Device) -> None:
        """Tell everybody that the picture of a lock changed."""
        await self._tell(self._call.gateway_lock_changed, lock=lock, previous=previous)

    async def started(self) -> None:
        """Tell everybody that the gateway answers."""
        await self._tell(self._call.gateway_started)

    async def stopping(self) -> None:
        """Tell everybody that the gateway is about to stop."""
        await self._tell(self._call.gateway_stopping)

    async def _tell(self, hook: pluggy.HookCaller, **event: object) -> None:
        """Tell each plugin by itself: pluggy would stop at the first that raises."""
        plugins = hook.get_hookimpls()
        await asyncio.gather(*(self._try(hook.name, plugin, event) for plugin in plugins))

    async def _deliver(
        self, hook: pluggy.HookCaller, notifier: str | None, **event: object
    ) -> dict[str, Delivery]:
        plugins = [
            plugin for plugin in hook.get_hookimpls() if notifier in {None, plugin.plugin_name}
        ]
        found = await asyncio.gather(*(self._try(hook.name, one, event) for one in plugins))
        return {one.plugin_name: delivery for one, delivery in zip(plugins, found, strict=True)}

    async def _try(
        self, hook: str, plugin: pluggy.HookImpl, event: Mapping[str, object]
    ) -> Delivery:
        call = partial(plugin.function, **_wanted(plugin, event))
        try:
            said = await finished(self._clock, call)
        except Exception as error:  # noqa: BLE001 - whatever it throws, it alone has failed
            self._roster.failed(plugin.plugin_name, hook, error)
            said = str(error) if isinstance(error, GatewayError) else "It failed; see the log."
            detail = self._roster.fit_to_show(said)
            return Delivery(delivered=False, detail=detail, may_pass=_may_pass(error))
        self._roster.worked(plugin.plugin_name, hook)
        if not isinstance(said, str):
            return SILENT
        return Delivery(delivered=True, detail=self._roster.fit_to_show(said))

    def _choose(
        self, hook: pluggy.HookCaller, fits: Callable[[object], bool], **event: object
    ) -> tuple[str, Any]:
        """Ask one plugin after the other, as pluggy would; one that fails only loses its turn."""
        for plugin in reversed(hook.get_hookimpls()):
            try:
                answer = answered(partial(plugin.function, **_wanted(plugin, event)))
                _check(answer, fits)
            except Exception as error:  # noqa: BLE001 - whatever it throws, it alone has failed
                self._roster.failed(plugin.plugin_name, hook.name, error)
                continue
            self._roster.worked(plugin.plugin_name, hook.name)
            if answer is not None:
                return plugin.plugin_name, answer
        raise LookupError(f"no plugin answers {hook.name}")


def _wanted(plugin: pluggy.HookImpl, event: Mapping[str, object]) -> dict[str, object]:
    """Return the arguments that a plugin asks for; it may leave some out."""
    return {name: event[name] for name in plugin.argnames}


def _may_pass(error: Exception) -> bool:
    """Tell whether a failure may go away by itself; only who knows better says that it cannot."""
    return error.retryable if isinstance(error, NotDeliveredError | OptionsError) else True


def _check(answer: object, fits: Callable[[object], bool]) -> None:
    """Raise PluginError when an answer is neither what was asked for nor None."""
    if answer is None or fits(answer):
        return
    if inspect.iscoroutine(answer):
        answer.close()  # or Python complains that nobody awaited it
    raise PluginError(f"it answered with a {type(answer).__name__}")


def _is_policy(answer: object) -> bool:
    return isinstance(answer, AsyncRetrying)


def _is_refresher(answer: object) -> bool:
    return all(
        callable(getattr(answer, name, None))
        for name in ("authorization_url", "exchange", "refresh")
    )
