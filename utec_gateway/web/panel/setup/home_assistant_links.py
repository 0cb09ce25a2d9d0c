"""Where in Home Assistant a person goes on (home-assistant 1)."""

from dataclasses import dataclass

MY = "https://my.home-assistant.io/redirect"
"""Leads to the reader's own Home Assistant, wherever that is."""


@dataclass(frozen=True)
class HomeAssistantLinks:
    """The pages that the last step leads to."""

    devices: str
    broker: str = f"{MY}/supervisor_addon/?addon=core_mosquitto"
    integration: str = f"{MY}/config_mqtt/"


def home_assistant_links(*, is_standalone: bool) -> HomeAssistantLinks:
    """Return the links; behind ingress, the devices are on the same site."""
    if is_standalone:
        return HomeAssistantLinks(f"{MY}/integration/?domain=mqtt")
    return HomeAssistantLinks("/config/integrations/integration/mqtt")
