"""TypeScript: a parameter without a type gets that of the file's other parameters of its name, else `any`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from copilot_ls.edits import Replacement
from copilot_ls.fixers.base import Proposal
from copilot_ls.fixers.lines import behind
from copilot_ls.fixers.rule import Rule, codes, words
from copilot_ls.fixers.ts_syntax import quoted
from copilot_ls.text import Span

if TYPE_CHECKING:
    from collections.abc import Iterator

    from copilot_ls.fixers.base import Problem


def propose(problem: Problem) -> Iterator[Proposal]:
    """An annotation behind the name; around it brackets where an arrow function's parameter has none."""
    diagnostic = problem.diagnostic
    node = problem.tree.node_at(diagnostic.span.start) if diagnostic is not None else None
    if diagnostic is None or node is None:
        return
    name = next(iter(quoted(diagnostic.message)), node.text)
    if node.kind == "...":
        parent = node.parent
        node = parent.named_children[0] if parent is not None and parent.named_children else node
    parent = node.parent
    if parent is not None and parent.kind == "rest_pattern":
        yield _proposal(name, Replacement(Span(parent.end, parent.end), ": any[]"), "any[]", 0.7)
        return
    if node.kind not in ("identifier", "this") or parent is None:
        return
    guess = _used_elsewhere(problem, name)
    if parent.kind == "arrow_function":
        yield _proposal(name, Replacement(node.span, f"({node.text}: any)"), "any", 0.7)
    elif parent.kind in ("required_parameter", "optional_parameter", "variable_declarator"):
        mark = next((each for each in parent.children if each.kind == "?"), None)
        at = mark or node
        if guess:
            yield _proposal(name, behind(at, f": {guess}"), guess, 0.75)
        yield _proposal(name, behind(at, ": any"), "any", 0.7)


def _used_elsewhere(problem: Problem, name: str) -> str:
    """The one type that every other parameter of this name has in the file; empty where there is none, or several."""
    root = problem.tree.root
    types = set()
    for each in root.of_kind("required_parameter", "optional_parameter") if root is not None else ():
        pattern, annotation = each.field("pattern"), each.field("type")
        if pattern is not None and annotation is not None and pattern.text == name and annotation.named_children:
            types.add(annotation.named_children[0].text)
    return types.pop() if len(types) == 1 else ""


def _proposal(name: str, edit: Replacement, written: str, certainty: float) -> Proposal:
    why = (
        "Without a type it is implicitly 'any'; this says so, and checks nothing."
        if written.startswith("any")
        else f"Every other parameter '{name}' of this file has this type."
    )
    return Proposal("ts_implicit_any", f"Give '{name}' the type '{written}'", (edit,), certainty, why)


RULE = Rule(
    "ts_implicit_any",
    propose,
    languages=frozenset({"typescript", "tsx"}),
    codes=codes("7006", "7019", "7005", "7034"),
    message=words(r"implicitly has an? ['\"]any(?:\[\])?['\"] type"),
)
