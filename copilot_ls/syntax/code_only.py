"""A text's code without its comments and docstrings, to tell whether an edit changed nothing else.

Two texts with the same code have the same tree but for comments, and lines that are as deep: code which moved into
another block is other code. Called by `copilot_ls.features.fixing`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tree_sitter import Node

    from copilot_ls.syntax.tree import SyntaxTree

_BODIES = {"block", "module"}


def same_code(one: SyntaxTree, other: SyntaxTree) -> bool | None:
    """Whether two texts differ in comments and docstrings at most; None where a grammar is missing."""
    if one.tree is None or other.tree is None:
        return None
    return _code(one.tree.root_node) == _code(other.tree.root_node)


def _code(root: Node) -> list[bytes | int]:
    """Every node's kind on the way in, a leaf's text, the indentation of a line's first leaf, a mark on the way out."""
    found: list[bytes | int] = []
    row = -1
    waiting: list[Node | None] = [root]
    while waiting:
        node = waiting.pop()
        if node is None:
            found.append(b")")
            continue
        if "comment" in node.type or _is_docstring(node):
            continue
        found.append(node.type.encode())
        text = b"" if node.child_count else node.text or b""
        # Line ends are leaves in some grammars, and as long as the blank lines behind them.
        if text.strip():
            # Grammars forgive indentation that languages do not.
            found += [text] if node.start_point.row == row else [node.start_point.column, text]
            row = node.end_point.row
        waiting.append(None)
        waiting += reversed(node.children)
    return found


def _is_docstring(node: Node) -> bool:
    """Whether a statement is a string by itself at the start of a Python body."""
    if node.type != "expression_statement" or node.named_child_count != 1 or node.parent is None:
        return False
    string = node.named_child(0)
    if string is None or string.type != "string" or node.parent.type not in _BODIES:
        return False
    first = next((child for child in node.parent.named_children if "comment" not in child.type), None)
    return first is not None and first.id == node.id
