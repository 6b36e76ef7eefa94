"""Languages whose statements end with a semicolon: one that lacks it, by what the compiler expects where.

The tree may take the two statements for one, so that `smallest_edit` sees nothing to mend.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from copilot_ls.edits import Replacement
from copilot_ls.fixers.base import Proposal
from copilot_ls.fixers.rule import Rule, words
from copilot_ls.text import Point, Span

if TYPE_CHECKING:
    from collections.abc import Iterator

    from copilot_ls.fixers.base import Problem

_REMARK = re.compile(r"\s*//.*$")
_ENDED = (";", "{", "}", ",", "(", "[")


def propose(problem: Problem) -> Iterator[Proposal]:
    """A semicolon at the end of the line that is reported, or of the last one before it that has code."""
    diagnostic = problem.diagnostic
    if diagnostic is None:
        return
    text = problem.document.text
    at = diagnostic.span.start
    line = at.line if text.line_text(at.line)[: at.column].strip() else at.line - 1
    while line > 0 and not _REMARK.sub("", text.line_text(line)).strip():
        line -= 1
    code = _REMARK.sub("", text.line_text(line)).rstrip() if line >= 0 else ""
    if code and not code.endswith(_ENDED):
        place = Point(line, len(code))
        why = "The statement ends here, and the compiler expects the sign."
        yield Proposal(RULE.name, "Add the missing ';'", (Replacement(Span(place, place), ";"),), 0.94, why)


RULE = Rule(
    "missing_semicolon",
    propose,
    languages=frozenset({"rust", "c", "cpp", "java", "csharp", "php"}),
    message=words(
        r"expected (?:[^\n]* or )?[`'\"\u2018];[`'\"\u2019]",
        r"expected one of [^\n]*`;`",
        r"add `;` here",
        r"[`'\"]?;[`'\"]? expected",
        r"expected semicolon",
    ),
)
