"""The only caller of plugins: typed on both sides, deaf to one plugin's failure."""

import asyncio
import inspect
import logging
from collections.abc import Awaitable, Callable, Mapping
from typing import ParamSpec, TypeVar

import pluggy
from tenacity import AsyncRetrying

from .clock import Clock
from .hookspecs import PROJECT, GatewayHooks, TokenRefresher
from .models import Device, Notification, Operation

_LOGGER = logging.getLogger(__name__)

P = ParamSpec("P")
T = TypeVar("T")

TELL_DEADLINE = 30.0
"""Seconds a plugin may take to hear something."""


def new_plugin_manager() -> pluggy.PluginManager:
    """Return a plugin manager that knows our hooks and nobody yet."""
    manager = pluggy.PluginManager(PROJECT)
    manager.add_hookspecs(GatewayHooks)
    return manager


class Hooks:
    """A typed method per hook; raises LookupError at once when a choice has no default."""

    def __init__(self, manager: pluggy.PluginManager, clock: Clock) -> None:
        self._clock = clock
        manager.check_pending()
        self._call = manager.hook
        for choice in (self._call.gateway_token_refresher, self._call.gateway_retry_policy):
            if not choice.get_hookimpls():
                raise LookupError(f"no plugin answers {choice.name}")

    def token_refresher(self) -> TokenRefresher:
        """Return who renews the sign-in."""
        refresher: TokenRefresher = self._call.gateway_token_refresher()
        return refresher

    async def attempt(
        self,
        operation: Operation,
        work: Callable[P, Awaitable[T]],
        *args: P.args,
        **kwargs: P.kwargs,
    ) -> T:
        """Do `work` under the retry policy; its last error comes through untouched."""
        policy: AsyncRetrying = self._call.gateway_retry_policy(operation=operation)
        result: T = await policy(work, *args, **kwargs)
        return result

    async def notify(self, notification: Notification) -> None:
        """Tell every notifier."""
        await self._tell(self._call.gateway_notify, notification=notification)

    async def dismiss(self, notification_id: str) -> None:
        """Have every notifier take a notification back."""
        await self._tell(self._call.gateway_dismiss, notification_id=notification_id)

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
        await asyncio.gather(
            *(self._hear(hook.name, plugin, event) for plugin in hook.get_hookimpls())
        )

    async def _hear(self, hook: str, plugin: pluggy.HookImpl, event: Mapping[str, object]) -> None:
        wanted = {name: event[name] for name in plugin.argnames}
        try:
            async with self._clock.timeout(TELL_DEADLINE):
                answer: object = plugin.function(**wanted)
                if inspect.isawaitable(answer):
                    await answer
        except TimeoutError:
            _LOGGER.error("A plugin failed in %s: %s is too slow", hook, plugin.plugin_name)  # noqa: TRY400
        except Exception:
            _LOGGER.exception("A plugin failed in %s: %s", hook, plugin.plugin_name)
