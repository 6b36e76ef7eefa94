"""Go: a value in place of a pointer to it or the other way round, and members that the report itself suggests."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from copilot_ls.edits import Replacement
from copilot_ls.fixers.base import Proposal
from copilot_ls.fixers.lines import before
from copilot_ls.fixers.rule import Rule, codes, words
from copilot_ls.fixers.similar import alike
from copilot_ls.text import Point, Span

if TYPE_CHECKING:
    from collections.abc import Iterator

    from copilot_ls.fixers.base import Problem
    from copilot_ls.syntax.node import CodeNode

_POINTER = re.compile(
    r"cannot use (?P<value>.+?) \((?:variable|value|constant|struct|[\w ]+?)[^()]* of (?:\w+ )?type (?P<has>\S+?)\) "
    r"as (?P<wants>\S+) value"
)
_SUGGESTED = re.compile(r"but does have (?:field|method) (\w+)")
_MEMBER = re.compile(r"(?:type \*?(?:[\w.]+\.)?(\w+)[^)]*)has no field or method (\w+)")
_OPERANDS = ("identifier", "selector_expression", "composite_literal", "call_expression", "index_expression")
_MOST = 3


def propose(problem: Problem) -> Iterator[Proposal]:
    """The edits for what is reported."""
    diagnostic = problem.diagnostic
    node = problem.tree.node_at(diagnostic.span.start) if diagnostic is not None else None
    if diagnostic is None or node is None:
        return
    pointer = _POINTER.search(diagnostic.message)
    if pointer is not None:
        value = _operand(node, pointer["value"])
        if value is not None and pointer["wants"] == f"*{pointer['has']}" and value.kind != "call_expression":
            yield _proposal("Take the address with '&'", before(value, "&"), 0.9, "A pointer to it is wanted.")
        elif value is not None and pointer["has"] == f"*{pointer['wants']}":
            yield _proposal("Take the value with '*'", before(value, "*"), 0.85, "It is a pointer to what is wanted.")
        return
    member = _MEMBER.search(diagnostic.message)
    if member is None:
        return
    suggested = _SUGGESTED.search(diagnostic.message)
    span = _named(problem, member[2])
    if span is None:
        return
    known = [suggested[1]] if suggested else []
    if not known and problem.index is not None:
        hits = problem.index.definitions([member[1]]).get(member[1], [])
        members = {each.name for hit in hits for each in problem.index.members(member[1], hit.path)}
        known = [each.name for each in alike(member[2], members)[:_MOST]]
    for rank, name in enumerate(known):
        why = "The report itself suggests it." if suggested else f"'{member[1]}' has a member of this name."
        edit = Replacement(span, name)
        yield _proposal(f"Replace '{member[2]}' with '{name}'", edit, (0.96 if suggested else 0.9) - 0.1 * rank, why)


def _operand(node: CodeNode, written: str) -> CodeNode | None:
    around: CodeNode | None = node
    while around is not None and around.start == node.start:
        if around.kind in _OPERANDS and " ".join(around.text.split()) == written:
            return around
        around = around.parent
    return None


def _named(problem: Problem, name: str) -> Span | None:
    diagnostic = problem.diagnostic
    if diagnostic is None:
        return None
    at = diagnostic.span.start
    line = problem.document.text.line_text(at.line)
    match = re.compile(rf"\b{re.escape(name)}\b").search(line, at.column)
    return Span(Point(at.line, match.start()), Point(at.line, match.end())) if match else None


def _proposal(title: str, edit: Replacement, certainty: float, why: str) -> Proposal:
    return Proposal("go_values", title, (edit,), certainty, why)


RULE = Rule(
    "go_values",
    propose,
    languages=frozenset({"go"}),
    codes=codes("IncompatibleAssign", "MissingFieldOrMethod"),
    message=words(r"cannot use .+ as \S+ value", r"has no field or method"),
)
