"""The alignment engine: what followed the same marks with other names, as far as they agree, in the names of here.

The text before the cursor is looked for as an outline, in which any name is a name and any number a number; where it
stands again, both texts are laid beside each other, and what follows there is told in the names of here (`name_parts`).
In `case "read_timeout":` some lines above and `case "write_timeout":` here, `srv.ReadTimeout = timeout` is
`srv.WriteTimeout = timeout`. Where `renaming` compares lines by their beginning or with the line above, this one
compares as much as agrees. Called by `propose`; `streams` makes the outlines.
"""

from __future__ import annotations

from bisect import bisect_right
from typing import TYPE_CHECKING, NamedTuple

from copilot_ls.backends.embedded import lexing, name_parts, streams
from copilot_ls.backends.embedded.evidence import Found

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from copilot_ls.backends.embedded.evidence import Source
    from copilot_ls.backends.embedded.situation import Situation

# Tokens that may agree, tried from the longest; a level for each length, that of the shortest first.
_LENGTHS = (40, 32, 26, 21, 17, 14, 11, 9, 7, 6, 5)
_LEAST_LEVEL = 3
# Lengths that are asked about first: where one does not stand, nothing longer than the other is looked for.
_PROBES = ((9, 7), (17, 14), (26, 21))
# Places after which nothing shorter is tried, and that are looked at of one length in one document.
_ENOUGH, _MOST = 10, 16
_LONGEST = 40


class _Outlined(NamedTuple):
    """A document's stretches in its own order, their outlines as one text, and where in that each begins."""

    stretches: list[streams.Stretch]
    outline: str
    starts: list[int]


class _Aligned(NamedTuple):
    """A place where the outline stands again: how many tokens agree, the stretch, and its token after them."""

    length: int
    document: _Outlined
    number: int
    at: int


def places(situation: Situation, where: Sequence[streams.Stretch]) -> list[Found]:
    """What follows where most agrees, in the names of here."""
    if situation.region == "comment" or not situation.previous:
        return []
    documents = _outlined(where)
    context = [token for _, token in _tokens_before(situation)][-_LENGTHS[0] - 1 :]
    found = _after(situation, documents, context, "")
    if situation.place == "in_word" and situation.partial:
        found += _after(situation, documents, context[:-1], context[-1])
    return found


def _tokens_before(situation: Situation) -> list[tuple[str, str]]:
    """The tokens before the cursor as a stream has them, those of the lines above first."""
    found: list[tuple[str, str]] = []
    lines = list(zip(situation.previous, situation.previous_indents, strict=True))[::-1]
    depth = lines[0][1]
    for line, indent in [*lines, (situation.head, situation.indent)]:
        found += [("", streams.line_end(depth, indent)), *streams.line_tokens(line)]
        depth = indent
    return found


def _outlined(where: Sequence[streams.Stretch]) -> list[_Outlined]:
    by_document: dict[tuple[Source, str], list[streams.Stretch]] = {}
    for stretch in where:
        by_document.setdefault((stretch.source, stretch.path), []).append(stretch)
    found: list[_Outlined] = []
    for (source, _), stretches in by_document.items():
        if source == "above":
            stretches.reverse()
        starts: list[int] = []
        n = 0
        for stretch in stretches:
            starts.append(n)
            n += len(stretch.chunk.outline)
        found.append(_Outlined(stretches, "".join([one.chunk.outline for one in stretches]), starts))
    return found


def _after(situation: Situation, documents: list[_Outlined], context: Sequence[str], partial: str) -> list[Found]:
    """What follows `context`, with `partial` as its beginning."""
    found = []
    outline = "".join(map(streams.outline_of, context))
    for place in _aligned(documents, outline):
        tokens = place.document.stretches[place.number].chunk.tokens
        stop = next((at for at in range(place.at, len(tokens)) if tokens[at][0] == "\n"), len(tokens))
        if not 0 < stop - place.at <= _LONGEST:
            continue
        renaming = _names_between(_before(place), context[-place.length :], outline[-place.length :])
        if renaming is not None:
            text = _told(situation, place, stop, renaming, partial)
            if text:
                found.append(_found(situation, text, place, renaming))
    return found


def _aligned(documents: list[_Outlined], outline: str) -> Iterator[_Aligned]:
    """Places where the outline's end stands, those first where more of it does, the nearest of each document first."""
    told: set[tuple[int, int]] = set()
    longest = [_longest(document, outline) for document in documents]
    for length in _LENGTHS:
        if length > len(outline):
            continue
        if len(told) >= _ENOUGH:
            return
        end = outline[-length:]
        for number, document in enumerate(documents):
            if length > longest[number]:
                continue
            for at in _occurrences(document, end):
                if (number, at) not in told:
                    told.add((number, at))
                    place = bisect_right(document.starts, at) - 1
                    yield _Aligned(length, document, place, at - document.starts[place])


def _longest(document: _Outlined, outline: str) -> int:
    for length, shorter in _PROBES:
        if length > len(outline) or outline[-length:] not in document.outline:
            return shorter
    return _LENGTHS[0]


def _occurrences(document: _Outlined, end: str) -> Iterator[int]:
    """Where `end` ends in a document, the nearest to the cursor first."""
    outline, size = document.outline, len(end)
    start, stop = 0, len(outline)
    upwards = document.stretches[0].source == "above"
    for _ in range(_MOST):
        at = outline.rfind(end, 0, stop) if upwards else outline.find(end, start)
        if at < 0:
            return
        start, stop = at + 1, at + size - 1
        yield at + size


def _before(place: _Aligned) -> list[str]:
    """The tokens that agree, in the order of the text."""
    number = place.number
    stretches = place.document.stretches
    tokens = stretches[number].chunk.tokens[max(0, place.at - place.length) : place.at]
    while len(tokens) < place.length and number:
        number -= 1
        tokens = stretches[number].chunk.tokens[len(tokens) - place.length :] + tokens
    return tokens


def _names_between(theirs: Sequence[str], ours: Sequence[str], outline: str) -> dict[str, str] | None:
    """What the names and numbers of there are here, both of one outline; None where one would have to be two."""
    renaming: dict[str, str] = {}
    for one, other, kind in zip(theirs, ours, outline, strict=False):
        if kind in streams.NAMED and renaming.setdefault(one, other) != other:
            return None
    return renaming


def _told(situation: Situation, place: _Aligned, stop: int, renaming: dict[str, str], partial: str) -> str:
    """The rest of the line there in the names of here; empty where it does not begin as it must."""
    chunk = place.document.stretches[place.number].chunk
    spaces = chunk.spaces
    changes = [
        change
        for one, other in renaming.items()
        if one != other and (change := name_parts.part_change(one, other)) is not None
    ]
    pieces: list[str] = []
    for at in range(place.at, stop):
        token = chunk.tokens[at]
        kind = chunk.outline[at]
        if kind in streams.NAMED:
            renamed = renaming.get(token)
            if renamed is None:
                renamed = name_parts.with_changes(token, changes) if changes and kind == streams.NAME else token
            token = renamed
        pieces += spaces[at], token
    first = pieces[1]
    if partial:
        pieces[:2] = ["", first[len(partial) :] if first.startswith(partial) else ""]
        return "".join(pieces) if pieces[1] else ""
    if situation.place in {"line_start", "after_space"}:
        if situation.head and not pieces[0]:
            return ""
        pieces[0] = ""
    elif situation.place == "in_word" and not pieces[0] and lexing.is_word(first[0]):
        return ""
    return "".join(pieces)


def _found(situation: Situation, text: str, place: _Aligned, renaming: dict[str, str]) -> Found:
    stretch = place.document.stretches[place.number]
    line = stretch.first_line + stretch.chunk.line_of(place.at)
    same = sum(one == other for one, other in renaming.items())
    return Found(
        text,
        _LEAST_LEVEL + sum(length < place.length for length in _LENGTHS),
        stretch.source,
        stretch.path,
        line,
        distance=abs(situation.line - line) if stretch.source != "open" else 0,
        engine="alignment",
        likeness=same / len(renaming) if renaming else 1.0,
    )
