"""TypeScript: an object that lacks properties gets those for which something of the same name is in reach."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from copilot_ls.edits import Replacement
from copilot_ls.fixers.base import Proposal
from copilot_ls.fixers.names import visible_names
from copilot_ls.fixers.rule import Rule, codes, words
from copilot_ls.text import Span

if TYPE_CHECKING:
    from collections.abc import Iterator

    from copilot_ls.fixers.base import Problem
    from copilot_ls.syntax.node import CodeNode

_ONE = re.compile(r"Property '([\w$]+)' is missing in type")
_SEVERAL = re.compile(r"is missing the following properties from type '[^\n]*?': ([\w$, ]+)")
_NEAR_LINES = 2


def propose(problem: Problem) -> Iterator[Proposal]:
    """The properties in shorthand, at the end of the object."""
    diagnostic = problem.diagnostic
    if diagnostic is None:
        return
    one, several = _ONE.search(diagnostic.message), _SEVERAL.search(diagnostic.message)
    wanted = [one[1]] if one else [name.strip() for name in several[1].split(",")] if several else []
    target = _object(problem)
    known = visible_names(problem, diagnostic.span.start)
    given = [name for name in wanted if name in known]
    if target is None or not given:
        return
    entries = target.named_children
    opener, closer = target.children[0], target.children[-1]
    if not entries:
        edit = Replacement(Span(opener.end, closer.start), f" {', '.join(given)} ")
    elif entries[-1].line > opener.line and closer.line > entries[-1].end.line:
        indent = problem.document.text.line_text(entries[-1].line)[: entries[-1].start.column]
        comma = entries[-1].next
        at = comma.end if comma is not None and comma.kind == "," else entries[-1].end
        lines = "".join(f"\n{indent}{name}," for name in given)
        edit = Replacement(Span(at, at), ("" if at != entries[-1].end else ",") + lines)
    else:
        at = entries[-1].end
        edit = Replacement(Span(at, at), "".join(f", {name}" for name in given))
    all_given = len(given) == len(wanted)
    yield Proposal(
        RULE.name,
        "Add " + " and ".join(f"'{name}'" for name in given),
        (edit,),
        0.82 if all_given else 0.6,
        "The type wants it, and something of this name is in reach.",
    )


def _object(problem: Problem) -> CodeNode | None:
    diagnostic = problem.diagnostic
    node = problem.tree.node_at(diagnostic.span.start) if diagnostic is not None else None
    around: CodeNode | None = node
    for _ in range(4):
        if around is None:
            return None
        for each in (around.field("value"), around.field("right"), around):
            if each is not None and each.kind == "object":
                return each
        if around.kind in ("return_statement", "arguments"):
            return next((each for each in around.named_children if each.kind == "object"), None)
        around = around.parent
    return None


RULE = Rule(
    "ts_missing_property",
    propose,
    languages=frozenset({"typescript", "tsx"}),
    codes=codes("2741", "2739", "2740", "2345", "2322"),
    message=words(r"is missing in type", r"is missing the following properties"),
)
