"""The Supervisor's rules for config.yaml (home-assistant 2, 3)."""

import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).parents[2]

ELEMENT = re.compile(
    r"^(?:"
    r"bool|email|url|port"
    r"|device(?:\(subsystem=[a-z]+\))?"
    r"|str(?:\((?P<s_min>\d+)?,(?P<s_max>\d+)?\))?"
    r"|password(?:\((?P<p_min>\d+)?,(?P<p_max>\d+)?\))?"
    r"|int(?:\((?P<i_min>-?\d+)?,(?P<i_max>-?\d+)?\))?"
    r"|float(?:\((?P<f_min>-?[\d.]+)?,(?P<f_max>-?[\d.]+)?\))?"
    r"|match\((?P<match>.*)\)"
    r"|list\((?P<list>.+)\)"
    r")\??$"
)
SLUG = re.compile(r"^[a-z0-9_]+$")
DEFAULTS = {
    "boot": "auto",
    "startup": "application",
    "stage": "stable",
    "ingress_port": 8099,
    "panel_admin": True,
    "hassio_api": False,
    "auth_api": False,
    "host_network": False,
    "apparmor": True,
    "backup": "hot",
}
"""What the linter wants left out, being the default."""
LOWERING = {
    "host_network": 1,
    "host_pid": 2,
    "kernel_modules": 1,
}


def load(name: str) -> Any:
    return yaml.safe_load((ROOT / name).read_text("utf-8"))


def merged(defaults: Mapping[str, Any], stored: Mapping[str, Any]) -> dict[str, Any]:
    """Merge as the Supervisor does: groups merge, lists and scalars are replaced."""
    result = dict(defaults)
    for key, value in stored.items():
        earlier = result.get(key)
        both_groups = isinstance(value, Mapping) and isinstance(earlier, Mapping)
        result[key] = merged(earlier, value) if both_groups else value  # type: ignore[arg-type]
    return result


def problems(schema: Mapping[str, Any], values: Mapping[str, Any], where: str = "") -> list[str]:
    """Return what the Supervisor would refuse in a set of options."""
    found = [f"{where}{key}: unknown" for key in values if key not in schema]
    for key, element in schema.items():
        name = f"{where}{key}"
        if key not in values:
            if not (isinstance(element, str) and element.endswith("?")) and not _is_free(element):
                found.append(f"{name}: missing")
        elif isinstance(element, Mapping):
            found += problems(element, values[key], f"{name}.")
        elif isinstance(element, list):
            found += [f"{name}: {item!r}" for item in values[key] if not fits(element[0], item)]
        elif not fits(element, values[key]):
            found.append(f"{name}: {values[key]!r}")
    return found


def _is_free(element: Any) -> bool:
    """Tell whether a list may be left out: only one of optional scalars may."""
    return isinstance(element, list) and isinstance(element[0], str) and element[0].endswith("?")


def fits(element: str, value: Any) -> bool:
    """Tell whether the Supervisor takes a value for a schema element."""
    parsed = ELEMENT.match(element)
    assert parsed, f"{element} is not of the schema's language"
    kind = re.split(r"[(?]", element)[0]
    return value is not None and CHECKS[kind](parsed, value)


def _within(low: str | None, high: str | None, value: float) -> bool:
    return (low is None or value >= float(low)) and (high is None or value <= float(high))


CHECKS: Mapping[str, Callable[[re.Match[str], Any], bool]] = {
    "bool": lambda _, value: isinstance(value, bool),
    "email": lambda _, value: isinstance(value, str) and "@" in value,
    "url": lambda _, value: bool(re.match(r"^https?://[^/\s]", str(value))),
    "port": lambda _, value: isinstance(value, int) and 1 <= value <= 65535,
    "str": lambda parsed, value: (
        isinstance(value, str) and _within(parsed["s_min"], parsed["s_max"], len(value))
    ),
    "password": lambda parsed, value: (
        isinstance(value, str) and _within(parsed["p_min"], parsed["p_max"], len(value))
    ),
    "int": lambda parsed, value: (
        isinstance(value, int) and _within(parsed["i_min"], parsed["i_max"], value)
    ),
    "float": lambda parsed, value: (
        isinstance(value, int | float) and _within(parsed["f_min"], parsed["f_max"], value)
    ),
    "match": lambda parsed, value: bool(re.match(parsed["match"], str(value))),
    "list": lambda parsed, value: str(value) in parsed["list"].split("|"),
}


def rating(config: Mapping[str, Any], *, has_profile: bool) -> int:
    """Compute the security rating by the Supervisor's own rule (home-assistant 3)."""
    points = 5
    if config.get("apparmor") is False:
        points -= 1
    elif has_profile:
        points += 1
    if config.get("ingress"):
        points += 2
    elif config.get("auth_api"):
        points += 1
    points -= 1 if config.get("privileged") else 0
    points -= {"manager": 1, "admin": 2}.get(config.get("hassio_role", ""), 0)
    points -= sum(cost for key, cost in LOWERING.items() if config.get(key))
    if config.get("docker_api") or config.get("full_access"):
        points = 1
    return max(1, min(8, points))
