"""The copy engine's other half: what followed the same words in the saved files of the workspace.

Asked from the line index: two questions within a line, one at its start; each costs some milliseconds at most. Lines of
this very document are left out, as they are what the user has changed since. Levels are those of `copying`. Called by
`propose`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from copilot_ls.backends.embedded import lexing
from copilot_ls.backends.embedded.copying import (
    FEW_TOKENS,
    LINE_LEVEL,
    MAX_LINE,
    MAX_SUFFIX_TOKENS,
    WHOLE_HEAD,
    agreement,
    fits,
    same_region,
)
from copilot_ls.backends.embedded.evidence import Found
from copilot_ls.backends.embedded.situation import indent_width

if TYPE_CHECKING:
    from collections.abc import Iterator

    from copilot_ls.backends.embedded.situation import Situation
    from copilot_ls.backends.embedded.workspace import LineHit, PatientIndex

_INDEX_LIMIT = 24
# Letters that the words of a piece have together at least: `(self` is everywhere, and takes long to look up.
_TELLING = 6


def places(situation: Situation, index: PatientIndex) -> list[Found]:
    """Every place that the index knows of, at most a few dozen."""
    if not index.usable:
        return []
    suffixes = lexing.token_suffixes(situation.head, MAX_SUFFIX_TOKENS)
    found = list(_from_index(situation, index, suffixes)) if suffixes else []
    if len(suffixes) <= FEW_TOKENS and situation.previous and len(situation.previous[0]) > 1:
        known = {(place.path, place.at) for place in found}
        second = situation.previous[1] if len(situation.previous) > 1 else None
        below = _following_in_index(situation, index, situation.previous[0], second)
        found += [place for place in below if (place.path, place.at) not in known]
    return found


def _following_in_index(situation: Situation, index: PatientIndex, above: str, second: str | None) -> Iterator[Found]:
    for hit in index.lines_following(above, limit=_INDEX_LIMIT, previous=second):
        if hit.path == situation.index_path:
            continue
        lines = list(hit.lines)
        first = next((at for at, line in enumerate(lines) if line.strip()), None)
        if first is None or len(lines[first]) > MAX_LINE:
            continue
        line = lines[first]
        said = line.strip()
        if not said.startswith(situation.head) or said == situation.head:
            continue
        if not fits(situation, indent_width(line[: len(line) - len(line.lstrip())]), first > 0):
            continue
        above_too = 2 if hit.matched_previous else 1
        following = next((line.strip() for line in lines[first + 1 :] if line.strip()), "")
        yield Found(
            said[len(situation.head) :],
            WHOLE_HEAD + LINE_LEVEL * above_too + (1 if (first > 0) == situation.gap else 0),
            "workspace",
            hit.path,
            hit.line + 1 + first,
            whole_head=True,
            lines_above=above_too,
            follows=bool(situation.next_line) and following == situation.next_line,
        )


def _from_index(situation: Situation, index: PatientIndex, suffixes: list[str]) -> Iterator[Found]:
    """Places in the workspace: lines that start like this one, and lines with its last few tokens."""
    head = situation.head
    told: set[str] = set()
    if len(head.rstrip()) > 1:
        for hit in index.lines_starting_with(head, limit=_INDEX_LIMIT):
            if not _is_news(situation, hit):
                continue
            told.add(hit.text)
            continuation = hit.text[len(head) :]
            if continuation.strip():
                level = len(suffixes) + WHOLE_HEAD
                yield Found(continuation, level, "workspace", hit.path, hit.line, whole_head=True, times=hit.count)
    piece = _telling_piece(head, suffixes)
    if not piece or len(told) >= _INDEX_LIMIT:
        return
    for hit in index.lines_containing(piece, limit=_INDEX_LIMIT):
        if _is_news(situation, hit) and hit.text not in told:
            yield from _within(situation, hit, piece, suffixes)


def _is_news(situation: Situation, hit: LineHit) -> bool:
    """Whether a line is of other use than as what stands, or stood, in this very document."""
    return (hit.path != situation.index_path or hit.count > 1) and len(hit.text) <= MAX_LINE


def _within(situation: Situation, hit: LineHit, piece: str, suffixes: list[str]) -> Iterator[Found]:
    at = hit.text.find(piece)
    while at >= 0:
        end = at + len(piece)
        left, continuation = hit.text[:end], hit.text[end:]
        depth = agreement(left, suffixes)
        if depth and continuation.strip() and same_region(situation, left):
            yield Found(continuation, depth, "workspace", hit.path, hit.line, times=hit.count)
        at = hit.text.find(piece, end)


def _telling_piece(head: str, suffixes: list[str]) -> str:
    """Return the shortest suffix of the line that is worth asking for: more than one token, and words in it."""
    for suffix in suffixes[1:]:
        if sum(map(len, lexing.WORD.findall(suffix))) >= _TELLING:
            return suffix
    only = suffixes[0]
    return only if len(suffixes) == 1 and len(only) >= _TELLING and only != head else ""
