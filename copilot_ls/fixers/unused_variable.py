"""A local variable that nothing reads: the assignment goes, and what it called stays where calling may matter.

Before that, a misspelt binding is looked for: a name much like it that is used but not bound is the likelier cause.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from copilot_ls.edits import Replacement
from copilot_ls.fixers.base import Proposal
from copilot_ls.fixers.names import reported_name, visible_names
from copilot_ls.fixers.python_imports import without_statement
from copilot_ls.fixers.rule import PYTHON, Rule, codes, words
from copilot_ls.fixers.similar import alike, likelihood
from copilot_ls.text import Span

if TYPE_CHECKING:
    from collections.abc import Iterator

    from copilot_ls.fixers.base import Problem
    from copilot_ls.syntax.node import CodeNode

_HARMLESS = frozenset({
    "identifier", "integer", "float", "string", "true", "false", "none", "list", "dictionary", "set", "tuple", "lambda",
    "attribute", "binary_operator", "boolean_operator", "comparison_operator", "not_operator", "unary_operator",
    "concatenated_string", "list_comprehension", "conditional_expression", "parenthesized_expression",
})  # fmt: skip
_UNDEFINED = words(r"undefined (?:name|variable) [`'\"](\w+)", r"[\"'](\w+)[\"'] is not defined")
# From here on a name is more likely a slip of the finger than a name of its own.
_SLIP = 0.75
_DOING = frozenset({"call", "await", "yield", "named_expression"})


def propose(problem: Problem) -> Iterator[Proposal]:
    """Rename it to what is used and not bound, else take the assignment away."""
    reported = reported_name(problem)
    if reported is None:
        return
    name, span = reported
    for other in problem.others:
        meant = _undefined(other.message)
        if meant and likelihood(name, meant) > 0:
            yield Proposal(
                RULE.name,
                f"Rename '{name}' to '{meant}'",
                (Replacement(span, meant),),
                min(0.98, likelihood(name, meant) + 0.15),
                f"'{meant}' is used but not bound, and '{name}' is bound but not used.",
            )
    for known in alike(name, (each for each, binding in visible_names(problem, span.start).items() if binding))[:2]:
        if known.likelihood >= _SLIP:
            yield Proposal(
                RULE.name,
                f"Rename '{name}' to '{known.name}'",
                (Replacement(span, known.name),),
                min(0.98, known.likelihood + (0.15 if _reads(problem, span, known.name) else 0.05)),
                f"Nothing reads '{name}', which is written almost like '{known.name}'.",
            )
    node = problem.tree.node_at(*span)
    if node is None:
        return
    around = node.within("assignment", "as_pattern", "named_expression", "except_clause", "with_item")
    if around is None:
        return
    replacement = _without(problem, node, around)
    if replacement is not None:
        yield Proposal(
            RULE.name, f"Remove the unused variable '{name}'", (replacement,), 0.85, f"Nothing reads '{name}'."
        )


def _reads(problem: Problem, span: Span, name: str) -> bool:
    """Whether the value that is assigned is made of what is called like this."""
    rest = problem.document.text.line_text(span.end.line)[span.end.column :]
    return re.search(rf"\b{re.escape(name)}\b", rest) is not None


def _undefined(message: str) -> str:
    match = _UNDEFINED.search(message)
    return next((group for group in match.groups() if group), "") if match else ""


def _without(problem: Problem, node: CodeNode, around: CodeNode) -> Replacement | None:
    """The edit that keeps what is done and drops the name that it is given."""
    if around.kind == "as_pattern":
        target, value = around.field("alias"), around.named_children[0]
        is_whole = target is not None and target.span == node.span
        return Replacement(Span(value.end, target.end), "") if is_whole and target is not None else None
    left, right, statement = around.field("left"), around.field("right"), around.parent
    if left is None or right is None or left.span != node.span:
        return None
    if statement is None or statement.kind != "expression_statement":
        return None
    if any(each.kind in _DOING for each in right.walk()) or right.kind not in _HARMLESS:
        return Replacement(Span(around.start, right.start), "")
    return without_statement(statement, problem.document.text)


RULE = Rule(
    "unused_variable",
    propose,
    languages=PYTHON,
    codes=codes("F841", "W0612", "reportUnusedVariable", "unused-variable", "RUF059"),
    message=words(r"is assigned to but never used", r"unused variable", r"variable \S+ is not accessed"),
)
