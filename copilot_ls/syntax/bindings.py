"""Which names are bound where, by the `bindings` query of a language: parameters, variables, imports, functions.

Lexical scoping as Python and most languages have it: a name is seen in the scope that binds it and in those within, but
a class's own names are not seen by the functions within. What is imported by `*` is not known. Made once per tree, as
one query over the whole text. Called by `copilot_ls.fixers`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

    from copilot_ls.syntax.node import CodeNode
    from copilot_ls.syntax.tree import SyntaxTree
    from copilot_ls.text import Point, Span

BindingKind = Literal["parameter", "variable", "import", "function", "class"]

_MODULE = 0


class NameScope(NamedTuple):
    """What names are limited to. `kind` is `module`, `function` or `class`; `parent` is the place of the one around."""

    kind: str
    span: Span
    parent: int


class Binding(NamedTuple):
    """A place where a name is bound, and the scope, by place, that it is bound in."""

    name: str
    kind: BindingKind
    node: CodeNode
    scope: int


class Bindings:
    """All bindings of a text, in order; empty for languages without the query."""

    def __init__(self, tree: SyntaxTree) -> None:
        self.scopes: list[NameScope] = []
        self.all: list[Binding] = []
        root = tree.root
        if root is None:
            return
        self.scopes.append(NameScope("module", root.span, -1))
        captured = sorted(tree.captures("bindings"), key=lambda each: (each[0].start, _backwards(each[0].end)))
        around = [_MODULE]
        seen: set[Point] = set()
        for node, kind, setting in captured:
            while len(around) > 1 and self.scopes[around[-1]].span.end <= node.start:
                around.pop()
            if kind == "binding.scope":
                self.scopes.append(NameScope(setting or "function", node.span, around[-1]))
                around.append(len(self.scopes) - 1)
            elif node.start not in seen:
                seen.add(node.start)
                bound = kind.removeprefix("binding.")
                # The name of a function or a class stands within its scope, and is bound outside of it.
                scope = self.scopes[around[-1]].parent if bound in ("function", "class") else around[-1]
                self.all.append(Binding(node.text, bound, node, scope))  # type: ignore[arg-type]  # the query's words

    def scopes_at(self, point: Point) -> list[int]:
        """The scopes around a point, the innermost first."""
        found = [at for at, scope in enumerate(self.scopes) if scope.span.start <= point < scope.span.end]
        if self.scopes and _MODULE not in found:
            found.insert(0, _MODULE)
        return found[::-1]

    def visible(self, point: Point) -> Iterator[Binding]:
        """The bindings whose names mean something at a point, those of the innermost scope first."""
        for depth, at in enumerate(self.scopes_at(point)):
            if depth == 0 or self.scopes[at].kind != "class":
                yield from (binding for binding in self.all if binding.scope == at)

    def named(self, name: str) -> list[Binding]:
        """All bindings of a name."""
        return [binding for binding in self.all if binding.name == name]


def _backwards(point: Point) -> tuple[int, int]:
    return -point.line, -point.column
