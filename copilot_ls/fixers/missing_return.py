"""A function that computes what it should give back, and drops it: the expression that ends it is to be returned."""

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

_NO_VALUES = frozenset(
    {"assignment", "augmented_assignment", "yield", "string", "ellipsis", "concatenated_string", "await"}
)
_CALLED_FOR_EFFECT = frozenset(
    {"append", "update", "add", "extend", "print", "write", "pop", "clear", "close", "remove"}
)


def propose(problem: Problem) -> Iterator[Proposal]:
    """Return the expression that is reported, or one that ends a branch of the function."""
    diagnostic = problem.diagnostic
    node = problem.tree.node_at(*diagnostic.span) if diagnostic is not None else None
    function = node.within("function_definition", "lambda") if node is not None else None
    if node is None or function is None or function.kind != "function_definition":
        return
    statement = node.within("expression_statement")
    if statement is not None and function.start < statement.start:
        candidates = [statement]
    else:
        body = function.field("body")
        candidates = list(_last_statements(body)) if body is not None else []
    for each in candidates:
        value = each.named_children[0] if each.named_children else None
        if value is None or value.kind in _NO_VALUES:
            continue
        yield Proposal(
            RULE.name,
            f"Return '{value.text.partition(chr(10))[0][:40]}'",
            (Replacement(Span(each.start, each.start), "return "),),
            _certainty(value, is_reported=each is statement),
            "The function ends with this value and gives it to nobody.",
        )


def _certainty(value: CodeNode, *, is_reported: bool) -> float:
    function = value.field("function") if value.kind == "call" else None
    if function is not None and function.text.rpartition(".")[2] in _CALLED_FOR_EFFECT:
        return 0.3
    if value.kind == "call":
        return 0.78
    return 0.85 if is_reported else 0.9


def _last_statements(block: CodeNode) -> Iterator[CodeNode]:
    """The expression statements that end a block, or one of its branches; then those that end any block within."""
    ends = [each for each in _ends(block) if each.kind == "expression_statement"]
    yield from ends
    for inner in block.of_kind("block"):
        last = inner.named_children[-1] if inner.named_children else None
        if last is not None and last.kind == "expression_statement" and last not in ends and inner != block:
            yield last


def _ends(block: CodeNode) -> Iterator[CodeNode]:
    last = block.named_children[-1] if block.named_children else None
    if last is None:
        return
    if last.kind == "expression_statement":
        yield last
        return
    for inner in last.of_kind("block"):
        if inner.parent is not None and last in (inner.parent, inner.parent.parent):
            yield from _ends(inner)


RULE = Rule(
    "missing_return",
    propose,
    languages=PYTHON,
    codes=codes("reportUnusedExpression", "B018", "W0104", "W0106", "return", "RET503"),
    message=words(r"must return value", r"missing return", r"expression value is unused", r"useless expression"),
)
