"""The renaming engine: what followed lines of the same shape, with the names that are used here.

At the start of a line it compares the line above with the lines of the open documents, within a line the line so far.
It finds what the copy engine cannot: the second of two statements that differ in their names. Its votes are counted
apart (`evidence`), as the confidence model trusts them less. Called by `propose`; `streams` knows lines by their shape.
"""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING

from copilot_ls.backends.embedded import lexing, shapes
from copilot_ls.backends.embedded.evidence import Found
from copilot_ls.backends.embedded.situation import indent_width

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from copilot_ls.backends.embedded.situation import Situation
    from copilot_ls.backends.embedded.streams import Stretch

# At the start of a line: points for the shape of the line above, for its first and last token, for the line before it.
_SAME_SHAPE, _SAME_ENDS, _SAME_SECOND = 4, 1, 2
# Lines with the ends of the line above alone are looked at this near.
_ENDS_REACH = 300
_MIN_HEAD_PIECES = 2
_MOST, _MOST_LOOKED_AT = 60, 200


def places(situation: Situation, where: Sequence[Stretch]) -> list[Found]:
    """Lines whose surroundings have the shape of the cursor's, the nearest first."""
    if situation.region != "code" or not situation.previous:
        return []
    each = _within_line(situation, where) if situation.head else _at_line_start(situation, where)
    return [one for one in islice(each, _MOST_LOOKED_AT) if one is not None][:_MOST]


def _at_line_start(situation: Situation, where: Sequence[Stretch]) -> Iterator[Found | None]:
    above = situation.previous[0]
    ours, our_shape = shapes.pieces(above), shapes.shape(above)
    if not our_shape:
        return
    second_shape = shapes.shape(situation.previous[1]) if len(situation.previous) > 1 else ()
    depth = situation.indent - situation.previous_indents[0]
    for stretch in where:
        lines = stretch.chunk.lines
        numbers = stretch.chunk.end_kinds.get((our_shape[0], our_shape[-1]), ())
        for number in reversed(numbers) if stretch.source == "above" else numbers:
            before = lines[number].strip()
            before_shape = shapes.shape(before)
            same = before_shape == our_shape
            if not same and not _is_near(situation, stretch, number):
                continue
            at, gap = _next_line(lines, number)
            if at is None or gap != situation.gap or _indent(lines[at]) - _indent(lines[number]) != depth:
                yield None
                continue
            text = lines[at].strip()
            level = _SAME_ENDS
            if same:
                last = lines[number - 1].strip() if number else ""
                level = _SAME_SHAPE + (_SAME_SECOND if last and shapes.shape(last) == second_shape else 0)
                renaming = shapes.names_between(shapes.pieces(before), ours)
                text = shapes.renamed(text, renaming)[0] if renaming else text
            yield _found(situation, text, level, stretch, at)


def _is_near(situation: Situation, stretch: Stretch, number: int) -> bool:
    return stretch.source != "open" and abs(stretch.first_line + number - situation.line) <= _ENDS_REACH


def _next_line(lines: Sequence[str], number: int) -> tuple[int | None, bool]:
    """The next line that is not blank, and whether blank ones lie between."""
    for at in range(number + 1, len(lines)):
        if lines[at].strip():
            return at, at > number + 1
    return None, False


def _indent(raw: str) -> int:
    return indent_width(raw[: len(raw) - len(raw.lstrip())])


def _within_line(situation: Situation, where: Sequence[Stretch]) -> Iterator[Found | None]:
    head = situation.head
    ours, our_shape = shapes.pieces(head), shapes.shape(head)
    n_ours = len(ours)
    if n_ours < _MIN_HEAD_PIECES or (situation.place == "in_word" and ours[-1].kind not in {"a", "0"}):
        return
    spaced = head[-1].isspace()
    above_shape = shapes.shape(situation.previous[0])
    for stretch in where:
        lines = stretch.chunk.lines
        numbers = stretch.chunk.first_kinds.get(our_shape[:2], ())
        for number in reversed(numbers) if stretch.source == "above" else numbers:
            line = lines[number].strip()
            if len(line) <= n_ours or shapes.shape(line)[:n_ours] != our_shape:
                yield None
                continue
            theirs = shapes.pieces(line)
            renaming = shapes.names_between(theirs[:n_ours], ours) if len(theirs) > n_ours else None
            if renaming is None:
                yield None
                continue
            continuation = line[theirs[n_ours - 1].end :]
            if spaced:
                continuation = continuation.lstrip()
            text, changed = shapes.renamed(continuation, renaming)
            level = sum(1 for one, other in zip(theirs, ours, strict=False) if one.text == other.text)
            level += 1 if changed else 0
            level += _SAME_SECOND if number and shapes.shape(lines[number - 1].strip()) == above_shape else 0
            yield _found(situation, text, level, stretch, number)


def _found(situation: Situation, text: str, level: int, stretch: Stretch, number: int) -> Found:
    at = stretch.first_line + number
    distance = abs(situation.line - at) if stretch.source != "open" else 0
    return Found(text, level, stretch.source, stretch.path, at, distance=distance, engine="renaming")


def words_of(line: str) -> list[str]:
    """Return the names in a line that are no keywords, each once, in order."""
    return [word for word in dict.fromkeys(lexing.WORD.findall(line)) if word not in shapes.KEYWORDS]
