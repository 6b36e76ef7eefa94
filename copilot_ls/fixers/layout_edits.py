"""Edits for lines that are indented as none may be, in languages where indentation shows the blocks.

A line is moved to the indentation of its neighbours or of a block around it, the line above it instead, or an empty
block gets a statement. Called by `syntax_edits`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from copilot_ls.edits import Replacement
from copilot_ls.fixers.idea import Idea
from copilot_ls.text import Point, Span

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from copilot_ls.fixers.base import Problem
    from copilot_ls.syntax.faults import Fault
    from copilot_ls.text import TextSnapshot

_MOST_LINES_ABOVE = 200


def layout_edits(problem: Problem, faults: Sequence[Fault]) -> Iterator[Idea]:
    """All ideas for the faults of indentation."""
    text = problem.document.text
    unit = problem.tree.spec.indent_unit if problem.tree.spec is not None else "    "
    for fault in faults:
        if fault.kind in ("indent", "unindent", "empty_block"):
            yield from _moves(text, fault, unit)
            yield from _of_line_above(text, fault, unit)


def _moves(text: TextSnapshot, fault: Fault, unit: str) -> Iterator[Idea]:
    """The line, alone or with the block below it, to every indentation that it may be meant to have."""
    line = fault.span.start.line
    own = _white(text, line)
    for white, likelier in _wanted(text, fault, unit).items():
        if white == own:
            continue
        cost = _cost(own, white, unit) - likelier
        yield Idea(cost, (_moved(text, line, white),), _said(white))
        run = _run(text, line)
        if len(run) > 1:
            moved = tuple(_moved(text, each, white + _white(text, each)[len(own) :]) for each in run)
            yield Idea(cost + 0.12, moved, f"{_said(white)}, with the block below it")


def _cost(old: str, new: str, unit: str) -> float:
    """A line that is off by little was hit by mistake; one that is at a whole number of units was not."""
    n_moved = abs(len(new.expandtabs(8)) - len(old.expandtabs(8)))
    is_odd = bool(len(new.expandtabs(8)) % max(len(unit.expandtabs(8)), 1))
    was_even = not len(old.expandtabs(8)) % max(len(unit.expandtabs(8)), 1)
    return 0.92 + min(0.04 * n_moved, 0.4) + 0.5 * is_odd + 0.1 * was_even


def _wanted(text: TextSnapshot, fault: Fault, unit: str) -> dict[str, float]:
    """Indentations, and how much likelier than by their distance alone they are meant."""
    line = fault.span.start.line
    above, below = _neighbour(text, line, -1), _neighbour(text, line, 1)
    wanted: dict[str, float] = {}
    if above is not None:
        if fault.kind == "empty_block":
            wanted[_white(text, above) + unit] = 0.35
        wanted.setdefault(_white(text, above), 0.08)
    if below is not None:
        wanted.setdefault(_white(text, below), 0.05)
    for level in _levels(text, line):
        wanted.setdefault(level, 0.0)
    return wanted


def _of_line_above(text: TextSnapshot, fault: Fault, unit: str) -> Iterator[Idea]:
    line = fault.span.start.line
    above, own = _neighbour(text, line, -1), _white(text, line)
    if above is None:
        return
    if fault.kind != "empty_block":
        old = _white(text, above)
        for white in dict.fromkeys((own, *_levels(text, above))):
            if white != old:
                yield Idea(_cost(old, white, unit) - 0.03 * (white == own), (_moved(text, above, white),), _said(white))
        return
    end = Point(above, len(text.line_text(above)))
    filled = f"\n{_white(text, above)}{unit}pass"
    yield Idea(1.3, (Replacement(Span(end, end), filled),), "Fill the empty block with 'pass'")


def _said(white: str) -> str:
    return f"Indent the line by {len(white)} columns" if white else "Do not indent the line"


def _white(text: TextSnapshot, line: int) -> str:
    content = text.line_text(line)
    return content[: len(content) - len(content.lstrip())]


def _neighbour(text: TextSnapshot, line: int, step: int) -> int | None:
    """The nearest line above or below that holds code."""
    line += step
    while 0 <= line < text.n_lines:
        content = text.line_text(line).strip()
        if content and not content.startswith("#"):
            return line
        line += step
    return None


def _levels(text: TextSnapshot, line: int) -> list[str]:
    """The indentations of the blocks around a line, the innermost first."""
    found: list[str] = []
    for above in range(line - 1, max(-1, line - _MOST_LINES_ABOVE), -1):
        content = text.line_text(above)
        if content.strip() and not content.lstrip().startswith("#"):
            white = _white(text, above)
            if not found or len(white) < len(found[-1]):
                found.append(white)
                if not white:
                    break
    return found


def _run(text: TextSnapshot, line: int) -> list[int]:
    """A line and those below it that are indented at least as much."""
    width = len(_white(text, line).expandtabs(8))
    found = [line]
    for below in range(line + 1, min(line + _MOST_LINES_ABOVE, text.n_lines)):
        content = text.line_text(below)
        if content.strip():
            if len(_white(text, below).expandtabs(8)) < width:
                break
            found.append(below)
    return found


def _moved(text: TextSnapshot, line: int, white: str) -> Replacement:
    return Replacement(Span(Point(line, 0), Point(line, len(_white(text, line)))), white)
