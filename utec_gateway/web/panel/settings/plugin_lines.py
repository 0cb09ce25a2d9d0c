"""Every plugin as people know it: its name, what it does, since when it works or fails."""

from collections.abc import Sequence
from dataclasses import dataclass

from utec_gateway.core.sanitize import encodable
from utec_gateway.plugin_api.plugin_health import BUILT_IN, PluginStatus
from utec_gateway.web.i18n import Translator


@dataclass(frozen=True)
class PluginLine:
    """What the page shows of a plugin."""

    status: PluginStatus
    name: str
    does: str
    """Empty where somebody's own plugin says nothing of itself."""

    @property
    def is_own(self) -> bool:
        """Tell whether it is a file in the plugins folder."""
        return self.status.origin != BUILT_IN


def plugin_lines(plugins: Sequence[PluginStatus], t: Translator) -> tuple[PluginLine, ...]:
    """Return a line for each plugin; ours have names in every language."""
    return tuple(_line(plugin, t) for plugin in plugins)


def _line(plugin: PluginStatus, t: Translator) -> PluginLine:
    if plugin.origin != BUILT_IN:
        return PluginLine(plugin, encodable(plugin.name), plugin.summary)
    key = f"plugins.{plugin.name}"
    return PluginLine(plugin, t(f"{key}.name"), t(f"{key}.does"))
