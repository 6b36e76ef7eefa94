"""Which chunks have a word, for the words asked for last: as sets while they are in use, packed for longer.

A set of numbers takes eight times the memory of the numbers alone, and to ask the database again takes several times as
long as to make a set anew. Who types asks for much the same words again and again. Pure; called by `lookup`.
"""

from __future__ import annotations

from array import array
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

# Numbers in sets, some seven megabytes and twice what one search looks at, and packed, eight.
_MOST_IN_SETS = 80_000
_MOST_PACKED = 1_000_000


class ChunkLists:
    """A memory of bounded size; what was not asked for in the longest time goes first."""

    def __init__(self) -> None:
        self._sets: dict[str, frozenset[int]] = {}
        self._packed: dict[str, array[int]] = {}
        self._n_in_sets = self._n_packed = 0

    def get(self, word: str) -> frozenset[int] | None:
        """The chunks that have a word; None when that is not known."""
        known = self._sets.pop(word, None)
        if known is None:
            packed = self._packed.pop(word, None)
            if packed is None:
                return None
            self._packed[word] = packed
            known = self._made(packed)
        self._sets[word] = known
        return known

    def put(self, word: str, chunks: Iterable[int]) -> frozenset[int]:
        """Remember the chunks that have a word."""
        packed = array("q", chunks)
        self._packed[word] = packed
        self._n_packed += len(packed)
        while self._n_packed > _MOST_PACKED:
            self._n_packed -= len(self._packed.pop(next(iter(self._packed))))
        known = self._sets[word] = self._made(packed)
        return known

    def clear(self) -> None:
        """Forget all: the index has changed."""
        self._sets.clear()
        self._packed.clear()
        self._n_in_sets = self._n_packed = 0

    def _made(self, packed: array[int]) -> frozenset[int]:
        self._n_in_sets += len(packed)
        while self._n_in_sets > _MOST_IN_SETS and self._sets:
            self._n_in_sets -= len(self._sets.pop(next(iter(self._sets))))
        return frozenset(packed)
