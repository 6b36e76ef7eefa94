"""TypeScript: a function that has to return something gets the `return` that one of its expressions lacks."""

from __future__ import annotations

from typing import TYPE_CHECKING

from copilot_ls.fixers.base import Proposal
from copilot_ls.fixers.lines import before
from copilot_ls.fixers.rule import Rule, codes, words
from copilot_ls.fixers.ts_globals import ECMA
from copilot_ls.fixers.ts_syntax import FUNCTIONS, function_around

if TYPE_CHECKING:
    from collections.abc import Iterator

    from copilot_ls.fixers.base import Problem
    from copilot_ls.syntax.node import CodeNode

_DOING = frozenset({
    "assignment_expression", "augmented_assignment_expression", "update_expression", "await_expression",
    "yield_expression",
})  # fmt: skip
_CALLS = frozenset({"call_expression", "new_expression"})


def propose(problem: Problem) -> Iterator[Proposal]:
    """The expressions that stand alone in the function: those that do nothing first, then the last."""
    diagnostic = problem.diagnostic
    node = problem.tree.node_at(diagnostic.span.start) if diagnostic is not None else None
    function = function_around(node) if node is not None else None
    body = function.field("body") if function is not None else None
    if body is None or body.kind != "statement_block":
        return
    statements = list(_statements(body))
    last = statements[-1] if statements else None
    for statement in statements:
        kind = statement.named_children[0].kind if statement.named_children else ""
        if not kind or kind == "string":
            continue
        is_last = statement == last
        certainty = 0.55 if kind in _DOING else (0.8 if is_last else 0.6) if kind in _CALLS else 0.92
        yield Proposal(
            RULE.name,
            "Return the value" if is_last else f"Return the value of line {statement.line + 1}",
            (before(statement, "return "),),
            certainty,
            "The function has to return something, and this value goes nowhere.",
        )


def _statements(node: CodeNode) -> Iterator[CodeNode]:
    """The expressions that stand alone in a function's body, but not those of functions within."""
    for child in node.named_children:
        if child.kind == "expression_statement":
            yield child
        elif child.kind not in FUNCTIONS:
            yield from _statements(child)


RULE = Rule(
    "ts_missing_return",
    propose,
    languages=ECMA,
    codes=codes("2355", "2366", "7030", "2847", "2534", "consistent-return", "array-callback-return"),
    message=words(r"must return a value", r"lacks ending return", r"not all code paths return"),
)
