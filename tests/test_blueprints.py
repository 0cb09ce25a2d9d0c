"""The blueprints as files: what people import is what the handbook links to."""

import re
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
import yaml

from tests.markdown import section

ROOT = Path(__file__).parents[1]
FOLDER = Path("blueprints/automation")
PATHS = sorted(path.relative_to(ROOT) for path in (ROOT / FOLDER).iterdir())
PUBLISHED = "https://github.com/utec-gateway/utec-gateway/blob/main"
IMPORT = "https://my.home-assistant.io/redirect/blueprint_import/?blueprint_url="


class BlueprintLoader(yaml.SafeLoader):
    """YAML with Home Assistant's tag for what the user gives."""


BlueprintLoader.add_constructor("!input", lambda _loader, node: f"!{node.value}")
BlueprintLoader.add_constructor("!secret", lambda _loader, node: f"!secret {node.value}")


def load(path: Path) -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.load((ROOT / path).read_text("utf-8"), BlueprintLoader)  # noqa: S506 - it is a safe one
    return loaded


def strings(value: Any) -> list[str]:
    """Return every text in what was loaded."""
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, list):
        return [text for one in value for text in strings(one)]
    return [value] if isinstance(value, str) else []


def test_there_are_those_that_the_handbook_promises() -> None:
    promised = ["guest_code", "left_open", "lock_again", "needs_a_person"]
    assert [path.stem for path in PATHS] == promised


@pytest.mark.parametrize("path", PATHS, ids=str)
def test_the_handbook_links_to_its_import_under_its_name(path: Path) -> None:
    name = load(path)["blueprint"]["name"].removeprefix("U-tec - ")
    link = f"{IMPORT}{quote(f'{PUBLISHED}/{path}', safe='')}"
    assert f"- [{name}]({link})" in section((ROOT / "DOCS.md").read_text("utf-8"), "## Automations")


@pytest.mark.parametrize("path", PATHS, ids=str)
def test_home_assistant_finds_a_newer_one_where_it_is_published(path: Path) -> None:
    assert load(path)["blueprint"]["source_url"] == f"{PUBLISHED}/{path}"


@pytest.mark.parametrize("path", PATHS, ids=str)
def test_everything_it_asks_for_is_explained_by_a_name_and_used(path: Path) -> None:
    blueprint = load(path)
    asked = blueprint.pop("blueprint")["input"]
    assert all(one["name"] and one["selector"] for one in asked.values())
    used = {text.removeprefix("!") for text in strings(blueprint) if text.startswith("!")}
    assert used == set(asked)


def test_the_handbook_shows_the_action_for_guests_as_it_is() -> None:
    handbook = (ROOT / "DOCS.md").read_text("utf-8")
    shown = re.findall(r"```yaml\n(rest_command:\n.*?)```", handbook, re.DOTALL)
    real = load(Path("blueprints/rest_command.yaml"))
    assert shown
    for text in shown:
        commands = yaml.load(text, BlueprintLoader)["rest_command"]  # noqa: S506 - it is a safe one
        assert commands.items() <= real.items()
