"""The renaming engine: what followed lines of the same shape in this file, with the names that are used here.

At the start of a line it compares the line above with every line near by, within a line the line so far. It finds what
the copy engine cannot: the second of two statements that differ in their names. Its votes are counted apart
(`evidence`), as the confidence model trusts them less. Called by `propose`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from copilot_ls.backends.embedded import lexing, shapes
from copilot_ls.backends.embedded.evidence import Found
from copilot_ls.backends.embedded.situation import indent_width

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from copilot_ls.backends.embedded.evidence import Source
    from copilot_ls.backends.embedded.situation import Situation

# At the start of a line: points for the shape of the line above, for its first and last token, for the line before it.
_SAME_SHAPE, _SAME_ENDS, _SAME_SECOND = 4, 1, 2
_MIN_HEAD_PIECES = 2
_MOST = 60


def places(situation: Situation) -> list[Found]:
    """Every line of the neighbourhood whose surroundings have the shape of the cursor's."""
    if situation.region != "code" or not situation.previous:
        return []
    found = _within_line(situation) if situation.head else _at_line_start(situation)
    return list(found)


def _stretches(situation: Situation) -> Iterator[tuple[Source, Sequence[str], int]]:
    """Lines above and below, and the number of the first of each."""
    yield "above", situation.near_above, situation.line - len(situation.near_above)
    yield "below", situation.near_below, situation.line + 1


def _at_line_start(situation: Situation) -> Iterator[Found]:
    above = situation.previous[0]
    ours, our_shape = shapes.pieces(above), shapes.shape(above)
    if not our_shape:
        return
    second_shape = shapes.shape(situation.previous[1]) if len(situation.previous) > 1 else ()
    depth = situation.indent - situation.previous_indents[0]
    for source, lines, first in _stretches(situation):
        last_shape: tuple[str, ...] = ()
        before = ""
        before_indent = 0
        gap = False
        before_shape: tuple[str, ...] = ()
        for at, raw in enumerate(lines):
            line = raw.strip()
            if not line:
                gap = True
                continue
            indent = indent_width(raw[: len(raw) - len(raw.lstrip())])
            if before and indent - before_indent == depth and gap == situation.gap and before_shape:
                level = _level(our_shape, before_shape)
                if level:
                    if level == _SAME_SHAPE and last_shape == second_shape:
                        level += _SAME_SECOND
                    text = line
                    if level >= _SAME_SHAPE:
                        renaming = shapes.names_between(shapes.pieces(before), ours)
                        text = shapes.renamed(line, renaming)[0] if renaming else line
                    yield _found(situation, text, level, source, first + at)
            last_shape, before, before_indent, gap = before_shape, line, indent, False
            before_shape = shapes.shape(line)


def _level(ours: tuple[str, ...], theirs: tuple[str, ...]) -> int:
    if ours == theirs:
        return _SAME_SHAPE
    return _SAME_ENDS if ours[0] == theirs[0] and ours[-1] == theirs[-1] else 0


def _within_line(situation: Situation) -> Iterator[Found]:
    head = situation.head
    ours = shapes.pieces(head)
    our_shape = shapes.shape(head)
    n_ours = len(ours)
    if n_ours < _MIN_HEAD_PIECES or (situation.place == "in_word" and ours[-1].kind not in {"a", "0"}):
        return
    spaced = head[-1].isspace()
    above_shape = shapes.shape(situation.previous[0])
    n_found = 0
    for source, lines, first in _stretches(situation):
        order = range(len(lines) - 1, -1, -1) if source == "above" else range(len(lines))
        for at in order:
            line = lines[at].strip()
            if len(line) <= len(our_shape) or shapes.shape(line)[:n_ours] != our_shape:
                continue
            theirs = shapes.pieces(line)
            if len(theirs) == n_ours:
                continue
            renaming = shapes.names_between(theirs[:n_ours], ours)
            if renaming is None:
                continue
            continuation = line[theirs[n_ours - 1].end :]
            if spaced:
                continuation = continuation.lstrip()
            text, changed = shapes.renamed(continuation, renaming)
            same = sum(1 for one, other in zip(theirs, ours, strict=False) if one.text == other.text)
            level = (
                same + (1 if changed else 0) + (2 if at and shapes.shape(lines[at - 1].strip()) == above_shape else 0)
            )
            yield _found(situation, text, level, source, first + at)
            n_found += 1
            if n_found == _MOST:
                return


def _found(situation: Situation, text: str, level: int, source: Source, at: int) -> Found:
    distance = abs(situation.line - at)
    return Found(text, level, source, situation.path, at, distance=distance, engine="renaming")


def words_of(line: str) -> list[str]:
    """Return the names in a line that are no keywords, each once, in order."""
    return [word for word in dict.fromkeys(lexing.WORD.findall(line)) if word not in shapes.KEYWORDS]
