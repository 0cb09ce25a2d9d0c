"""The house rules that a machine can check."""

import ast
import re
import subprocess
from collections.abc import Iterator
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "utec_gateway"

FLOORS = [
    {"core"},
    {"logging", "options", "texts"},
    {"plugin_api"},
    {"storage", "utec", "home_assistant"},
    {"plugins", "journal"},
    {"access_codes", "auth", "devices"},
    {"issues"},
    {"web"},
    {"account", "gateway", "command_line", "demo", "__main__"},
]
FLOOR = {name: number for number, names in enumerate(FLOORS) for name in names}
DECIDING = FLOORS[5] | FLOORS[6] | {"journal"}
MAY_SIMULATE = {"demo", "simulator"}


def top(module: str) -> str:
    """Return the first name below the package: what the floors are made of."""
    return module.removeprefix("utec_gateway.").partition(".")[0]


def module_name(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def imports_of(path: Path) -> Iterator[str]:
    """Yield every module of ours that a file imports, in full."""
    package = module_name(path).split(".")
    if path.name != "__init__.py":
        package = package[:-1]
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            yield from (name.name for name in node.names if name.name.startswith("utec_gateway."))
        elif isinstance(node, ast.ImportFrom):
            base = package[: len(package) - node.level + 1] if node.level else []
            source = ".".join([*base, *([node.module] if node.module else [])])
            for name in node.names:
                full = f"{source}.{name.name}"
                is_module = (ROOT / full.replace(".", "/")).with_suffix(".py").exists()
                is_package = (ROOT / full.replace(".", "/")).is_dir()
                if source.startswith("utec_gateway"):
                    yield full if is_module or is_package else source


FILES = sorted(PACKAGE.rglob("*.py"))
IMPORTS = [
    (module_name(path), imported)
    for path in FILES
    for imported in sorted(set(imports_of(path)))
    if imported != "utec_gateway"
]


@pytest.mark.parametrize(("module", "imported"), IMPORTS)
def test_imports_point_down(module: str, imported: str) -> None:
    ours, theirs = top(module), top(imported)
    if ours == "simulator":
        assert theirs == "simulator" or FLOOR[theirs] <= 1
    elif theirs == "simulator":
        assert ours in MAY_SIMULATE
    else:
        assert FLOOR[theirs] <= FLOOR[ours]


def test_every_package_has_a_floor() -> None:
    names = {top(module_name(path)) for path in FILES} - {"utec_gateway", "simulator"}
    assert names == set(FLOOR)


def test_the_page_about_the_architecture_shows_the_same_floors() -> None:
    page = (ROOT / "docs/architecture.md").read_text("utf-8")
    rows = re.findall(r"^\| (\d) \| (.+?) \|", page, re.MULTILINE)
    shown = {int(number): set(re.findall(r"`(\w+)/?`", names)) for number, names in rows}
    assert shown == dict(enumerate(FLOORS))


def test_the_root_holds_at_most_six_files() -> None:
    assert len([path for path in PACKAGE.iterdir() if path.is_file()]) <= 6


def test_every_package_says_what_it_owns() -> None:
    silent = [
        str(path.relative_to(ROOT))
        for path in PACKAGE.rglob("__init__.py")
        if not ast.get_docstring(ast.parse(path.read_text("utf-8")))
    ]
    assert silent == []


def test_the_tests_mirror_the_tree() -> None:
    packages = {path.parent.name for path in PACKAGE.glob("*/__init__.py")}
    tested = {path.parent.name for path in (ROOT / "tests").glob("*/__init__.py")}
    assert packages <= tested


def test_plugins_know_the_plugin_api_and_nothing_that_decides() -> None:
    met = [
        (module, imported)
        for module, imported in IMPORTS
        if {top(module), top(imported)} & {"plugins"} and {top(module), top(imported)} & DECIDING
    ]
    assert met == []


def test_only_one_package_knows_the_words_of_the_cloud() -> None:
    met = {
        top(module_name(path))
        for path in FILES
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Constant) and str(node.value).lower().startswith("st.")
    }
    assert met == {"utec", "simulator"}


def test_only_the_pages_of_the_panel_and_what_they_share_know_the_request() -> None:
    panel = PACKAGE / "web/panel"
    shared = {panel / f"{name}.py" for name in ("app", "forms", "live", "middlewares", "page")}
    pages = {path for path in panel.glob("*/*.py") if path.stem == path.parent.name}
    builders = sorted(set(panel.rglob("*.py")) - shared - pages)
    assert len(pages) == 8
    assert [
        (module_name(path), name)
        for path in builders
        for name in ("aiohttp", "utec_gateway.web.app_keys", "Request")
        if name in names_in(path)
    ] == []


def names_in(path: Path) -> set[str]:
    """Return the modules that a file imports, and every name in it."""
    nodes = list(ast.walk(ast.parse(path.read_text("utf-8"))))
    others = {node.module for node in nodes if isinstance(node, ast.ImportFrom) and node.module}
    names = {node.id for node in nodes if isinstance(node, ast.Name)}
    attributes = {node.attr for node in nodes if isinstance(node, ast.Attribute)}
    return {*imports_of(path), *others, *names, *attributes}


def test_no_import_cycle() -> None:
    graph: dict[str, set[str]] = {}
    for module, imported in IMPORTS:
        if imported != module:
            graph.setdefault(module, set()).add(imported)
    assert list(TopologicalSorter(graph).static_order())


@pytest.mark.parametrize("path", FILES, ids=module_name)
def test_files_fit_in_the_head(path: Path) -> None:
    tree = ast.parse(path.read_text("utf-8"))
    assert len(path.read_text("utf-8").splitlines()) <= 250
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            length = (node.end_lineno or 0) - node.body[0].lineno + 1
            assert length <= 45, f"{node.name} is {length} lines long"
            inner = [n for n in ast.walk(node) if isinstance(n, ast.Import | ast.ImportFrom)]
            assert inner == [], f"{node.name} imports"


def test_broad_excepts_are_where_the_house_allows_them() -> None:
    allowed = {
        *("scheduler", "middlewares", "call_guard", "never_repeated", "tasks"),
        *("loader", "hook_calls", "refresher_guard", "events", "connection"),
    }
    found = {
        path.stem
        for path in FILES
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.ExceptHandler)
        and isinstance(node.type, ast.Name)
        and node.type.id in {"Exception", "BaseException"}
    }
    assert found <= allowed


SET_FROM_OUTSIDE = {
    ("demo.__main__", "cloud.behaviour.oauth"),  # the simulator's, as a person at its switches
    ("home_assistant.core", "self._access.turn"),
    ("logging.log_file", "logging"),
    ("logging.throttle", "fault"),
    ("logging.throttle", "record"),
    ("plugins.old_imports", "node"),
    ("utec.oauth", "error"),
    ("utec.oauth", "failed"),
    ("utec.oauth", "refused"),
    ("web.key_limiter", "failures"),
    ("web.panel.activity.log_view", "entry"),
}
"""Where a module assigns to an attribute of another object: records of its own, errors that it is
about to raise, and what the standard library wants set. The simulator is a double."""


def assigned_from_outside(source: str) -> Iterator[str]:
    """Yield x of each `x.y = …` where x is not self."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store):
            owner = ast.unparse(node.value)
            if owner != "self":
                yield owner


def test_nothing_is_set_from_outside_after_construction() -> None:
    found = {
        (module_name(path).removeprefix("utec_gateway."), name)
        for path in FILES
        if top(module_name(path)) != "simulator"
        for name in assigned_from_outside(path.read_text("utf-8"))
    }
    assert found <= SET_FROM_OUTSIDE


def test_every_way_to_set_an_attribute_from_outside_is_seen() -> None:
    source = "self.a = 1\nself.store.a = 1\none.a += 1\ntwo.a, self.b = 1, 2\nthree.a: int = 1\n"
    assert sorted(assigned_from_outside(source)) == ["one", "self.store", "three", "two"]


def test_no_tracked_file_names_a_path_of_this_machine_or_a_registry() -> None:
    names = subprocess.run(
        ["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout.split()
    forbidden = ("/" + "work/", "pypi" + ".org", "/" + "root/")
    for name in names:
        content = (ROOT / name).read_bytes() if (ROOT / name).is_file() else b""
        assert not any(word.encode() in content for word in forbidden), name
