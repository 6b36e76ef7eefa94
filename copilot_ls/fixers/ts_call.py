"""TypeScript: calls that cannot be: a constructor without `new`, arguments too many, arguments missing.

What is too much at the end is taken away. What is missing is given where something of the parameter's name is in reach.
"""

from __future__ import annotations

import re
from itertools import pairwise
from typing import TYPE_CHECKING

from copilot_ls.edits import Replacement
from copilot_ls.fixers.base import Proposal
from copilot_ls.fixers.lines import before
from copilot_ls.fixers.names import visible_names
from copilot_ls.fixers.rule import Rule, codes, words
from copilot_ls.fixers.ts_globals import ECMA
from copilot_ls.text import Span

if TYPE_CHECKING:
    from collections.abc import Iterator

    from copilot_ls.fixers.base import Problem
    from copilot_ls.syntax.node import CodeNode

_COUNTS = re.compile(r"Expected (?:at (?:most|least) )?(?:(\d+)-)?(\d+) arguments?, but got (\d+)")
_WANTED = re.compile(r"argument for '([\w$]+)' was not provided")


def propose(problem: Problem) -> Iterator[Proposal]:
    """The edits for what is reported."""
    diagnostic = problem.diagnostic
    node = problem.tree.node_at(diagnostic.span.start) if diagnostic is not None else None
    if diagnostic is None or node is None:
        return
    if "include 'new'" in diagnostic.message or diagnostic.code == "2348":
        called = _calls(node)
        if called is not None:
            why = "A class is not called but made with 'new'."
            yield Proposal(RULE.name, "Add the missing 'new'", (before(called, "new "),), 0.95, why)
        return
    counts = _COUNTS.search(diagnostic.message)
    call = _call_of(node, int(counts[3])) if counts else None
    given = call.field("arguments") if call is not None else None
    if counts is None or given is None:
        return
    most, n_given = int(counts[2]), int(counts[3])
    arguments = given.named_children
    if n_given > most and len(arguments) == n_given:
        yield _without_last(problem, arguments, most)
        yield from _without_doubled(arguments, most)
    elif n_given < most:
        yield from _with_missing(problem, given, diagnostic.message)


def _calls(node: CodeNode) -> CodeNode | None:
    """The call whose called expression begins at the node."""
    around: CodeNode | None = node
    while around is not None and around.start == node.start:
        if around.kind in ("call_expression", "instantiation_expression"):
            return around
        around = around.parent
    return None


def _call_of(node: CodeNode, n_arguments: int) -> CodeNode | None:
    """The call with so many arguments that the report is about: it names the called, or the first surplus argument."""
    around: CodeNode | None = node
    while around is not None:
        if around.kind in ("call_expression", "new_expression"):
            given = around.field("arguments")
            if given is not None and len(given.named_children) == n_arguments:
                return around
        around = around.parent
    return None


def _without_last(problem: Problem, arguments: list[CodeNode], most: int) -> Proposal:
    first = arguments[most]
    comma = first.previous
    start = comma.start if comma is not None and comma.kind == "," else first.start
    surplus = len(arguments) - most
    text = "the last argument" if surplus == 1 else f"the last {surplus} arguments"
    diagnostic = problem.diagnostic
    # Where an argument is reported and not the call, it is the first that is too much.
    certainty = 0.9 if diagnostic is not None and diagnostic.span.start == first.start else 0.85
    return Proposal(
        "ts_call",
        f"Remove {text}",
        (Replacement(Span(start, arguments[-1].end), ""),),
        certainty,
        f"At most {most} are taken.",
    )


def _without_doubled(arguments: list[CodeNode], most: int) -> Iterator[Proposal]:
    for one, other in pairwise(arguments):
        if one.text == other.text and len(arguments) == most + 1 and other != arguments[-1]:
            span = Span(one.end, other.end)
            yield Proposal(
                "ts_call", f"Remove the second '{one.text}'", (Replacement(span, ""),), 0.88, "It stands there twice."
            )


def _with_missing(problem: Problem, given: CodeNode, message: str) -> Iterator[Proposal]:
    diagnostic = problem.diagnostic
    related = [place.message for place in diagnostic.related] if diagnostic is not None else []
    for text in (message, *related):
        wanted = _WANTED.search(text)
        if wanted is None:
            continue
        name = wanted[1]
        if name in visible_names(problem, given.start):
            arguments = given.named_children
            at = arguments[-1].end if arguments else given.children[0].end
            written = f", {name}" if arguments else name
            why = f"The parameter '{name}' gets nothing, and something of this name is in reach."
            yield Proposal("ts_call", f"Give the argument '{name}'", (Replacement(Span(at, at), written),), 0.8, why)


RULE = Rule(
    "ts_call",
    propose,
    languages=ECMA,
    codes=codes("2348", "2554", "2555", "2556", "new-cap"),
    message=words(r"include 'new'", r"Expected [\d-]+ arguments?, but got"),
)
