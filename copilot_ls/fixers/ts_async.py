"""TypeScript and JavaScript: a promise that is not waited for gets an `await`, a function that waits an `async`."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from copilot_ls.edits import Replacement
from copilot_ls.fixers.base import Proposal
from copilot_ls.fixers.lines import before
from copilot_ls.fixers.rule import Rule, codes, words
from copilot_ls.fixers.ts_globals import ECMA
from copilot_ls.fixers.ts_syntax import function_around
from copilot_ls.text import Span

if TYPE_CHECKING:
    from collections.abc import Iterator

    from copilot_ls.fixers.base import Problem
    from copilot_ls.syntax.node import CodeNode

_NEEDS_ASYNC = frozenset({"1308", "1103", "1378"})
_PROMISE = re.compile(r"\bPromise(?:Like)?<|'Promise")
_EXPRESSIONS = ("call_expression", "identifier", "member_expression", "new_expression", "subscript_expression")
_ASYNC_WORDS = re.compile(r"only allowed within async functions|'await' .*async|await is only valid", re.IGNORECASE)


def propose(problem: Problem) -> Iterator[Proposal]:
    """`async` for a function that waits, `await` for a promise that something is asked of."""
    diagnostic = problem.diagnostic
    if diagnostic is None:
        return
    waiting = next(
        (
            each
            for each in (diagnostic, *problem.others)
            if each.code in _NEEDS_ASYNC or _ASYNC_WORDS.search(each.message)
        ),
        None,
    )
    if waiting is not None:
        node = problem.tree.node_at(waiting.span.start)
        function = function_around(node) if node is not None else None
        if function is not None and not any(each.kind == "async" for each in function.children):
            certainty = 0.93 if waiting is diagnostic else 0.9
            yield _proposal("Make the function async", [_made_async(function)], certainty, "It waits with 'await'.")
        return
    if _PROMISE.search(diagnostic.message) is None and diagnostic.code != "2801":
        return
    node = problem.tree.node_at(diagnostic.span.start)
    promise = _promise(node, diagnostic.code) if node is not None else None
    if promise is None:
        return
    if promise.kind == "identifier" and (made := _made(problem, promise)) is not None:
        yield from _awaited(made, 0.88)
    yield from _awaited(promise, 0.85)


def _made(problem: Problem, name: CodeNode) -> CodeNode | None:
    """The value that a variable gets where it is declared, the last before its use."""
    root = problem.tree.root
    found = None
    for each in root.of_kind("variable_declarator") if root is not None else ():
        if each.start > name.start:
            break
        bound = each.field("name")
        if bound is not None and bound.text == name.text and each.field("value") is not None:
            found = each.field("value")
    return found if found is not None and found.kind == "call_expression" else None


def _awaited(promise: CodeNode, certainty: float) -> Iterator[Proposal]:
    edits = [before(promise, "await ")]
    parent = promise.parent
    if (
        parent is not None
        and parent.kind in ("member_expression", "subscript_expression", "call_expression")
        and (parent.start == promise.start)
    ):
        edits = [Replacement(Span(promise.start, promise.end), f"(await {promise.text})")]
    function = function_around(promise)
    if function is not None and not any(each.kind == "async" for each in function.children):
        if function.field("return_type") is not None:
            return
        edits.append(_made_async(function))
    yield _proposal(
        "Wait for the promise with 'await'", edits, certainty, "What is used here is a promise, not its value."
    )


def _made_async(function: CodeNode) -> Replacement:
    if function.kind == "method_definition":
        # Behind its modifiers, before a star or the name.
        name = function.field("name")
        star = next((each for each in function.children if each.kind == "*"), None)
        at = star or name or function
        return before(at, "async ")
    return before(function, "async ")


def _promise(node: CodeNode, code: str) -> CodeNode | None:
    """The expression that is a promise: what a member is asked of, or the widest expression that begins there."""
    parent = node.parent
    if code in ("2339", "2551") and parent is not None and parent.kind == "member_expression":
        return parent.field("object")
    for kind, name in (("variable_declarator", "value"), ("assignment_expression", "right"), ("return_statement", "")):
        if parent is not None and kind in (parent.kind, node.kind):
            statement = parent if parent.kind == kind else node
            return statement.field(name) if name else next(iter(statement.named_children), None)
    around: CodeNode | None = node
    best = None
    while around is not None and around.start == node.start:
        if around.kind in _EXPRESSIONS:
            best = around
        around = around.parent
    return best


def _proposal(title: str, edits: list[Replacement], certainty: float, why: str) -> Proposal:
    return Proposal("ts_async", title, tuple(edits), certainty, why)


RULE = Rule(
    "ts_async",
    propose,
    languages=ECMA,
    codes=codes(
        "1308", "1103", "2801", "2339", "2322", "2345", "2740", "2739", "2741", "2488", "2504", "2365", "2363",
        "2362", "7006", "7053",
    ),
    message=words(r"only allowed within async", r"await is only valid", r"\bPromise<"),
)  # fmt: skip
