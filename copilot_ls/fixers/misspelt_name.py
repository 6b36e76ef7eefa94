"""A name that nothing binds and that is written almost like one that something does.

Renames the use, or the binding where that is what is misspelt: it is used by nobody, while the reported name is used.
Checkers that report both ends say so in `others`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from copilot_ls.edits import Replacement
from copilot_ls.fixers.base import Proposal
from copilot_ls.fixers.names import PYTHON_VALUES, bindings_of, reported_name, visible_names, words_of
from copilot_ls.fixers.rule import Rule, codes, words
from copilot_ls.fixers.similar import alike

if TYPE_CHECKING:
    from collections.abc import Iterator

    from copilot_ls.fixers.base import Problem
    from copilot_ls.syntax.bindings import Binding
    from copilot_ls.text import Point

_MOST = 4
_FOREIGN = {"null": "None", "nil": "None", "NULL": "None", "undefined": "None", "true": "True", "false": "False",
            "TRUE": "True", "FALSE": "False", "this": "self"}  # fmt: skip
# Of names that are equally alike, one that nobody else uses, or that stands in the same function, is likelier meant.
_UNUSED, _INNERMOST, _CALLED = 0.06, 0.02, 0.03


def propose(problem: Problem) -> Iterator[Proposal]:
    """The likeliest names, the use renamed; and the misspelt binding renamed to what is used."""
    reported = reported_name(problem)
    if reported is None:
        return
    name, span = reported
    visible = visible_names(problem, span.start)
    counts = words_of(problem.tree)
    is_bound = name in visible and visible[name] is not None
    if is_bound and counts.get(name, 0) > 1 and not bindings_of(problem.tree).all:
        return
    is_python = problem.tree.spec is not None and problem.tree.spec.name == "python"
    if is_python and name in _FOREIGN and _FOREIGN[name] in (*PYTHON_VALUES, *visible):
        meant = _FOREIGN[name]
        why = f"Python writes '{meant}' for what other languages call '{name}'."
        yield Proposal(RULE.name, f"Replace '{name}' with '{meant}'", (Replacement(span, meant),), 0.97, why)
    called = problem.document.text.line_text(span.end.line)[span.end.column :].lstrip().startswith("(")
    ranked = []
    for likelihood, known in alike(name, (each for each in visible if each != name)):
        binding = visible[known]
        bonus = _UNUSED * (binding is not None and counts.get(known, 0) <= 1)
        bonus += _bonus(problem, span.start, binding, called=called)
        ranked.append((min(likelihood + bonus, 0.99), known, binding))
    ranked.sort(key=lambda each: (-each[0], each[1]))
    for likelihood, known, binding in ranked[:_MOST]:
        if binding is not None and counts.get(known, 0) == 1 and counts.get(name, 0) > 1:
            yield Proposal(
                RULE.name,
                f"Rename '{known}' to '{name}'",
                (Replacement(binding.node.span, name),),
                min(likelihood + 0.01, 0.99),
                f"'{known}' is bound but used nowhere, and '{name}' is used {counts[name]} times.",
            )
        yield Proposal(
            RULE.name,
            f"Replace '{name}' with '{known}'",
            (Replacement(span, known),),
            likelihood,
            f"'{name}' is not bound here; {_where(binding, known)}.",
        )


def _bonus(problem: Problem, point: Point, binding: Binding | None, *, called: bool) -> float:
    if binding is None:
        return 0.0
    scopes = bindings_of(problem.tree).scopes_at(point)
    innermost = bool(scopes) and binding.scope == scopes[0]
    callable_ = binding.kind in ("function", "class", "import")
    return _INNERMOST * innermost + (_CALLED * callable_ if called else 0.0)


def _where(binding: Binding | None, known: str) -> str:
    if binding is None:
        return f"'{known}' is known everywhere"
    article = "an" if binding.kind == "import" else "a"
    return f"'{known}' is {article} {binding.kind} of line {binding.node.line + 1}"


RULE = Rule(
    "misspelt_name",
    propose,
    codes=codes(
        "F821", "E0602", "reportUndefinedVariable", "name-defined", "used-before-def", "2304", "2552", "E0425", "E0412",
        "E0433", "UndeclaredName", "undeclared_var_use", "undeclared_var_use_suggest",
    ),
    message=words(
        r"is not defined", r"undefined name", r"undefined variable", r"cannot find name", r"undefined: \w",
        r"undeclared", r"cannot find (?:value|function|type|macro|struct|variant|module|trait)",
        r"not found in this scope",
    ),
)  # fmt: skip
