"""What one answer is made from: the documents as they are, what was edited lately, and where the cursor is."""

from __future__ import annotations

import re
from bisect import bisect_right
from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from copilot_ls.features.next_edit.trail import MadeEdit
    from copilot_ls.text import DocumentSnapshot

# A word that stands on more lines than this tells nothing of any of them.
_MOST_LINES = 400
# How far up a block's header is looked for, and what no indentation reaches.
_FAR = 400
NOT_OPEN = 0
"""The version of documents that are no editor's, but as they are on disk."""

_WORD = re.compile(r"\w+")


class Page:
    """One document, by lines without terminators."""

    def __init__(self, document: DocumentSnapshot) -> None:
        self.document = document
        self.uri = document.uri
        self._words: dict[str, list[int]] = {}
        self._headers: dict[tuple[int, bool], int] = {}

    @cached_property
    def lines(self) -> list[str]:
        """All lines."""
        text = self.document.text
        return [line.rstrip("\r\n") for line in text.lines(0, text.n_lines)]

    @cached_property
    def stripped(self) -> dict[str, list[int]]:
        """The lines without indentation, and the numbers of those that read so."""
        found: dict[str, list[int]] = {}
        for number, line in enumerate(self.lines):
            found.setdefault(line.strip(), []).append(number)
        return found

    @cached_property
    def _joined(self) -> str:
        return "\n".join(self.lines)

    @cached_property
    def _lowered(self) -> str:
        return self._joined.lower()

    @cached_property
    def _starts(self) -> list[int]:
        return [0, *accumulate(len(line) + 1 for line in self.lines)]

    def lines_with(self, word: str) -> list[int]:
        """The numbers of the lines that hold a whole word, in order; none where it is too common to tell anything."""
        known = self._words.get(word)
        if known is None:
            known = self._words[word] = self._found(word)
        return known

    def _found(self, word: str) -> list[int]:
        text, starts = self._joined, self._starts
        found: list[int] = []
        at = text.find(word)
        while at >= 0:
            end = at + len(word)
            if _is_word(text[at - 1 : at]) or _is_word(text[end : end + 1]):
                at = text.find(word, at + 1)
                continue
            number = bisect_right(starts, at) - 1
            found.append(number)
            if len(found) > _MOST_LINES:
                return []
            at = text.find(word, starts[number + 1])
        return found

    def lines_holding(self, piece: str) -> list[int]:
        """The numbers of the lines that hold a piece of text in lower case, whatever their own case."""
        found: list[int] = []
        text, starts = self._lowered, self._starts
        at = text.find(piece) if len(text) == starts[-1] - 1 else -1  # else lower case is longer somewhere
        while at >= 0:
            found.append(bisect_right(starts, at) - 1)
            at = text.find(piece, starts[found[-1] + 1])
        return found

    def header_of(self, number: int, *, top: bool = False) -> int:
        """The line that opens the block around a line, or the outermost one, by indentation alone; -1 for none."""
        known = self._headers.get((number, top))
        if known is None:
            known = self._headers[number, top] = self._header_of(number, top=top)
        return known

    def _header_of(self, number: int, *, top: bool) -> int:
        line = self.line(number)
        limit = len(line) - len(line.lstrip()) if line.strip() else _FAR
        found = -1
        for at in range(number - 1, max(-1, number - _FAR), -1):
            text = self.lines[at]
            stripped = text.lstrip()
            if not stripped or stripped[0] in ")]}":
                continue
            width = len(text) - len(stripped)
            if width < limit:
                limit, found = width, at
                if not top or not width:
                    break
        return found

    def lines_with_all(self, words: Sequence[str]) -> list[int]:
        """The numbers of the lines that hold every one of some words; none for no words."""
        if not words:
            return []
        rarest, *others = sorted((self.lines_with(word) for word in dict.fromkeys(words)), key=len)
        return sorted(set(rarest).intersection(*others))

    def line(self, number: int) -> str:
        """One line; empty outside the document."""
        return self.lines[number] if 0 <= number < len(self.lines) else ""


@dataclass(frozen=True, slots=True)
class Scene:
    """`page` is the document at the cursor, `others` are further ones, the likeliest first; `made` the latest first."""

    page: Page
    line: int
    made: Sequence[MadeEdit]
    others: Sequence[Page] = ()

    @property
    def pages(self) -> tuple[Page, ...]:
        """All documents, that at the cursor first."""
        return (self.page, *self.others)


def _is_word(character: str) -> bool:
    return character.isalnum() or character == "_"


def words_of(text: str) -> list[str]:
    """The words of a text that are no numbers, in order."""
    return [word for word in _WORD.findall(text) if not word[0].isdigit()]
