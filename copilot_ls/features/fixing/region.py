"""Where an edit may change the document: around what is to be mended, and among the imports.

A model that was asked to mend a line has no business elsewhere, whatever it read. `change` is the user's own wish and
may touch all of the document; `tests` may add to all of a file of tests.
Pure, over the syntax tree. Called by `conversation`.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from copilot_ls.edits import touched_lines
from copilot_ls.text import Point

if TYPE_CHECKING:
    from collections.abc import Sequence

    from copilot_ls.edits import Replacement
    from copilot_ls.features.fixing.outcome import FixTask
    from copilot_ls.syntax import SyntaxTree

# Lines next to what is to be mended that may change with it, where no definition is around it or it is a long one.
_NEAR = 8
# A longer definition is no longer one place.
_LONGEST_DEFINITION = 80
_IMPORT = re.compile(r"\s*(?:import|from|use|using|#\s*include|require|package|const\s.*\brequire\()")
# How far down imports are looked for, past comments and a docstring.
_HEAD = 200


def allowed_lines(task: FixTask, tree: SyntaxTree) -> frozenset[int]:
    """The zero-based lines of the document that an edit for the task may touch."""
    text = task.document.text
    if task.kind in {"change", "tests"}:
        return frozenset(range(text.n_lines))
    lines = set(import_lines(task))
    for line in wanted_lines(task):
        lines.update(range(max(line - _NEAR, 0), min(line + _NEAR + 1, text.n_lines)))
        lines.update(_definition_around(line, tree))
    for diagnostic in task.diagnostics:
        for place in diagnostic.related:
            if place.path == task.document.path:
                lines.update(range(max(place.line - 1, 0), min(place.line + 2, text.n_lines)))
    return frozenset(lines)


def wanted_lines(task: FixTask) -> frozenset[int]:
    """The lines that the task is about."""
    spans = [each.span for each in task.diagnostics] or [task.span]
    last = task.document.text.n_lines
    return frozenset(line for span in spans for line in range(span.start.line, min(span.end.line + 1, last)))


def lines_outside(replacements: Sequence[Replacement], allowed: frozenset[int]) -> list[int]:
    """The lines that are touched and should not be."""
    # What is put between two lines touches the start of the second one only.
    return [line for line in sorted(touched_lines(replacements)) if line not in allowed and line - 1 not in allowed]


def import_lines(task: FixTask) -> range:
    """The head of the document that holds its imports, and the line below, where another one may come."""
    text = task.document.text
    heads = text.lines(0, min(_HEAD, text.n_lines))
    last = max((number for number, line in enumerate(heads) if _IMPORT.match(line)), default=-1)
    if last >= 0:
        return range(min(last + 2, text.n_lines))
    # Without one: below what may have to stand first.
    first = next((number for number, line in enumerate(heads) if not line.startswith(("#", "//", "/*", " *"))), 0)
    return range(min(first + 1, text.n_lines))


def _definition_around(line: int, tree: SyntaxTree) -> range:
    text = tree.snapshot
    column = len(text.line(line)) - len(text.line(line).lstrip())
    for scope in reversed(tree.enclosing_scopes(Point(line, column))):
        n_lines = scope.span.end.line - scope.span.start.line
        if scope.kind == "function" and n_lines <= _LONGEST_DEFINITION:
            return range(scope.span.start.line, scope.span.end.line + 1)
    return range(0)
