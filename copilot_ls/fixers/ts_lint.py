"""TypeScript and JavaScript: what linters report in so many words, and what they say should stand there instead."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from copilot_ls.edits import Replacement
from copilot_ls.fixers.base import Proposal
from copilot_ls.fixers.lines import before, without_lines
from copilot_ls.fixers.rule import Rule, codes
from copilot_ls.fixers.ts_globals import ECMA
from copilot_ls.text import Point, Span

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from copilot_ls.diagnostic import Diagnostic
    from copilot_ls.fixers.base import Problem
    from copilot_ls.syntax.node import CodeNode

_INSTEAD = re.compile(r"Expected '([!=]==)' and instead saw '([!=]=)'")


def propose(problem: Problem) -> Iterator[Proposal]:
    """The edit for what is reported."""
    diagnostic = problem.diagnostic
    node = problem.tree.node_at(diagnostic.span.start) if diagnostic is not None else None
    if diagnostic is not None and node is not None:
        mend = _MENDS.get(diagnostic.code.rpartition("/")[2])
        if mend is not None:
            yield from mend(problem, diagnostic, node)


def _constant(_problem: Problem, _diagnostic: Diagnostic, node: CodeNode) -> Iterator[Proposal]:
    yield from _redeclared(node, ("let", "var"), "const", "It never gets another value.")


def _in_block(_problem: Problem, _diagnostic: Diagnostic, node: CodeNode) -> Iterator[Proposal]:
    yield from _redeclared(node, ("var",), "let", "'var' is known outside of the block that it stands in.")


def _strictly(_problem: Problem, diagnostic: Diagnostic, node: CodeNode) -> Iterator[Proposal]:
    instead = _INSTEAD.search(diagnostic.message)
    signs = [each for each in _siblings(node) if instead is not None and each.kind == instead[2]]
    if instead is not None and signs:
        edit = Replacement(signs[0].span, instead[1])
        yield _proposal(f"Compare with '{instead[1]}'", edit, 0.85, "It compares without changing types first.")


def _semicolon(problem: Problem, diagnostic: Diagnostic, _node: CodeNode) -> Iterator[Proposal]:
    if "missing" in diagnostic.message.lower():
        place = diagnostic.span.start
        text = problem.document.text.line_text(place.line)
        at = Point(place.line, min(place.column, len(text.rstrip())))
        yield _proposal("Add the missing ';'", Replacement(Span(at, at), ";"), 0.95, "The linter wants one here.")


def _idle(problem: Problem, _diagnostic: Diagnostic, node: CodeNode) -> Iterator[Proposal]:
    statement = node.within("debugger_statement", "return_statement")
    if statement is not None:
        edit = without_lines(problem.document.text, statement)
        yield _proposal("Remove the statement", edit, 0.9, "It does nothing that is wanted.")


def _waited_for(_problem: Problem, _diagnostic: Diagnostic, node: CodeNode) -> Iterator[Proposal]:
    statement = node.within("expression_statement")
    if statement is not None:
        edit = before(statement, "await ")
        yield _proposal("Wait for the promise with 'await'", edit, 0.75, "Nobody learns how the promise ends.")


def _guarded(_problem: Problem, _diagnostic: Diagnostic, node: CodeNode) -> Iterator[Proposal]:
    mark = node.within("non_null_expression")
    dot = mark.next if mark is not None else None
    if mark is not None and dot is not None and dot.kind == ".":
        edit = Replacement(Span(Point(mark.end.line, mark.end.column - 1), dot.end), "?.")
        yield _proposal("Guard with '?.'", edit, 0.6, "Nothing is done where it is not there.")


def _redeclared(node: CodeNode, words: tuple[str, ...], meant: str, why: str) -> Iterator[Proposal]:
    declaration = node.within("lexical_declaration", "variable_declaration", "for_in_statement")
    keyword = next((each for each in declaration.children if each.kind in words), None) if declaration else None
    if keyword is not None:
        yield _proposal(f"Declare it with '{meant}'", Replacement(keyword.span, meant), 0.9, why)


def _siblings(node: CodeNode) -> list[CodeNode]:
    around = node.within("binary_expression")
    return around.children if around is not None else [node]


def _proposal(title: str, edit: Replacement, certainty: float, why: str) -> Proposal:
    return Proposal("ts_lint", title, (edit,), certainty, why)


_MENDS: dict[str, Callable[[Problem, Diagnostic, CodeNode], Iterator[Proposal]]] = {
    "prefer-const": _constant,
    "no-var": _in_block,
    "eqeqeq": _strictly,
    "semi": _semicolon,
    "no-debugger": _idle,
    "no-useless-return": _idle,
    "no-floating-promises": _waited_for,
    "no-non-null-assertion": _guarded,
}

RULE = Rule(
    "ts_lint",
    propose,
    languages=ECMA,
    codes=codes(
        "prefer-const", "no-var", "eqeqeq", "semi", "@typescript-eslint/semi", "no-debugger", "no-useless-return",
        "@typescript-eslint/no-floating-promises", "@typescript-eslint/no-non-null-assertion"
    ),
)  # fmt: skip
