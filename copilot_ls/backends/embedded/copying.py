"""The copy engine: what followed the longest suffix of the text before the cursor, wherever that stands again.

Within a line the suffix is one of tokens (the last may be half a word), at its start one of whole lines. No index of
the open documents is kept: `str.find` reads some gigabytes a second, so that an edit costs nothing and a search less
than a millisecond. The workspace is the business of `indexed`. Called by `propose`; `evidence` weighs what is found.

A level is the number of agreeing tokens, two more when they are the whole line up to the cursor, and three more for
each agreeing line above that.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from copilot_ls.backends.embedded import lexing
from copilot_ls.backends.embedded.evidence import Found
from copilot_ls.backends.embedded.situation import indent_width

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from copilot_ls.backends.embedded.evidence import Source
    from copilot_ls.backends.embedded.situation import Situation
    from copilot_ls.text import DocumentSnapshot

MAX_SUFFIX_TOKENS = 10
# Places looked at per text and suffix length; a suffix with more of them is made longer.
_ENOUGH = 90
# Places looked into at each suffix length: the rest is counted only to tell whether there are many.
_MOST_PER_SOURCE = {"above": 60, "below": 24, "open": 10, "workspace": 0}
# With fewer places than this at a suffix length, the places of the next shorter one are taken too.
_FEW = 8
# Characters searched around the cursor, and in another open document.
_REACH = 600_000
_COUNTED = 12_000
_CHARACTERS_PER_LINE = 36
MAX_LINE = 400
WHOLE_HEAD = 2
LINE_LEVEL = 3
_MAX_LINES_ABOVE = 3
# With no more tokens than this on the line, the line above says more than the line itself: `* ` stands everywhere.
FEW_TOKENS = 4
# Characters above a place whose words are compared with those above the cursor.
_LIKENESS_REACH = 240
# Pieces of text whose words are remembered, some 4 kB each: many places are found again at the next key.
_REMEMBERED_PIECES = 512


class _Reach(NamedTuple):
    """A stretch of a text to search; `downwards` from its start, else upwards from its end."""

    text: str
    start: int
    end: int
    source: Source
    path: str
    downwards: bool
    other_language: bool


def places(situation: Situation, others: Sequence[DocumentSnapshot]) -> list[Found]:
    """Every place worth a vote, in no order that matters."""
    found = _within_line(situation, others) if situation.head else []
    if situation.previous and len(lexing.token_suffixes(situation.head, FEW_TOKENS + 1)) <= FEW_TOKENS:
        known = {(place.source, place.path, place.at) for place in found}
        below = _at_line_start(situation, others)
        found += [place for place in below if (place.source, place.path, place.at) not in known]
    return found


def _reaches(situation: Situation, others: Sequence[DocumentSnapshot]) -> Iterator[_Reach]:
    text, here = situation.text, situation.path
    yield _Reach(text, max(0, situation.offset - _REACH), situation.offset, "above", here, False, False)
    yield _Reach(text, situation.end, min(len(text), situation.end + _REACH), "below", here, True, False)
    for document in others:
        other = document.text.text
        differs = document.language_id != situation.language_id
        yield _Reach(other, 0, min(len(other), _REACH), "open", document.path, True, differs)


def _occurrences(reach: _Reach, piece: str, limit: int) -> list[int]:
    """At most `limit` places where `piece` starts, nearest first; if it starts a word, at words' starts only."""
    text, start, end = reach.text, reach.start, reach.end
    at_word = lexing.is_word(piece[:1])
    found: list[int] = []
    size = len(piece)
    tries = 4 * limit
    while len(found) < limit and tries:
        tries -= 1
        at = text.find(piece, start, end) if reach.downwards else text.rfind(piece, start, end)
        if at < 0:
            break
        if not (at_word and at and lexing.is_word(text[at - 1])):
            found.append(at)
        if reach.downwards:
            start = at + size
        else:
            end = at
    return found


def _within_line(situation: Situation, others: Sequence[DocumentSnapshot]) -> list[Found]:
    suffixes = lexing.token_suffixes(situation.head, MAX_SUFFIX_TOKENS)
    if not suffixes:
        return []
    reaches = list(_reaches(situation, others))
    found: list[Found] = []
    seen: set[tuple[int, int]] = set()
    chosen: list[tuple[int, list[list[int]]]] = []
    for depth, suffix in enumerate(suffixes):
        per_reach = [_occurrences(reach, suffix, _ENOUGH) for reach in reaches]
        n_places = sum(map(len, per_reach))
        chosen.append((depth, per_reach))
        if n_places < _ENOUGH:
            break
    for depth, per_reach in reversed(chosen):
        size = len(suffixes[depth])
        for number, (reach, starts) in enumerate(zip(reaches, per_reach, strict=True)):
            ends = [start + size for start in starts if (number, start + size) not in seen]
            for end in ends[: _MOST_PER_SOURCE[reach.source]]:
                seen.add((number, end))
                place = _place_in_line(situation, reach, end, suffixes)
                if place is not None:
                    found.append(place)
        if len(found) >= _FEW:
            break
    return found


def _place_in_line(situation: Situation, reach: _Reach, at: int, suffixes: list[str]) -> Found | None:
    text = reach.text
    stop = text.find("\n", at, at + MAX_LINE)
    if stop < 0:
        if len(text) > at + MAX_LINE:
            return None
        stop = len(text)
    start = text.rfind("\n", max(0, at - MAX_LINE), at) + 1
    left = text[start:at]
    continuation = text[at:stop]
    if not continuation.strip() or not same_region(situation, left):
        return None
    depth = agreement(left, suffixes)
    level = depth
    whole = left.lstrip() == situation.head
    above = 0
    if whole:
        above = _lines_agreeing(text, start, situation.previous)
        level += WHOLE_HEAD + LINE_LEVEL * above
    follows = bool(situation.next_line) and _next_line(text, stop) == situation.next_line
    return Found(
        continuation,
        level,
        reach.source,
        reach.path,
        -1 - start,
        whole_head=whole,
        lines_above=above,
        distance=_distance(situation, reach, start),
        follows=follows,
        other_language=reach.other_language,
        likeness=_likeness(text, start, situation),
    )


def _distance(situation: Situation, reach: _Reach, start: int) -> int:
    """Lines from the cursor to `start` in the open document: counted when near, estimated when far."""
    if reach.source == "open":
        return 0
    first, last = (start, situation.offset) if reach.source == "above" else (situation.end, start)
    if last - first > _COUNTED:
        return (last - first) // _CHARACTERS_PER_LINE
    return reach.text.count("\n", first, last)


def agreement(left: str, suffixes: list[str]) -> int:
    """How many tokens of the line's end `left` shares with the cursor's line."""
    depth = 0
    for suffix in suffixes:
        if not left.endswith(suffix):
            break
        before = left[-len(suffix) - 1 : -len(suffix)]
        if before and lexing.is_word(suffix[0]) and lexing.is_word(before):
            break
        depth += 1
    return depth


def _likeness(text: str, start: int, situation: Situation) -> float:
    """Share of the words just above the cursor that stand just above the line at `start`, too."""
    ours = situation.words_above
    if not ours:
        return 0.0
    return len(ours & _words_in(text[max(0, start - _LIKENESS_REACH) : start])) / len(ours)


@lru_cache(_REMEMBERED_PIECES)
def _words_in(piece: str) -> frozenset[str]:
    return frozenset(lexing.WORD.findall(piece))


def same_region(situation: Situation, left: str) -> bool:
    """Code learns from code, comments from comments; text blocks from anything, as no mark of theirs is on the line."""
    if situation.region != "code" and not situation.has_comment_mark:
        return True
    return lexing.in_comment(left, situation.language_id) == situation.has_comment_mark


def _lines_agreeing(text: str, start: int, previous: Sequence[str]) -> int:
    """How many non-blank lines above the line at `start` equal those above the cursor, up to `_MAX_LINES_ABOVE`."""
    agreeing = 0
    end = start - 1
    while agreeing < min(len(previous), _MAX_LINES_ABOVE) and end > 0:
        begin = text.rfind("\n", max(0, end - MAX_LINE), end) + 1
        line = text[begin:end].strip()
        end = begin - 1
        if not line:
            continue
        if line != previous[agreeing]:
            break
        agreeing += 1
    return agreeing


def _next_line(text: str, at: int) -> str:
    """Return the first non-blank line after the line that ends at `at`, stripped."""
    for _ in range(4):
        stop = text.find("\n", at + 1, at + MAX_LINE)
        line = text[at + 1 : stop if stop >= 0 else at + MAX_LINE].strip()
        if line or stop < 0:
            return line
        at = stop
    return ""


def _at_line_start(situation: Situation, others: Sequence[DocumentSnapshot]) -> list[Found]:
    above = situation.previous[0]
    found: list[Found] = []
    for reach in _reaches(situation, others):
        for start in _occurrences(reach, above, _MOST_PER_SOURCE[reach.source]):
            place = _place_below(situation, reach, start, start + len(above))
            if place is not None:
                found.append(place)
    return found


def _place_below(situation: Situation, reach: _Reach, start: int, end: int) -> Found | None:
    """The line below the whole line from `start` to `end`, if it stands as deep as the cursor's and begins so."""
    text = reach.text
    begin = text.rfind("\n", max(0, start - MAX_LINE), start) + 1
    stop = text.find("\n", end, end + MAX_LINE)
    if stop < 0 or text[begin:start].strip() or text[end:stop].strip() or stop >= reach.end:
        return None
    gap, at = False, stop
    for _ in range(4):
        next_stop = text.find("\n", at + 1, at + MAX_LINE)
        line = text[at + 1 : next_stop if next_stop >= 0 else len(text)]
        if line.strip():
            break
        gap = True
        if next_stop < 0:
            return None
        at = next_stop
    else:
        return None
    said = line.strip()
    if len(line) > MAX_LINE or at + 1 >= reach.end or not said.startswith(situation.head) or said == situation.head:
        return None
    depth = indent_width(line[: len(line) - len(line.lstrip())]) - indent_width(text[begin:start])
    if not fits(situation, depth, gap):
        return None
    above = 1 + _lines_agreeing(text, begin, situation.previous[1:])
    after = at + 1 + len(line)
    return Found(
        said[len(situation.head) :],
        WHOLE_HEAD + LINE_LEVEL * above + (1 if gap == situation.gap else 0),
        reach.source,
        reach.path,
        -2 - at,
        whole_head=True,
        lines_above=above,
        distance=_distance(situation, reach, at + 1),
        follows=bool(situation.next_line) and _next_line(text, after) == situation.next_line,
        other_language=reach.other_language,
        likeness=_likeness(text, begin, situation),
    )


def fits(situation: Situation, depth: int, gap: bool) -> bool:
    """Whether a line `depth` columns deeper than the line above it may stand where the cursor is."""
    return situation.indent - situation.previous_indents[0] == depth and (gap or not situation.gap)
