"""Answers about declarations that were given last, by question: who types asks much the same again at each key.

What is kept is true until the database or an open file changes; `reading` forgets it then. Pure; called by
`symbol_lookup`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from copilot_ls.index.hits import DefinitionHit

    Question = tuple[object, ...]

# Some eight megabytes. A gathering asks for a few hundred.
_MOST_HITS = 16_000


class KeptHits:
    """A memory of bounded size; what was not asked for in the longest time goes first."""

    def __init__(self) -> None:
        self._answers: dict[Question, tuple[DefinitionHit, ...]] = {}
        self._size = 0

    def get(self, question: Question) -> list[DefinitionHit] | None:
        """The answer to a question; None when it is not known."""
        known = self._answers.pop(question, None)
        if known is None:
            return None
        self._answers[question] = known
        return list(known)

    def put(self, question: Question, hits: list[DefinitionHit]) -> None:
        """Remember the answer to a question that was not known. An empty one counts, too."""
        self._answers[question] = tuple(hits)
        self._size += 1 + len(hits)
        while self._size > _MOST_HITS and len(self._answers) > 1:
            self._size -= 1 + len(self._answers.pop(next(iter(self._answers))))

    def clear(self) -> None:
        """Forget all: something has changed."""
        self._answers.clear()
        self._size = 0
