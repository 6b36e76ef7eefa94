"""Where a piece of a text lies in another version of it: by the lexemes that both have in common. Pure.

White space counts for nothing, so that a formatter moves what it formats and replaces nothing. Lexemes are words,
numbers and signs. Texts of many lexemes are compared by lines first, and within lines that differ after that. Called by
`kept_text`.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from difflib import SequenceMatcher
from itertools import groupby
from typing import TYPE_CHECKING, NamedTuple

from copilot_ls.edits import shift_between
from copilot_ls.text import Point, Span, split_lines

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from copilot_ls.text import AppliedEdit, TextSnapshot

LEXEME = re.compile(r"\w+|[^\w\s]")
# Above this many pairs of lexemes lines are compared first.
_MOST_PAIRS = 1_000_000


class _Lexeme(NamedTuple):
    text: str
    line: int
    column: int

    @property
    def start(self) -> Point:
        return Point(self.line, self.column)

    @property
    def end(self) -> Point:
        return Point(self.line, self.column + len(self.text))


# Tag as `SequenceMatcher` has it, and the ranges of lexemes in both texts.
_Operation = tuple[str, int, int, int, int]


def found_in(span: Span, old: TextSnapshot, new: TextSnapshot) -> Span:
    """Where what lies at `span` of `old` lies in `new`: an empty span, near by, when nothing of it is left.

    What took the place of a part of it belongs to it, what came at its ends does not.
    """
    whole = shift_between(old, new)
    if span.end <= whole.start:
        return span
    if whole.old_end <= span.start:
        return Span(whole.behind(span.start), whole.behind(span.end))
    # Whole lines, and all of the span, so that no lexeme is cut in two.
    first = min(whole.start.line, span.start.line)
    n_below = old.n_lines - 1 - max(whole.old_end.line, span.end.line)
    before = _lexemes(old.lines(first, old.n_lines - n_below), Point(first, 0))
    after = _lexemes(new.lines(first, new.n_lines - n_below), Point(first, 0))
    at = min(whole.start, span.start) if span.start <= whole.old_end else whole.behind(span.start)
    return _found(span, before, after) or Span(at, at)


def found_in_edit(span: Span, old: TextSnapshot, edit: AppliedEdit) -> Span:
    """The same after one edit that replaced all of it: what is left of it is in what the edit put there."""
    before = _lexemes(split_lines(old.slice(Span(edit.start, edit.old_end))), edit.start)
    after = _lexemes(split_lines(edit.text), edit.start)
    return _found(span, before, after) or Span(edit.start, edit.start)


def _found(span: Span, before: Sequence[_Lexeme], after: Sequence[_Lexeme]) -> Span | None:
    starts = [each.start for each in before]
    low, high = bisect_left(starts, span.start), bisect_left(starts, span.end)
    found = [new_range for operation in _operations(before, after) if (new_range := _part(operation, low, high))]
    return Span(after[found[0][0]].start, after[found[-1][1] - 1].end) if found else None


def end_of(start: Point, text: str) -> Point:
    """Where a text that begins at `start` ends."""
    lines = split_lines(text)
    if len(lines) == 1:
        return Point(start.line, start.column + len(text))
    return Point(start.line + len(lines) - 1, len(lines[-1]))


def _part(operation: _Operation, low: int, high: int) -> tuple[int, int] | None:
    """The new lexemes of an operation that belong to the old ones from `low` to `high`; None for none."""
    tag, first, last, new_first, new_last = operation
    if tag == "equal" and first < high and low < last:
        return new_first + max(0, low - first), new_last - max(0, last - high)
    if tag == "replace" and low <= first and last <= high:
        return new_first, new_last
    return None


def _lexemes(lines: Sequence[str], start: Point) -> list[_Lexeme]:
    """The lexemes of lines, the first of which begins at `start`."""
    return [
        _Lexeme(found[0], start.line + number, found.start() + (0 if number else start.column))
        for number, line in enumerate(lines)
        for found in LEXEME.finditer(line)
    ]


def _operations(before: Sequence[_Lexeme], after: Sequence[_Lexeme]) -> Iterator[_Operation]:
    """What made `after` of `before`."""
    old, new = [each.text for each in before], [each.text for each in after]
    head = _n_common(old, new)
    tail = min(_n_common(old[::-1], new[::-1]), len(old) - head, len(new) - head)
    if head:
        yield "equal", 0, head, 0, head
    if head + tail < max(len(old), len(new)):
        middle = slice(head, len(old) - tail), slice(head, len(new) - tail)
        n_pairs = (middle[0].stop - head) * (middle[1].stop - head)
        differences = _by_lexemes if n_pairs <= _MOST_PAIRS else _by_lines
        for tag, a, b, c, d in differences(before[middle[0]], after[middle[1]]):
            yield tag, a + head, b + head, c + head, d + head
    if tail:
        yield "equal", len(old) - tail, len(old), len(new) - tail, len(new)


def _by_lexemes(before: Sequence[_Lexeme], after: Sequence[_Lexeme]) -> Iterator[_Operation]:
    old, new = [each.text for each in before], [each.text for each in after]
    yield from SequenceMatcher(None, old, new, autojunk=False).get_opcodes()


def _by_lines(before: Sequence[_Lexeme], after: Sequence[_Lexeme]) -> Iterator[_Operation]:
    old, new = _lines(before), _lines(after)
    places, new_places = [*(at for at, _ in old), len(before)], [*(at for at, _ in new), len(after)]
    lines = SequenceMatcher(None, [line for _, line in old], [line for _, line in new], autojunk=False)
    for tag, line, end_line, new_line, new_end_line in lines.get_opcodes():
        first, last = places[line], places[end_line]
        new_first, new_last = new_places[new_line], new_places[new_end_line]
        if tag == "replace" and (last - first) * (new_last - new_first) <= _MOST_PAIRS:
            for inner, a, b, c, d in _by_lexemes(before[first:last], after[new_first:new_last]):
                yield inner, a + first, b + first, c + new_first, d + new_first
        else:
            yield tag, first, last, new_first, new_last


def _lines(lexemes: Sequence[_Lexeme]) -> list[tuple[int, tuple[str, ...]]]:
    """The lines that have lexemes: where each begins among them, and what they are."""
    found, at = [], 0
    for _, line in groupby(lexemes, key=lambda each: each.line):
        texts = tuple(each.text for each in line)
        found.append((at, texts))
        at += len(texts)
    return found


def _n_common(one: Sequence[str], other: Sequence[str]) -> int:
    """How many are the same at the beginning."""
    n = 0
    for mine, theirs in zip(one, other, strict=False):
        if mine != theirs:
            break
        n += 1
    return n
