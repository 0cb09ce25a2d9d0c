"""Which values a bug report may contain, key by key; of all others only type and number."""

import re
from collections.abc import Callable, Mapping
from operator import attrgetter
from typing import Any

from utec_gateway.core.models import StateEntry
from utec_gateway.options.changes import FLAT_VALIDATORS, grouped
from utec_gateway.options.readers import OneOf, WholeNumber, flag
from utec_gateway.options.schema import Options
from utec_gateway.utec.readings import IN_SAMPLES_ONLY, OTHER_CAPABILITIES, VOCABULARY

LARGEST_NUMBER = 9999

Rule = Callable[[Any], bool] | Mapping[str, Any]
"""Tells whether a value is harmless; a mapping does so for the values of an object, by key."""


def number(value: Any) -> bool:
    """Allow a measured value: no serial number is that small."""
    return isinstance(value, int | float) and abs(value) <= LARGEST_NUMBER


def nothing(_value: Any) -> bool:
    """Allow nothing: it is enough to know that it is there."""
    return False


def one_of(*words: str) -> Callable[[Any], bool]:
    """Allow these words, in upper or lower case."""
    return lambda value: isinstance(value, str) and value.isascii() and value.lower() in words


def made_of(words: frozenset[str]) -> Callable[[Any], bool]:
    """Allow a designation that consists of these words."""
    return lambda value: (
        isinstance(value, str)
        and words.issuperset(re.split("[ -]+", value.lower() if value.isascii() else value))
    )


def version(value: Any) -> bool:
    """Allow a version such as 02.34.0020."""
    return (
        isinstance(value, str) and re.fullmatch(r"[0-9]{1,2}(\.[0-9]{1,4}){1,3}", value) is not None
    )


MODELS = frozenset(
    {"ultraloq", "u", "bolt", "pro", "wifi", "nfc", "w", "f", "matter", "latch", "5"}
)
MODELS |= {"us01", "us02", "sp01", "a19", "c1"}
HANDLE_TYPES = frozenset({"utec", "lock", "sensor", "dimmer", "switch", "light", "bulb"})
HANDLE_TYPES |= {"color", "rgbw", "rgbaw", "br", "device", "generic"}
"""The words that the vendor's designations consist of (utec-cloud 4.1, 4.2)."""
RANGE = {"min": number, "max": number, "step": number}
ENTRY: Mapping[str, Rule] = {
    "category": one_of("smartlock", "smartplug", "smartswitch", "light", "lock", "switch", "plug"),
    "type": one_of("smartlock", "smartplug", "smartswitch", "light", "lock", "switch", "plug"),
    "handleType": made_of(HANDLE_TYPES),
    "deviceInfo": {
        "manufacturer": one_of("u-tec", "utec", "ultraloq", "xthings"),
        "model": made_of(MODELS),
        "hwVersion": version,
    },
    "attributes": {
        "batteryLevelRange": RANGE,
        "switchLevelRange": RANGE,
        "brightnessRange": RANGE,
        "colorTemperatureRange": RANGE,
        "colorModel": one_of("rgb", "rgbw", "hsb", "hsv", "hsl"),
    },
    "customData": nothing,
}
"""Of a Discovery entry (utec-cloud 4.1)."""
STATES: Mapping[tuple[str, str], Rule] = {
    (capability.lower(), name.lower()): one_of(*words) if words else number
    for (capability, name), words in {**VOCABULARY, **IN_SAMPLES_ONLY}.items()
}
"""Readings."""
CAPABILITIES = one_of(*(capability for capability, _ in STATES), *OTHER_CAPABILITIES)


def anonymized(value: Any, rule: Rule) -> Any:
    """Return what the rule allows of a value."""
    if value is None:
        return None
    if not isinstance(rule, Mapping):
        return value if rule(value) else type_of(value)
    if not isinstance(value, Mapping):
        return type_of(value)
    found = {key: anonymized(value[key], rule[key]) for key in rule if key in value}
    left_out = len(value) - len(found)
    return {**found, "left_out": left_out} if left_out else found


def type_of(value: Any) -> str:
    """Return what kind of JSON value it is."""
    return f"<{type(value).__name__}>"


def entry(found: Mapping[str, Any]) -> Any:
    """Return a Discovery entry without what identifies anybody."""
    return anonymized(found, ENTRY)


def state(reading: StateEntry) -> dict[str, Any]:
    """Return a reading without what identifies anybody."""
    rule = STATES.get(reading.key)
    is_capability = CAPABILITIES(reading.capability)
    return {
        "capability": reading.capability if is_capability else type_of(reading.capability),
        "name": reading.name if rule else type_of(reading.name),
        "value": anonymized(reading.value, rule or nothing),
    }


def options_of(options: Options) -> dict[str, Any]:
    """Return the options that are numbers and enums; of others whether they are the default."""
    return grouped({name: _setting(name, options) for name in FLAT_VALIDATORS})


def _setting(name: str, options: Options) -> Any:
    reader, value = FLAT_VALIDATORS[name], attrgetter(name)(options)
    if reader is flag or isinstance(reader, WholeNumber | OneOf):
        return value
    if value == attrgetter(name)(Options()):
        return "<default>"
    return f"<{len(value)} of them>" if isinstance(value, tuple) else "<set>"
