"""A backslash in a string that escapes nothing: it is doubled, or the string becomes a raw one."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from copilot_ls.edits import Replacement
from copilot_ls.fixers.base import Proposal
from copilot_ls.fixers.rule import PYTHON, Rule, codes, words
from copilot_ls.text import Point, Span

if TYPE_CHECKING:
    from collections.abc import Iterator

    from copilot_ls.fixers.base import Problem

_ESCAPES_SOMETHING = re.compile(r"\\(?:[\\'\"abfnrtv0-7xNuU\n])")


def propose(problem: Problem) -> Iterator[Proposal]:
    """A raw string where every backslash escapes nothing, else one more backslash."""
    diagnostic = problem.diagnostic
    node = problem.tree.node_at(*diagnostic.span) if diagnostic is not None else None
    string = node.within("string") if node is not None else None
    if diagnostic is None or string is None:
        return
    why = "Python keeps a backslash that escapes nothing, but means to refuse it."
    if not _ESCAPES_SOMETHING.search(string.text) and not re.match(r"[a-zA-Z]*[rRuU]", string.text):
        raw = (Replacement(Span(string.start, string.start), "r"),)
        yield Proposal(RULE.name, "Make it a raw string", raw, 0.92, why)
    line = problem.document.text.line_text(diagnostic.span.start.line)
    at = line.find("\\", diagnostic.span.start.column)
    if at >= 0:
        place = Point(diagnostic.span.start.line, at)
        yield Proposal(RULE.name, "Double the backslash", (Replacement(Span(place, place), "\\"),), 0.85, why)


RULE = Rule(
    "invalid_escape",
    propose,
    languages=PYTHON,
    codes=codes("W605", "reportInvalidStringEscapeSequence", "W1401"),
    message=words(r"invalid escape sequence", r"unsupported escape sequence", r"anomalous backslash"),
)
