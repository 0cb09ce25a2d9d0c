"""Named starting worlds, read from YAML."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from .cloud import SimulatedCloud
from .device_control import change_device
from .lock_user_control import place_user

SCENARIOS = Path(__file__).parent / "scenarios"


def scenario_names() -> list[str]:
    """Return the scenarios that come with the simulator."""
    return sorted(path.stem for path in SCENARIOS.glob("*.yaml"))


def load_scenario(cloud: SimulatedCloud, name_or_path: str | Path) -> None:
    """Add a scenario's devices to a cloud; call it before the cloud is started."""
    known = name_or_path in scenario_names()
    path = SCENARIOS / f"{name_or_path}.yaml" if known else Path(name_or_path)
    for entry in yaml.safe_load(path.read_text(encoding="utf-8"))["devices"]:
        _add(cloud, entry)


def _add(cloud: SimulatedCloud, entry: Mapping[str, Any]) -> None:
    device = cloud.add_device(entry["id"], entry["name"], entry["kind"])
    rest = {key: value for key, value in entry.items() if key not in {"id", "name", "kind"}}
    users = rest.pop("users", ())
    offline = rest.pop("online", True) is False
    change_device(device, rest)
    for user in users:
        place_user(device, user)
    if offline:
        device.go_offline()
