"""One node of a syntax tree in points of our text, for whoever has to look at the code piece by piece.

Kinds and fields are those of the language's grammar. A wrapper that costs little to make: places and text are worked
out when asked for. Leaves deciding to others. Made by `copilot_ls.syntax.tree`, asked by `copilot_ls.fixers`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from copilot_ls.text import Span

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tree_sitter import Node

    from copilot_ls.syntax.access import TreeAccess
    from copilot_ls.text import Point


class CodeNode:
    """A node. Two are equal when they are the same node of the same tree."""

    __slots__ = ("_access", "_node", "_span", "kind")

    def __init__(self, access: TreeAccess, node: Node) -> None:
        self._access = access
        self._node = node
        self._span: Span | None = None
        self.kind: str = node.type

    def __eq__(self, other: object) -> bool:
        return isinstance(other, CodeNode) and self._node == other._node

    def __hash__(self) -> int:
        return hash(self._node.id)

    def __repr__(self) -> str:
        return f"<{self.kind} {self.start.line}:{self.start.column}>"

    @property
    def span(self) -> Span:
        """Where it stands."""
        if self._span is None:
            self._span = Span(self._access.start(self._node), self._access.end(self._node))
        return self._span

    @property
    def start(self) -> Point:
        """Where it starts."""
        return self.span.start

    @property
    def end(self) -> Point:
        """Where it ends."""
        return self.span.end

    @property
    def line(self) -> int:
        """The line that it starts on."""
        return self._node.start_point.row if self._span is None and self._access.rows_agree else self.span.start.line

    @property
    def text(self) -> str:
        """Its text."""
        return (self._node.text or b"").decode("utf-8", "surrogatepass")

    @property
    def is_named(self) -> bool:
        """Whether it is more than a sign or a keyword."""
        return self._node.is_named

    @property
    def is_missing(self) -> bool:
        """Whether the parser supposed it where the text has none."""
        return self._node.is_missing

    @property
    def is_error(self) -> bool:
        """Whether the parser could make nothing of it."""
        return self._node.is_error

    @property
    def has_error(self) -> bool:
        """Whether something in it could not be parsed, or is missing."""
        return self._node.has_error

    @property
    def parent(self) -> CodeNode | None:
        """The node around it."""
        return self._made(self._node.parent)

    @property
    def previous(self) -> CodeNode | None:
        """The node before it that has the same parent."""
        return self._made(self._node.prev_sibling)

    @property
    def next(self) -> CodeNode | None:
        """The node after it that has the same parent."""
        return self._made(self._node.next_sibling)

    @property
    def children(self) -> list[CodeNode]:
        """All that it consists of, signs and keywords included."""
        return [CodeNode(self._access, each) for each in self._node.children]

    @property
    def named_children(self) -> list[CodeNode]:
        """What it consists of, without signs, keywords and comments."""
        return [
            CodeNode(self._access, each)
            for each in self._node.named_children
            if not each.is_extra or each.type == "ERROR"
        ]

    def field(self, name: str) -> CodeNode | None:
        """The child in a field of the grammar."""
        return self._made(self._node.child_by_field_name(name))

    def fields(self, name: str) -> list[CodeNode]:
        """All children in a field of the grammar."""
        return [CodeNode(self._access, each) for each in self._node.children_by_field_name(name)]

    def ancestors(self) -> Iterator[CodeNode]:
        """The nodes around it, the innermost first."""
        node = self._node.parent
        while node is not None:
            yield CodeNode(self._access, node)
            node = node.parent

    def within(self, *kinds: str) -> CodeNode | None:
        """It, or the innermost node around it, that is of one of some kinds."""
        if self.kind in kinds:
            return self
        return next((each for each in self.ancestors() if each.kind in kinds), None)

    def walk(self) -> Iterator[CodeNode]:
        """It and all within, in the order of the text."""
        cursor = self._node.walk()
        depth = 0
        while True:
            node = cursor.node
            if node is not None:
                yield CodeNode(self._access, node)
            if cursor.goto_first_child():
                depth += 1
                continue
            while depth and not cursor.goto_next_sibling():
                cursor.goto_parent()
                depth -= 1
            if not depth:
                return

    def of_kind(self, *kinds: str) -> Iterator[CodeNode]:
        """It and those within that are of some kinds, in the order of the text."""
        return (each for each in self.walk() if each.kind in kinds)

    def _made(self, node: Node | None) -> CodeNode | None:
        return None if node is None else CodeNode(self._access, node)
