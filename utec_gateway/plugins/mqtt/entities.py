"""The entities of each kind of device: names and classes as Home Assistant's own have them."""

from collections.abc import Iterable, Iterator
from typing import Any

from utec_gateway.plugin_api import ActivityKind, Capability, CodeEventKind, Device, Fixture

from .device_payload import DIAGNOSTIC, Components, Text
from .states import MODES, sensor_key, sensors_of
from .topics import GATEWAY, Topics

PRESS = "PRESS"
"""What Home Assistant's buttons send."""
HIDDEN = {**DIAGNOSTIC, "enabled_by_default": False}


def device_entities(topics: Topics, device: Device, text: Text, *, has_codes: bool) -> Components:
    """Return the entities of a device, by what it has, and whether access codes are managed."""
    found: Components = {
        "connectivity": {
            "platform": "binary_sensor",
            "device_class": "connectivity",
            "value_template": "{{ 'ON' if value_json.online else 'OFF' }}",
            "availability": [{"topic": topics.bridge}],
            **DIAGNOSTIC,
        },
        "refresh": _button(topics.command(device.tag, "refresh"), text("mqtt.refresh")),
        "last_confirmed": {
            "platform": "sensor",
            "name": text("mqtt.last_confirmed"),
            "device_class": "timestamp",
            "state_topic": topics.last_confirmed,
            "value_template": f"{{{{ value_json.get('{device.tag}') }}}}",
            **HIDDEN,
        },
    }
    if device.is_lock:
        found |= _lock(topics, device, text, CodeEventKind if has_codes else ())
        found |= _codes(topics, text) if has_codes else {}
    elif Capability.SWITCH in device.capabilities or Capability.LEVEL in device.capabilities:
        found |= _switch(topics, device)
    if device.is_lock or device.readings.battery.value is not None:
        found |= _battery(text)
    if device.readings.door.value is not None:
        found["door"] = _binary("door", device_class="door")
    return found | dict(_sensors(device))


def _lock(
    topics: Topics, device: Device, text: Text, code_events: Iterable[CodeEventKind]
) -> Components:
    return {
        "lock": {
            "platform": "lock",
            "name": None,
            "value_template": "{{ value_json.lock }}",
            "command_topic": topics.command(device.tag, "lock"),
        },
        "mode": {
            "platform": "sensor",
            "name": text("mqtt.mode"),
            "device_class": "enum",
            "options": list(MODES.values()),
            "icon": "mdi:lock-clock",
            "value_template": "{{ value_json.mode }}",
            **DIAGNOSTIC,
        },
        "activity": {
            "platform": "event",
            "name": text("mqtt.activity"),
            "event_types": [str(kind) for kind in (*ActivityKind, *code_events)],
            "state_topic": topics.event(device),
            "availability": [{"topic": topics.bridge}],
        },
    }


def _codes(topics: Topics, text: Text) -> Components:
    """Return what is known of a lock's codes, which the cloud knows of an offline lock, too."""
    return {
        key: {
            "platform": "sensor",
            "name": text(f"mqtt.{key}"),
            "icon": icon,
            "state_class": "measurement",
            "value_template": f"{{{{ value_json.{key} }}}}",
            "availability": [{"topic": topics.bridge}],
            **DIAGNOSTIC,
        }
        for key, icon in (
            ("codes", "mdi:account-key-outline"),
            ("codes_waiting", "mdi:account-clock-outline"),
        )
    }


def _battery(text: Text) -> Components:
    return {
        "battery": {
            "platform": "sensor",
            "device_class": "battery",
            "unit_of_measurement": "%",
            "state_class": "measurement",
            "value_template": "{{ value_json.battery }}",
            **DIAGNOSTIC,
        },
        "battery_low": _binary("battery_low", text("mqtt.battery_low"), device_class="battery"),
        "battery_level": {
            "platform": "sensor",
            "name": text("mqtt.battery_level"),
            "icon": "mdi:battery",
            "value_template": "{{ value_json.battery_level }}",
            **HIDDEN,
        },
    }


def _switch(topics: Topics, device: Device) -> Components:
    """Return a light for what gives light, else a switch.

    A light in JSON sends one message for one turn of its dial; the others send two.
    """
    has_level = Capability.LEVEL in device.capabilities
    if has_level or device.fixture is Fixture.LIGHT:
        modes = {"brightness_scale": 100} if has_level else {}
        return {
            "light": {
                "platform": "light",
                "schema": "json",
                "name": None,
                "command_topic": topics.command(device.tag, "light"),
                "state_topic": topics.state(device.tag),
                "supported_color_modes": ["brightness" if has_level else "onoff"],
                "flash": False,
                "transition": False,
                **modes,
            }
        }
    return {
        "switch": {
            "platform": "switch",
            "name": None,
            "device_class": "outlet" if device.fixture is Fixture.OUTLET else "switch",
            "command_topic": topics.command(device.tag, "switch"),
            "value_template": "{{ value_json.state }}",
        }
    }


def _sensors(device: Device) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield whatever else a device reports, under U-tec's names."""
    for key, sensor in sensors_of(device.readings).items():
        is_switch = isinstance(sensor.reading.value, bool)
        yield (
            sensor_key(key),
            {
                "platform": "binary_sensor" if is_switch else "sensor",
                "name": sensor.name,
                "value_template": f"{{{{ value_json.sensors.get('{key}') }}}}",
                **DIAGNOSTIC,
            },
        )


def gateway_entities(topics: Topics, text: Text) -> Components:
    """Return the entities of the gateway itself."""
    return {
        "sign_in": {
            "platform": "binary_sensor",
            "name": text("mqtt.sign_in"),
            "device_class": "problem",
            "value_template": "{{ value_json.sign_in_problem }}",
            "json_attributes_topic": topics.state(GATEWAY),
            "json_attributes_template": "{{ {'issues': value_json.issues} | tojson }}",
            **DIAGNOSTIC,
        },
        "cloud": {
            "platform": "binary_sensor",
            "name": text("mqtt.cloud"),
            "device_class": "connectivity",
            "value_template": "{{ value_json.cloud }}",
            **DIAGNOSTIC,
        },
        "valid_until": _timestamp("valid_until", text("mqtt.valid_until")),
        "next_refresh": _timestamp("next_refresh", text("mqtt.next_refresh")),
        "calls": {
            "platform": "sensor",
            "name": text("mqtt.calls"),
            "icon": "mdi:cloud-arrow-up-outline",
            "state_class": "measurement",
            "value_template": "{{ value_json.calls_last_hour }}",
            **DIAGNOSTIC,
        },
        "refresh_sign_in": _button(
            topics.command(GATEWAY, "refresh_sign_in"), text("mqtt.refresh_sign_in")
        ),
        "refresh_devices": _button(
            topics.command(GATEWAY, "refresh_devices"), text("mqtt.refresh_devices")
        ),
    }


def _binary(key: str, name: str | None = None, *, device_class: str) -> dict[str, Any]:
    named = {"name": name, **DIAGNOSTIC} if name else {}
    return {
        "platform": "binary_sensor",
        "device_class": device_class,
        "value_template": f"{{{{ value_json.{key} }}}}",
        **named,
    }


def _timestamp(key: str, name: str) -> dict[str, Any]:
    return {
        "platform": "sensor",
        "name": name,
        "device_class": "timestamp",
        "value_template": f"{{{{ value_json.{key} }}}}",
        **DIAGNOSTIC,
    }


def _button(topic: str, name: str) -> dict[str, Any]:
    return {"platform": "button", "name": name, "command_topic": topic, **DIAGNOSTIC}
