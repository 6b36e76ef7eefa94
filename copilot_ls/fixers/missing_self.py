"""What belongs to an object and lacks `self`: a member that is read like a variable, a method without the parameter."""

from __future__ import annotations

from typing import TYPE_CHECKING

from copilot_ls.edits import Replacement
from copilot_ls.fixers.base import Proposal
from copilot_ls.fixers.names import reported_name
from copilot_ls.fixers.python_members import class_around, members_of_class
from copilot_ls.fixers.python_signatures import class_of, decorators_of
from copilot_ls.fixers.rule import PYTHON, Rule, codes, words
from copilot_ls.text import Point, Span

if TYPE_CHECKING:
    from collections.abc import Iterator

    from copilot_ls.fixers.base import Problem
    from copilot_ls.syntax.node import CodeNode

_OWN = ("self", "cls")


def propose(problem: Problem) -> Iterator[Proposal]:
    """Read it from `self`, or give the method its parameter."""
    diagnostic = problem.diagnostic
    reported = reported_name(problem)
    node = problem.tree.node_at(*diagnostic.span) if diagnostic is not None else None
    if node is None or diagnostic is None:
        return
    if reported is not None and reported[0] not in _OWN:
        at_name = problem.tree.node_at(*reported[1])
        if at_name is not None and _UNDEFINED.search(diagnostic.message):
            yield from _as_member(problem, at_name, *reported)
            return
    method = _method_around(node)
    if method is not None:
        yield from _with_parameter(method, reported[0] if reported is not None and reported[0] in _OWN else "")


def _as_member(problem: Problem, node: CodeNode, name: str, span: Span) -> Iterator[Proposal]:
    method, around = _method_around(node), class_around(node)
    declared = around.field("name") if around is not None else None
    if method is None or declared is None:
        return
    first = _first_parameter(method)
    if first not in _OWN:
        return
    members = {each.name: each for each in members_of_class(problem, declared.text)}
    if name in members:
        yield Proposal(
            RULE.name,
            f"Read '{name}' from {first}",
            (Replacement(Span(span.start, span.start), f"{first}."),),
            0.975,
            f"'{members[name].owner}' has a member '{name}'.",
        )


def _method_around(node: CodeNode) -> CodeNode | None:
    """The method that a node stands in, also from within a function in it."""
    for each in (node, *node.ancestors()):
        if each.kind == "function_definition" and class_of(each) is not None:
            return each
    return None


def _first_parameter(method: CodeNode) -> str:
    parameters = method.field("parameters")
    named = parameters.named_children if parameters is not None else []
    if not named:
        return ""
    return named[0].named_children[0].text if named[0].kind == "typed_parameter" else named[0].text


def _with_parameter(method: CodeNode, wanted: str) -> Iterator[Proposal]:
    parameters, decorators = method.field("parameters"), decorators_of(method)
    if parameters is None or "staticmethod" in decorators or _first_parameter(method) in _OWN:
        return
    name = wanted or ("cls" if "classmethod" in decorators else "self")
    first = parameters.named_children
    place = first[0].start if first else Point(parameters.start.line, parameters.start.column + 1)
    yield Proposal(
        RULE.name,
        f"Add the parameter '{name}'",
        (Replacement(Span(place, place), f"{name}, " if first else name),),
        0.93,
        f"A method gets its {'class' if name == 'cls' else 'object'} as its first argument.",
    )


_UNDEFINED = words(r"is not defined", r"undefined name", r"undefined variable")

RULE = Rule(
    "missing_self",
    propose,
    languages=PYTHON,
    codes=codes(
        "reportSelfClsParameterName", "N805", "N804", "E0213", "E0211", "F821", "E0602", "reportUndefinedVariable",
        "name-defined",
    ),
    message=words(
        r"should (?:take|have) a \W?(?:self|cls)", r"is not defined", r"undefined name", r"undefined variable",
        r"method must have (?:at least one|a first) (?:argument|parameter)", r"self.* argument missing",
    ),
)  # fmt: skip
