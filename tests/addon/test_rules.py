from typing import Any

import pytest

from tests.addon.manifest import ROOT, load
from tests.addon.rules import REQUIRED, config_problems, schema_problems, translation_problems

CONFIG = load("config.yaml")
LANGUAGES = sorted(path.name for path in (ROOT / "translations").iterdir())


def test_the_supervisor_takes_every_key_of_the_manifest() -> None:
    assert config_problems(CONFIG) == []


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("version", 0.5),
        ("slug", "Utec"),
        ("url", "github.com"),
        ("image", f"{CONFIG['image']}:latest"),
        ("image", CONFIG["image"].upper()),
        ("stage", "beta"),
        ("homeassistant", 2024.11),
        ("arch", ["armv7"]),
        ("init", "false"),
        ("services", ["mqtt"]),
        ("timeout", 9),
        ("map", ["app_config"]),
        ("map", [{"type": "config"}]),
        ("map", [{"type": "app_config", "readonly": True}]),
        ("ports", {"8000": None}),
        ("ports", {"8000/tcp": 0}),
        ("ports_description", {"8000/tcp": ""}),
        ("apparmor", "utec_gateway"),
        ("auto_start", True),
    ],
)
def test_a_key_that_the_supervisor_would_refuse_or_drop_is_found(key: str, value: Any) -> None:
    assert config_problems({**CONFIG, key: value}) == [key]


@pytest.mark.parametrize("key", REQUIRED)
def test_a_manifest_without_what_the_store_must_know_is_found(key: str) -> None:
    assert config_problems({name: CONFIG[name] for name in CONFIG if name != key}) == [key]


def test_the_schema_asks_for_nothing_that_the_supervisor_cannot_do() -> None:
    assert schema_problems(CONFIG["schema"], CONFIG["options"]) == []


@pytest.mark.parametrize(
    "element",
    [{"host": "str?"}, ["str"], [{"host": "str"}], [["str?"]], ["str?", "int?"], "list(on|off)"],
    ids=str,
)
def test_a_schema_that_no_installation_could_satisfy_is_found(element: Any) -> None:
    (problem,) = schema_problems({"new": element}, {})
    assert problem.startswith("new: ")


@pytest.mark.parametrize("name", LANGUAGES)
def test_the_supervisor_takes_every_translation(name: str) -> None:
    assert translation_problems(load(f"translations/{name}")) == []


def test_one_entry_without_a_name_is_found_however_deep_it_is() -> None:
    email: dict[str, Any] = {"name": "E-mail", "fields": {"host": {"description": "Of the server"}}}
    network = {"8000/tcp": None}
    found = translation_problems({"configuration": {"email": email}, "network": network})
    assert found == ["email.host", "8000/tcp"]


@pytest.mark.parametrize("name", LANGUAGES)
def test_a_translation_names_the_ports_that_there_are(name: str) -> None:
    assert set(load(f"translations/{name}")["network"]) == set(CONFIG["ports"])


def test_an_app_of_version_zero_is_experimental_and_no_other() -> None:
    assert (CONFIG.get("stage") == "experimental") == CONFIG["version"].startswith("0.")
