"""How many names on some lines nothing binds: of edits after which code parses, those that leave fewer are likelier.

A line that is moved out of its function, or a string that ends too early, leaves names that mean nothing. For Python,
whose bindings are known. Called by `smallest_edit`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from copilot_ls.fixers import python_stdlib
from copilot_ls.syntax.bindings import Bindings
from copilot_ls.text import Point

if TYPE_CHECKING:
    from collections.abc import Iterable

    from copilot_ls.syntax.node import CodeNode
    from copilot_ls.syntax.tree import SyntaxTree

_WITHOUT_BINDING = ("keyword_argument", "dotted_name", "aliased_import", "relative_import", "keyword_pattern")


def n_unbound(tree: SyntaxTree, lines: Iterable[int]) -> int:
    """The names on some lines that nothing in scope binds, each counted as often as it stands there; 0 if not known."""
    bindings = Bindings(tree)
    if not bindings.all or any(binding.name == "*" for binding in bindings.all):
        return 0
    known = frozenset(python_stdlib.builtins())
    unbound = 0
    for line in lines:
        text = tree.snapshot.line_text(line)
        first = Point(line, len(text) - len(text.lstrip()))
        node = tree.node_at(first, Point(line, len(text.rstrip())))
        visible = {binding.name for binding in bindings.visible(first)} | known
        for name in node.of_kind("identifier") if node is not None else ():
            unbound += name.line == line and not _is_bound(name, visible)
    return unbound


def _is_bound(name: CodeNode, visible: set[str]) -> bool:
    parent = name.parent
    if parent is None or parent.kind in _WITHOUT_BINDING:
        return True
    if parent.kind == "attribute" and parent.field("object") != name:
        return True
    return name.text in visible
