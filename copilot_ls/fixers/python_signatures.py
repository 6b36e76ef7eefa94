"""Calls in Python, and the parameters of what they call, as far as the file, the index and packages declare it.

What is called is not inferred: a function of that name in the file or imported into it, a class by its `__init__` or
its fields, a method of the class around `self`, or else every method of that name. Called by the rules about arguments.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Literal, NamedTuple

from copilot_ls.fixers.python_members import bases_of, class_around
from copilot_ls.syntax import SyntaxDocument
from copilot_ls.text import TextSnapshot

if TYPE_CHECKING:
    from collections.abc import Iterator

    from copilot_ls.fixers.base import Problem
    from copilot_ls.syntax.node import CodeNode

_DEPTH = 4
_MOST = 8
_FUNCTION_KINDS = ("function", "class")


class Parameter(NamedTuple):
    """A parameter; `kind` is how it is passed."""

    name: str
    kind: Literal["positional", "keyword", "star", "double_star"]
    is_optional: bool
    annotation: str = ""


class Signature(NamedTuple):
    """What somebody who calls has to pass: `self` is left out."""

    name: str
    parameters: tuple[Parameter, ...]


def call_around(node: CodeNode) -> CodeNode | None:
    """The innermost call whose arguments a node stands in, or that it is the callee of."""
    for around in (node, *node.ancestors()):
        if around.kind == "call":
            return around
        if around.kind in ("block", "module", "lambda"):
            return None
    return None


def callee_name(call: CodeNode) -> str:
    """The last name of what is called."""
    function = call.field("function")
    return "" if function is None else function.text.rpartition(".")[2]


def arguments_of(call: CodeNode) -> list[CodeNode]:
    """The arguments of a call, in order."""
    arguments = call.field("arguments")
    if arguments is None:
        return []
    return [arguments] if arguments.kind == "generator_expression" else arguments.named_children


def signatures_of(problem: Problem, call: CodeNode) -> list[Signature]:
    """What the call may have to pass, the likeliest first."""
    name, function = callee_name(call), call.field("function")
    if not name or function is None:
        return []
    holder = function.field("object")
    root = problem.tree.root
    found: list[Signature] = []
    if holder is not None and holder.text in ("self", "cls", "super()"):
        around = class_around(call)
        found += list(_of_class_method(problem, around, name, _DEPTH)) if around is not None else []
    for node in root.of_kind("function_definition", "class_definition") if root is not None else ():
        declared = node.field("name")
        if declared is None or declared.text != name:
            continue
        if node.kind == "class_definition":
            found += _of_class(problem, node, _DEPTH)
        elif (class_of(node) is not None) == (holder is not None):
            found.append(signature_of(node))
    return (found or list(_of_index(problem, name, is_member=holder is not None)))[:_MOST]


def class_of(function: CodeNode) -> CodeNode | None:
    """The class that a function is a method of."""
    parent = function.parent
    if parent is not None and parent.kind == "decorated_definition":
        parent = parent.parent
    around = parent.parent if parent is not None and parent.kind == "block" else None
    return around if around is not None and around.kind == "class_definition" else None


def decorators_of(function: CodeNode) -> list[str]:
    """The decorators of a function, without `@`."""
    parent = function.parent
    if parent is None or parent.kind != "decorated_definition":
        return []
    return [each.text[1:].strip() for each in parent.children if each.kind == "decorator"]


def signature_of(function: CodeNode) -> Signature:
    """The signature of a function's node."""
    declared, parameters = function.field("name"), function.field("parameters")
    found = list(_parameters(parameters)) if parameters is not None else []
    is_bound = class_of(function) is not None and "staticmethod" not in decorators_of(function)
    if is_bound or (found and found[0].name in ("self", "cls")):
        found = found[1:]
    return Signature(declared.text if declared is not None else "", tuple(found))


def _parameters(node: CodeNode) -> Iterator[Parameter]:
    only_keywords = False
    for each in node.named_children:
        target, annotation = each, each.field("type")
        if each.kind in ("typed_parameter", "list_splat_pattern", "dictionary_splat_pattern") and each.named_children:
            target = each.named_children[0]
        elif each.kind in ("default_parameter", "typed_default_parameter"):
            target = each.field("name") or each
        elif each.kind == "keyword_separator":
            only_keywords = True
            continue
        written = each.text.lstrip()
        if written.startswith("**"):
            yield Parameter(target.text.lstrip("*"), "double_star", is_optional=True)
        elif written.startswith("*"):
            only_keywords = True
            yield Parameter(target.text.lstrip("*"), "star", is_optional=True)
        elif target.kind == "identifier":
            is_optional = each.field("value") is not None
            kind: Literal["keyword", "positional"] = "keyword" if only_keywords else "positional"
            yield Parameter(target.text, kind, is_optional, annotation.text if annotation is not None else "")


def _of_class_method(problem: Problem, node: CodeNode, name: str, depth: int) -> Iterator[Signature]:
    body = node.field("body")
    for function in body.of_kind("function_definition") if body is not None else ():
        declared = function.field("name")
        if declared is not None and declared.text == name and class_of(function) == node:
            yield signature_of(function)
            return
    for base in bases_of(node) if depth else ():
        root = problem.tree.root
        for other in root.of_kind("class_definition") if root is not None else ():
            declared = other.field("name")
            if declared is not None and declared.text == base and other != node:
                yield from _of_class_method(problem, other, name, depth - 1)


def _of_class(problem: Problem, node: CodeNode, depth: int) -> list[Signature]:
    """What making an object takes: of `__init__`, or the fields of a dataclass or a named tuple."""
    found = list(_of_class_method(problem, node, "__init__", depth))
    if found:
        return found
    declared, body = node.field("name"), node.field("body")
    fields = []
    for statement in body.named_children if body is not None else ():
        assignment = statement.named_children[0] if statement.kind == "expression_statement" else None
        if assignment is None or assignment.kind != "assignment":
            continue
        left, annotation, value = (assignment.field(each) for each in ("left", "type", "right"))
        if left is not None and annotation is not None and not annotation.text.startswith("ClassVar"):
            fields.append(Parameter(left.text, "positional", value is not None, annotation.text))
    return [Signature(declared.text if declared is not None else "", tuple(fields))] if fields else []


def _of_index(problem: Problem, name: str, *, is_member: bool) -> Iterator[Signature]:
    index = problem.index
    if index is None:
        return
    hits = index.definitions([name], limit_each=_MOST).get(name, [])
    hits = [hit for hit in hits if hit.path.endswith((".py", ".pyi"))]
    if not hits:
        hits = index.dependencies.definitions([name], limit_each=_MOST).get(name, [])
    for hit in hits:
        if hit.kind == "class":
            for member in index.members(name, hit.path):
                if member.name == "__init__":
                    yield from _parsed(member.signature, is_member=True)
        elif hit.kind in _FUNCTION_KINDS:
            yield from _parsed(hit.signature, is_member=bool(hit.container) or is_member)


@lru_cache(maxsize=256)
def _parsed(signature: str, *, is_member: bool) -> tuple[Signature, ...]:
    """The signature that a declaration's first lines are."""
    text = TextSnapshot.of(f"{signature.rstrip().rstrip(':')}: pass\n")
    root = SyntaxDocument("python", "").tree_at(text).root
    function = next(root.of_kind("function_definition"), None) if root is not None else None
    if function is None:
        return ()
    found = signature_of(function)
    if is_member and found.parameters and found.parameters[0].name in ("self", "cls"):
        found = Signature(found.name, found.parameters[1:])
    return (found,)
