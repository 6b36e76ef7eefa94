"""Calls with arguments too many or too few.

Those too many go. One that is missing is a name in scope that is called like the parameter, or what other calls of the
same function pass in its place.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from copilot_ls.edits import Replacement
from copilot_ls.fixers.base import Proposal
from copilot_ls.fixers.names import visible_names
from copilot_ls.fixers.python_members import class_around, own_members
from copilot_ls.fixers.python_signatures import arguments_of, call_around, callee_name, signatures_of
from copilot_ls.fixers.rule import PYTHON, Rule, codes, words
from copilot_ls.text import Point, Span

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from copilot_ls.fixers.base import Problem
    from copilot_ls.syntax.node import CodeNode

_TOO_MANY = re.compile(
    r"expected (\d+) (?:more )?positional arguments?|too many (?:positional )?arguments", re.IGNORECASE
)
_MISSING = re.compile(r"missing for parameters? |missing .*arguments?:? |no value for argument ", re.IGNORECASE)
_UNKNOWN = words(r"no parameter named", r"unexpected keyword argument")
_QUOTED = re.compile(r"[\"'](\w+)[\"']")
_PLAIN = re.compile(r"[A-Za-z_][\w.]*|\d+|[\"'][^\"']*[\"']")
_MOST = 3


def propose(problem: Problem) -> Iterator[Proposal]:
    """Take surplus arguments away, or pass what is missing."""
    diagnostic = problem.diagnostic
    if diagnostic is None:
        return
    node = problem.tree.node_at(*diagnostic.span)
    call = call_around(node) if node is not None else None
    if call is None:
        return
    if any(_UNKNOWN.search(each.message) and call.start <= each.span.start <= call.end for each in problem.others):
        return  # what is missing was passed under another name
    if _TOO_MANY.search(diagnostic.message):
        yield from _without_surplus(problem, call, diagnostic.span)
    elif _MISSING.search(diagnostic.message):
        names = _QUOTED.findall(diagnostic.message[_MISSING.search(diagnostic.message).end() :])  # type: ignore[union-attr]  # it was found
        yield from _with_missing(problem, call, names)


def _without_surplus(problem: Problem, call: CodeNode, span: Span) -> Iterator[Proposal]:
    arguments = arguments_of(call)
    # The report stands at the first argument too many, or at the call.
    first = next((at for at, each in enumerate(arguments) if each.start <= span.start < each.end), None)
    match = _TOO_MANY.search(problem.diagnostic.message) if problem.diagnostic is not None else None
    if first is None and match is not None and match[1]:
        first = min(int(match[1]), len(arguments) - 1)
    if first is None or not arguments:
        return
    positional = [at for at in range(first, len(arguments)) if arguments[at].kind != "keyword_argument"]
    for last in dict.fromkeys((positional[-1] if positional else first, first)):
        replacement = _removed(arguments, first, last)
        n = last - first + 1
        yield Proposal(
            RULE.name,
            f"Remove the surplus argument '{arguments[first].text[:30]}'"
            if n == 1
            else f"Remove {n} surplus arguments",
            (replacement,),
            0.85 if last == first else 0.8,
            f"'{callee_name(call)}' takes fewer arguments.",
        )


def _removed(arguments: Sequence[CodeNode], first: int, last: int) -> Replacement:
    if first > 0:
        return Replacement(Span(arguments[first - 1].end, arguments[last].end), "")
    end = arguments[last + 1].start if last + 1 < len(arguments) else arguments[last].end
    return Replacement(Span(arguments[first].start, end), "")


def _with_missing(problem: Problem, call: CodeNode, names: list[str]) -> Iterator[Proposal]:
    if len(names) != 1:
        # Several may be there under names that are in scope.
        values = [next(iter(_values(problem, call, name)), None) for name in names]
        if names and all(values):
            yield from _proposals(
                problem, call, [(name, *value) for name, value in zip(names, values, strict=True) if value]
            )
        return
    for certainty, value, why in list(_values(problem, call, names[0]))[:_MOST]:
        yield from _proposals(problem, call, [(names[0], certainty, value, why)])


def _proposals(problem: Problem, call: CodeNode, passed: list[tuple[str, float, str, str]]) -> Iterator[Proposal]:
    arguments = arguments_of(call)
    node = call.field("arguments")
    if node is None or node.kind != "argument_list":
        return
    signature = next(iter(signatures_of(problem, call)), None)
    order = [each.name for each in signature.parameters if each.kind == "positional"] if signature is not None else []
    n_positional = sum(each.kind not in ("keyword_argument", "dictionary_splat") for each in arguments)
    written: list[str] = []
    for name, _, value, _ in passed:
        in_turn = name in order and order.index(name) == n_positional + len(written)
        is_last = n_positional == len(arguments)
        written.append(value if (in_turn or not order) and is_last else f"{name}={value}")
    text = ", ".join(written)
    end = arguments[-1].end if arguments else Point(node.end.line, node.end.column - 1)
    yield Proposal(
        RULE.name,
        f"Pass '{text}'",
        (Replacement(Span(end, end), f", {text}" if arguments else text),),
        min(certainty for _, certainty, _, _ in passed),
        passed[0][3],
    )


def _values(problem: Problem, call: CodeNode, name: str) -> Iterator[tuple[float, str, str]]:
    """What may be passed for a parameter, with why."""
    visible = visible_names(problem, call.start)
    if visible.get(name) is not None:
        yield 0.85, name, f"'{name}' is in scope and called like the parameter."
    around = class_around(call)
    if around is not None and "self" in visible:
        declared = around.field("name")
        members = {each.name for each in own_members(around, declared.text if declared is not None else "")}
        for member in (name, f"_{name}"):
            if member in members:
                yield 0.75, f"self.{member}", f"'self.{member}' is called like the parameter."
    yield from _passed_elsewhere(problem, call, name, visible)
    for other, binding in visible.items():
        if binding is not None and other != name and (other.endswith(f"_{name}") or name.endswith(f"_{other}")):
            yield 0.5, other, f"'{other}' is called much like the parameter."
    signature = next(iter(signatures_of(problem, call)), None)
    for parameter in signature.parameters if signature is not None else ():
        if parameter.name == name and re.search(r"\bNone\b|Optional", parameter.annotation):
            yield 0.45, "None", f"The parameter '{name}' may be None."


def _passed_elsewhere(
    problem: Problem, call: CodeNode, name: str, visible: Mapping[str, object]
) -> Iterator[tuple[float, str, str]]:
    callee, root = callee_name(call), problem.tree.root
    n_here = len(arguments_of(call))
    for other in root.of_kind("call") if root is not None else ():
        if other.start == call.start or callee_name(other) != callee:
            continue
        arguments = arguments_of(other)
        named = [
            each.field("value")
            for each in arguments
            if each.kind == "keyword_argument" and each.text.startswith(f"{name}=")
        ]
        if not named and len(arguments) > n_here and arguments[n_here].kind != "keyword_argument":
            named = [arguments[n_here]]
        for value in named:
            if value is not None and _PLAIN.fullmatch(value.text) and _is_known(value.text, visible):
                yield 0.6, value.text, f"Line {other.line + 1} passes '{value.text}' to '{callee}'."


def _is_known(value: str, visible: Mapping[str, object]) -> bool:
    return not value[0].isalpha() or value.partition(".")[0] in visible


RULE = Rule(
    "argument_count",
    propose,
    languages=PYTHON,
    codes=codes("reportCallIssue", "call-arg", "E1120", "E1121"),
    message=words(
        r"missing for parameter",
        r"missing .*arguments?",
        r"too many (?:positional )?arguments",
        r"positional arguments?$",
    ),
)
