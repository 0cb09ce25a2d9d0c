"""Markdown pages as tests read them."""

import re

ROW_OF_LINES = re.compile(r"(?m)^\|[-|]+\|\n((?:\|.*\n)+)")


def prose(page: str) -> str:
    """Return a page without its code blocks."""
    return re.sub(r"(?ms)^\s*```.*?^\s*```$", "", page)


def anchors(page: str) -> set[str]:
    """Return what a link may point at, named as GitHub names it."""
    found: set[str] = set()
    for title in re.findall(r"(?m)^#+ (.+)$", prose(page)):
        plain = re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-")
        number, anchor = 0, plain
        while anchor in found:
            number += 1
            anchor = f"{plain}-{number}"
        found.add(anchor)
    return found


def links(page: str) -> list[str]:
    """Return what a page links to, pictures included."""
    return re.findall(r"\[[^\]]*\]\(([^)\s]+)\)", prose(page))


def section(page: str, heading: str) -> str:
    """Return what is below a heading, up to the next one of its level."""
    level = heading.partition(" ")[0]
    return re.split(rf"\n#{{1,{len(level)}}} ", page.split(f"\n{heading}\n", 1)[1])[0]


def cells(row: str) -> list[str]:
    return [cell.strip() for cell in row.strip().strip("|").split("|")]


def rows_below(page: str, heading: str) -> list[list[str]]:
    """Return the rows of the tables below a heading, without their heads."""
    tables = ROW_OF_LINES.findall(section(page, heading))
    return [cells(line) for table in tables for line in table.splitlines()]
