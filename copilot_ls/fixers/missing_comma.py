"""A comma that is missing where the text parses all the same: as a call, a subscript, a product, or a joined string.

`("a" (1, 2))` calls a string, `f(name **options)` raises to a power, and the checker says that this cannot be.
"""

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

_IN_BRACKETS = (
    "list",
    "tuple",
    "set",
    "argument_list",
    "dictionary",
    "pair",
    "keyword_argument",
    "parenthesized_expression",
)
_LEFT = {"call": "function", "subscript": "value", "binary_operator": "left"}
_SIGNS = ("*", "**", "-")


def propose(problem: Problem) -> Iterator[Proposal]:
    """A comma behind what stands left."""
    diagnostic = problem.diagnostic
    node = problem.tree.node_at(*diagnostic.span) if diagnostic is not None else None
    for around in (node, *node.ancestors()) if node is not None else ():
        if around.kind in ("block", "module"):
            return
        left = around.field(_LEFT[around.kind]) if around.kind in _LEFT else None
        if left is None or around.parent is None or around.parent.kind not in _IN_BRACKETS or not _may_be(around, left):
            continue
        yield Proposal(
            RULE.name,
            "Add the missing ','",
            (Replacement(Span(left.end, left.end), ","),),
            0.85 if around.kind == "binary_operator" or left.kind not in ("identifier", "attribute") else 0.6,
            "Without it the two elements are one expression.",
        )


def _may_be(around: CodeNode, left: CodeNode) -> bool:
    """Whether white space sets the two apart, as it does elements, and not what is called or multiplied."""
    following = left.next
    if following is None:
        return False
    is_apart = following.start.line > left.end.line or following.start.column > left.end.column
    if around.kind != "binary_operator":
        return is_apart
    right = around.field("right")
    return following.kind in _SIGNS and right is not None and following.end == right.start and is_apart


RULE = Rule(
    "missing_comma",
    propose,
    languages=PYTHON,
    codes=codes("reportOperatorIssue", "reportCallIssue", "reportIndexIssue", "operator", "F632"),
    message=words(
        r"is not callable", r"operator \"?\*", r"not supported for types", r"is not subscriptable", r"__getitem__"
    ),
)
