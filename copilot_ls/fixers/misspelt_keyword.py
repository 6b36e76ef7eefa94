"""A keyword argument that what is called has no parameter for, named almost like one.

Parameters of what is called come first, those above all that another report says are missing; then the keywords that
the file passes to the same function elsewhere.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from copilot_ls.edits import Replacement
from copilot_ls.fixers import python_stdlib
from copilot_ls.fixers.base import Proposal
from copilot_ls.fixers.python_signatures import arguments_of, call_around, callee_name, signatures_of
from copilot_ls.fixers.rule import PYTHON, Rule, codes, words
from copilot_ls.fixers.similar import alike

if TYPE_CHECKING:
    from collections.abc import Iterator

    from copilot_ls.fixers.base import Problem
    from copilot_ls.syntax.node import CodeNode

_MISSING = re.compile(
    r"missing for parameters? (.+)|missing \d+ required .*arguments?: (.+)|missing .*argument (.+) in call",
    re.IGNORECASE,
)
_QUOTED = re.compile(r"[\"'](\w+)[\"']")
_UNKNOWN = re.compile(r"no parameter named|unexpected keyword argument", re.IGNORECASE)
_OVERLOADS = re.compile(r"no (?:overloads?|matching overload)", re.IGNORECASE)
_MOST = 3


def propose(problem: Problem) -> Iterator[Proposal]:
    """The likeliest parameters for each keyword that is not known."""
    diagnostic = problem.diagnostic
    node = problem.tree.node_at(*diagnostic.span) if diagnostic is not None else None
    call = call_around(node) if node is not None else None
    if diagnostic is None or call is None:
        return
    keywords = [each for each in arguments_of(call) if each.kind == "keyword_argument"]
    names = [name for each in keywords if (name := each.field("name")) is not None]
    given = {name.text for name in names}
    known = list(_known(problem, call))
    meant = _reported_in(problem, call)
    for name in names:
        if name.text in meant or (not meant and _OVERLOADS.search(diagnostic.message)):
            yield from _renamed(name, known, given)


def _reported_in(problem: Problem, call: CodeNode) -> set[str]:
    """The keywords of a call that this report, or another, does not know."""
    found = set()
    for each in (problem.diagnostic, *problem.others):
        if each is not None and call.start <= each.span.start <= call.end and _UNKNOWN.search(each.message):
            found |= set(_QUOTED.findall(each.message))
    return found


def _renamed(name: CodeNode, known: list[tuple[float, list[str], str]], given: set[str]) -> Iterator[Proposal]:
    if any(bonus >= 0 and name.text in names for bonus, names, _ in known):
        return
    ranked: dict[str, tuple[float, str]] = {}
    for bonus, names, where in known:
        for likelihood, other in alike(name.text, (each for each in names if each not in given), at_least=0.4):
            if other not in ranked:
                ranked[other] = (min(0.98, likelihood + bonus), where)
    for other, (certainty, where) in sorted(ranked.items(), key=lambda each: (-each[1][0], each[0]))[:_MOST]:
        yield Proposal(
            RULE.name,
            f"Replace the argument '{name.text}' with '{other}'",
            (Replacement(name.span, other),),
            certainty,
            f"There is no parameter '{name.text}', but {where} '{other}'.",
        )


def _known(problem: Problem, call: CodeNode) -> Iterator[tuple[float, list[str], str]]:
    missing = []
    for each in problem.others:
        if abs(each.span.start.line - call.line) <= call.end.line - call.line and (
            match := _MISSING.search(each.message)
        ):
            missing += _QUOTED.findall(next(group for group in match.groups() if group))
    yield 0.2, missing, "one is missing for"
    name = callee_name(call)
    for signature in signatures_of(problem, call):
        yield 0.08, [each.name for each in signature.parameters], f"'{name}' has"
    found: dict[str, None] = {}
    everywhere: dict[str, None] = {}
    root = problem.tree.root
    for other in root.of_kind("call") if root is not None else ():
        if other.start == call.start:
            continue
        keywords = [each.field("name") for each in arguments_of(other) if each.kind == "keyword_argument"]
        named = dict.fromkeys(each.text for each in keywords if each is not None)
        everywhere |= named
        if callee_name(other) == name:
            found |= named
    yield 0.06, list(python_stdlib.parameters_of(name)), f"'{name}' of the standard library has"
    yield 0.04, list(found), f"elsewhere '{name}' is given"
    yield -0.05, list(everywhere), "elsewhere another function is given"


RULE = Rule(
    "misspelt_keyword",
    propose,
    languages=PYTHON,
    codes=codes("reportCallIssue", "call-arg", "E1123"),
    message=words(r"no parameter named", r"unexpected keyword argument", r"no overloads? for"),
)
