"""Suggestions kept in memory, found again as the user types along them.

Entries live in tries: one for each place, a place being a file, what stands above a line, what follows the cursor, and
who was asked. A trie is walked with the text from that line's start to the cursor; what it holds beyond is what is left
to suggest. The suffix belongs to the place, because the same prefix before other text wants another answer.

Knows nothing of backends or documents' life. Called by `inline_completion`.
"""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Hashable

    from copilot_ls.text import Point, TextSnapshot

# Lines above the anchor line and below the cursor that tell one place from another.
_ABOVE_LINES = 12
_BELOW_LINES = 4
# A suggestion is looked for on the cursor's line and this many above: it may have been typed along over line ends.
_WALK_BACK_LINES = 12
_MAX_PLACES = 250


@dataclass(frozen=True, slots=True)
class CachedSuggestion:
    """A finished suggestion: what it said, and where it came from.

    `n_replaced` is how many code points right of the cursor it replaces, closers that the editor had put there mostly.
    """

    text: str
    backend: str
    model: str
    multiline: bool
    confidence: float | None = None
    cut_by: tuple[str, ...] = ()
    origin: str | None = None
    n_replaced: int = 0


@dataclass(slots=True)
class _Node:
    """A node of a trie whose edges are labelled with runs of text; an entry has the number of its putting."""

    edges: dict[str, tuple[str, _Node]] = field(default_factory=dict)
    entry: tuple[int, CachedSuggestion] | None = None


class PrefixTrie:
    """Texts with an entry at their end; finds the entries whose text begins with what was typed."""

    def __init__(self) -> None:
        self._root = _Node()
        self._n_put = 0

    def put(self, text: str, entry: CachedSuggestion) -> None:
        """Make `entry` the one at the end of `text`."""
        node, rest = self._root, text
        while rest:
            edge = node.edges.get(rest[0])
            if edge is None:
                child = _Node()
                node.edges[rest[0]] = (rest, child)
                node, rest = child, ""
                continue
            label, child = edge
            n_shared = _shared_length(label, rest)
            if n_shared < len(label):
                middle = _Node({label[n_shared]: (label[n_shared:], child)})
                node.edges[rest[0]] = (label[:n_shared], middle)
                child = middle
            node, rest = child, rest[n_shared:]
        self._n_put += 1
        node.entry = (self._n_put, entry)

    def find(self, typed: str) -> list[tuple[str, CachedSuggestion]]:
        """What is left of each text that begins with `typed`, and its entry, the one put last first.

        Texts that end there are left out.
        """
        node, rest, beyond = self._root, typed, ""
        while rest:
            edge = node.edges.get(rest[0])
            if edge is None:
                return []
            label, child = edge
            n_shared = _shared_length(label, rest)
            if n_shared < min(len(label), len(rest)):
                return []
            beyond = label[n_shared:]
            node, rest = child, rest[n_shared:]
        found: list[tuple[int, str, CachedSuggestion]] = []
        pending = [(beyond, node)]
        while pending:
            left, node = pending.pop()
            if node.entry is not None and left:
                found.append((node.entry[0], left, node.entry[1]))
            pending += [(left + label, child) for label, child in node.edges.values()]
        found.sort(key=lambda item: -item[0])
        return [(left, entry) for _, left, entry in found]


def _shared_length(one: str, other: str) -> int:
    if one.startswith(other):
        return len(other)
    if other.startswith(one):
        return len(one)
    return next(at for at, (a, b) in enumerate(zip(one, other, strict=False)) if a != b)


class MemoryCache:
    """The suggestions of one session; the places used least recently go first."""

    def __init__(self, max_places: int = _MAX_PLACES) -> None:
        self._max_places = max_places
        self._tries: OrderedDict[Hashable, PrefixTrie] = OrderedDict()

    def put(self, uri: str, text: TextSnapshot, cursor: Point, asked: Hashable, entry: CachedSuggestion) -> None:
        """Remember what was suggested at `cursor` of `text` by whoever `asked` names."""
        key = (uri, asked, _below(text, cursor), _above(text, cursor.line))
        trie = self._tries.get(key)
        if trie is None:
            trie = self._tries[key] = PrefixTrie()
            if len(self._tries) > self._max_places:
                self._tries.popitem(last=False)
        trie.put(text.line(cursor.line)[: cursor.column] + entry.text, entry)

    def find(self, uri: str, text: TextSnapshot, cursor: Point, asked: Hashable) -> list[tuple[str, CachedSuggestion]]:
        """What is left of the suggestions that the text before `cursor` follows, nearest anchor first."""
        below = _below(text, cursor)
        for line in range(cursor.line, max(cursor.line - _WALK_BACK_LINES, 0) - 1, -1):
            trie = self._tries.get(key := (uri, asked, below, _above(text, line)))
            if trie is None:
                continue
            # Suggestions say LF, whatever the document's line ends.
            typed = (
                "".join(text.lines(line, cursor.line)).replace("\r\n", "\n") + text.line(cursor.line)[: cursor.column]
            )
            # One that begins further on would bring back what the user has just deleted.
            if found := [(left, entry) for left, entry in trie.find(typed) if len(left) <= len(entry.text)]:
                self._tries.move_to_end(key)
                return found
        return []

    def forget(self, uri: str, text: TextSnapshot, cursor: Point, asked: Hashable) -> None:
        """Forget what was suggested on the line of `cursor`."""
        self._tries.pop((uri, asked, _below(text, cursor), _above(text, cursor.line)), None)

    def clear(self) -> None:
        """Forget everything."""
        self._tries.clear()


def text_before(text: TextSnapshot, point: Point) -> int:
    """A hash of what stands before `point`: its line as far as there, and some lines above."""
    return hash((_above(text, point.line), text.line(point.line)[: point.column]))


def text_below(text: TextSnapshot, line: int) -> int:
    """A hash of some lines below a line."""
    return hash("".join(text.lines(line + 1, line + 1 + _BELOW_LINES)))


def _above(text: TextSnapshot, line: int) -> int:
    return hash("".join(text.lines(line - _ABOVE_LINES, line)))


def _below(text: TextSnapshot, cursor: Point) -> int:
    rest = text.line(cursor.line)[cursor.column :]
    return hash(rest + "".join(text.lines(cursor.line + 1, cursor.line + 1 + _BELOW_LINES)))
