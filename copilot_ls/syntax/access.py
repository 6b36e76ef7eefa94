"""Reading one tree-sitter tree in points of our text: paths, comments and strings, containers.

Leaves deciding to others. Made by `copilot_ls.syntax.tree`, asked by `surroundings`, `scopes` and `judgement`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from copilot_ls.syntax.mask import Stretch
from copilot_ls.text import Point

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tree_sitter import Node, Tree

    from copilot_ls.syntax.runtime import GrammarRuntime
    from copilot_ls.text import TextSnapshot

CLOSER_OF = {"(": ")", "[": "]", "{": "}"}

# No quote is longer than three characters; a leaf that is longer is a literal of another sort.
_QUOTE_LENGTH = 3

_MAX_ERROR_CHILDREN = 4_000


@dataclass(frozen=True, slots=True)
class Container:
    """The innermost thing around the cursor: a `block` of statements or members, `arguments`, or other `brackets`.

    `start` is where it begins, `opener` its bracket if it has one.
    """

    kind: Literal["block", "arguments", "brackets", "top"]
    start: Point
    opener: str


class TreeAccess:
    """The few things that `Surroundings` asks of a tree."""

    def __init__(self, runtime: GrammarRuntime, root: Node, snapshot: TextSnapshot, *, rows_agree: bool) -> None:
        self._runtime = runtime
        self._root = root
        self._snapshot = snapshot
        self.rows_agree = rows_agree
        self._line_starts: dict[int, int] = {}
        self.has_error = root.has_error

    def point(self, byte: int, row: int, byte_column: int) -> Point:
        """A place of the tree as a point. Rows count LF alone, so that a bare CR in the text makes bytes decide."""
        if self.rows_agree:
            line = self._snapshot.line(row)
            return Point(row, byte_column) if line.isascii() else self._snapshot.point_from_bytes(row, byte_column)
        return self._snapshot.point_at_byte(byte)

    def byte(self, point: Point) -> int:
        """The byte offset of a point. Lines are remembered: finding one costs what the document is long."""
        start = self._line_starts.get(point.line)
        if start is None:
            start = self._line_starts[point.line] = self._snapshot.byte_offset(Point(point.line, 0))
        return start + self._snapshot.byte_column(point)

    def start(self, node: Node) -> Point:
        """Where a node starts."""
        return self.point(node.start_byte, *node.start_point)

    def end(self, node: Node) -> Point:
        """Where a node ends."""
        return self.point(node.end_byte, *node.end_point)

    def path(self, byte: int) -> list[Node]:
        """The nodes around a byte, from the root down to a leaf."""
        cursor = self._root.walk()
        nodes = [self._root]
        while cursor.goto_first_child_for_byte(byte) is not None:
            node = cursor.node
            if node is None or node.start_byte > byte:
                break
            nodes.append(node)
        return nodes

    def noncode(self, first: int, lines: Sequence[str]) -> list[Stretch]:
        """Comments, strings and code within strings that touch some lines."""
        start = self.byte(Point(first, 0))
        end = start + len("".join(lines).encode("utf-8", "surrogatepass"))
        nodes = [
            (node.start_byte, -node.end_byte, name.rpartition(".")[2], node)
            for name, found in self._runtime.captures("noncode", self._root, start, end).items()
            for node in found
        ]
        nodes.sort(key=lambda entry: entry[:2])
        # Most lines are ASCII, where a byte column is a column: then no line need be looked up.
        plain = self.rows_agree and all(map(str.isascii, lines))
        last = first + len(lines)
        found = []
        for _, _, kind, node in nodes:
            row, column = node.start_point
            end_row, end_column = node.end_point
            if plain and kind == "string" and first <= row == end_row < last:
                place = Point(row, column), Point(row, end_column)
                found.append(Stretch(*place, "string", open_ended=_lacks_end(node)))
            else:
                found.append(self._noncode(kind, node))
        return found

    def _noncode(self, kind: str, node: Node) -> Stretch:
        start, end = self.start(node), self.end(node)
        if kind == "comment":
            if end.column == 0 and end > start:  # some grammars count the line's end in
                end = Point(end.line - 1, len(self._snapshot.line_text(end.line - 1)))
            opener = self._snapshot.line(start.line)[start.column :]
            closed = any(opener.startswith(sign) for sign, _ in self._runtime.spec.block_comments)
            return Stretch(start, end, "comment", open_ended=not closed)
        if kind == "interpolation":
            return Stretch(start, end, "interpolation", open_ended=False)
        return Stretch(start, end, "string", open_ended=_lacks_end(node))

    def is_stray(self, point: Point) -> bool:
        """Whether a quote is no part of a literal: a token by itself in what could not be parsed."""
        byte = self.byte(point)
        leaf = self._root.descendant_for_byte_range(byte, byte + 1)
        return leaf is not None and (
            leaf.is_error or leaf.child_count > 0 or leaf.end_byte - leaf.start_byte <= _QUOTE_LENGTH
        )

    def is_swamped(self, point: Point) -> bool:
        """Whether the cursor is in a node of thousands of tokens that could not be parsed.

        Nothing is to be learnt there, and queries take time quadratic in their number.
        """
        if not self.has_error:
            return False
        return any(node.is_error and node.child_count > _MAX_ERROR_CHILDREN for node in self.path(self.byte(point)))

    def container(self, point: Point) -> Container | None:
        """The innermost node around a point that holds statements, or lies between brackets."""
        byte = self.byte(point)
        kinds = self._runtime.spec.block_kinds
        for node in reversed(self.path(byte)):
            if node.is_error or not node.child_count:
                continue
            first, last = node.child(0), node.child(node.child_count - 1)
            opener = first.type if first is not None and first.type in CLOSER_OF else ""
            if opener and first is not None and last is not None:
                inside = first.end_byte <= byte and (byte <= last.start_byte or last.is_missing)
                if not inside or (last.type != CLOSER_OF[opener] and node.type not in kinds):
                    continue
                if node.type in kinds:
                    return Container("block", self.start(node), opener)
                return Container("arguments" if "argument" in node.type else "brackets", self.start(node), opener)
            if node.type in kinds:
                return Container("block", self.start(node), "")
        return None

    def is_closed(self, point: Point) -> bool:
        """Whether the bracket that opens at a point has its closing one."""
        path = self.path(self.byte(point))
        if len(path) < 2 or path[-2].is_error:  # noqa: PLR2004 - a bracket and its parent
            return False
        parent = path[-2]
        last = parent.child(parent.child_count - 1)
        return last is not None and last.type == CLOSER_OF.get(path[-1].type) and not last.is_missing

    def matches(self, purpose: str, start_byte: int, end_byte: int) -> Sequence[tuple[int, dict[str, list[Node]]]]:
        """Matches of a query that touch some bytes."""
        return self._runtime.matches(purpose, self._root, start_byte, end_byte)

    def setting(self, purpose: str, pattern: int, key: str) -> str | None:
        """What a pattern sets `key` to."""
        return self._runtime.setting(purpose, pattern, key)


def error_score(tree: Tree) -> int:
    """ERROR and MISSING nodes of a tree, and closing brackets that stray in ERROR nodes.

    Only what contains an error is walked, so that a tree without any costs nothing. A stray bracket counts by itself
    because an ERROR node swallows any number of them.
    """
    if not tree.root_node.has_error:
        return 0
    cursor = tree.walk()
    score = 0
    while True:
        node = cursor.node
        if node is not None and node.has_error:
            if node.is_missing:
                score += 1
            elif node.is_error:
                score += 1 + _strays(node)
            if cursor.goto_first_child():
                continue
        while not cursor.goto_next_sibling():
            if not cursor.goto_parent():
                return score


def _lacks_end(node: Node) -> bool:
    """Whether a literal is unclosed, but was taken as one."""
    if not node.has_error:
        return False
    last = node.child(node.child_count - 1)
    return last is not None and last.is_missing


def _strays(error: Node) -> int:
    stack: list[str] = []
    strays = 0
    for child in error.children:
        kind = child.type
        if kind in CLOSER_OF:
            stack.append(CLOSER_OF[kind])
        elif kind in (")", "]", "}"):
            if stack and stack[-1] == kind:
                stack.pop()
            else:
                strays += 1
    return strays
