"""One accepted text, followed through the edits of its document, and how much of it is still there. Pure.

A fixed range would credit the suggestion with whatever the user typed there later, and blame it for lines that moved;
so the span moves, grows and shrinks with the edits. An edit that sweeps over all of it (a formatter, a reload, another
branch) is taken apart by a comparison of the texts, and what was cut and pasted elsewhere is found where it was pasted.
Called by `retention`.
"""

from __future__ import annotations

import re
from difflib import SequenceMatcher
from typing import TYPE_CHECKING, NamedTuple

from copilot_ls.edits import Shift, between, shift_between
from copilot_ls.text import Point, Span, split_lines

if TYPE_CHECKING:
    from collections.abc import Sequence

    from copilot_ls.text import AppliedEdit, TextSnapshot

_LEXEME = re.compile(r"\w+|[^\w\s]")
_PIECE = re.compile(r"\w+|\r\n|\s|[^\w\s]")
# Above this many pairs of pieces whole lines are compared.
_MOST_PIECE_PAIRS = 4_000_000
# Above this many pairs of lexemes they are compared block by block, which finds nearly all of what is common.
_MOST_PAIRS = 160_000
# Shorter texts are pasted by chance.
_LEAST_PASTED = 8


class Kept(NamedTuple):
    """How much is left: the share of lexemes that still stand in their order, 0 to 1, of `n_lexemes`; and `survives`.

    A text survives while the edit distance between what was accepted and what stands there is at most half of its
    length, both in lexemes: words, numbers and signs, whatever white space lies between.
    """

    share: float
    survives: bool
    n_lexemes: int


class KeptText:
    """What was accepted at `span` of a text."""

    __slots__ = ("_lexemes", "_text", "accepted", "span")

    def __init__(self, span: Span, text: TextSnapshot) -> None:
        self.span = span
        self.accepted = text.slice(span)
        self._text = text
        self._lexemes = _LEXEME.findall(self.accepted)

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
        if self.is_swept_by(edits):
            self.compare(text)
        else:
            for edit in edits:
                moved = Shift.of(edit).carried(self.span) if not _is_empty(self.span) else _point_after(self.span, edit)
                self.span = moved if moved is not None else Span(edit.start, edit.start)
            self._text = text
        if _is_empty(self.span) and self._lexemes:
            self._find_pasted(edits)

    def compare(self, text: TextSnapshot) -> None:
        """Find it in another version of the document, by what both have in common."""
        span: Span | None = self.span
        # From the last to the first, so that none moves the places of those that are still to come.
        for shift in reversed(_shifts(self._text, text)):
            if span is not None and not _is_empty(span):
                carried = shift.carried(span)
                span = Span(shift.start, shift.start) if carried is None else carried
            elif span is not None and shift.old_end <= span.start:
                place = shift.behind(span.start)
                span = Span(place, place)
        self.span = span if span is not None else self.span
        self._text = text
        wanted = self.accepted.strip()
        if _is_empty(self.span) and len(wanted) >= _LEAST_PASTED and text.text.count(wanted) == 1:
            start = text.point_at(text.text.index(wanted))
            self.span = Span(start, _end_of(start, wanted))

    def within(self, text: TextSnapshot) -> KeptText:
        """The same in another version of the document, such as a committed one; this one stays as it is."""
        other = KeptText(self.span, self._text)
        other.accepted, other._lexemes = self.accepted, self._lexemes
        other.compare(text)
        return other

    def measure(self) -> Kept:
        """How much of it is left."""
        old, new = self._lexemes, _LEXEME.findall(self.now)
        if not old:
            return Kept(float(self.accepted == self.now), self.accepted == self.now, 0)
        if old == new:
            return Kept(1.0, survives=True, n_lexemes=len(old))
        n_kept, distance = _compared(old, new)
        return Kept(n_kept / len(old), 2 * distance <= len(old), len(old))

    def _find_pasted(self, edits: Sequence[AppliedEdit]) -> None:
        wanted = self.accepted.strip()
        if len(wanted) < _LEAST_PASTED:
            return
        for edit in edits:
            at = edit.text.find(wanted)
            if at >= 0:
                start = _end_of(edit.start, edit.text[:at])
                self.span = Span(start, _end_of(start, wanted))


def _shifts(old: TextSnapshot, new: TextSnapshot) -> list[Shift]:
    """What happened to places between two versions, piece by piece: words, signs and runs of white space."""
    whole = shift_between(old, new)
    before = _PIECE.findall(old.slice(Span(whole.start, whole.old_end)))
    after = _PIECE.findall(new.slice(Span(whole.start, whole.new_end)))
    if len(before) * len(after) > _MOST_PIECE_PAIRS:
        return [
            Shift(each.span.start, each.span.end, _end_of(each.span.start, each.text)) for each in between(old, new)
        ]
    starts = [whole.start]
    for piece in before:
        starts.append(_end_of(starts[-1], piece))
    return [
        Shift(starts[first], starts[last], _end_of(starts[first], "".join(after[new_first:new_last])))
        for tag, first, last, new_first, new_last in SequenceMatcher(None, before, after, autojunk=False).get_opcodes()
        if tag != "equal"
    ]


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


def _end_of(start: Point, text: str) -> Point:
    """Where a text that begins at `start` ends."""
    lines = split_lines(text)
    if len(lines) == 1:
        return Point(start.line, start.column + len(text))
    return Point(start.line + len(lines) - 1, len(lines[-1]))
