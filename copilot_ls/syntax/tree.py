"""Questions about one snapshot of a document, asked at a cursor.

Without a tree (no grammar, too large, binary) every question is answered from lines, indentation and brackets alone.
All points are `copilot_ls.text.Point`s. Made by `copilot_ls.syntax.document`; asked by features and postprocess.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from copilot_ls.syntax import brackets, multiline, scopes
from copilot_ls.syntax.access import TreeAccess, error_score
from copilot_ls.syntax.node import CodeNode
from copilot_ls.syntax.surroundings import Surroundings
from copilot_ls.text import Point

if TYPE_CHECKING:
    from copilot_ls_grammars import LanguageSpec
    from tree_sitter import Tree

    from copilot_ls.syntax.judgement import Window
    from copilot_ls.syntax.mask import Kind
    from copilot_ls.syntax.multiline import MultilineDecision
    from copilot_ls.syntax.runtime import GrammarRuntime
    from copilot_ls.syntax.scopes import Scope
    from copilot_ls.text import TextSnapshot


class SyntaxTree:
    """The syntax of one snapshot. Cheap to make: everything is worked out when asked, and kept for one cursor."""

    __slots__ = ("_access", "_around", "_is_whole", "_scopes", "runtime", "snapshot", "spec", "tree", "window")

    def __init__(
        self,
        spec: LanguageSpec | None,
        snapshot: TextSnapshot,
        runtime: GrammarRuntime | None = None,
        tree: Tree | None = None,
        *,
        rows_agree: bool = True,
        is_whole: bool = True,
    ) -> None:
        self.spec = spec
        self.snapshot = snapshot
        self.runtime = runtime
        self.tree = tree
        self._is_whole = is_whole
        self.window: tuple[Point, Window] | None = None
        self._access: TreeAccess | None = None
        if runtime is not None and tree is not None:
            self._access = TreeAccess(runtime, tree.root_node, snapshot, rows_agree=rows_agree)
        self._around: Surroundings | None = None
        self._scopes: tuple[Point, tuple[Scope, ...]] | None = None

    def covers(self, point: Point | None) -> bool:
        """Whether questions at a place are answered from the syntax there; of the whole text, without a place."""
        if self._is_whole or self.tree is None:
            return True
        if point is None:
            return False
        root = self.tree.root_node
        return root.start_byte <= self.snapshot.byte_offset(self.snapshot.clip(point)) <= root.end_byte

    @property
    def has_grammar(self) -> bool:
        """Whether a tree answers, rather than lines alone."""
        return self.tree is not None

    def kind_at(self, point: Point) -> Kind:
        """What the cursor stands in: code, a comment, or a string (not the code interpolated in one)."""
        return self.around(point).kind

    def multiline_decision(self, point: Point) -> MultilineDecision:
        """Whether more than the rest of the line is wanted here, and which rule says so."""
        return multiline.decide(self.around(point))

    def enclosing_scopes(self, point: Point) -> tuple[Scope, ...]:
        """Functions, classes and blocks around the cursor, outermost first."""
        if self._scopes is None or self._scopes[0] != point:
            self._scopes = (point, scopes.enclosing_scopes(self.around(point)))
        return self._scopes[1]

    def scope_end(self, point: Point) -> Point:
        """Where the innermost body containing the cursor ends, before its closing brace or word; never above it."""
        for scope in reversed(self.enclosing_scopes(point)):
            if point >= scope.inside.start or point > scope.header.end:
                return max(point, scope.inside.end)
        last = self.snapshot.n_lines - 1
        return Point(last, len(self.snapshot.line_text(last)))

    def open_closers(self, point: Point) -> str:
        """Closing quotes and brackets, innermost first, that the statement at the cursor lacks.

        They belong to what was opened before the cursor and is not closed after it.
        """
        return brackets.open_closers(self.around(point))

    def error_count(self) -> int:
        """Places of the whole text that could not be parsed, or where something is missing; 0 without a grammar."""
        return 0 if self.tree is None else error_score(self.tree)

    @property
    def root(self) -> CodeNode | None:
        """The node of the whole text; None without a grammar."""
        return None if self._access is None or self.tree is None else CodeNode(self._access, self.tree.root_node)

    def node_at(self, start: Point, end: Point | None = None) -> CodeNode | None:
        """The innermost node that holds a stretch of the text, or what follows a point; None without a grammar."""
        if self._access is None or self.tree is None:
            return None
        start = self.snapshot.clip(start)
        first = self._access.byte(start)
        last = first + 1 if end is None or end <= start else self._access.byte(self.snapshot.clip(end))
        node = self.tree.root_node.descendant_for_byte_range(first, last)
        return None if node is None else CodeNode(self._access, node)

    def captures(self, purpose: str) -> list[tuple[CodeNode, str, str]]:
        """What a query finds in the whole text, in no order: node, capture, and what its pattern sets as `kind`."""
        if self._access is None or self.tree is None:
            return []
        access = self._access
        return [
            (CodeNode(access, node), name, access.setting(purpose, pattern, "kind") or "")
            for pattern, captures in access.matches(purpose, 0, 0xFFFFFFFF)
            for name, nodes in captures.items()
            for node in nodes
        ]

    def keywords(self) -> frozenset[str]:
        """The words that the grammar knows by themselves; none without a grammar."""
        return frozenset() if self.runtime is None else self.runtime.keywords

    def alone(self) -> SyntaxTree:
        """The same syntax for another thread: what is remembered for one cursor is not shared."""
        rows_agree = self._access is None or self._access.rows_agree
        return SyntaxTree(
            self.spec, self.snapshot, self.runtime, self.tree, rows_agree=rows_agree, is_whole=self._is_whole
        )

    def around(self, point: Point) -> Surroundings:
        """The neighbourhood of a cursor, kept until another is asked for."""
        if self._around is None or self._around.point != point:
            self._around = Surroundings(self.spec, self.snapshot, self.snapshot.clip(point), self._access)
        return self._around
