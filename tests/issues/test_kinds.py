"""One issue a file: each has a title, a message, a row in the handbook, and a test."""

import importlib
import pkgutil
from pathlib import Path
from types import ModuleType

import pytest

from tests.markdown import rows_below
from utec_gateway.issues import checks, kinds
from utec_gateway.texts.translations import FALLBACK, read_translations

ROOT = Path(__file__).parents[2]
KINDS = [
    importlib.import_module(f"{kinds.__name__}.{found.name}")
    for found in pkgutil.iter_modules(kinds.__path__)
]
EVENTS = {"lock_not_confirmed", "command_refused"}
"""What happens and is no condition: whoever sees it happen raises it."""


def key_of(kind: ModuleType) -> str:
    return str(getattr(kind, "KEY", "") or kind.KIND)


each = pytest.mark.parametrize("kind", KINDS, ids=key_of)


@each
def test_an_issue_has_a_title_and_a_message(kind: ModuleType) -> None:
    texts = read_translations().texts_of(FALLBACK)
    own = {name.split(".")[2] for name in texts if name.startswith(f"issues.{key_of(kind)}.")}
    assert {name.partition("_")[0] for name in own} >= {"title", "message"} or (
        key_of(kind) == "exposed" and "title" in own
    )


def test_the_handbook_explains_every_issue_and_no_other() -> None:
    rows = rows_below((ROOT / "DOCS.md").read_text("utf-8"), "## Issues")
    assert sorted(name.strip("`") for name, *_ in rows) == sorted(map(key_of, KINDS))


@each
def test_an_issue_is_checked_for_or_raised_when_it_happens(kind: ModuleType) -> None:
    every = checks.OF_AN_ACCOUNT + checks.OF_THE_GATEWAY
    assert (getattr(kind, "check", None) in every) is (key_of(kind) not in EVENTS)
    assert key_of(kind) not in EVENTS or callable(kind.issue)


@each
def test_an_issue_is_met_by_a_test(kind: ModuleType) -> None:
    others = (path for path in (ROOT / "tests").rglob("test_*.py") if path != Path(__file__))
    assert any(f'"{key_of(kind)}' in path.read_text("utf-8") for path in others)
