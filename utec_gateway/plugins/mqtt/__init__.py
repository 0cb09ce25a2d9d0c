"""Home Assistant's entities over MQTT: one device for each of U-tec's, and one for the gateway.

It must not know anything but the plugin API; nothing outside knows MQTT.
"""

from utec_gateway.plugin_api import PluginContext

from .plugin import Mqtt

__all__ = ["Mqtt", "create"]


def create(context: PluginContext) -> Mqtt:
    """Build the plugin; its options say whether it does anything."""
    return Mqtt(context)
