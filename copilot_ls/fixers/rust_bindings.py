"""Rust: bindings that need a `mut` or have one too many, and variables that nothing reads."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from copilot_ls.edits import Replacement
from copilot_ls.fixers.base import Proposal
from copilot_ls.fixers.lines import before
from copilot_ls.fixers.rule import Rule, codes, words
from copilot_ls.fixers.similar import likelihood
from copilot_ls.text import Span

if TYPE_CHECKING:
    from collections.abc import Iterator

    from copilot_ls.fixers.base import Problem
    from copilot_ls.syntax.node import CodeNode

_NEEDS_MUT = re.compile(
    r"cannot (?:borrow|assign to|assign twice to)(?: immutable(?: \w+)*| part of immutable \w+)? `(?:\*)?(\w+)[^`]*`"
)
_UNUSED = re.compile(r"unused variable: `(\w+)`|value assigned to `(\w+)` is never read")
_UNFOUND = re.compile(r"cannot find value `(\w+)`")


def propose(problem: Problem) -> Iterator[Proposal]:
    """The edits for what is reported."""
    diagnostic = problem.diagnostic
    node = problem.tree.node_at(diagnostic.span.start) if diagnostic is not None else None
    if diagnostic is None or node is None:
        return
    message = diagnostic.message
    if "does not need to be mutable" in message:
        around = node.within("let_declaration", "parameter", "mut_pattern", "closure_parameters", "self_parameter")
        mut = next(iter(around.of_kind("mutable_specifier")), None) if around is not None else None
        if mut is not None and mut.next is not None:
            gap = Replacement(Span(mut.start, mut.next.start), "")
            yield _proposal("Remove 'mut'", gap, 0.95, "It never gets another value.")
        return
    needs = _NEEDS_MUT.search(message)
    if needs is not None:
        bound = _bound(problem, needs[1], node)
        if bound is not None:
            why = f"'{needs[1]}' is changed here, which only a mutable binding allows."
            yield _proposal(f"Make '{needs[1]}' mutable", before(bound, "mut "), 0.93, why)
        return
    unused = _UNUSED.search(message)
    if unused is not None and unused[1]:
        name = unused[1]
        for other in problem.others:
            meant = _UNFOUND.search(other.message)
            if meant is not None and likelihood(name, meant[1]):
                why = f"'{meant[1]}' is used but not bound, and '{name}' is bound but not used."
                yield _proposal(f"Rename '{name}' to '{meant[1]}'", Replacement(node.span, meant[1]), 0.97, why)
        is_field = node.kind == "shorthand_field_identifier"
        edit = Replacement(node.span, f"{name}: _") if is_field else before(node, "_")
        yield _proposal(
            f"Write '_{name}'", edit, 0.88, f"Nothing reads '{name}'; an underscore says that this is meant."
        )


def _bound(problem: Problem, name: str, use: CodeNode) -> CodeNode | None:
    """The last binding of a name before its use, in a block or a function around it, that is not mutable."""
    root = problem.tree.root
    found = None
    for each in root.of_kind("let_declaration", "parameter", "for_expression") if root is not None else ():
        if each.start > use.start:
            break
        pattern = each.field("pattern")
        around = (
            each.within("block", "function_item", "closure_expression")
            if each.kind == "let_declaration"
            else each.within("function_item")
        )
        if pattern is None or around is None or around.end < use.end:
            continue
        mutable = any(child.kind == "mutable_specifier" for child in each.children)
        leaf = next((leaf for leaf in pattern.of_kind("identifier") if leaf.text == name), None)
        if leaf is not None:
            found = None if mutable else leaf
    return found


def _proposal(title: str, edit: Replacement, certainty: float, why: str) -> Proposal:
    return Proposal("rust_bindings", title, (edit,), certainty, why)


RULE = Rule(
    "rust_bindings",
    propose,
    languages=frozenset({"rust"}),
    codes=codes("E0596", "E0384", "E0594", "unused_mut", "unused_variables", "unused_assignments"),
    message=words(r"does not need to be mutable", r"unused variable: ", r"cannot (?:borrow|assign)"),
)
