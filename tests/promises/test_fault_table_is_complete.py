"""No row of the fault table may be forgotten."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

HERE = Path(__file__).parent
SIZES = {"A": 12, "B": 10, "C": 9, "D": 7, "E": 4}
ROWS = [f"{letter}{number}" for letter, size in SIZES.items() for number in range(1, size + 1)]
A_ROW = re.compile(r"^[ABCDE]\d+(?=[ :]|$)")


def named_by(test: ast.AST) -> Iterator[str]:
    """Yield the rows with which a text of the test begins: its docstring, its parameters' ids."""
    for node in ast.walk(test):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield from A_ROW.findall(node.value)


def rows_of(path: Path) -> set[str]:
    tree = ast.parse(path.read_text())
    helpers = {row for node in tree.body if isinstance(node, ast.Assign) for row in named_by(node)}
    tests = (node for node in tree.body if isinstance(node, ast.AsyncFunctionDef))
    return helpers | {row for test in tests for row in named_by(test)}


NAMED = {row for path in HERE.glob("test_fault_table_*.py") for row in rows_of(path)}


@pytest.mark.parametrize("row", ROWS)
def test_every_row_of_the_fault_table_has_a_test(row: str) -> None:
    assert row in NAMED
