"""Edits that have not been made yet: replacements in one text, as fixers and models propose them.

Pure. Making them in an editor is `lsp`'s, carrying them over later edits `features`'.
"""

from __future__ import annotations

from difflib import SequenceMatcher
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

from copilot_ls.text import Point, Span, TextSnapshot, split_lines

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from copilot_ls.text import AppliedEdit


class Replacement(NamedTuple):
    """`text` takes the place of `span`, whose points are those of the text before any replacement."""

    span: Span
    text: str


class Shift(NamedTuple):
    """What an edit did to places: what lay between `start` and `old_end` lies between `start` and `new_end`."""

    start: Point
    old_end: Point
    new_end: Point

    @classmethod
    def of(cls, edit: AppliedEdit) -> Shift:
        """What an edit that a buffer has made did."""
        return cls(edit.start, edit.old_end, edit.new_end)

    def touches(self, span: Span) -> bool:
        """Whether the edit changed something within a span or right beside it, where it may belong to the same word."""
        return self.start <= span.end and span.start <= self.old_end

    def carried(self, span: Span) -> Span | None:
        """Where a span lies after the edit, with what is left of it; None when all of it was replaced."""
        start, end = span
        if self.old_end <= start:
            return Span(self.behind(start), self.behind(end))
        if end <= self.start:
            return span
        if self.start <= start and end <= self.old_end:
            return None
        if start <= self.start:
            return Span(start, self.behind(end) if self.old_end <= end else self.start)
        return Span(self.new_end, self.behind(end))

    def behind(self, point: Point) -> Point:
        """Where a place at or behind `old_end` lies after the edit."""
        if point.line == self.old_end.line:
            return Point(self.new_end.line, self.new_end.column + point.column - self.old_end.column)
        return Point(point.line + self.new_end.line - self.old_end.line, point.column)


def shift_between(old: TextSnapshot, new: TextSnapshot) -> Shift:
    """The one edit that makes `new` of `old`; O(document)."""
    before, after = old.lines(0, old.n_lines), new.lines(0, new.n_lines)
    head = _n_common(before, after)
    most = min(len(before), len(after)) - head
    tail = min(_n_common(before[: head - 1 if head else None : -1], after[: head - 1 if head else None : -1]), most)
    changed = "".join(before[head : len(before) - tail]), "".join(after[head : len(after) - tail])
    (start, end), text = _trimmed(*changed, head)
    *above, last = split_lines(text)
    new_end = Point(start.line + len(above), len(last) if above else start.column + len(last))
    return Shift(start, end, new_end)


def applied(text: TextSnapshot, replacements: Iterable[Replacement]) -> TextSnapshot:
    """The text after all replacements. Raises `ValueError` where two of them overlap."""
    ordered = sorted(replacements, key=lambda each: (each.span.start, each.span.end))
    for one, next_one in pairwise(ordered):
        if next_one.span.start < one.span.end:
            raise ValueError(f"two replacements overlap at line {next_one.span.start.line + 1}")
    for each in reversed(ordered):
        text, _ = text.edited(each.span, each.text)
    return text


def between(old: TextSnapshot, new: TextSnapshot) -> tuple[Replacement, ...]:
    """The replacements that make `new` of `old`, line by line, each cut to what differs within its lines."""
    before, after = old.lines(0, old.n_lines), new.lines(0, new.n_lines)
    # What did not change is cut off first: comparing is quadratic in lines that look alike, blank ones above all.
    head = _n_common(before, after)
    tail = _n_common(before[: head - 1 if head else None : -1], after[: head - 1 if head else None : -1])
    before, after = before[head : len(before) - tail], after[head : len(after) - tail]
    return tuple(
        _trimmed("".join(before[first:last]), "".join(after[new_first:new_last]), head + first)
        for tag, first, last, new_first, new_last in SequenceMatcher(None, before, after, autojunk=False).get_opcodes()
        if tag != "equal"
    )


def _n_common(one: Sequence[str], other: Sequence[str]) -> int:
    """How many leading entries are the same."""
    n = 0
    for mine, theirs in zip(one, other, strict=False):
        if mine != theirs:
            break
        n += 1
    return n


def _trimmed(old: str, new: str, line: int) -> Replacement:
    """The replacement of `old`, which begins at the start of `line`, without what both begin and end with."""
    head = _n_common(old, new)
    tail = _n_common(old[: head - 1 if head else None : -1], new[: head - 1 if head else None : -1])
    # A line end of two characters stays whole.
    head -= old[head - 1 : head] == "\r"
    tail -= tail > 0 and old[-tail] == "\n" and "\r\n" in old + new
    local = TextSnapshot.of(old)
    start, end = local.point_at(head), local.point_at(len(old) - tail)
    return Replacement(
        Span(Point(line + start.line, start.column), Point(line + end.line, end.column)), new[head : len(new) - tail]
    )


def touched_lines(replacements: Sequence[Replacement]) -> frozenset[int]:
    """The zero-based lines of the old text that the replacements change."""
    return frozenset(line for each in replacements for line in range(each.span.start.line, each.span.end.line + 1))
