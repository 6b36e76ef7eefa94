"""A name that nothing binds but that something offers: import it as the workspace does.

Asked in turn: how other files of the workspace import the name, what the workspace declares, Python's standard library,
and the installed packages. Names that are used with members are compared with what the candidates have.
"""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING

from copilot_ls.fixers import python_stdlib
from copilot_ls.fixers.base import Proposal
from copilot_ls.fixers.names import reported_name
from copilot_ls.fixers.python_imports import imports_of, with_import
from copilot_ls.fixers.python_modules import absolute, as_written_here, module_of, own_path
from copilot_ls.fixers.rule import PYTHON, Rule, codes, words

if TYPE_CHECKING:
    from collections.abc import Iterator

    from copilot_ls.fixers.base import Problem

_MOST = 5
_MOST_IMPORTERS = 200
# What is taken from several modules of the library is mostly taken from these.
_USUAL = (
    "typing", "collections.abc", "pathlib", "datetime", "functools", "itertools", "collections", "dataclasses", "os",
    "time", "enum", "abc", "contextlib", "re", "json", "types", "os.path", "asyncio", "threading", "subprocess",
    "operator",
)  # fmt: skip

_HARDLY_MEANT = ("builtins", "tkinter", "turtle", "pylab", "typing_extensions", "tkinter.ttk", "tkinter.tix")


def propose(problem: Problem) -> Iterator[Proposal]:
    """One import for each place that the name may come from, the likeliest first."""
    reported = reported_name(problem)
    if reported is None:
        return
    name = reported[0]
    members = _members_used(problem, name)
    likelihoods: dict[tuple[str, str, str], tuple[float, str]] = {}
    for certainty, origin, why in _origins(problem, name):
        module, original, _ = origin
        fitting = certainty * _fits(module, original, members)
        if fitting > likelihoods.get(origin, (0.0, ""))[0]:
            likelihoods[origin] = (fitting, why)
    ranked = sorted(likelihoods.items(), key=lambda each: (-each[1][0], each[0]))
    for (module, original, alias), (certainty, why) in ranked[:_MOST]:
        written = f"from {module} import {original}" if original else f"import {module}"
        yield Proposal(
            RULE.name,
            f"Add '{written}{f' as {alias}' if alias else ''}'",
            (with_import(problem.tree, module, original, alias),),
            certainty,
            why,
        )


def _origins(problem: Problem, name: str) -> Iterator[tuple[float, tuple[str, str, str], str]]:
    yield from _as_others_do(problem, name)
    yield from _declared_here(problem, name)
    own = {each.module for each in imports_of(problem.tree)}
    if python_stdlib.is_module(name):
        yield 0.9, (name, "", ""), f"'{name}' is a module of the standard library."
    for module in python_stdlib.modules_with(name):
        if module in _HARDLY_MEANT or name in python_stdlib.builtins():
            continue
        certainty = (
            (0.80 if module in _USUAL or module in own or name[:1].isupper() else 0.66)
            + 0.08 * (module in own)
            - 0.02 * module.count(".")
        )
        certainty += 0.05 - 0.002 * _USUAL.index(module) if module in _USUAL else 0.0
        yield certainty, (module, name, ""), f"'{module}' of the standard library offers '{name}'."
    if problem.index is not None:
        for hit in problem.index.dependencies.definitions([name]).get(name, []):
            if not hit.container and hit.path.endswith((".py", ".pyi")):
                module = module_of(hit.path)
                certainty = 0.7 + 0.05 * (module in own) - 0.03 * module.count(".") - 0.1 * ("._" in module)
                yield certainty, (module, name, ""), f"the installed package '{module}' declares '{name}'."


def _as_others_do(problem: Problem, name: str) -> Iterator[tuple[float, tuple[str, str, str], str]]:
    if problem.index is None:
        return
    here = own_path(problem)
    ways: Counter[tuple[str, str, str]] = Counter()
    for hit in problem.index.imports_of_name(name, limit=_MOST_IMPORTERS):
        if hit.path.endswith((".py", ".pyi")) and hit.path != here:
            module = as_written_here(problem, absolute(hit.module, hit.path), written=hit.module)
            ways[module, hit.name, hit.alias] += 1
    total = sum(ways.values())
    for way, n_files in ways.items():
        files = "one other file imports" if n_files == 1 else f"{n_files} other files import"
        yield 0.84 + 0.12 * n_files / total, way, f"{files} '{name}' like this."


def _declared_here(problem: Problem, name: str) -> Iterator[tuple[float, tuple[str, str, str], str]]:
    if problem.index is None:
        return
    here = own_path(problem)
    for hit in problem.index.definitions([name]).get(name, []):
        if hit.container or hit.path == here or not hit.path.endswith((".py", ".pyi")):
            continue
        is_test = re.search(r"(?:^|/)tests?(?:/|_)", hit.path) is not None
        module = as_written_here(problem, module_of(hit.path))
        yield 0.82 - 0.2 * is_test, (module, name, ""), f"'{hit.path}' declares '{name}'."
    for file in problem.index.files_named(name):
        if file.path.endswith((".py", "/__init__.py")) and file.path != here:
            module = as_written_here(problem, module_of(file.path))
            package, _, tail = module.rpartition(".")
            if tail == name and (package or module.startswith(".")):
                yield 0.7, (package or ".", name, ""), f"'{file.path}' is a module of this name."


def _members_used(problem: Problem, name: str) -> set[str]:
    text = problem.document.text.text
    return {match[1] for match in re.finditer(rf"(?<![\w.]){re.escape(name)}\.([^\W\d]\w*)", text)}


def _fits(module: str, original: str, members: set[str]) -> float:
    """How far what is used of the name is what the candidate has; 1 where that is not known."""
    if not members:
        # A module as a whole is hardly called, nor a class's name written without a dot after a module's.
        return 1.0 if original else 0.9
    known = python_stdlib.members_of(f"{module}.{original}") if original else python_stdlib.names_of(module)
    if original and not known:
        known = python_stdlib.names_of(f"{module}.{original}")
    if not known:
        return 1.0 if not python_stdlib.is_module(module) else 0.85
    return 0.5 + 0.5 * len(members & set(known)) / len(members)


RULE = Rule(
    "missing_import",
    propose,
    languages=PYTHON,
    codes=codes("F821", "E0602", "reportUndefinedVariable", "name-defined"),
    message=words(r"is not defined", r"undefined name", r"undefined variable"),
)
