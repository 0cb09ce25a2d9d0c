"""The built-in plugins; they come in by the same door as anybody's."""

from types import ModuleType

import pluggy

from utec_gateway.plugin_api.hooks import new_plugin_manager
from utec_gateway.plugin_api.spec import PluginContext

from . import email, event_log, exponential_backoff, persistent_notification, refresh_token_grant

BUILTIN: tuple[ModuleType, ...] = (
    refresh_token_grant,
    exponential_backoff,
    event_log,
    email,
    persistent_notification,
)


def load_plugins(context: PluginContext) -> pluggy.PluginManager:
    """Return a plugin manager with every built-in that has something to do."""
    manager = new_plugin_manager()
    for module in BUILTIN:
        plugin = module.create(context)
        if plugin is not None:
            manager.register(plugin, name=module.__name__.rpartition(".")[2])
    return manager
