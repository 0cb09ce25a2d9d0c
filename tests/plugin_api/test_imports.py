"""A plugin imports from `utec_gateway.plugin_api` only; what it needs is there."""

import ast
import inspect
from collections.abc import Iterator
from pathlib import Path

import pytest

from utec_gateway import plugin_api
from utec_gateway.plugins.loader import BUILT_INS

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "utec_gateway/plugins"
BUILT_IN_FILES = [Path(inspect.getfile(module)) for module in BUILT_INS]
PACKAGES = [path.parent for path in BUILT_IN_FILES if path.name == "__init__.py"]
PLUGINS = [
    *(path for path in BUILT_IN_FILES if path.parent not in PACKAGES),
    *(path for package in PACKAGES for path in sorted(package.glob("*.py"))),
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


def siblings(path: Path) -> set[str]:
    """Return what a file of a plugin that is a package may import from beside it."""
    return (
        {f".{one.stem}" for one in path.parent.glob("*.py")} if path.parent in PACKAGES else set()
    )


@pytest.mark.parametrize("path", PLUGINS, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_a_plugin_imports_from_the_plugin_api_only(path: Path) -> None:
    imported = list(imports_of_ours(path))
    assert imported or path.parent in PACKAGES
    assert {source for source, _ in imported} - siblings(path) <= {"utec_gateway.plugin_api"}
    api = {name for source, name in imported if source == "utec_gateway.plugin_api"}
    assert api <= set(plugin_api.__all__)


def test_everything_that_is_offered_exists() -> None:
    assert [name for name in plugin_api.__all__ if not hasattr(plugin_api, name)] == []


def test_every_built_in_module_is_loaded() -> None:
    files = {path.stem for path in FOLDER.glob("*.py")} - {"__init__", "loader", "old_imports"}
    packages = {path.parent.name for path in FOLDER.glob("*/__init__.py")}
    assert {module.__name__.rpartition(".")[2] for module in BUILT_INS} == files | packages
