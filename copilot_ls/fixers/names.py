"""Names at a place: the word that is reported, and what the name may mean there.

Called by the rules that rename. In Python, TypeScript and JavaScript, what is bound in scope and the built-in names; in
other languages, without knowledge of scopes, the words that the file itself uses.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING

from copilot_ls.fixers import python_stdlib
from copilot_ls.fixers.ts_globals import ECMA, GLOBALS
from copilot_ls.syntax.bindings import Binding, Bindings
from copilot_ls.syntax.tokens import tokens_of
from copilot_ls.text import Point, Span

if TYPE_CHECKING:
    from copilot_ls.fixers.base import Problem
    from copilot_ls.syntax.tree import SyntaxTree
    from copilot_ls.text import TextSnapshot

_WORD = re.compile(r"[^\W\d][\w$]*")
_QUOTED = re.compile(r"[\"'`\u2018\u201c]([^\W\d][\w$]*)[\"'`\u2019\u201d]")
_GO_STYLE = re.compile(r"undefined(?: variable)?: (?:\w+\.)?(\w+)")
PYTHON_VALUES = ("True", "False", "None")


@lru_cache(maxsize=4)
def bindings_of(tree: SyntaxTree) -> Bindings:
    """The bindings of a text, worked out once for all rules."""
    return Bindings(tree)


@lru_cache(maxsize=4)
def words_of(tree: SyntaxTree) -> dict[str, int]:
    """The words of a text outside of comments and strings, and how often each stands there."""
    found: dict[str, int] = {}
    for token in tokens_of(tree.spec, tree.snapshot.text) if tree.spec is not None else ():
        if token.kind == "word":
            found[token.text] = found.get(token.text, 0) + 1
    return found


def word_at(text: TextSnapshot, point: Point) -> tuple[str, Span] | None:
    """The word that a point stands in or touches."""
    for match in _WORD.finditer(text.line_text(point.line)):
        if match.start() <= point.column <= match.end():
            return match[0], Span(Point(point.line, match.start()), Point(point.line, match.end()))
    return None


def reported_name(problem: Problem) -> tuple[str, Span] | None:
    """The name that a report is about and where it stands: what it quotes, if that stands in the reported stretch."""
    diagnostic = problem.diagnostic
    if diagnostic is None:
        return None
    start, end = diagnostic.span
    line = problem.document.text.line_text(start.line)
    last = end.column if end.line == start.line else len(line)
    quoted = [match[1] for match in _QUOTED.finditer(diagnostic.message)]
    quoted += [match[1] for match in _GO_STYLE.finditer(diagnostic.message)]
    for name in quoted:
        for match in re.finditer(rf"(?<![\w$]){re.escape(name)}(?![\w$])", line):
            if match.start() <= max(last, start.column) and match.end() >= start.column:
                return name, Span(Point(start.line, match.start()), Point(start.line, match.end()))
    return word_at(problem.document.text, start)


def visible_names(problem: Problem, point: Point) -> dict[str, Binding | None]:
    """What a name may be at a point, the innermost binding of each; None for what the language itself brings along."""
    tree = problem.tree
    found: dict[str, Binding | None] = {}
    for binding in bindings_of(tree).visible(point):
        found.setdefault(binding.name, binding)
    if tree.spec is not None and tree.spec.name == "python":
        for name in (*python_stdlib.builtins(), *PYTHON_VALUES):
            found.setdefault(name, None)
    elif tree.spec is not None and tree.spec.name in ECMA:
        for name in GLOBALS:
            found.setdefault(name, None)
    elif not found:
        found = dict.fromkeys(words_of(tree))
    return found
