"""A figure: what was measured, and the target it is held against."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Figure:
    """One row of the table; `at_most` and `at_least` are targets, where there are any."""

    name: str
    value: float
    unit: str
    at_most: float | None = None
    at_least: float | None = None

    @property
    def target(self) -> str:
        """Return the target as people write it."""
        if self.at_most is not None:
            return f"≤ {self.at_most:,g}"
        return f"≥ {self.at_least:,g}" if self.at_least is not None else ""

    @property
    def is_met(self) -> bool | None:
        """Tell whether the target is met; None without one."""
        if self.at_most is not None:
            return self.value <= self.at_most
        return self.value >= self.at_least if self.at_least is not None else None

    def to_json(self) -> dict[str, Any]:
        """Return the row for programs."""
        return {
            "name": self.name,
            "value": round(self.value, 3),
            "unit": self.unit,
            "target": self.target,
            "met": self.is_met,
        }


def percentile(samples: Sequence[float], part: float) -> float:
    """Return the value below which `part` of the samples lie."""
    ordered = sorted(samples)
    return ordered[min(len(ordered) - 1, int(len(ordered) * part))]


def table(figures: Sequence[Figure]) -> str:
    """Return the figures as a table for people."""
    width = max(len(figure.name) for figure in figures)
    lines = [f"{'figure':{width}}  {'measured':>14}  {'target':>10}"]
    for figure in figures:
        verdict = {True: "met", False: "MISSED", None: ""}[figure.is_met]
        value = f"{figure.value:,.2f}".rstrip("0").rstrip(".") + f" {figure.unit}"
        lines.append(f"{figure.name:{width}}  {value:>14}  {figure.target:>10}  {verdict}")
    return "\n".join(lines)
