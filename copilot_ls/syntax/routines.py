"""What one function does, as far as its syntax tells: takes, gives, raises, reads, writes, calls, and how it branches.

By the query `routines` of its language; nothing is resolved and nothing is run. What an inner function gives, raises or
takes is its own; what it calls, reads and writes is the outer one's too. Leaves looking names up to the index and
saying it to people to features. Called by `copilot_ls.features.explaining` and by the embedded fixers.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from tree_sitter import Node

    from copilot_ls.syntax.access import TreeAccess
    from copilot_ls.syntax.scopes import Scope
    from copilot_ls.syntax.tree import SyntaxTree
    from copilot_ls.text import Point

_MAX_TEXT = 120
_WHITE = re.compile(r"\s+")
# What is counted by its places alone.
_COUNTED = ("branch", "loop", "yield", "await")
# What an inner function has of these is the outer one's as well.
_SHARED = frozenset({"call", "read", "write", "branch", "loop"})


class Place(NamedTuple):
    """A piece of code on one line, at most 120 characters of it, and the zero-based line that it begins on."""

    text: str
    line: int


@dataclass(slots=True)
class Routine:
    """One function. All places are in the order of the text; each text of `calls`, `reads` and `writes` is there once.

    `n_ways` is McCabe's cyclomatic number (1976), logical operators counted: one way, and one more for each branch and
    loop. `documentation` is its documentation string or the comment above it, without signs.
    """

    scope: Scope
    header: str
    documentation: str
    parameters: list[Place] = field(default_factory=list)
    returns: list[Place] = field(default_factory=list)
    raises: list[Place] = field(default_factory=list)
    catches: list[Place] = field(default_factory=list)
    calls: list[Place] = field(default_factory=list)
    reads: list[Place] = field(default_factory=list)
    writes: list[Place] = field(default_factory=list)
    n_branches: int = 0
    n_loops: int = 0
    n_yields: int = 0
    n_awaits: int = 0

    @property
    def n_ways(self) -> int:
        """Independent ways through it."""
        return 1 + self.n_branches + self.n_loops


def routine_at(tree: SyntaxTree, point: Point) -> Routine | None:
    """The innermost function around a place; None outside of any, and where the syntax is not known."""
    scopes = [scope for scope in tree.enclosing_scopes(point) if scope.kind == "function"]
    access = tree.around(point).tree
    if not scopes or access is None:
        return None
    scope = scopes[-1]
    start, end = access.byte(scope.span.start), access.byte(scope.span.end)
    inside = access.byte(scope.inside.start)
    found = [captures for _, captures in access.matches("routines", start, end)]
    functions = sorted({_extent(node) for captures in found for node in captures.get("routine.inner", ())})
    around = [extent for extent in functions if extent[0] <= inside < extent[1]]
    if not around:
        return None
    own = max(around, key=lambda extent: (extent[0], -extent[1]))
    inner = [extent for extent in functions if own[0] < extent[0] and extent[1] <= own[1]]
    header = " ".join(tree.snapshot.slice(scope.header).split())
    routine = Routine(scope, header.rstrip(" {:"), documentation_of(tree, scope))
    for captures in found:
        _take(routine, captures, own, inner, access)
    for places in (routine.parameters, routine.returns, routine.raises, routine.catches):
        places.sort(key=lambda place: place.line)
    for name in ("calls", "reads", "writes"):
        setattr(routine, name, _each_once(getattr(routine, name)))
    written, called = {place.text for place in routine.writes}, {place.text for place in routine.calls}
    routine.reads = [place for place in routine.reads if place.text not in written | called]
    return routine


def _take(
    routine: Routine,
    captures: dict[str, list[Node]],
    own: tuple[int, int],
    inner: list[tuple[int, int]],
    access: TreeAccess,
) -> None:
    """Put what one match found where it belongs."""
    for capture, nodes in captures.items():
        kind = capture.removeprefix("routine.")
        if kind in ("inner", "value") or capture.startswith("_"):
            continue
        for node in nodes:
            start, end = _extent(node)
            if start < own[0] or end > own[1]:
                continue
            if kind not in _SHARED and any(one[0] <= start and end <= one[1] for one in inner):
                continue
            if kind in _COUNTED:
                name = f"n_{kind}{'es' if kind == 'branch' else 's'}"
                setattr(routine, name, getattr(routine, name) + 1)
                continue
            values = captures.get("routine.value") if kind in ("return", "raise", "catch") else [node]
            line = access.start(node).line
            texts = [_text(value) for value in values or ()] or [""]
            places = getattr(routine, f"{kind}es" if kind == "catch" else f"{kind}s")
            places += [Place(text, line) for text in texts]


def documentation_of(tree: SyntaxTree, scope: Scope) -> str:
    """The documentation string of a function or class, or the comment right above it, without its signs."""
    snapshot = tree.snapshot
    inside = snapshot.slice(scope.inside).lstrip()
    if tree.spec is not None and tree.spec.block_style == "indent":
        opened = re.match(r"[rRuUbB]{0,2}(\"\"\"|\'\'\'|\"|\')", inside)
        if opened is not None:
            ending = inside.find(opened[1], opened.end())
            return _unindented(inside[opened.end() : ending]) if ending >= 0 else ""
    line = scope.span.start.line - 1
    # Decorators and attributes stand between a comment and what it is about.
    while line >= 0 and re.match(r"\s*(@|#\[)", snapshot.line_text(line)):
        line -= 1
    said: list[str] = []
    signs = (*((tree.spec.line_comments if tree.spec else ()) or ("//", "#")), "/*", "*")
    while line >= 0 and (text := snapshot.line_text(line).strip()) and text.startswith(signs):
        said.append(re.sub(r"^(/\*+!?|\*/|\*|/{2,}!?|#+|-{2,})\s?|\s*\*/$", "", text))
        line -= 1
    return _unindented("\n".join(reversed(said)))


def _unindented(text: str) -> str:
    return "\n".join(line.strip() for line in text.strip().splitlines())


def _extent(node: Node) -> tuple[int, int]:
    return node.start_byte, node.end_byte


def _text(node: Node) -> str:
    text = _WHITE.sub(" ", (node.text or b"").decode("utf-8", "replace"))
    return text if len(text) <= _MAX_TEXT else text[: _MAX_TEXT - 1] + "…"


def _each_once(places: list[Place]) -> list[Place]:
    first: dict[str, Place] = {}
    for place in sorted(places, key=lambda each: each.line):
        first.setdefault(place.text, place)
    return list(first.values())
