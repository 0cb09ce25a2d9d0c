"""What comments and pages refer to exists: each cited section, each linked file and heading."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.addon.test_tree import tracked
from tests.markdown import anchors, links, prose, rows_below
from tests.promises.test_fault_table_is_complete import ROWS

ROOT = Path(__file__).parents[1]
REFERENCE = Path("docs/reference")
PAGES = sorted(path.stem for path in (ROOT / REFERENCE).glob("*.md"))
TEXTS = {".md", ".py", ".sh", ".toml", ".txt", ".yaml", ".yml", ""}

NUMBER = r"[1-9]\d?(?:\.\d{1,2})?"
NUMBERS = rf"({NUMBER}(?:(?:, | and ){NUMBER})*)"
OF_AN_RFC = re.compile(r"RFC \d+,?(?: section)?(?: [\d.]+\d)?")
OF_A_PAGE = re.compile(
    rf"(?:\(|\b(?=(?:{'|'.join(PAGES)}) ))(?!section)([a-z][a-z-]+) {NUMBERS}(?=[);:,.\s])"
)
OF_NO_PAGE = re.compile(rf"(?:\((?=\d\.)|\bsections? ){NUMBERS}(?=[);:,]|\.?\s)")

Citation = tuple[str, str]
"""A page and the number of one of its sections."""


def citations(text: str, page: str = "") -> Iterator[Citation]:
    """Yield what a text cites; a number alone is a section of the `page` that it stands on."""
    text = OF_AN_RFC.sub("", f"{text}\n")
    alone = [(page, numbers) for numbers in OF_NO_PAGE.findall(text)]
    for name, numbers in OF_A_PAGE.findall(text) + alone:
        yield from ((name, number) for number in re.findall(NUMBER, numbers))


def remarks(source: str) -> Iterator[str]:
    """Yield the comments and docstrings of a module, the docstrings of its values included."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            yield str(node.value.value)
    yield from re.findall(r"(?m)(?:^|\s)#.*$", source)


def texts() -> Iterator[tuple[Path, str]]:
    """Yield every text of the repository; of Python and Markdown what is written for people."""
    for path in tracked():
        if path.suffix not in TEXTS or path == Path(__file__).relative_to(ROOT):
            continue
        text = (ROOT / path).read_text("utf-8")
        if path.suffix == ".py":
            text = "\n".join(remarks(text))
        elif path.suffix == ".md":
            text = re.sub(r"`[^`]*`", "`", prose(text))
        yield path, text


def reference(page: str) -> str:
    return (ROOT / REFERENCE / f"{page}.md").read_text("utf-8")


SECTIONS = {
    (page, number)
    for page in PAGES
    for number in re.findall(rf"(?m)^#+ ({NUMBER})\.? ", prose(reference(page)))
}
CITED = sorted(
    {
        (str(path), *citation)
        for path, text in texts()
        for citation in citations(text, path.stem if path.parent == REFERENCE else "")
        if citation[0] or path.suffix == ".py" or path.parent == REFERENCE
    }
)
LINKED = sorted(
    {
        (str(path), link)
        for path in tracked()
        if path.suffix == ".md"
        for link in links((ROOT / path).read_text("utf-8"))
        if not link.startswith(("https://", "http://"))
    }
)


@pytest.mark.parametrize(("path", "page", "number"), CITED)
def test_what_is_cited_exists(path: str, page: str, number: str) -> None:
    assert (page, number) in SECTIONS, path


@pytest.mark.parametrize("page", PAGES)
def test_every_page_of_the_reference_is_cited(page: str) -> None:
    assert any(cited == page and not path.startswith("docs") for path, cited, _ in CITED)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("as the page words it (utec-cloud 1.1; RFC 6749 4.1.2.1)", [("utec-cloud", "1.1")]),
        ("(utec-cloud 2.2, 6.2)", [("utec-cloud", "2.2"), ("utec-cloud", "6.2")]),
        ("(home-assistant 5 and 6)", [("home-assistant", "5"), ("home-assistant", "6")]),
        ("(utec-cloud 99)", [("utec-cloud", "99")]),
        ("(mqtt 4)", [("mqtt", "4")]),
        ("(contract sections 3 and 4)", [("", "3"), ("", "4")]),
        ("utec-cloud 4.5.", [("utec-cloud", "4.5")]),
        ("accepted, which is not done (5.1).", [("", "5.1")]),
        ("as section 7 has it", [("", "7")]),
        ("RFC 6749 section 5.1, with dates", []),
    ],
)
def test_a_citation_is_recognized(text: str, found: list[Citation]) -> None:
    assert list(citations(text)) == found


@pytest.mark.parametrize(("path", "link"), LINKED)
def test_no_link_leads_nowhere(path: str, link: str) -> None:
    file, _, anchor = link.partition("#")
    target = (ROOT / path).parent / file if file else ROOT / path
    assert target.exists()
    if anchor:
        assert anchor in anchors(target.read_text("utf-8"))


def test_the_fault_table_has_the_rows_that_are_lived_through() -> None:
    rows = rows_below(reference("utec-cloud"), "## 9. Fault table")
    assert [row for row, _, _ in rows] == ROWS
