"""Comparisons with another operator than what is compared asks for: `== None`, `is 'text'`, `not x in y`, `== True`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from copilot_ls.edits import Replacement
from copilot_ls.fixers.base import Proposal
from copilot_ls.fixers.rule import PYTHON, Rule, codes, words
from copilot_ls.text import Span

if TYPE_CHECKING:
    from collections.abc import Iterator

    from copilot_ls.fixers.base import Problem
    from copilot_ls.syntax.node import CodeNode

_IDENTITY = {"==": "is", "!=": "is not"}
_EQUALITY = {"is": "==", "is not": "!="}
_UNUSED = words(
    r"expression value is unused", r"useless (?:expression|comparison)", r"pointless (?:comparison|statement)"
)
_TARGETS = ("identifier", "attribute", "subscript")
_SINGLETONS = ("none", "true", "false")
_LITERALS = ("string", "integer", "float", "tuple", "list", "dictionary", "concatenated_string")


def propose(problem: Problem) -> Iterator[Proposal]:
    """The other operator in the reported comparison."""
    diagnostic = problem.diagnostic
    node = problem.tree.node_at(*diagnostic.span) if diagnostic is not None else None
    if node is None or diagnostic is None:
        return
    statement = node.within("expression_statement")
    whole = statement.named_children[0] if statement is not None and statement.named_children else None
    if whole is not None and whole.kind == "comparison_operator" and _UNUSED.search(diagnostic.message):
        yield from _assigned(whole)
        return
    negation = node if node.kind == "not_operator" else node.within("not_operator")
    comparison = node.within("comparison_operator")
    if negation is not None and (comparison is None or comparison.start > negation.start):
        yield from _negated(negation)
    inner = comparison or next(iter(node.of_kind("comparison_operator")), None)
    if inner is not None:
        yield from _operators(inner)


def _assigned(comparison: CodeNode) -> Iterator[Proposal]:
    """A comparison that is a statement by itself was to be an assignment."""
    operators = comparison.fields("operators")
    if len(operators) == 1 and operators[0].text == "==" and comparison.named_children[0].kind in _TARGETS:
        edit = (Replacement(operators[0].span, "="),)
        yield Proposal(RULE.name, "Assign with '='", edit, 0.92, "A comparison by itself does nothing.")


def _operators(comparison: CodeNode) -> Iterator[Proposal]:
    operands = comparison.named_children
    for operator in comparison.fields("operators"):
        beside = [each for each in operands if each.end <= operator.start][-1:]
        beside += [each for each in operands if each.start >= operator.end][:1]
        kinds = [each.kind for each in beside]
        meant = ""
        if any(each in _SINGLETONS for each in kinds):
            meant = _IDENTITY.get(operator.text, "")
        elif any(each in _LITERALS for each in kinds):
            meant = _EQUALITY.get(" ".join(operator.text.split()), "")
        if meant:
            yield Proposal(
                RULE.name,
                f"Compare with '{meant}'",
                (Replacement(operator.span, meant),),
                0.95,
                f"'{operator.text}' asks another question than '{meant}' here.",
            )


def _negated(negation: CodeNode) -> Iterator[Proposal]:
    """`not x in y` becomes `x not in y`."""
    argument = negation.field("argument")
    if argument is not None and argument.kind == "parenthesized_expression" and len(argument.named_children) == 1:
        argument = argument.named_children[0]
    operators = argument.fields("operators") if argument is not None and argument.kind == "comparison_operator" else []
    if (
        len(operators) != 1
        or operators[0].text not in ("in", "is")
        or argument is None
        or negation.field("argument") is None
    ):
        return
    meant = {"in": "not in", "is": "is not"}[operators[0].text]
    edits = [Replacement(Span(negation.start, argument.start), ""), Replacement(operators[0].span, meant)]
    if argument.end < negation.end:
        edits.append(Replacement(Span(argument.end, negation.end), ""))
    yield Proposal(RULE.name, f"Compare with '{meant}'", tuple(edits), 0.95, f"'{meant}' is one operator.")


RULE = Rule(
    "wrong_comparison",
    propose,
    languages=PYTHON,
    codes=codes(
        "E711", "E712", "E713", "E714", "F632", "C0121", "R0123", "C0117", "reportUnusedExpression", "B015", "W0104"
    ),
    message=words(
        r"expression value is unused",
        r"pointless comparison",
        r"comparison to `?(?:none|true|false)",
        r"to compare constant literals",
        r"test for (?:membership|object identity)",
    ),
)
