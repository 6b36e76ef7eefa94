"""Parsing only what lies around a place, for when parsing the whole text again takes too long to wait for.

tree-sitter re-parses little after most edits. An opening bracket that is not closed yet is the exception: error
recovery then runs to the end of the file, at 10,000 lines for 13 ms, at 50,000 for 90, at every key until the bracket
is closed. The definitions around the cursor are parsed instead, with their places as they are in the whole text; where
they lie is known from the last whole tree, which was told of the edits since.

Called by `copilot_ls.syntax.document`, which decides when.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tree_sitter import Tree

    from copilot_ls.syntax.runtime import GrammarRuntime

# At least this much on both sides of the cursor, so that neighbours are seen; some dozen lines.
_AROUND_BYTES = 1_500
# More than this is no saving; a definition as long as that is answered from lines.
_MAX_BYTES = 64_000
_TIMEOUT_MS = 15


def parse_near(runtime: GrammarRuntime, source: bytes, edited: Tree, byte: int) -> Tree | None:
    """A tree of the definitions around `byte` of `source`; None when they are too long, or cannot be parsed in time.

    `edited` is a tree of an earlier text that was told of all edits since.
    """
    start = _line_start(source, _child_at(edited, max(0, byte - _AROUND_BYTES), at_end=False))
    end = _line_end(source, _child_at(edited, min(len(source), byte + _AROUND_BYTES), at_end=True))
    start, end = min(start, _line_start(source, byte)), max(end, _line_end(source, byte))
    if end - start > _MAX_BYTES:
        return None
    return runtime.parse(source, timeout_ms=_TIMEOUT_MS, only=(start, end))


def _child_at(tree: Tree, byte: int, *, at_end: bool) -> int:
    """Where the top-level node at a byte begins or ends; the byte itself, outside of all of them."""
    cursor = tree.root_node.walk()  # a node's own `first_child_for_byte` can crash the process
    node = None if cursor.goto_first_child_for_byte(byte) is None else cursor.node
    if node is None or node.start_byte > byte:
        return byte
    return node.end_byte if at_end else node.start_byte


def _line_start(source: bytes, byte: int) -> int:
    return source.rfind(b"\n", 0, byte) + 1


def _line_end(source: bytes, byte: int) -> int:
    end = source.find(b"\n", byte)
    return len(source) if end < 0 else end + 1
