"""One accepted text, followed through the edits of its document, and how much of it is still there. Pure.

A fixed range would credit the suggestion with whatever the user typed there later, and blame it for lines that moved;
so the span moves, grows and shrinks with the edits. An edit that sweeps over all of it (a formatter, a reload, another
branch) is taken apart by a comparison of the texts, and what was cut and pasted elsewhere is found where it was pasted.
Called by `retention`.
"""

from __future__ import annotations

from difflib import SequenceMatcher
from typing import TYPE_CHECKING, NamedTuple

from copilot_ls.edits import Shift
from copilot_ls.features.found_text import LEXEME, end_of, found_in, found_in_edit
from copilot_ls.text import Point, Span

if TYPE_CHECKING:
    from collections.abc import Sequence

    from copilot_ls.text import AppliedEdit, TextSnapshot

# Above this many pairs of lexemes they are compared block by block, which finds nearly all of what is common.
_MOST_PAIRS = 160_000
# Shorter texts are pasted by chance.
_LEAST_PASTED = 8
# A text whose parts stand further apart than so many times its lines is no text any more.
_NEAR = 2


class Kept(NamedTuple):
    """How much is left: the share of lexemes that still stand in their order, 0 to 1, of `n_lexemes`; and `survives`.

    A text survives while the edit distance between what was accepted and what stands there is at most half of its
    length, both in lexemes: words, numbers and signs, whatever white space lies between.
    """

    share: float
    survives: bool
    n_lexemes: int


class _Undo(NamedTuple):
    """The edit that would take the last one back, and the span that it would bring back."""

    start: Point
    end: Point
    removed: str
    span: Span

    @classmethod
    def of(cls, edit: AppliedEdit, span: Span, text: TextSnapshot) -> _Undo:
        """That of an edit over `text`, in which the span was."""
        return cls(edit.start, edit.new_end, text.slice(Span(edit.start, edit.old_end)), span)

    def is_done_by(self, edit: AppliedEdit) -> bool:
        """Whether `edit` does exactly that."""
        return (edit.start, edit.old_end, edit.text) == (self.start, self.end, self.removed)


class KeptText:
    """What was accepted at `span` of a text."""

    __slots__ = ("_cut", "_lexemes", "_part", "_text", "_undo", "accepted", "span")

    def __init__(self, span: Span, text: TextSnapshot) -> None:
        self.span = span
        self.accepted = text.slice(span)
        self._text = text
        self._lexemes = LEXEME.findall(self.accepted)
        self._cut = self._part = ""
        self._undo: _Undo | None = None

    @property
    def text(self) -> TextSnapshot:
        """The text that the span is of."""
        return self._text

    @property
    def now(self) -> str:
        """What stands there now."""
        return self._text.slice(self.span)

    def is_swept_by(self, edits: Sequence[AppliedEdit]) -> bool:
        """Whether the edits, in their order, replace all of it at once; no edits mean that the whole text was."""
        span: Span | None = self.span
        for edit in edits:
            if span is None:
                return True
            span = Shift.of(edit).carried(span) if not _is_empty(span) else _point_after(span, edit)
        return span is None or not edits

    def follow(self, edits: Sequence[AppliedEdit], text: TextSnapshot) -> None:
        """The document was edited; `text` is the one after all edits, none of which mean that all was replaced."""
        undone, self._undo = self._undo, None
        if len(edits) == 1 and undone is not None and undone.is_done_by(edits[0]):
            self.span, self._text = undone.span, text
            return
        if len(edits) == 1 and Shift.of(edits[0]).touches(self.span) and not _is_empty(self.span):
            self._undo = _Undo.of(edits[0], self.span, self._text)
            self._note_part(edits[0])
        if self.is_swept_by(edits):
            if len(edits) == 1 and not _is_empty(self.span):
                self._cut = self.now
                self.span, self._text = found_in_edit(self.span, self._text, edits[0]), text
            else:
                self.compare(text)
        else:
            for edit in edits:
                moved = Shift.of(edit).carried(self.span) if not _is_empty(self.span) else _point_after(self.span, edit)
                self.span = moved if moved is not None else Span(edit.start, edit.start)
            self._text = text
        if _is_empty(self.span) and self._lexemes:
            self._find_pasted(edits)
        elif self._part and len(edits) == 1:
            self._take_part_back(edits[0])

    def compare(self, text: TextSnapshot) -> None:
        """Find it in another version of the document, by what both have in common."""
        if not _is_empty(self.span):
            self._cut = self.now
        self.span = found_in(self.span, self._text, text)
        self._text = text
        if 2 * len(LEXEME.findall(self.now)) > len(self._lexemes):
            return
        # Little of it is left, or what is found is part of something else.
        for wanted in self._wanted():
            if text.text.count(wanted) == 1:
                start = text.point_at(text.text.index(wanted))
                self.span = Span(start, end_of(start, wanted))
                return

    def within(self, text: TextSnapshot) -> KeptText:
        """The same in another version of the document, such as a committed one; this one stays as it is."""
        other = KeptText(self.span, self._text)
        other.accepted, other._lexemes, other._cut = self.accepted, self._lexemes, self._cut
        other.compare(text)
        return other

    def measure(self) -> Kept:
        """How much of it is left."""
        old, new = self._lexemes, LEXEME.findall(self.now)
        if not old:
            return Kept(float(self.accepted == self.now), self.accepted == self.now, 0)
        if old == new:
            return Kept(1.0, survives=True, n_lexemes=len(old))
        n_kept, distance = _compared(old, new)
        return Kept(n_kept / len(old), 2 * distance <= len(old), len(old))

    def _wanted(self) -> list[str]:
        """What would be pasted: the text as it stood there last, or as it was accepted."""
        return [
            each for each in dict.fromkeys((self._cut.strip(), self.accepted.strip())) if len(each) >= _LEAST_PASTED
        ]

    def _note_part(self, edit: AppliedEdit) -> None:
        """Remember what an edit is about to cut from an end of the text."""
        start, end = max(edit.start, self.span.start), min(edit.old_end, self.span.end)
        at_an_end = (edit.start <= self.span.start) != (self.span.end <= edit.old_end)
        if at_an_end and start < end:
            self._part = self._text.slice(Span(start, end)).strip()

    def _take_part_back(self, edit: AppliedEdit) -> None:
        """What was cut from an end is pasted behind or before the rest: with all between it is the text again."""
        at = edit.text.find(self._part) if len(self._part) >= _LEAST_PASTED else -1
        if at < 0:
            return
        start = end_of(edit.start, edit.text[:at])
        end = end_of(start, self._part)
        whole = Span(min(start, self.span.start), max(end, self.span.end))
        # What is pasted far away has left the text.
        if whole.end.line - whole.start.line <= _NEAR * (self.accepted.count("\n") + 2):
            self.span = whole
        self._part = ""

    def _find_pasted(self, edits: Sequence[AppliedEdit]) -> None:
        for wanted in self._wanted():
            for edit in edits:
                at = edit.text.find(wanted)
                if at >= 0:
                    start = end_of(edit.start, edit.text[:at])
                    self.span = Span(start, end_of(start, wanted))
                    return


def _compared(old: Sequence[str], new: Sequence[str]) -> tuple[int, int]:
    """The length of the longest common subsequence, and the edit distance with replacements."""
    if len(old) * len(new) > _MOST_PAIRS:
        n_kept = sum(block.size for block in SequenceMatcher(None, old, new, autojunk=False).get_matching_blocks())
        return n_kept, max(len(old), len(new)) - n_kept
    common = [0] * (len(new) + 1)
    far = list(range(len(new) + 1))
    for number, lexeme in enumerate(old, 1):
        diagonal_common, diagonal_far = 0, far[0]
        far[0] = number
        for column, other in enumerate(new, 1):
            above_common, above_far = common[column], far[column]
            if lexeme == other:
                common[column], far[column] = diagonal_common + 1, diagonal_far
            else:
                common[column] = max(above_common, common[column - 1])
                far[column] = 1 + min(diagonal_far, above_far, far[column - 1])
            diagonal_common, diagonal_far = above_common, above_far
    return common[-1], far[-1]


def _is_empty(span: Span) -> bool:
    return span.start == span.end


def _point_after(span: Span, edit: AppliedEdit) -> Span:
    """Where an empty span lies after an edit: it has nothing to lose."""
    shift = Shift.of(edit)
    place = shift.behind(span.start) if shift.old_end <= span.start else min(span.start, shift.start)
    return Span(place, place)
