"""Go: variables that are declared and not used, not declared and used, or declared again.

`:=` and `=` are exchanged where the other is meant. What a value's making may do is kept.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from copilot_ls.edits import Replacement
from copilot_ls.fixers.base import Proposal
from copilot_ls.fixers.lines import without_lines
from copilot_ls.fixers.names import reported_name
from copilot_ls.fixers.rule import Rule, codes, words
from copilot_ls.fixers.similar import likelihood
from copilot_ls.text import Span

if TYPE_CHECKING:
    from collections.abc import Iterator

    from copilot_ls.fixers.base import Problem
    from copilot_ls.syntax.node import CodeNode

_UNUSED = re.compile(r"declared and not used: (\w+)|(\w+) declared (?:and|but) not used")
_UNDEFINED = re.compile(r"undefined: (\w+)")
_ASSIGNS = ("short_var_declaration", "assignment_statement")


def propose(problem: Problem) -> Iterator[Proposal]:
    """The edits for what is reported."""
    diagnostic = problem.diagnostic
    node = problem.tree.node_at(diagnostic.span.start) if diagnostic is not None else None
    if diagnostic is None or node is None:
        return
    unused = _UNUSED.search(diagnostic.message)
    if unused is not None:
        yield from _unused(problem, unused[1] or unused[2], node)
    elif "no new variables" in diagnostic.message:
        sign = _sign(node, ":=")
        if sign is not None:
            why = "Everything on its left is declared already."
            yield _proposal("Assign with '=' instead", Replacement(sign.span, "="), 0.93, why)
    elif _UNDEFINED.search(diagnostic.message) is not None:
        reported = reported_name(problem)
        around = node.within("assignment_statement")
        sign = _sign(node, "=")
        left = around.field("left") if around is not None else None
        if reported is None or sign is None or left is None or not left.start <= reported[1].start < left.end:
            return
        if all(each.kind == "identifier" for each in left.named_children):
            why = f"'{reported[0]}' gets its first value here, and nothing declares it."
            yield _proposal("Declare with ':=' instead", Replacement(sign.span, ":="), 0.9, why)


def _unused(problem: Problem, name: str, node: CodeNode) -> Iterator[Proposal]:
    for other in problem.others:
        meant = _UNDEFINED.search(other.message)
        if meant is not None and likelihood(name, meant[1]):
            yield _proposal(
                f"Rename '{name}' to '{meant[1]}'",
                Replacement(node.span, meant[1]),
                0.98,
                f"'{meant[1]}' is used but not declared, and '{name}' is declared but not used.",
            )
    around = node.within("short_var_declaration", "var_declaration", "range_clause")
    if around is None:
        return
    left, right = around.field("left"), around.field("right")
    names = [each.text for each in left.named_children] if left is not None else [name]
    others = [each for each in names if each not in (name, "_")]
    if others or around.kind == "range_clause":
        yield _proposal(f"Write '_' for '{name}'", Replacement(node.span, "_"), 0.9, f"Nothing reads '{name}'.")
    elif around.kind == "short_var_declaration" and left is not None and right is not None:
        if any(each.kind in ("call_expression", "unary_expression") for each in right.walk()):
            title = f"Keep what is called, without '{name}'"
            whole = right.named_children[0] if len(right.named_children) == 1 else None
            if whole is not None and whole.kind == "call_expression":
                yield _proposal(title, Replacement(Span(left.start, right.start), ""), 0.88, f"Nothing reads '{name}'.")
            yield _proposal(
                f"Write '_' for '{name}'",
                Replacement(Span(left.start, right.start), f"{', '.join('_' for _ in names)} = "),
                0.8,
                f"Nothing reads '{name}'.",
            )
        else:
            yield _removed(problem, name, around)
    elif around.kind == "var_declaration":
        yield _removed(problem, name, around)


def _removed(problem: Problem, name: str, statement: CodeNode) -> Proposal:
    edit = without_lines(problem.document.text, statement)
    return _proposal(f"Remove the unused variable '{name}'", edit, 0.86, f"Nothing reads '{name}'.")


def _sign(node: CodeNode, sign: str) -> CodeNode | None:
    around = node.within(*_ASSIGNS)
    return next((each for each in around.children if each.kind == sign), None) if around is not None else None


def _proposal(title: str, edit: Replacement, certainty: float, why: str) -> Proposal:
    return Proposal("go_variables", title, (edit,), certainty, why)


RULE = Rule(
    "go_variables",
    propose,
    languages=frozenset({"go"}),
    codes=codes("UnusedVar", "NoNewVar", "UndeclaredName"),
    message=words(r"declared (?:and|but) not used", r"no new variables", r"undefined: \w"),
)
