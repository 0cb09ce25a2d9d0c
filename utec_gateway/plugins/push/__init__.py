"""Has U-tec push news of the locks, as hints at what to query.

Polling goes on as before: pushes make it faster, and nothing relies on them.
"""

from utec_gateway.plugin_api import PluginContext

from .plugin import Push


def create(context: PluginContext) -> Push:
    """Build the plugin; the options say whether it does anything."""
    return Push(context)
