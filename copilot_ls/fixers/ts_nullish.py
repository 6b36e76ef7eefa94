"""TypeScript: something that may be null or undefined is guarded with `?.`, or said to be there with `!`.

`?.` goes with a value that is only looked at, `!` where the value itself is wanted or assigned to, and where the file
says so elsewhere.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from copilot_ls.edits import Replacement
from copilot_ls.fixers.base import Proposal
from copilot_ls.fixers.lines import behind
from copilot_ls.fixers.rule import Rule, codes, words
from copilot_ls.fixers.ts_syntax import reported_node
from copilot_ls.text import Span

if TYPE_CHECKING:
    from collections.abc import Iterator

    from copilot_ls.fixers.base import Problem
    from copilot_ls.syntax.node import CodeNode

_MISMATCH = ("2345", "2322", "2769", "2538", "2464", "2488", "2531")
_NULLISH = re.compile(r"\b(?:undefined|null)\b")
_SIMPLE = (
    "identifier", "member_expression", "call_expression", "subscript_expression", "parenthesized_expression", "this",
    "non_null_expression",
)  # fmt: skip
_COMPOUND = ("member_expression", "call_expression", "subscript_expression", "parenthesized_expression")
_LOOKED_AT = ("expression_statement", "if_statement", "while_statement", "ternary_expression", "unary_expression")
_ASSERTED = re.compile(r"[\w)\]]!\s*[.\[(;,)]")


def propose(problem: Problem) -> Iterator[Proposal]:
    """A guard and an assertion, the likelier first."""
    diagnostic, node = problem.diagnostic, reported_node(problem)
    if diagnostic is None or node is None:
        return
    if diagnostic.code in _MISMATCH and "possibly" not in diagnostic.message:
        if _NULLISH.search(diagnostic.message.partition(" is not assignable to ")[0]) is None:
            return
        value = _value(_widest(node))
        if value is not None and value.kind in _SIMPLE:
            yield _asserted(value, 0.72)
        return
    for rank, expression in enumerate(_expressions(problem, node)):
        yield from _both(problem, expression, 0.08 * rank)


def _both(problem: Problem, expression: CodeNode, doubt: float) -> Iterator[Proposal]:
    access = expression.parent
    is_target = access is not None and _is_target(access)
    used_as_value = access is None or not _is_looked_at(access)
    asserts = _ASSERTED.search(problem.document.text.text) is not None
    guard = _guarded(expression, access)
    if guard is not None and not is_target:
        yield Proposal(
            RULE.name,
            f"Guard '{_short(expression)}' with '?.'",
            (guard,),
            (0.62 if used_as_value else 0.84) - doubt,
            f"'{_short(expression)}' may be null or undefined, and nothing is done then.",
        )
    yield _asserted(expression, 0.7 + 0.1 * asserts + 0.05 * is_target - doubt)


def _asserted(expression: CodeNode, certainty: float) -> Proposal:
    shown = _short(expression)
    return Proposal(
        "ts_nullish",
        f"Say that '{shown}' is there with '!'",
        (behind(expression, "!"),),
        certainty,
        f"'{shown}' may be null or undefined as far as its type tells; this takes it not to be, without a check.",
    )


def _guarded(expression: CodeNode, access: CodeNode | None) -> Replacement | None:
    if access is None:
        return None
    if access.kind == "member_expression" and access.field("object") == expression:
        dot = expression.next
        if dot is not None and dot.kind == ".":
            return Replacement(dot.span, "?.")
        return None
    if (access.kind == "subscript_expression" and access.field("object") == expression) or (
        access.kind == "call_expression" and access.field("function") == expression
    ):
        return Replacement(Span(expression.end, expression.end), "?.")
    return None


def _expressions(problem: Problem, node: CodeNode) -> list[CodeNode]:
    """What may be nothing: the reported expression, or the called or looked-into parts of it, the likeliest first."""
    diagnostic = problem.diagnostic
    if diagnostic is None:
        return []
    start, end = diagnostic.span
    # A compiler's listing has no ends, so that the span is the first token: the message quotes the expression.
    quoted = re.search(r"^'([^']+)' is possibly", diagnostic.message)
    if quoted is None and end > start and node.start == start and node.end == end and node.kind in _COMPOUND:
        return [node]
    around: CodeNode | None = problem.tree.node_at(start)
    parts: list[CodeNode] = []
    while around is not None and around.start == start:
        parent = around.parent
        if quoted is not None and around.text == quoted[1]:
            return [around]
        if (
            parent is not None
            and parent.start == start
            and around in (parent.field("object"), parent.field("function"))
        ):
            parts.append(around)
        around = parent
    called = "invoke" in diagnostic.message
    # Plain names are quoted by the compiler; what it calls an object is more than a name.
    parts.sort(key=lambda each: (not called and each.kind not in _COMPOUND, called and not _is_called(each)))
    return [each for each in parts if each.kind in _SIMPLE] or ([node] if node.kind in _SIMPLE else [])


def _is_called(node: CodeNode) -> bool:
    return node.parent is not None and node.parent.kind == "call_expression"


def _widest(node: CodeNode) -> CodeNode:
    while (parent := node.parent) is not None and parent.start == node.start and parent.kind in _SIMPLE:
        node = parent
    return node


def _value(node: CodeNode) -> CodeNode | None:
    """What does not fit: the node itself as an argument; where a name is reported that gets a value, that value."""
    parent = node.parent
    if parent is None:
        return None
    if parent.kind in ("variable_declarator", "assignment_expression", "pair", "public_field_definition"):
        given = parent.field("value") or parent.field("right")
        return given if given is not None and given != node else node
    if parent.kind == "return_statement" or node.kind == "return_statement":
        return (
            (node if node.kind == "return_statement" else parent).named_children[0] if parent.named_children else None
        )
    if node.kind == "return":
        return parent.named_children[0] if parent.named_children else None
    return node


def _is_looked_at(access: CodeNode) -> bool:
    """Whether nobody wants the value of the access, and of the calls and accesses around it."""
    parent = access.parent
    while parent is not None and parent.kind in _SIMPLE and parent.start == access.start:
        access, parent = parent, parent.parent
    return parent is not None and parent.kind in _LOOKED_AT


def _is_target(access: CodeNode) -> bool:
    parent = access.parent
    while parent is not None and parent.kind in ("member_expression", "subscript_expression"):
        access, parent = parent, parent.parent
    if parent is None:
        return False
    if parent.kind in ("assignment_expression", "augmented_assignment_expression"):
        return parent.field("left") == access
    return parent.kind in ("update_expression", "for_in_statement", "spread_element", "new_expression")


def _short(node: CodeNode) -> str:
    text = " ".join(node.text.split())
    return text if len(text) <= 40 else text[:37] + "..."  # noqa: PLR2004 - as much as a title shows


RULE = Rule(
    "ts_nullish",
    propose,
    languages=frozenset({"typescript", "tsx"}),
    codes=codes("2531", "2532", "2533", "2721", "2722", "2723", "18047", "18048", "18049", *_MISMATCH),
    message=words(r"is possibly ['\"]?(?:null|undefined)", r"possibly (?:null|undefined)"),
)
