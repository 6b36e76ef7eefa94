"""TypeScript and JavaScript: an assignment where a comparison was meant.

Recognised by where it stands, as a condition, an operand or a value, and by what the compiler says of its sides. The
file's own way of comparing is taken.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from copilot_ls.edits import Replacement
from copilot_ls.fixers.base import Proposal
from copilot_ls.fixers.rule import Rule, codes, words
from copilot_ls.fixers.ts_globals import ECMA

if TYPE_CHECKING:
    from collections.abc import Iterator

    from copilot_ls.fixers.base import Problem
    from copilot_ls.syntax.node import CodeNode
    from copilot_ls.text import Point

# What an assignment that was meant is seldom a part of.
_CONDITIONS = (
    "if_statement",
    "while_statement",
    "do_statement",
    "ternary_expression",
    "binary_expression",
    "unary_expression",
)
_VALUES = ("return_statement", "variable_declarator", "pair", "arguments", "assignment_expression", "arrow_function")
_NEAR_LINES = 1


def propose(problem: Problem) -> Iterator[Proposal]:
    """`===` in place of the `=` of each assignment that is used as a value near what is reported."""
    diagnostic = problem.diagnostic
    root = problem.tree.root
    if diagnostic is None or root is None:
        return
    at = diagnostic.span.start
    sign = "===" if "===" in problem.document.text.text or "==" not in problem.document.text.text else "=="
    for node in root.of_kind("assignment_expression"):
        if not node.start.line - _NEAR_LINES <= at.line <= node.end.line + _NEAR_LINES:
            continue
        likelihood = _likelihood(node, at)
        equals = next((each for each in node.children if each.kind == "="), None)
        if equals is None or not likelihood:
            continue
        yield Proposal(
            RULE.name,
            f"Compare with '{sign}'",
            (Replacement(equals.span, sign),),
            likelihood,
            "The assignment stands where a comparison is likelier meant.",
        )


def _likelihood(node: CodeNode, at: Point) -> float:
    around = node.parent
    is_bracketed = around is not None and around.kind == "parenthesized_expression"
    while around is not None and around.kind == "parenthesized_expression":
        around = around.parent
    if around is None or around.kind == "expression_statement":
        return 0.0
    left = node.field("left")
    impossible = left is not None and left.kind not in ("identifier", "member_expression", "subscript_expression")
    is_there = node.start <= at <= node.end
    if around.kind in _CONDITIONS:
        # Brackets of its own say that an assignment is meant: `while ((match = next()))`.
        doubled = is_bracketed and around.kind == "binary_expression"
        return (0.93 if is_there else 0.75) - 0.3 * doubled + 0.05 * impossible
    if around.kind in _VALUES:
        return (0.8 if is_there else 0.6) + 0.1 * impossible
    return 0.6 if impossible else 0.0


RULE = Rule(
    "ts_comparison",
    propose,
    languages=ECMA,
    codes=codes(
        "1005", "2322", "2364", "2588", "2540", "2779", "2367", "2339", "2872", "2873", "no-cond-assign", "2630",
        "2628", "2629", "2632", "6133", "18047", "18048", "2345",
    ),
    message=words(
        r"left-hand side of an assignment", r"it is a (?:constant|read-only property)", r"expected a conditional"
    ),
)  # fmt: skip
