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
_WORD = re.compile(r"\w+")


class Page:
    """One document, by lines without terminators."""

    def __init__(self, document: DocumentSnapshot) -> None:
        self.document = document
        self.uri = document.uri
        self._words: dict[str, list[int]] = {}

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
    def _starts(self) -> list[int]:
        return [0, *accumulate(len(line) + 1 for line in self.lines)]

    def lines_with(self, word: str) -> list[int]:
        """The numbers of the lines that hold a whole word, in order; none where it is too common to tell anything."""
        known = self._words.get(word)
        if known is None:
            starts = self._starts
            known = []
            for match in re.finditer(rf"(?<!\w){re.escape(word)}(?!\w)", self._joined):
                number = bisect_right(starts, match.start()) - 1
                if not known or known[-1] != number:
                    known.append(number)
                    if len(known) > _MOST_LINES:
                        known = []
                        break
            self._words[word] = known
        return known

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


def words_of(text: str) -> list[str]:
    """The words of a text that are no numbers, in order."""
    return [word for word in _WORD.findall(text) if not word[0].isdigit()]
