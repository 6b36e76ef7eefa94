"""Which chunks have a word, for the words asked for last, packed.

To ask the database again takes several times as long, and sets of numbers take eight times the memory. Who types asks
for much the same words again and again. Pure; called by `lookup`.
"""

from __future__ import annotations

from array import array
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

# Numbers, eight megabytes.
_MOST = 1_000_000


class ChunkLists:
    """A memory of bounded size; what was not asked for in the longest time goes first."""

    def __init__(self) -> None:
        self._lists: dict[str, array[int]] = {}
        self._size = 0

    def get(self, word: str) -> array[int] | None:
        """The chunks that have a word; None when that is not known."""
        known = self._lists.pop(word, None)
        if known is not None:
            self._lists[word] = known
        return known

    def put(self, word: str, chunks: Iterable[int]) -> array[int]:
        """Remember the chunks that have a word which was not known."""
        known = self._lists[word] = array("q", chunks)
        self._size += len(known)
        while self._size > _MOST:
            self._size -= len(self._lists.pop(next(iter(self._lists))))
        return known

    def clear(self) -> None:
        """Forget all: the index has changed."""
        self._lists.clear()
        self._size = 0
