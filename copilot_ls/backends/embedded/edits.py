"""The edit engine: what was just changed elsewhere, done here again.

Two things are repeated: what was inserted within a line, where what stands around the cursor looks alike (`timeout=3`
before the closing bracket of another call); and what changed lines go on with after the words before the cursor. Pure.
Called by `propose`; `copilot_ls.context.recent_edits` remembers what was changed.
"""

from __future__ import annotations

from difflib import SequenceMatcher
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from copilot_ls.backends.embedded import lexing
from copilot_ls.backends.embedded.evidence import Found

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from copilot_ls.backends.embedded.evidence import Source
    from copilot_ls.backends.embedded.situation import Situation
    from copilot_ls.context.recent_edits import RecentEdit
    from copilot_ls.text import DocumentSnapshot

_MOST_EDITS = 12
_MOST_LINES = 40
_MOST_AGREEING = 4
# A change in the line being typed, or this near, is the one that is being made.
_OWN_LINES = 1
_LONGEST = 240

# Edits of which it is remembered what they changed.
_REMEMBERED_EDITS = 64


class _Change(NamedTuple):
    """A line as it read before, or empty, and as it reads now."""

    old: str
    new: str
    path: str
    line: int
    own: bool


def places(situation: Situation, edits: Sequence[RecentEdit], documents: Mapping[str, DocumentSnapshot]) -> list[Found]:
    """What the latest edits say about this place, the newest first."""
    if situation.region == "comment" or not situation.head:
        return []
    left = lexing.visible_tokens(situation.head)
    right = lexing.visible_tokens(situation.tail)
    found: list[Found] = []
    for change in _changes(situation, edits[:_MOST_EDITS], documents):
        for text, level in (*_inserted(change, left, right), *_following(change, left, right)):
            source: Source = "above" if change.own else "open"
            found.append(
                Found(text, level, source, change.path, change.line, distance=1 if change.own else 0, engine="edit")
            )
    return found


def _changes(
    situation: Situation, edits: Sequence[RecentEdit], documents: Mapping[str, DocumentSnapshot]
) -> Iterator[_Change]:
    for edit in edits:
        document = documents.get(edit.uri)
        if document is None or edit.old is None or edit.end - edit.start > _MOST_LINES:
            continue
        own = document.path == situation.path
        for before, after, at in _replaced(tuple(edit.old), tuple(document.text.lines(edit.start, edit.end))):
            line = edit.start + at
            if not own or abs(line - situation.line) >= _OWN_LINES:
                yield _Change(before, after, document.path, line, own)


@lru_cache(_REMEMBERED_EDITS)
def _replaced(old: Sequence[str], new: Sequence[str]) -> list[tuple[str, str, int]]:
    """Lines that are not as they were: how each read before, or empty, how it reads now, and its number in `new`."""
    old = [line.rstrip("\r\n") for line in old]
    new = [line.rstrip("\r\n") for line in new]
    return [
        (old[a + at - c] if a + at - c < b else "", new[at], at)
        for tag, a, b, c, d in SequenceMatcher(None, old, new, autojunk=False).get_opcodes()
        if tag in {"replace", "insert"}
        for at in range(c, d)
        if len(new[at]) <= _LONGEST and new[at].strip()
    ]


def _inserted(change: _Change, left: list[str], right: list[str]) -> Iterator[tuple[str, int]]:
    """What was put into the line, if the cursor stands in a line alike and it is not there yet."""
    old, new = change.old, change.new
    if not old.strip() or len(new) <= len(old):
        return
    start = _agreeing(old, new)
    end = _agreeing(old[start:][::-1], new[start:][::-1])
    if start + end < len(old):
        return
    text, after = new[start : len(new) - end], new[len(new) - end :]
    theirs_left = lexing.visible_tokens(new[:start])
    theirs_right = lexing.visible_tokens(after)
    agreeing_right = _agreeing(theirs_right, right)
    if (
        not text.strip()
        or not theirs_left
        or (theirs_right and not agreeing_right)
        or bool(right) != bool(theirs_right)
    ):
        return
    agreeing_left = _agreeing(theirs_left[::-1], left[::-1])
    called = _called(theirs_left)
    if agreeing_left >= 2 or (called and called == _called(left)):  # noqa: PLR2004 - one token agrees by chance
        yield text, min(agreeing_left, _MOST_AGREEING) + min(agreeing_right, _MOST_AGREEING) + (4 if called else 0)


def _following(change: _Change, left: list[str], right: list[str]) -> Iterator[tuple[str, int]]:
    """What the changed line goes on with after the last words before the cursor."""
    if not left or left[-1] not in change.new:
        return
    pieces = lexing.tokens(change.new)
    words = [(at, token) for at, token in enumerate(pieces) if not token.isspace()]
    for number, (at, token) in enumerate(words[:-1]):
        if token != left[-1]:
            continue
        agreeing = _agreeing([token for _, token in words[: number + 1]][::-1], left[::-1])
        if agreeing >= 2 or agreeing == len(left):  # noqa: PLR2004 - as above
            text = "".join(pieces[at + 1 :])
            if text.strip():
                follows = lexing.visible_tokens(text)
                yield text, min(agreeing, 2 * _MOST_AGREEING) + (1 if right and right[0] in follows else 0)


def _agreeing(one: Sequence[str], other: Sequence[str]) -> int:
    agreeing = 0
    for a, b in zip(one, other, strict=False):
        if a != b:
            break
        agreeing += 1
    return agreeing


def _called(tokens: Sequence[str]) -> str:
    """The name before the innermost bracket that is open at the end of some tokens."""
    depth = 0
    for at in range(len(tokens) - 1, 0, -1):
        if tokens[at] == ")":
            depth += 1
        elif tokens[at] == "(":
            if not depth:
                return tokens[at - 1] if lexing.is_word(tokens[at - 1][-1]) else ""
            depth -= 1
    return ""
