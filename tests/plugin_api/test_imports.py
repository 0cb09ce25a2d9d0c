"""A plugin imports from `utec_gateway.plugin_api` only; what it needs is there."""

import ast
import inspect
from collections.abc import Iterator
from pathlib import Path

import pytest

from utec_gateway import plugin_api
from utec_gateway.plugins.loader import BUILT_INS

ROOT = Path(__file__).parents[2]
PLUGINS = [
    *(Path(inspect.getfile(module)) for module in BUILT_INS),
    *sorted((ROOT / "docs/example_plugins").glob("*.py")),
]


def imports_of_ours(path: Path) -> Iterator[tuple[str, str]]:
    """Yield each module of ours that is imported from, and what."""
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            yield from ((name.name, "") for name in node.names if "utec_gateway" in name.name)
        elif isinstance(node, ast.ImportFrom):
            source = "." * node.level + (node.module or "")
            if source.startswith(("utec_gateway", ".")):
                yield from ((source, name.name) for name in node.names)


@pytest.mark.parametrize("path", PLUGINS, ids=lambda path: path.name)
def test_a_plugin_imports_from_the_plugin_api_only(path: Path) -> None:
    imported = list(imports_of_ours(path))
    assert imported
    assert {source for source, _ in imported} == {"utec_gateway.plugin_api"}
    assert {name for _, name in imported} <= set(plugin_api.__all__)


def test_everything_that_is_offered_exists() -> None:
    assert [name for name in plugin_api.__all__ if not hasattr(plugin_api, name)] == []


def test_every_built_in_module_is_loaded() -> None:
    folder = ROOT / "utec_gateway/plugins"
    names = {path.stem for path in folder.glob("*.py")} - {"__init__", "loader", "old_imports"}
    assert {path.stem for path in PLUGINS if path.parent == folder} == names
