"""A name that is imported from a module which does not offer it, while another one does.

Also a submodule that is used without having been imported: `import importlib` does not bring `importlib.util` along.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from copilot_ls.edits import Replacement
from copilot_ls.fixers import python_stdlib
from copilot_ls.fixers.base import Proposal
from copilot_ls.fixers.names import reported_name
from copilot_ls.fixers.python_imports import Imported, imports_of, with_import, without
from copilot_ls.fixers.python_modules import absolute, as_written_here, module_of, own_path
from copilot_ls.fixers.rule import PYTHON, Rule, codes, words

if TYPE_CHECKING:
    from collections.abc import Iterator

    from copilot_ls.fixers.base import Problem

_OF_MODULE = re.compile(r"attribute of module [\"']([\w.]+)|module [\"']([\w.]+)[\"'] has no", re.IGNORECASE)
_MOST = 3
_HARDLY_MEANT = ("typing_extensions", "builtins", "tkinter", "turtle")


def propose(problem: Problem) -> Iterator[Proposal]:
    """The same name from where it is, or an import of the submodule."""
    reported = reported_name(problem)
    if reported is None or problem.diagnostic is None:
        return
    name, span = reported
    item = next((each for each in imports_of(problem.tree) if each.item.start <= span.start < each.item.end), None)
    if item is not None:
        if item.name:
            yield from _elsewhere(problem, item)
        return
    match = _OF_MODULE.search(problem.diagnostic.message)
    module = f"{match[1] or match[2]}.{name}" if match is not None else ""
    if python_stdlib.is_module(module):
        yield Proposal(
            RULE.name,
            f"Add 'import {module}'",
            (with_import(problem.tree, module, ""),),
            0.93,
            f"'{module}' is a module of its own, which has to be imported.",
        )


def _elsewhere(problem: Problem, item: Imported) -> Iterator[Proposal]:
    written = absolute(item.module, own_path(problem))
    places = dict.fromkeys(_modules_with(problem, item.name, written.partition(".")[0]))
    for rank, module in enumerate([each for each in places if each not in (item.module, written)][:_MOST]):
        target = item.statement.field("module_name")
        if len(item.statement.fields("name")) == 1 and target is not None:
            edits: tuple[Replacement, ...] = (Replacement(target.span, module),)
        else:
            alias = item.local if item.local != item.name else ""
            edits = (without(item, problem.tree), with_import(problem.tree, module, item.name, alias))
        yield Proposal(
            RULE.name,
            f"Import '{item.name}' from '{module}'",
            edits,
            0.9 - 0.05 * rank,
            f"'{item.module}' does not offer '{item.name}', but '{module}' does.",
        )


def _modules_with(problem: Problem, name: str, package: str) -> Iterator[str]:
    index = problem.index
    if index is not None:
        here = own_path(problem)
        for hit in index.imports_of_name(name):
            if hit.name == name and hit.path != here and hit.path.endswith((".py", ".pyi")):
                yield as_written_here(problem, absolute(hit.module, hit.path), written=hit.module)
        for definition in index.definitions([name]).get(name, []):
            if not definition.container and definition.path.endswith(".py") and definition.path != here:
                yield as_written_here(problem, module_of(definition.path))
    # What moved within the library mostly stayed in its package.
    library = [each for each in python_stdlib.modules_with(name) if each not in _HARDLY_MEANT]
    yield from sorted(library, key=lambda each: (each.partition(".")[0] != package, each.count("."), each))
    if index is not None:
        for definition in index.dependencies.definitions([name]).get(name, []):
            if not definition.container and definition.path.endswith((".py", ".pyi")):
                yield module_of(definition.path)


RULE = Rule(
    "moved_import",
    propose,
    languages=PYTHON,
    codes=codes("E0611"),
    message=words(
        r"is unknown import symbol", r"no name '\w+' in module", r"module \S+ has no attribute",
        r"attribute of module",
    ),
)  # fmt: skip
