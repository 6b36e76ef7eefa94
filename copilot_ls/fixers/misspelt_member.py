"""A member that a class, an object or a module does not have, written almost like one that it has.

Members of the class that the report names, or of the class around `self`, or of the module behind the name; else what
the file itself reads from the same receiver, and last what it reads from anything. Also names that are imported from a
module, and modules that are imported.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from copilot_ls.edits import Replacement
from copilot_ls.fixers import python_stdlib
from copilot_ls.fixers.base import Proposal
from copilot_ls.fixers.names import reported_name
from copilot_ls.fixers.python_imports import imports_of
from copilot_ls.fixers.python_members import class_around, members_of_class, module_behind, names_of_module
from copilot_ls.fixers.python_modules import absolute, own_path
from copilot_ls.fixers.rule import PYTHON, Rule, codes, words
from copilot_ls.fixers.similar import alike

if TYPE_CHECKING:
    from collections.abc import Iterator

    from copilot_ls.fixers.base import Problem
    from copilot_ls.syntax.node import CodeNode

_MOST = 4
_CLASS = re.compile(r"(?:for class|for type|Instance of|Class|type) [\"'](?:type\[)?([\w.]+)", re.IGNORECASE)
_OF_NONE = re.compile(r"attribute of [\"']?None\b|\bCoroutine(?:Type)?\[")
_MYPY_CLASS = re.compile(r"^[\"'](?:type\[)?([\w.]+)[^\"']*[\"'] has no attribute")
# How much less is known of what the same receiver is asked for elsewhere in the file, and of what anything is.
_SAME_RECEIVER, _ANYTHING = 0.02, 0.10


def propose(problem: Problem) -> Iterator[Proposal]:
    """The likeliest members."""
    reported = reported_name(problem)
    if reported is None or _OF_NONE.search(problem.diagnostic.message if problem.diagnostic is not None else ""):
        return
    name, span = reported
    node = problem.tree.node_at(*span)
    if node is None:
        return
    imported = node.within("import_from_statement", "import_statement", "future_import_statement")
    if imported is not None:
        known = _importable(problem, node)
    else:
        known = _members(problem, node.within("attribute") or node, name)
    ranked: dict[str, tuple[float, str]] = {}
    for less, names, where in known:
        for likelihood, other in alike(name, (each for each in names if each != name)):
            if other not in ranked:
                ranked[other] = (likelihood - less, where)
    for other, (certainty, where) in sorted(ranked.items(), key=lambda each: (-each[1][0], each[0]))[:_MOST]:
        yield Proposal(
            RULE.name,
            f"Replace '{name}' with '{other}'",
            (Replacement(span, other),),
            max(certainty, 0.0),
            f"There is no '{name}', but {where} '{other}'.",
        )


def _members(problem: Problem, node: CodeNode, name: str) -> Iterator[tuple[float, list[str], str]]:
    message = problem.diagnostic.message if problem.diagnostic is not None else ""
    holder = node.field("object")
    for found in (*_CLASS.finditer(message), *_MYPY_CLASS.finditer(message)):
        class_name = found[1].rpartition(".")[2]
        yield 0.0, [each.name for each in members_of_class(problem, class_name)], f"'{class_name}' has"
    if holder is not None:
        if holder.text in ("self", "cls"):
            around = class_around(node)
            declared = around.field("name") if around is not None else None
            if declared is not None:
                yield 0.0, [each.name for each in members_of_class(problem, declared.text)], f"'{declared.text}' has"
        module = module_behind(problem, holder.text.partition(".")[0])
        if module:
            module = ".".join([module, *holder.text.split(".")[1:]])
            yield 0.0, names_of_module(problem, module), f"'{module}' offers"
        yield _SAME_RECEIVER, _read(problem, name, holder.text), f"elsewhere '{holder.text}' has"
    yield _ANYTHING, _read(problem, name, ""), "the file elsewhere reads"


def _read(problem: Problem, name: str, receiver: str) -> list[str]:
    """Members that the file reads elsewhere, from one receiver or from any."""
    before = rf"(?<![\w.]){re.escape(receiver)}" if receiver else r"[\w)\]]"
    found = re.findall(rf"{before}\.([^\W\d]\w*)", problem.document.text.text)
    return [each for each in dict.fromkeys(found) if each != name]


def _importable(problem: Problem, node: CodeNode) -> Iterator[tuple[float, list[str], str]]:
    item = next((each for each in imports_of(problem.tree) if each.item.start <= node.start < each.item.end), None)
    if item is not None and item.name:
        module = absolute(item.module, own_path(problem))
        yield 0.0, names_of_module(problem, module), f"'{module}' offers"
        return
    # One part of a module's name: what stands in its place elsewhere.
    dotted = node.within("dotted_name")
    before = problem.document.text.slice(type(node.span)(dotted.start, node.start)) if dotted is not None else ""
    yield 0.0, _parts(python_stdlib.modules(), before), "the standard library has"
    if problem.index is not None:
        modules = [hit[1] for hit in problem.index.imports_of_families(["python"])]
        yield 0.02, _parts(modules, before), "elsewhere is imported"
        yield 0.04, _parts(problem.index.dependencies.packages(), before), "installed is"


def _parts(modules: list[str] | tuple[str, ...], before: str) -> list[str]:
    return [each[len(before) :].partition(".")[0] for each in modules if each.startswith(before) and each != before]


RULE = Rule(
    "misspelt_member",
    propose,
    languages=PYTHON,
    codes=codes(
        "reportAttributeAccessIssue", "E1101", "attr-defined", "reportMissingImports", "reportMissingModuleSource",
        "E0611", "E0401", "import-not-found", "import", "reportFunctionMemberAccess", "union-attr",
    ),
    message=words(
        r"cannot (?:access|assign to) attribute", r"is not a known attribute", r"has no (?:attribute|member)",
        r"has no '\w+' member", r"is unknown import symbol", r"could not be resolved", r"no name '\w+' in module",
    ),
)  # fmt: skip
