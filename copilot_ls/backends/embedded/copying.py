"""The copy engine: what followed the longest suffix of the text before the cursor, wherever that stands again.

Within a line the suffix is one of tokens (the last may be half a word), at its start one of whole lines. No index of the
open documents is kept: `str.find` reads some gigabytes a second, so that an edit costs nothing and a search less than a
millisecond. The workspace is asked through its line index. Called by `propose`; `evidence` weighs what is found.

A level is the number of agreeing tokens, two more when they are the whole line up to the cursor, and three more for each
agreeing line above that (as in BM25's older cousins, longest-suffix matchers, a long match says more than many short ones).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from copilot_ls.backends.embedded import lexing
from copilot_ls.backends.embedded.evidence import Found
from copilot_ls.backends.embedded.situation import indent_width

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from copilot_ls.backends.embedded.evidence import Source
    from copilot_ls.backends.embedded.situation import Situation
    from copilot_ls.backends.embedded.workspace import PatientIndex
    from copilot_ls.text import DocumentSnapshot

_MAX_SUFFIX_TOKENS = 10
# Places looked at per text and suffix length; a suffix with more of them is made longer.
_ENOUGH = 90
# With fewer places than this at a suffix length, the places of the next shorter one are taken too.
_FEW = 8
# Characters searched around the cursor, and in another open document.
_REACH = 1_500_000
_MAX_LINE = 400
_WHOLE_HEAD = 2
_LINE_LEVEL = 3
_MAX_LINES_ABOVE = 3
_INDEX_LIMIT = 24


class _Reach(NamedTuple):
    """A stretch of a text to search; `downwards` from its start, else upwards from its end."""

    text: str
    start: int
    end: int
    source: Source
    path: str
    downwards: bool
    other_language: bool


def places(situation: Situation, others: Sequence[DocumentSnapshot], index: PatientIndex) -> list[Found]:
    """Every place worth a vote, in no order that matters."""
    if situation.head:
        return _within_line(situation, others, index)
    return _at_line_start(situation, others, index) if situation.previous else []


def _reaches(situation: Situation, others: Sequence[DocumentSnapshot]) -> Iterator[_Reach]:
    text, here = situation.text, situation.path
    yield _Reach(text, max(0, situation.offset - _REACH), situation.offset, "above", here, False, False)
    yield _Reach(text, situation.end, min(len(text), situation.end + _REACH), "below", here, True, False)
    for document in others:
        other = document.text.text
        differs = document.language_id != situation.language_id
        yield _Reach(other, 0, min(len(other), _REACH), "open", document.path, True, differs)


def _occurrences(reach: _Reach, piece: str, limit: int) -> list[int]:
    """Where `piece` starts, nearest first, at most `limit` places; a piece that starts a word is found at words' starts only."""
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


def _within_line(situation: Situation, others: Sequence[DocumentSnapshot], index: PatientIndex) -> list[Found]:
    suffixes = lexing.token_suffixes(situation.head, _MAX_SUFFIX_TOKENS)
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
    taken = 0
    for depth, per_reach in reversed(chosen):
        size = len(suffixes[depth])
        for number, (reach, starts) in enumerate(zip(reaches, per_reach, strict=True)):
            for start in starts:
                if (number, start + size) not in seen:
                    seen.add((number, start + size))
                    place = _place_in_line(situation, reach, start + size, suffixes)
                    if place is not None:
                        found.append(place)
                        taken += 1
        if taken >= _FEW:
            break
    found += _from_index(situation, index, suffixes)
    return found


def _place_in_line(situation: Situation, reach: _Reach, at: int, suffixes: list[str]) -> Found | None:
    text = reach.text
    stop = text.find("\n", at, at + _MAX_LINE)
    if stop < 0:
        if len(text) > at + _MAX_LINE:
            return None
        stop = len(text)
    start = text.rfind("\n", max(0, at - _MAX_LINE), at) + 1
    left = text[start:at]
    continuation = text[at:stop]
    if not continuation.strip() or not _same_region(situation, left):
        return None
    depth = _agreement(left, suffixes)
    level = depth
    whole = left.lstrip() == situation.head
    above = 0
    if whole:
        above = _lines_agreeing(text, start, situation.previous)
        level += _WHOLE_HEAD + _LINE_LEVEL * above
    follows = bool(situation.next_line) and _next_line(text, stop) == situation.next_line
    number, distance = _where(situation, reach, start)
    return Found(
        continuation,
        level,
        reach.source,
        reach.path,
        number,
        whole_head=whole,
        lines_above=above,
        distance=distance,
        follows=follows,
        other_language=reach.other_language,
    )


def _where(situation: Situation, reach: _Reach, start: int) -> tuple[int, int]:
    """Line number of `start` for the open document (with its distance from the cursor); else -1, as counting costs."""
    if reach.source == "above":
        distance = reach.text.count("\n", start, situation.offset)
        return situation.line - distance, distance
    if reach.source == "below":
        distance = reach.text.count("\n", situation.end, start)
        return situation.line + distance, distance
    return -1, 0


def _agreement(left: str, suffixes: list[str]) -> int:
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


def _same_region(situation: Situation, left: str) -> bool:
    """Code learns from code, comments learn from comments and from prose that only their own marks would tell apart."""
    if situation.region == "code":
        return lexing.scan(left, situation.language_id).region != "comment"
    return True


def _lines_agreeing(text: str, start: int, previous: Sequence[str]) -> int:
    """How many non-blank lines above the line at `start` equal those above the cursor, up to `_MAX_LINES_ABOVE`."""
    agreeing = 0
    end = start - 1
    while agreeing < min(len(previous), _MAX_LINES_ABOVE) and end > 0:
        begin = text.rfind("\n", max(0, end - _MAX_LINE), end) + 1
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
        stop = text.find("\n", at + 1, at + _MAX_LINE)
        line = text[at + 1 : stop if stop >= 0 else at + _MAX_LINE].strip()
        if line or stop < 0:
            return line
        at = stop
    return ""


def _at_line_start(situation: Situation, others: Sequence[DocumentSnapshot], index: PatientIndex) -> list[Found]:
    above = situation.previous[0]
    found: list[Found] = []
    for reach in _reaches(situation, others):
        for start in _occurrences(reach, above, _ENOUGH):
            place = _place_below(situation, reach, start, start + len(above))
            if place is not None:
                found.append(place)
    if index.usable and len(above) > 1:
        second = situation.previous[1] if len(situation.previous) > 1 else None
        found += _following_in_index(situation, index, above, second)
    return found


def _place_below(situation: Situation, reach: _Reach, start: int, end: int) -> Found | None:
    """The line below the line that `start` to `end` is, if it is a whole line and its successor stands as deep as the cursor."""
    text = reach.text
    begin = text.rfind("\n", max(0, start - _MAX_LINE), start) + 1
    stop = text.find("\n", end, end + _MAX_LINE)
    if stop < 0 or text[begin:start].strip() or text[end:stop].strip() or stop >= reach.end:
        return None
    gap, at = False, stop
    for _ in range(4):
        next_stop = text.find("\n", at + 1, at + _MAX_LINE)
        line = text[at + 1 : next_stop if next_stop >= 0 else len(text)]
        if line.strip():
            break
        gap = True
        if next_stop < 0:
            return None
        at = next_stop
    else:
        return None
    if len(line) > _MAX_LINE or at + 1 >= reach.end:
        return None
    depth = indent_width(line[: len(line) - len(line.lstrip())]) - indent_width(text[begin:start])
    if not _fits(situation, depth, gap):
        return None
    above = 1 + _lines_agreeing(text, begin, situation.previous[1:])
    number, distance = _where(situation, reach, at + 1)
    after = at + 1 + len(line)
    return Found(
        line.strip(),
        _WHOLE_HEAD + _LINE_LEVEL * above + (1 if gap == situation.gap else 0),
        reach.source,
        reach.path,
        number,
        whole_head=True,
        lines_above=above,
        distance=distance,
        follows=bool(situation.next_line) and _next_line(text, after) == situation.next_line,
        other_language=reach.other_language,
    )


def _fits(situation: Situation, depth: int, gap: bool) -> bool:
    """Whether a line `depth` columns deeper than the line above it may stand where the cursor is."""
    return situation.indent - situation.previous_indents[0] == depth and (gap or not situation.gap)


def _following_in_index(situation: Situation, index: PatientIndex, above: str, second: str | None) -> Iterator[Found]:
    for hit in index.lines_following(above, limit=_INDEX_LIMIT, previous=second):
        if hit.path == situation.index_path:
            continue
        lines = list(hit.lines)
        first = next((at for at, line in enumerate(lines) if line.strip()), None)
        if first is None or len(lines[first]) > _MAX_LINE:
            continue
        line = lines[first]
        if not _fits(situation, indent_width(line[: len(line) - len(line.lstrip())]), first > 0):
            continue
        above_too = 2 if hit.matched_previous else 1
        following = next((line.strip() for line in lines[first + 1 :] if line.strip()), "")
        yield Found(
            line.strip(),
            _WHOLE_HEAD + _LINE_LEVEL * above_too + (1 if (first > 0) == situation.gap else 0),
            "workspace",
            hit.path,
            hit.line + 1 + first,
            whole_head=True,
            lines_above=above_too,
            follows=bool(situation.next_line) and following == situation.next_line,
        )


def _from_index(situation: Situation, index: PatientIndex, suffixes: list[str]) -> Iterator[Found]:
    """Places in the workspace: lines that start like this one, and lines with its last few tokens."""
    if not index.usable:
        return
    head = situation.head
    told: set[str] = set()
    if len(head.rstrip()) > 1:
        for hit in index.lines_starting_with(head, limit=_INDEX_LIMIT):
            if hit.path == situation.index_path and hit.count <= 1:
                continue
            told.add(hit.text)
            continuation = hit.text[len(head) :]
            if continuation.strip() and len(hit.text) <= _MAX_LINE:
                level = len(suffixes) + _WHOLE_HEAD
                yield Found(continuation, level, "workspace", hit.path, hit.line, whole_head=True, times=hit.count)
    piece = _telling_piece(head, suffixes)
    if not piece or len(told) >= _INDEX_LIMIT:
        return
    for hit in index.lines_containing(piece, limit=2 * _INDEX_LIMIT):
        if (hit.path == situation.index_path and hit.count <= 1) or hit.text in told or len(hit.text) > _MAX_LINE:
            continue
        at = hit.text.find(piece)
        while at >= 0:
            end = at + len(piece)
            left, continuation = hit.text[:end], hit.text[end:]
            depth = _agreement(left, suffixes)
            if depth and continuation.strip() and _same_region(situation, left):
                yield Found(continuation, depth, "workspace", hit.path, hit.line, times=hit.count)
            at = hit.text.find(piece, end)


def _telling_piece(head: str, suffixes: list[str]) -> str:
    """Return the shortest suffix of the line that tells something: two tokens at least unless the line has but one, three characters."""
    for suffix in suffixes[1:]:
        if len(suffix.strip()) >= 4 and any(map(lexing.is_word, suffix)):  # noqa: PLR2004 - `x = ` is everywhere
            return suffix
    only = suffixes[0]
    return only if len(suffixes) == 1 and len(only) > 2 and only != head else ""  # noqa: PLR2004 - the index wants three
