"""One row per measure, and the one table that `make bench` prints."""

from __future__ import annotations

from dataclasses import dataclass
from statistics import median
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

COLUMNS = ("measure", "ours", "baseline", "ratio", "target", "met")


@dataclass(frozen=True, slots=True)
class Row:
    """A figure of ours beside that of a baseline from the same run, and what it has to be.

    `at_most` bounds `ours`, `ratio_at_most` bounds `ours / baseline`; with neither, the row informs.
    """

    measure: str
    ours: float
    unit: str = "ms"
    baseline: float | None = None
    at_most: float | None = None
    ratio_at_most: float | None = None
    note: str = ""

    @property
    def ratio(self) -> float | None:
        return self.ours / self.baseline if self.baseline else None

    @property
    def met(self) -> bool | None:
        verdicts = []
        if self.at_most is not None:
            verdicts.append(self.ours <= self.at_most)
        if self.ratio_at_most is not None:
            verdicts.append(self.ratio is not None and self.ratio <= self.ratio_at_most)
        return all(verdicts) if verdicts else None

    def cells(self) -> tuple[str, ...]:
        target = [f"<= {_figure(self.at_most)} {self.unit}".rstrip()] if self.at_most is not None else []
        target += [f"<= {self.ratio_at_most:g}x"] if self.ratio_at_most is not None else []
        return (
            self.measure + (f" ({self.note})" if self.note else ""),
            f"{_figure(self.ours)} {self.unit}".rstrip(),
            f"{_figure(self.baseline)} {self.unit}".rstrip() if self.baseline is not None else "-",
            f"{_figure(self.ratio)}x" if self.ratio is not None else "-",
            ", ".join(target) or "-",
            {True: "yes", False: "NO", None: "-"}[self.met],
        )


def render(rows: Iterable[Row]) -> str:
    """The table, in aligned columns."""
    cells = [COLUMNS, *(row.cells() for row in rows)]
    widths = [max(len(line[at]) for line in cells) for at in range(len(COLUMNS))]
    lines = [
        "  ".join(cell.ljust(width) if at in (0, 4, 5) else cell.rjust(width) for at, (cell, width) in enumerate(zip(line, widths, strict=True))).rstrip()
        for line in cells
    ]  # fmt: skip
    return "\n".join([lines[0], "-" * max(map(len, lines)), *lines[1:]])


def quantile(figures: Sequence[float], share: float) -> float:
    """The figure that `share` of the others do not exceed, by nearest rank."""
    ordered = sorted(figures)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


__all__ = ["Row", "median", "quantile", "render"]


def _figure(value: float | None) -> str:
    if value is None:
        return "-"
    if value == 0 or value >= 100:
        return f"{value:.0f}"
    return f"{value:.3g}"
