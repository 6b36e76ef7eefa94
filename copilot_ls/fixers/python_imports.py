"""Import statements of a Python file: what they bind, and the edits that add and take away a name.

An import is added as the file writes its imports: to a statement that imports from the same module already, else
next to its like. Called by the Python rules.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from copilot_ls.edits import Replacement
from copilot_ls.fixers import python_stdlib
from copilot_ls.text import Point, Span

if TYPE_CHECKING:
    from collections.abc import Callable

    from copilot_ls.syntax.node import CodeNode
    from copilot_ls.syntax.tree import SyntaxTree
    from copilot_ls.text import TextSnapshot

_STATEMENTS = ("import_statement", "import_from_statement", "future_import_statement")
_LONGEST_LINE = 88


class Imported(NamedTuple):
    """One name that a statement binds. `name` is empty where a module as a whole is bound; `module` is as written."""

    local: str
    module: str
    name: str
    item: CodeNode
    statement: CodeNode


@lru_cache(maxsize=4)
def imports_of(tree: SyntaxTree) -> tuple[Imported, ...]:
    """All imports of a text, in order."""
    found: list[Imported] = []
    statements = {node for node, name, _ in tree.captures("imports") if name == "import"}
    for statement in sorted(statements, key=lambda node: node.start):
        module = "" if statement.kind == "import_statement" else _module(statement)
        for item in statement.fields("name"):
            aliased = item.field("alias")
            target = item.field("name") if item.kind == "aliased_import" else item
            if target is None:
                continue
            written = target.text
            if statement.kind == "import_statement":
                local = aliased.text if aliased else written.partition(".")[0]
                found.append(Imported(local, written, "", item, statement))
            else:
                found.append(Imported(aliased.text if aliased else written, module, written, item, statement))
    return tuple(found)


def _module(statement: CodeNode) -> str:
    if statement.kind == "future_import_statement":
        return "__future__"
    module = statement.field("module_name")
    return module.text if module else ""


def without(imported: Imported, tree: SyntaxTree) -> Replacement:
    """The edit that takes one name away, and its statement along with the last name."""
    statement = imported.statement
    items = statement.fields("name")
    text = tree.snapshot
    if len(items) == 1:
        return without_statement(statement, text)
    at = items.index(imported.item)
    if at + 1 < len(items):
        end = items[at + 1].start
        # On a line of its own, a name takes its line along, comments at its end included.
        if items[at + 1].line > imported.item.line and (at == 0 or items[at - 1].line < imported.item.line):
            line = imported.item.line
            if not text.line_text(line)[: imported.item.start.column].strip():
                return Replacement(Span(Point(line, 0), Point(line + 1, 0)), "")
        return Replacement(Span(imported.item.start, end), "")
    before = items[at - 1]
    line = imported.item.line
    alone = before.line < line and not text.line_text(line)[: imported.item.start.column].strip()
    rest = text.line_text(line)[imported.item.end.column :].strip()
    if alone and rest in ("", ","):
        if rest:
            return Replacement(Span(Point(line, 0), Point(line + 1, 0)), "")
        return Replacement(Span(before.end, imported.item.end), "")
    return Replacement(Span(before.end, imported.item.end), "")


def without_statement(statement: CodeNode, text: TextSnapshot) -> Replacement:
    """The edit that takes a statement away, with its line where it is alone there; an only one becomes `pass`."""
    first, last = statement.start, statement.end
    before, after = text.line_text(first.line)[: first.column], text.line_text(last.line)[last.column :]
    block = statement.parent
    if block is not None and block.kind == "block" and len(block.named_children) == 1:
        return Replacement(statement.span, "pass")
    is_alone = not before.strip() and (not after.strip() or after.lstrip().startswith("#"))
    if is_alone and last.line + 1 < text.n_lines:
        return Replacement(Span(Point(first.line, 0), Point(last.line + 1, 0)), "")
    separator = re.match(r"\s*;\s*", after)
    if separator:
        return Replacement(Span(first, Point(last.line, last.column + separator.end())), "")
    return Replacement(statement.span, "")


def with_import(tree: SyntaxTree, module: str, name: str, alias: str = "") -> Replacement:
    """The edit that imports `name` from `module`, or `module` as a whole where `name` is empty."""
    binding = f" as {alias}" if alias and alias != (name or module) else ""
    top = [each for each in imports_of(tree) if _is_top_level(each.statement)]
    if name:
        for each in top:
            if each.statement.kind == "import_from_statement" and each.module == module and each.name:
                added = _into(each.statement, f"{name}{binding}", tree)
                if added is not None:
                    return added
    written = f"from {module} import {name}{binding}" if name else f"import {module}{binding}"
    return _new_statement(tree, top, module, written, is_from=bool(name))


def _is_top_level(statement: CodeNode) -> bool:
    return statement.parent is not None and statement.parent.kind == "module"


def _into(statement: CodeNode, written: str, tree: SyntaxTree) -> Replacement | None:
    """Add a name to a statement, at its place in the alphabet where the names are in order."""
    items = statement.fields("name")
    texts = [item.text for item in items]
    line = tree.snapshot.line_text(statement.end.line)
    in_brackets = any(child.kind == "(" for child in statement.children)
    if not items or (not in_brackets and len(line) + len(written) + 2 > _LONGEST_LINE):
        return None
    at = len(items)
    for key in _ORDERS:
        keys = [key(text) for text in texts]
        if keys == sorted(keys):
            at = bisect_right(keys, key(written))
            break
    on_lines = len(items) > 1 and items[1].line > items[0].line
    if in_brackets and (on_lines or items[0].line > statement.line):
        indent = tree.snapshot.line_text(items[0].line)[: items[0].start.column]
        if not indent.strip():
            if at < len(items):
                return Replacement(Span(items[at].start, items[at].start), f"{written},\n{indent}")
            end = items[-1].end
            return Replacement(Span(end, end), f",\n{indent}{written}")
    if at < len(items):
        return Replacement(Span(items[at].start, items[at].start), f"{written}, ")
    end = items[-1].end
    return Replacement(Span(end, end), f", {written}")


def _as_isort(name: str) -> tuple[int, str]:
    """Constants, then classes, then the rest: the order that isort and ruff keep by default."""
    return (0 if name.isupper() and len(name) > 1 else 1 if name[:1].isupper() else 2), name


_ORDERS: tuple[Callable[[str], tuple[int, str]], ...] = (
    _as_isort,
    lambda name: (0, name),
    lambda name: (0, name.lower()),
)


def _section(module: str, known: frozenset[str]) -> int:
    """Which group of imports a module belongs to: future, standard library, others, the own package."""
    if module == "__future__":
        return 0
    if module.startswith("."):
        return 3
    top = module.partition(".")[0]
    return 1 if python_stdlib.is_module(top) else 2 + (top in known)


def _new_statement(tree: SyntaxTree, top: list[Imported], module: str, written: str, *, is_from: bool) -> Replacement:
    section = _section(module, frozenset())
    ordered: dict[Point, Imported] = {}
    for each in top:
        ordered.setdefault(each.statement.start, each)
    statements = list(ordered.values())
    near = [each for each in statements if _section(each.module, frozenset()) == section]
    if near:
        plain = [each for each in near if (each.statement.kind == "import_statement") != is_from]
        # A file that keeps `import x` before `from x import y` has all of the one kind first.
        mixed = near != sorted(near, key=lambda each: each.statement.kind != "import_statement")
        if not plain and not mixed:
            at_end = near[-1].statement.end.line
            return _line_after(tree, at_end, written) if is_from else _line_before(near[0].statement.line, written)
        group = near if mixed else plain
        for each in group:
            if each.module.lower().lstrip(".") > module.lower().lstrip("."):
                return _line_before(each.statement.start.line, written)
        return _line_after(tree, group[-1].statement.end.line, written)
    earlier = [each for each in statements if _section(each.module, frozenset()) < section]
    if earlier:
        return _line_after(tree, earlier[-1].statement.end.line, written, blank_before=True)
    if statements:
        return _line_before(statements[0].statement.start.line, f"{written}\n")
    return _at_top(tree, written)


def _line_before(line: int, written: str) -> Replacement:
    return Replacement(Span(Point(line, 0), Point(line, 0)), f"{written}\n")


def _line_after(tree: SyntaxTree, line: int, written: str, *, blank_before: bool = False) -> Replacement:
    end = Point(line, len(tree.snapshot.line_text(line)))
    return Replacement(Span(end, end), f"\n\n{written}" if blank_before else f"\n{written}")


def _at_top(tree: SyntaxTree, written: str) -> Replacement:
    """Below the comments and the docstring that a file begins with."""
    line = 0
    root = tree.root
    for child in root.children if root is not None else ():
        if child.kind == "comment" and child.line <= line + 1:
            line = child.end.line + 1
            continue
        first = child.named_children
        if child.kind == "expression_statement" and first and first[0].kind == "string":
            end = Point(child.end.line, len(tree.snapshot.line_text(child.end.line)))
            return Replacement(Span(end, end), f"\n\n{written}")
        break
    return Replacement(Span(Point(line, 0), Point(line, 0)), f"{written}\n")
