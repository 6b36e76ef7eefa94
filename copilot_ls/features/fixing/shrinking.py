"""A verified edit without the parts that it can do without.

A model that was misled, or likes to tidy up, changes more than it was asked to. What checkers do not need for their
verdict is left out, one part after the other (the greedy half of Zeller and Hildebrandt's delta debugging, 2002). Parts
on the lines that the task is about stay. Called by `conversation`.
"""

from __future__ import annotations

from dataclasses import replace
from difflib import SequenceMatcher
from typing import TYPE_CHECKING

from copilot_ls.edits import Replacement, between, touched_lines
from copilot_ls.text import Point, Span, TextSnapshot, split_lines

if TYPE_CHECKING:
    from copilot_ls.features.fixing.candidate import Candidate
    from copilot_ls.features.fixing.judging import Judge

# Each part costs a run of all checkers.
_MOST_PARTS = 6
_ALIKE = 0.6


async def shrunk(candidate: Candidate, judge: Judge, wanted: frozenset[int]) -> Candidate:
    """The candidate with as few replacements as are verified; as it is, where it is no fix, or has many parts."""
    text = judge.task.document.text
    parts = tuple(part for each in candidate.replacements for part in _parts(each, text))
    if judge.task.kind != "fix" or not 1 < len(parts) <= _MOST_PARTS:
        return candidate
    kept = parts
    for part in parts:
        if (touched_lines([part]) & wanted and part.span.start != part.span.end) or len(kept) == 1:
            continue
        fewer = tuple(each for each in kept if each is not part)
        judgement = await judge.judge(fewer)
        if judgement.is_verified:
            kept, candidate = fewer, replace(candidate, replacements=fewer, judgement=judgement)
    return candidate


def _parts(change: Replacement, text: TextSnapshot) -> tuple[Replacement, ...]:
    """A change of several lines as changes of one line each, where it can be seen which became which."""
    first, last = change.span.start.line, change.span.end.line
    if change.span.start.line == change.span.end.line and "\n" not in change.text:
        return (change,)
    old = text.lines(first, last + 1)
    new = split_lines(old[0][: change.span.start.column] + change.text + old[-1][change.span.end.column :])
    if not new[-1]:
        new.pop()
    if len(old) == len(new) and all(map(_is_like, old, new)):
        pairs = [(at, [line]) for at, line in enumerate(new)]
    elif len(old) == 1 and any(_is_like(old[0], line) for line in new):
        # One line became several: the likest is what it became, the others came with it.
        likest = max(range(len(new)), key=lambda at: SequenceMatcher(None, old[0], new[at]).ratio())
        return tuple(
            part
            for part in (
                Replacement(Span(Point(first, 0), Point(first, 0)), "".join(new[:likest])),
                *_of_line(first, old[0], new[likest]),
                Replacement(Span(Point(first + 1, 0), Point(first + 1, 0)), "".join(new[likest + 1 :])),
            )
            if part.text or part.span.start != part.span.end
        )
    else:
        return (change,)
    return tuple(part for at, (line,) in pairs for part in _of_line(first + at, old[at], line))


def _is_like(old: str, new: str) -> bool:
    """Whether a line can be seen to have become another: then one of several can be left out."""
    return old == new or SequenceMatcher(None, old.strip(), new.strip()).ratio() >= _ALIKE


def _of_line(number: int, old: str, new: str) -> tuple[Replacement, ...]:
    """What changes in one line."""
    return tuple(
        Replacement(
            Span(
                Point(number + each.span.start.line, each.span.start.column),
                Point(number + each.span.end.line, each.span.end.column),
            ),
            each.text,
        )
        for each in between(TextSnapshot.of(old), TextSnapshot.of(new))
    )
