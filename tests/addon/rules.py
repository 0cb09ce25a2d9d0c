"""The Supervisor's rules for the keys of config.yaml and for translations (home-assistant 2).

What it drops in silence is a problem here: nobody would see it there.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

Rule = Callable[[Any], bool]


def _pattern(expression: str) -> Rule:
    return lambda value: isinstance(value, str) and bool(re.fullmatch(expression, value))


def _one_of(*words: str) -> Rule:
    return lambda value: value in words


def _list_of(rule: Rule) -> Rule:
    return lambda value: isinstance(value, list) and all(map(rule, value))


def _mapping(key: Rule, value: Rule) -> Rule:
    return lambda given: (
        isinstance(given, Mapping) and all(map(key, given)) and all(map(value, given.values()))
    )


def _number(low: int, high: int) -> Rule:
    return lambda value: type(value) is int and low <= value <= high


def _flag(value: Any) -> bool:
    return isinstance(value, bool)


def _folder(value: Any) -> bool:
    known = {"type": _one_of(*FOLDERS), "read_only": _flag, "path": TEXT}
    return isinstance(value, Mapping) and "type" in value and not list(_refused(known, value))


def _host_port(value: Any) -> bool:
    return value is None or _number(1, 65535)(value)


def _anything(_: Any) -> bool:
    return True


TEXT = _pattern(r"(?s).*\S.*")
PORT = _pattern(r"\d{1,5}/(tcp|udp)")
VERSION = _pattern(r"\d+\.\d+\.\d+")
FOLDERS = (
    "all_app_configs",
    "app_config",
    "backup",
    "data",
    "homeassistant_config",
    "local_apps",
    "media",
    "share",
    "ssl",
)
REQUIRED = ("name", "version", "slug", "description", "arch")
KEYS: Mapping[str, Rule] = {
    "name": TEXT,
    "version": _pattern(r"\d+\.\d+\.\d+(-edge\.\d+)?"),
    "slug": _pattern(r"[a-z0-9_]+"),
    "description": TEXT,
    "url": _pattern(r"https?://[^/\s]+(/\S*)?"),
    "image": _pattern(r"[a-z0-9.-]+(:\d+)?(/[a-z0-9._-]+)+"),
    "stage": _one_of("stable", "experimental", "deprecated"),
    "homeassistant": VERSION,
    "arch": _list_of(_one_of("aarch64", "amd64")),
    "init": _flag,
    "ingress": _flag,
    "panel_icon": _pattern(r"mdi:[a-z0-9-]+"),
    "panel_title": TEXT,
    "homeassistant_api": _flag,
    "services": _list_of(_pattern(r"(mqtt|mysql):(provide|want|need)")),
    "timeout": _number(10, 300),
    "map": _list_of(_folder),
    "ports": _mapping(PORT, _host_port),
    "ports_description": _mapping(PORT, TEXT),
    "backup_exclude": _list_of(TEXT),
    "options": _mapping(TEXT, _anything),
    "schema": _mapping(TEXT, _anything),
}
"""Every key that this add-on uses; another one gets its rule here first."""

YAML_READS_AS_A_FLAG = {"on", "off", "yes", "no", "true", "false", "y", "n"}


def _refused(rules: Mapping[str, Rule], values: Mapping[str, Any]) -> Iterator[str]:
    yield from (key for key, value in values.items() if not rules.get(key, _never)(value))


def _never(_: Any) -> bool:
    return False


def config_problems(config: Mapping[str, Any]) -> list[str]:
    """Return the keys of a manifest that are missing, unknown, or of another form."""
    return [key for key in REQUIRED if key not in config] + list(_refused(KEYS, config))


def schema_problems(schema: Mapping[str, Any], defaults: Any, where: str = "") -> list[str]:
    """Return the places where a schema asks for what the Supervisor cannot do."""
    given = defaults if isinstance(defaults, Mapping) else {}
    return [
        problem
        for key, element in schema.items()
        for problem in _element_problems(element, given.get(key), f"{where}{key}")
    ]


def _element_problems(element: Any, default: Any, where: str) -> Iterator[str]:
    if isinstance(element, Mapping):
        if default is None and "." not in where:
            yield f"{where}: a group needs a default"
        yield from schema_problems(element, default, f"{where}.")
    elif isinstance(element, list):
        if len(element) != 1 or isinstance(element[0], list):
            yield f"{where}: a list has one kind of entry, and it is no list"
        elif not str(element[0]).endswith("?") and default is None and "." not in where:
            yield f"{where}: a list needs a default"
    elif set(re.split(r"[(|)]", str(element))[1:]) & YAML_READS_AS_A_FLAG:
        yield f"{where}: YAML reads this word as true or false"


def translation_problems(translation: Mapping[str, Any]) -> list[str]:
    """Return what would make the Supervisor discard the whole file."""
    names = list(_nameless(translation.get("configuration", {})))
    texts = [port for port, text in translation.get("network", {}).items() if not TEXT(text)]
    return names + texts


def _nameless(entries: Any, where: str = "") -> Iterator[str]:
    known = {"name": TEXT, "description": TEXT, "fields": _mapping(TEXT, _anything)}
    for key, entry in entries.items():
        if not isinstance(entry, Mapping) or "name" not in entry or [*_refused(known, entry)]:
            yield f"{where}{key}"
        else:
            yield from _nameless(entry.get("fields", {}), f"{where}{key}.")
