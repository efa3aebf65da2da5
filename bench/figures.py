"""A measured figure, what it should be, and the table of all of them."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Figure:
    """One number that a run gave; at_least and at_most: its target, None for one that is only reported."""

    name: str
    value: float
    unit: str
    at_least: float | None = None
    at_most: float | None = None

    @property
    def target(self) -> str:
        """The target in words; empty for a figure that has none."""
        if self.at_least is not None:
            return f"at least {_number(self.at_least)}"
        return "" if self.at_most is None else f"at most {_number(self.at_most)}"

    @property
    def verdict(self) -> str:
        """`met`, `short`, or empty for a figure without a target."""
        if not self.target:
            return ""
        is_met = (self.at_least is None or self.value >= self.at_least) and (
            self.at_most is None or self.value <= self.at_most
        )
        return "met" if is_met else "short"


def table(figures: Sequence[Figure]) -> str:
    """Return the figures as lines of columns: figure, measured, target, met or short."""
    rows = [("figure", "measured", "target", "")]
    rows += [(one.name, f"{_number(one.value)} {one.unit}".strip(), one.target, one.verdict) for one in figures]
    widths = [max(len(row[column]) for row in rows) for column in range(4)]
    lines = ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]
    return "\n".join([lines[0], "-" * len(lines[0].ljust(sum(widths) + 6)), *lines[1:]])


def _number(value: float) -> str:
    if abs(value) >= 100:
        return f"{value:,.0f}"
    return f"{value:.1f}" if abs(value) >= 10 else f"{value:.2f}"
