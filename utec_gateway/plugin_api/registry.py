"""The one way in for plugins, built-in or not: one that does not fit is named and left out."""

from collections.abc import Callable

import pluggy

from utec_gateway.core.clock import Clock
from utec_gateway.core.errors import PluginError

from .hookspecs import PROJECT, GatewayHooks
from .plugin_health import PluginHealth, PluginStatus


class PluginRegistry:
    """Owns the plugins that are loaded, and what is known of those that could not be."""

    def __init__(self, clock: Clock, redact: Callable[[str], str] = str) -> None:
        self.health = PluginHealth(clock, redact)
        self._manager = pluggy.PluginManager(PROJECT)
        self._manager.add_hookspecs(GatewayHooks)
        self.hook = self._manager.hook

    def register(
        self, name: str, plugin: object, origin: str | None = None, summary: str = ""
    ) -> bool:
        """Add a plugin, or name what keeps it from being one; tell whether it was added.

        Its origin is a file of its name, unless another is given; `summary` says what it does.
        """
        try:
            self._refuse_wrappers(plugin)
            self._manager.register(plugin, name)
            self._refuse_unknown_hooks(plugin)
        except (pluggy.PluginValidationError, PluginError, ValueError) as error:
            if self._manager.has_plugin(name):
                self._manager.unregister(name=name)
            # pluggy begins with the object's own description, which helps nobody.
            problem = PluginError(str(error).partition("\n")[2] or str(error))
            self.record_load_error(name, problem, origin)
            return False
        self.health.add(PluginStatus(name, origin or name, self._hooks_of(plugin), summary=summary))
        return True

    def record_load_error(self, name: str, error: BaseException, origin: str | None = None) -> None:
        """Remember that a plugin could not be loaded."""
        self.health.add(PluginStatus(name, origin or name, is_loaded=False))
        self.health.record_failure(name, "loading", error)

    def _refuse_wrappers(self, plugin: object) -> None:
        """Raise PluginError for a hook that pluggy would run around others: nothing runs it."""
        for name in dir(plugin):
            marks = self._manager.parse_hookimpl_opts(plugin, name)
            if marks and (marks["wrapper"] or marks["hookwrapper"]):
                raise PluginError(
                    f"{name} is a hook wrapper, and those are never called; "
                    "mark it with @hookimpl alone (tryfirst and trylast are allowed)"
                )

    def _refuse_unknown_hooks(self, plugin: object) -> None:
        callers = self._manager.get_hookcallers(plugin) or ()
        if unknown := [caller.name for caller in callers if not caller.has_spec()]:
            raise PluginError(f"there is no hook {', '.join(unknown)}")

    def _hooks_of(self, plugin: object) -> tuple[str, ...]:
        return tuple(caller.name for caller in self._manager.get_hookcallers(plugin) or ())
