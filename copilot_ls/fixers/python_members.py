"""What stands behind a dot in Python: members of a class, names of a module, as far as file, index and library tell.

Nothing is inferred that a checker would infer better: the class is the one that the report names, or the one around
`self`. Called by the rules about members and arguments.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from copilot_ls.fixers import python_stdlib
from copilot_ls.fixers.python_imports import imports_of
from copilot_ls.fixers.python_modules import absolute, module_of, own_path

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from copilot_ls.fixers.base import Problem
    from copilot_ls.index.hits import DefinitionHit
    from copilot_ls.syntax.node import CodeNode

_DEPTH = 6
_OWN = ("self", "cls")


class Member(NamedTuple):
    """A member and who declares it; `kind` is `method`, `attribute`, or empty where nobody knows."""

    name: str
    kind: str
    owner: str


def class_named(problem: Problem, name: str) -> CodeNode | None:
    """The class of that name in the problem's own file."""
    root = problem.tree.root
    for node in root.of_kind("class_definition") if root is not None else ():
        declared = node.field("name")
        if declared is not None and declared.text == name:
            return node
    return None


def class_around(node: CodeNode) -> CodeNode | None:
    """The class whose method a node stands in."""
    return node.within("class_definition")


def members_of_class(problem: Problem, name: str) -> list[Member]:
    """The members of a class, own ones first, then those of its bases; empty when nobody knows the class."""
    return list({member.name: member for member in reversed(list(_members(problem, name, _DEPTH, set())))}.values())[
        ::-1
    ]


def _members(problem: Problem, name: str, depth: int, seen: set[str]) -> Iterator[Member]:
    if not depth or name in seen:
        return
    seen.add(name)
    node = class_named(problem, name)
    if node is not None:
        yield from own_members(node, name)
        for base in bases_of(node):
            yield from _members(problem, base, depth - 1, seen)
        return
    found = list(_of_index(problem, name, depth, seen))
    yield from found or (Member(each, "", name) for each in python_stdlib.members_of(name))


def _of_index(problem: Problem, name: str, depth: int, seen: set[str]) -> Iterator[Member]:
    """Members of a class that another file declares, or else an installed package."""
    index = problem.index
    if index is None:
        return
    hits = [
        hit
        for hit in index.definitions([name], limit_each=4).get(name, [])
        if hit.kind == "class" and hit.path.endswith((".py", ".pyi"))
    ]
    for hit in hits:
        yield from _from_hits(index.members(name, hit.path), name)
        for derived in index.supertypes(name, hit.path):
            yield from _members(problem, derived.base, depth - 1, seen)
    if not hits:
        for hit in index.dependencies.definitions([name], limit_each=2).get(name, []):
            if hit.kind == "class":
                yield from _from_hits(index.dependencies.members(name, hit.path), name)


def _from_hits(hits: Iterable[DefinitionHit], owner: str) -> Iterator[Member]:
    return (Member(each.name, "method" if each.kind == "function" else "attribute", owner) for each in hits)


def own_members(node: CodeNode, name: str) -> list[Member]:
    """What one class declares: functions and variables of its body, and what its methods give to `self`."""
    found: dict[str, Member] = {}
    body = node.field("body")
    for child in body.named_children if body is not None else ():
        statement = child.field("definition") if child.kind == "decorated_definition" else child
        if statement is None:
            continue
        declared = statement.field("name")
        if statement.kind == "function_definition" and declared is not None:
            is_property = child.kind == "decorated_definition" and "property" in child.text.partition("\n")[0]
            found.setdefault(declared.text, Member(declared.text, "attribute" if is_property else "method", name))
        elif statement.kind == "class_definition" and declared is not None:
            found.setdefault(declared.text, Member(declared.text, "", name))
        elif statement.kind == "expression_statement":
            for assignment in statement.of_kind("assignment"):
                left = assignment.field("left")
                if left is not None and left.kind == "identifier":
                    found.setdefault(left.text, Member(left.text, "attribute", name))
    for target in _targets(body.walk() if body is not None else ()):
        found.setdefault(target, Member(target, "attribute", name))
    return list(found.values())


def _targets(nodes: Iterable[CodeNode]) -> Iterator[str]:
    """Names that are assigned to as members of `self` or `cls`."""
    for node in nodes:
        if node.kind != "attribute":
            continue
        holder, member, parent = node.field("object"), node.field("attribute"), node.parent
        if holder is None or member is None or parent is None or holder.text not in _OWN:
            continue
        is_bound = parent.kind in ("assignment", "for_statement") and parent.field("left") == node
        if is_bound or parent.kind in ("pattern_list", "tuple_pattern", "with_item", "as_pattern_target"):
            yield member.text


def bases_of(node: CodeNode) -> list[str]:
    """The last names of what a class is derived from."""
    superclasses = node.field("superclasses")
    found = []
    for base in superclasses.named_children if superclasses is not None else ():
        target = base.field("value") if base.kind == "subscript" else base
        if target is not None and target.kind in ("identifier", "attribute"):
            found.append(target.text.rpartition(".")[2])
    return found


def names_of_module(problem: Problem, module: str) -> list[str]:
    """What a module offers, by its full dotted name; empty when nobody knows it."""
    if python_stdlib.is_module(module):
        return list(python_stdlib.names_of(module))
    if problem.index is None:
        return []
    found: dict[str, None] = {}
    for file in problem.index.files_named(module.rpartition(".")[2]):
        if file.path.endswith((".py", ".pyi")) and module_of(file.path) == module:
            found |= dict.fromkeys(hit.name for hit in problem.index.file_definitions(file.path) if not hit.container)
            found |= dict.fromkeys(hit.alias or hit.name for hit in problem.index.file_imports(file.path) if hit.name)
            if file.path.endswith("/__init__.py"):
                folder = file.path.rpartition("/")[0] + "/"
                found |= dict.fromkeys(
                    each.path[len(folder) :].partition("/")[0].removesuffix(".py")
                    for each in problem.index.files()
                    if each.path.startswith(folder) and each.path.endswith(".py")
                )
    if not found:
        found |= dict.fromkeys(
            hit.name for hit in problem.index.dependencies.module_definitions(module.replace(".", "/"), limit=2_000)
        )
    return list(found)


def module_behind(problem: Problem, name: str) -> str:
    """The full dotted name of the module that a name of the file stands for; empty where it stands for none."""
    for each in imports_of(problem.tree):
        if each.local != name:
            continue
        module = absolute(each.module, own_path(problem))
        if not each.name:
            return module if each.item.kind == "aliased_import" else name
        return f"{module}.{each.name}" if module else each.name
    return ""
