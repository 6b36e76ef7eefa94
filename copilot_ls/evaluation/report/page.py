"""A report as plain data: headings, paragraphs, tables, and bars with their intervals. Pure.

Cells are text as it is meant; the renderers escape it. Made by the `*_page` modules.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from copilot_ls.evaluation.intervals import Estimate


@dataclass(frozen=True, slots=True)
class Table:
    """The first column is names, the others are figures."""

    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class Bar:
    """A share from 0 to 1 with its interval, None where there is none."""

    label: str
    value: float
    low: float | None
    high: float | None
    words: str


@dataclass(frozen=True, slots=True)
class Bars:
    """Shares side by side, in the order given. HTML draws them; the same figures stand in a table."""

    title: str
    bars: tuple[Bar, ...]


@dataclass(frozen=True, slots=True)
class Command:
    """A command line, to be copied."""

    line: str


@dataclass(slots=True)
class Section:
    """A heading and what stands below it, in order."""

    heading: str
    parts: list[str | Table | Bars | Command | tuple[str, ...]] = field(default_factory=list)
    """A text is a paragraph, a tuple of texts a list."""


@dataclass(slots=True)
class Page:
    """A report. `lead` are its first sentences."""

    title: str
    lead: str
    sections: list[Section] = field(default_factory=list)


def share(value: float | None) -> str:
    """A share in percent."""
    return "-" if value is None else f"{100 * value:.1f} %"


def share_estimate(estimate: Estimate) -> str:
    """A share and its interval, in percent."""
    if estimate.value is None or estimate.low is None or estimate.high is None:
        return share(estimate.value)
    return f"{100 * estimate.value:.1f} % ({100 * estimate.low:.1f} to {100 * estimate.high:.1f})"


def points_estimate(estimate: Estimate) -> str:
    """A difference of shares and its interval, in percentage points, with its sign."""
    if estimate.value is None:
        return "-"
    value = f"{100 * estimate.value:+.1f}"
    if estimate.low is None or estimate.high is None:
        return value
    return f"{value} ({100 * estimate.low:+.1f} to {100 * estimate.high:+.1f})"


def number(value: float | None, digits: int = 1) -> str:
    """A number with so many digits behind the point."""
    return "-" if value is None else f"{value:.{digits}f}"


def number_estimate(estimate: Estimate, digits: int = 1) -> str:
    """A number and its interval."""
    if estimate.value is None or estimate.low is None or estimate.high is None:
        return number(estimate.value, digits)
    return f"{estimate.value:.{digits}f} ({estimate.low:.{digits}f} to {estimate.high:.{digits}f})"


def signed_estimate(estimate: Estimate, digits: int = 1) -> str:
    """A difference of numbers and its interval, with its sign."""
    if estimate.value is None:
        return "-"
    value = f"{estimate.value:+.{digits}f}"
    if estimate.low is None or estimate.high is None:
        return value
    return f"{value} ({estimate.low:+.{digits}f} to {estimate.high:+.{digits}f})"


def cost(value: float | None) -> str:
    """Money in the user's own unit; `no price` where none is configured."""
    if value is None:
        return "no price"
    return f"{value:.4g}"


def counted(counts: Sequence[tuple[str, int]]) -> str:
    """Names and how often, the most frequent first."""
    ordered = sorted(counts, key=lambda one: (-one[1], one[0]))
    return ", ".join(f"{name} {n:,}" for name, n in ordered if n) or "none"
