"""TypeScript and JavaScript: a name that nothing binds but that is a member of the class around: `this.` is missing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from copilot_ls.edits import Replacement
from copilot_ls.fixers.base import Proposal
from copilot_ls.fixers.names import reported_name
from copilot_ls.fixers.rule import Rule, codes, words
from copilot_ls.fixers.ts_globals import ECMA
from copilot_ls.text import Span

if TYPE_CHECKING:
    from collections.abc import Iterator

    from copilot_ls.fixers.base import Problem
    from copilot_ls.syntax.node import CodeNode

_CLASSES = ("class_declaration", "class", "abstract_class_declaration")
_MEMBERS = (
    "public_field_definition", "field_definition", "method_definition", "method_signature", "abstract_method_signature",
)  # fmt: skip
_MOST_BASES = 5


def propose(problem: Problem) -> Iterator[Proposal]:
    """The name behind `this.`, or behind the class's name for a static member."""
    reported = reported_name(problem)
    node = problem.tree.node_at(reported[1].start) if reported is not None else None
    around = node.within(*_CLASSES) if node is not None else None
    if reported is None or node is None or around is None:
        return
    name, span = reported
    is_static = _own(around).get(name)
    if is_static is None and not _is_inherited(problem, around, name):
        return
    is_shorthand = node.kind == "shorthand_property_identifier"
    owner = around.field("name")
    before = f"{owner.text}." if is_static and owner is not None else "this."
    yield Proposal(
        RULE.name,
        f"Write '{before}{name}'",
        (Replacement(Span(span.start, span.start), f"{name}: {before}" if is_shorthand else before),),
        0.955,
        f"'{name}' is a member of the class.",
    )


def _own(around: CodeNode) -> dict[str, bool]:
    """The members of a class and whether they are static; constructor parameters with a modifier are members too."""
    body = around.field("body")
    found: dict[str, bool] = {}
    for member in body.named_children if body is not None else ():
        name = member.field("name")
        if member.kind in _MEMBERS and name is not None:
            found[name.text] = any(each.kind == "static" for each in member.children)
            if name.text == "constructor":
                for parameter in member.of_kind("required_parameter", "optional_parameter"):
                    pattern = parameter.field("pattern")
                    if pattern is not None and any(
                        each.kind in ("accessibility_modifier", "readonly") for each in parameter.children
                    ):
                        found[pattern.text] = False
    return found


def _is_inherited(problem: Problem, around: CodeNode, name: str) -> bool:
    owner = around.field("name")
    index = problem.index
    if index is None or owner is None:
        return False
    waiting, seen = [owner.text], set[str]()
    while waiting and len(seen) < _MOST_BASES:
        each = waiting.pop()
        if each in seen:
            continue
        seen.add(each)
        hits = index.definitions([each]).get(each, [])
        if any(member.name == name for hit in hits for member in index.members(each, hit.path)):
            return True
        waiting += [hit.base for hit in index.supertypes(each)]
    return False


RULE = Rule(
    "ts_this",
    propose,
    languages=ECMA,
    codes=codes("2304", "2552", "2663", "2662", "18004", "2630", "2588", "no-undef"),
    message=words(r"cannot find name", r"is not defined"),
)
