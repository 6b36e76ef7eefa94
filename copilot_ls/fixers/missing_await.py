"""A coroutine that is used as what it gives, or not used at all: it is to be awaited.

Where the call itself is reported, there; where a name is, at the assignment that gave it the coroutine.
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

# Behind these an awaited call has to stand in parentheses.
_TIGHTER = {"attribute": "object", "subscript": "value", "call": "function", "binary_operator": "", "await": ""}


def propose(problem: Problem) -> Iterator[Proposal]:
    """Await the call, within an asynchronous function."""
    diagnostic = problem.diagnostic
    node = problem.tree.node_at(*diagnostic.span) if diagnostic is not None else None
    if node is None:
        return
    for certainty, call in _calls(node):
        function = call.within("function_definition")
        parent = call.parent
        if function is None or function.children[0].kind != "async" or (parent is not None and parent.kind == "await"):
            continue
        is_tight = parent is not None and parent.kind in _TIGHTER
        if is_tight and parent is not None and _TIGHTER[parent.kind]:
            is_tight = parent.field(_TIGHTER[parent.kind]) == call
        start, end = Span(call.start, call.start), Span(call.end, call.end)
        edits = (Replacement(start, "(await "), Replacement(end, ")")) if is_tight else (Replacement(start, "await "),)
        name = call.field("function")
        yield Proposal(
            RULE.name,
            f"Await '{(name.text if name is not None else call.text)[:40]}'",
            edits,
            certainty,
            "It is a coroutine, which does nothing until it is awaited.",
        )


def _calls(node: CodeNode) -> Iterator[tuple[float, CodeNode]]:
    """The calls that may give the coroutine, the likeliest first."""
    attribute = node.within("attribute") if node.kind == "identifier" else None
    holder = attribute.field("object") if attribute is not None and attribute.field("attribute") == node else None
    for place in (holder, node):
        if place is None:
            continue
        if place.kind == "call":
            yield 0.95, place
        elif place.kind == "identifier":
            yield from ((0.9, call) for call in _given_to(place))
    inner = [each for each in node.of_kind("call") if each != node]
    yield from ((0.8, each) for each in inner[:2])
    for around in node.ancestors():
        if around.kind == "call" and around.start == node.start:
            yield 0.85, around
        if around.kind in ("block", "expression_statement"):
            return


def _given_to(name: CodeNode) -> Iterator[CodeNode]:
    """Calls whose result is assigned to a name, the nearest above it first."""
    function = name.within("function_definition")
    found = []
    for assignment in function.of_kind("assignment") if function is not None else ():
        left, right = assignment.field("left"), assignment.field("right")
        if left is not None and right is not None and left.text == name.text and right.kind == "call":
            found.append(right)
    yield from sorted((each for each in found if each.start < name.start), key=lambda each: each.start, reverse=True)


RULE = Rule(
    "missing_await",
    propose,
    languages=PYTHON,
    codes=codes("reportUnusedCoroutine", "unused-coroutine", "RUF006"),
    message=words(
        r"\bCoroutine(?:Type)?\b", r"async function call is not used", r"was never awaited", r"missing await"
    ),
)
