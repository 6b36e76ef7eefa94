"""TypeScript and JavaScript: a module path that leads nowhere is led to the file that is likelier meant.

A file of this name elsewhere in the workspace, or of a name much like it; and the ending that the report asks for.
"""

from __future__ import annotations

import posixpath
import re
from typing import TYPE_CHECKING

from copilot_ls.edits import Replacement
from copilot_ls.fixers.base import Proposal
from copilot_ls.fixers.rule import Rule, codes, words
from copilot_ls.fixers.similar import likelihood
from copilot_ls.fixers.ts_globals import ECMA
from copilot_ls.fixers.ts_missing_import import own_path, relative
from copilot_ls.text import Point, Span

if TYPE_CHECKING:
    from collections.abc import Iterator

    from copilot_ls.fixers.base import Problem

_MOST = 4
_SUGGESTED = re.compile(r"did you mean '([^']+)'", re.IGNORECASE)
_SOURCES = (".ts", ".tsx", ".mts", ".cts", ".js", ".jsx", ".mjs", ".cjs")
_SAME_NAME, _SAME_FOLDER = 0.9, 0.04


def propose(problem: Problem) -> Iterator[Proposal]:
    """Other paths, the likeliest first."""
    diagnostic = problem.diagnostic
    node = problem.tree.node_at(diagnostic.span.start) if diagnostic is not None else None
    string = node.within("string") if node is not None else None
    if string is None and node is not None:
        statement = node.within("import_statement", "export_statement")
        string = statement.field("source") if statement is not None else None
    if diagnostic is None or string is None:
        return
    written = string.text[1:-1]
    inside = Span(Point(string.start.line, string.start.column + 1), Point(string.end.line, string.end.column - 1))
    suggested = _SUGGESTED.search(diagnostic.message)
    if suggested is not None:
        yield _proposal(written, suggested[1], inside, 0.96, "The report itself suggests this path.")
        return
    for certainty, path, why in _candidates(problem, written):
        yield _proposal(written, path, inside, certainty, why)


def _candidates(problem: Problem, written: str) -> list[tuple[float, str, str]]:
    if problem.index is None or not written.startswith("."):
        return []
    folder = posixpath.dirname(own_path(problem))
    wanted = posixpath.normpath(posixpath.join(folder, written))
    wanted = next((wanted.removesuffix(ending) for ending in _SOURCES if wanted.endswith(ending)), wanted)
    name = posixpath.basename(wanted)
    found = {}
    for file in problem.index.files():
        if not file.path.endswith(_SOURCES) or file.path == own_path(problem):
            continue
        stem = file.path[: file.path.rindex(".")].removesuffix(".d")
        base = posixpath.basename(stem)
        alike = _SAME_NAME if base == name else likelihood(name, base) - 0.02
        if alike >= 0.5:  # noqa: PLR2004 - as in `similar.alike`
            near = _SAME_FOLDER * (posixpath.dirname(stem) == posixpath.dirname(wanted))
            found[relative(problem, file.path, written=written)] = (alike + near, file.path)
    ranked = sorted(found.items(), key=lambda each: (-each[1][0], len(each[0]), each[0]))
    return [(min(certainty, 0.97), path, f"'{target}' is there.") for path, (certainty, target) in ranked[:_MOST]]


def _proposal(written: str, path: str, span: Span, certainty: float, why: str) -> Proposal:
    return Proposal(
        "ts_module_path", f"Import from '{path}' instead of '{written}'", (Replacement(span, path),), certainty, why
    )


RULE = Rule(
    "ts_module_path",
    propose,
    languages=ECMA,
    codes=codes("2307", "2834", "2835", "2792", "7016", "import/no-unresolved"),
    message=words(r"cannot find module", r"could not find a declaration file", r"unable to resolve path"),
)
