"""How devices are announced to Home Assistant (mqtt 2): what all of them have in common."""

from collections.abc import Callable, Mapping
from typing import Any

from utec_gateway.plugin_api import VERSION, Device

from .memory import Payload
from .topics import GATEWAY, Topics

Components = dict[str, dict[str, Any]]
Text = Callable[[str], str]
"""A name in the installation's language, by its key."""

NAME = "U-tec Gateway"
SUPPORT = "https://github.com/utec-gateway/utec-gateway"
DIAGNOSTIC = {"entity_category": "diagnostic"}
ORIGIN = {"name": NAME, "sw_version": VERSION, "support_url": SUPPORT}


def device_payload(
    topics: Topics, device: Device, panel_link: str | None, components: Components
) -> Payload:
    """Return how a device is announced."""
    about = {
        "identifiers": [topics.node(device.tag)],
        "name": device.name,
        "manufacturer": "U-tec",
        "model": device.model,
        "sw_version": device.firmware,
        "via_device": topics.node(GATEWAY),
        **_visit(panel_link),
    }
    return {
        "device": {name: value for name, value in about.items() if value},
        "origin": ORIGIN,
        "availability": [
            {"topic": topics.bridge},
            {
                "topic": topics.state(device.tag),
                "value_template": "{{ 'online' if value_json.online else 'offline' }}",
            },
        ],
        "availability_mode": "all",
        "state_topic": topics.state(device.tag),
        "qos": 1,
        "components": _identified(topics.node(device.tag), components),
    }


def gateway_payload(topics: Topics, panel_link: str | None, components: Components) -> Payload:
    """Return how the gateway itself is announced."""
    about = {"identifiers": [topics.node(GATEWAY)], "name": NAME, "manufacturer": NAME}
    return {
        "device": {**about, "sw_version": VERSION, **_visit(panel_link)},
        "origin": ORIGIN,
        "availability": [{"topic": topics.bridge}],
        "state_topic": topics.state(GATEWAY),
        "qos": 1,
        "components": _identified(topics.node(GATEWAY), components),
    }


def _identified(node: str, components: Components) -> Components:
    return {key: {"unique_id": f"{node}_{key}", **one} for key, one in components.items()}


def _visit(panel_link: str | None) -> Mapping[str, str]:
    """Return the link into our panel, in an app of Home Assistant's."""
    return {"configuration_url": f"homeassistant:/{panel_link}"} if panel_link else {}


def with_removals(payload: Payload, before: Payload) -> Payload:
    """Return a payload that takes away what it has no longer: leaving it out changes nothing."""
    gone = {
        key: {"platform": one["platform"]}
        for key, one in before.get("components", {}).items()
        if key not in payload["components"]
    }
    return {**payload, "components": {**payload["components"], **gone}}
