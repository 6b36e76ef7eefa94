"""Whole blocks: the lines that follow a proposed line wherever it stands, as far as several places agree.

A line that was proposed may be the first of a block that the workspace holds more than once, or that was being copied
line by line already. Lines are added while most places agree on the next one, not past the end of the cursor's scope,
indented as here. Called by `propose`, when more than a line is wanted.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from copilot_ls.backends.embedded import lexing

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from copilot_ls.backends.embedded.situation import Situation
    from copilot_ls.backends.embedded.workspace import PatientIndex
    from copilot_ls.text import DocumentSnapshot

# A place whose lines above the proposed one agree with those above the cursor in at least this many lines counts as
# two.
_COPYING_LINES = 2
_MIN_VOTES = 2
_MIN_AGREEMENT = 0.8
_MOST_PLACES = 24
_INDEX_LIMIT = 12
_LONGEST_LINE = 200
_MAX_BLANK = 1


class Block(NamedTuple):
    """A proposed text of several lines, and the share of the places that agree on all of them."""

    text: str
    agreement: float


class _Below(NamedTuple):
    """The lines below one place, without the indentation of the line at that place, and how much the place counts."""

    lines: list[str]
    votes: int


def extend(
    situation: Situation,
    text: str,
    others: Sequence[DocumentSnapshot],
    index: PatientIndex,
    *,
    max_lines: int,
) -> Block | None:
    """Return `text` with the lines that follow it elsewhere; None where it is no whole line, or nothing agrees.

    `max_lines` counts the line of the cursor, too.
    """
    line = (situation.head + text).strip()
    if situation.tail.strip() or situation.region != "code" or len(line) < 4 or line == situation.next_line:  # noqa: PLR2004 - a bracket
        return None
    places = [*_in_texts(situation, line, others, max_lines), *_in_index(situation, line, index, max_lines)]
    total = sum(place.votes for place in places)
    if total < _MIN_VOTES:
        return None
    agreed, agreement = _agreed(places, max_lines - 1)
    agreed = _fitting(agreed, situation, text)
    if not agreed:
        return None
    added = [situation.indent_text + line if line else "" for line in agreed]
    return Block("\n".join([text, *added]), agreement)


def _agreed(places: list[_Below], limit: int) -> tuple[list[str], float]:
    """Take lines while enough of the places that agreed so far agree on the next; and the share that stayed."""
    total = sum(place.votes for place in places)
    remaining = places
    lines: list[str] = []
    agreement = 1.0
    while len(lines) < limit:
        votes: dict[str, int] = {}
        for place in remaining:
            if len(place.lines) > len(lines):
                line = place.lines[len(lines)]
                votes[line] = votes.get(line, 0) + place.votes
        if not votes:
            break
        best = max(votes, key=lambda line: (votes[line], line))
        if votes[best] < _MIN_VOTES or votes[best] < _MIN_AGREEMENT * sum(place.votes for place in remaining):
            break
        remaining = [place for place in remaining if len(place.lines) > len(lines) and place.lines[len(lines)] == best]
        agreement = votes[best] / total
        lines.append(best)
    return lines, agreement


def _fitting(lines: list[str], situation: Situation, text: str) -> list[str]:
    """The beginning of `lines` that closes only what is open, repeats nothing that follows, and holds no secret."""
    stack = lexing.open_brackets(lexing.scan(text, situation.language_id).code, situation.brackets)
    kept: list[str] = []
    for line in lines:
        stripped = line.strip()
        code = lexing.scan(line, situation.language_id).code
        if lexing.balanced_end(code, stack, "") < len(code):
            break
        if stripped and (stripped == situation.next_line or lexing.looks_secret(stripped)):
            break
        stack = lexing.open_brackets(code, stack)
        kept.append(line)
    while kept and not kept[-1].strip():
        kept.pop()
    return kept


def _in_texts(situation: Situation, line: str, others: Sequence[DocumentSnapshot], max_lines: int) -> Iterator[_Below]:
    texts = [(situation.text, situation.offset, situation.end)]
    texts += [(other.text.text, -1, -1) for other in others if other.language_id == situation.language_id]
    left = _MOST_PLACES
    for text, own_start, own_end in texts:
        at = text.find(line)
        while at >= 0 and left:
            left -= 1
            begin, stop = text.rfind("\n", 0, at) + 1, text.find("\n", at)
            if stop < 0:
                break
            own = own_start <= begin <= own_end
            if not own and text[begin:stop].strip() == line:
                indent = text[begin:at]
                end = own_start if begin < own_start else len(text)
                below = _dedented(text[stop + 1 : min(end, stop + 1 + max_lines * _LONGEST_LINE)], indent, max_lines)
                yield _Below(below, 2 if _copied_above(text, begin, situation) >= _COPYING_LINES else 1)
            at = text.find(line, stop)


def _copied_above(text: str, begin: int, situation: Situation) -> int:
    above = [line.strip() for line in text[max(0, begin - 4 * _LONGEST_LINE) : begin].split("\n") if line.strip()]
    agreeing = 0
    for one, other in zip(reversed(above), situation.previous, strict=False):
        if one != other:
            break
        agreeing += 1
    return agreeing


def _dedented(text: str, indent: str, max_lines: int) -> list[str]:
    """Lines without `indent`, as long as they are in its scope."""
    lines: list[str] = []
    blank = 0
    for raw in text.split("\n")[:max_lines]:
        line = raw.rstrip()
        blank = 0 if line else blank + 1
        if blank > _MAX_BLANK or len(line) > _LONGEST_LINE or (line and not line.startswith(indent)):
            break
        lines.append(line[len(indent) :])
    return lines


def _in_index(situation: Situation, line: str, index: PatientIndex, max_lines: int) -> Iterator[_Below]:
    above = situation.previous[0] if situation.previous else None
    for hit in index.lines_following(line, limit=_INDEX_LIMIT, previous=above):
        if hit.path != situation.index_path:
            yield _Below(_dedented("\n".join(hit.lines), "", max_lines), 1)
