"""What stands below lines like the proposed one: the evidence of `blocks`.

Lines that are equal to the proposed line are looked for in the open documents and in the workspace, lines of its shape
near the cursor in the open documents alone. Below the latter stands what is said here with other names: the
renaming that makes the proposed line of the line there is carried on with. Called by `blocks`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from copilot_ls.backends.embedded import shapes

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from copilot_ls.backends.embedded.evidence import Source
    from copilot_ls.backends.embedded.situation import Situation
    from copilot_ls.backends.embedded.streams import Stretch
    from copilot_ls.backends.embedded.workspace import PatientIndex
    from copilot_ls.text import DocumentSnapshot

# Places looked into: of equal lines in the open documents and in the workspace, of lines of one shape.
_MOST_EQUAL, _INDEX_LIMIT, _MOST_ALIKE = 24, 12, 12
_MOST_ALIKE_LOOKED_AT = 60
# A shape of fewer tokens says nothing: `x = y`, `return x`.
_LEAST_SHAPE = 4
_LONGEST_LINE = 200
_MAX_BLANK = 1
_MOST_ABOVE = 4


class Below(NamedTuple):
    """The lines below one place, in its scope, without the indentation of the line at that place.

    `at` is the line number of the place, zero-based, or `- 1 - offset` where only the offset is known. `agreeing`
    counts the lines above it that are those above the cursor, `alike` those that have at least their shape. `distance`
    is in lines, in the document of the cursor. `renaming` is what leads from that place to the cursor, empty where the
    line is the same.
    """

    lines: list[str]
    source: Source
    path: str
    at: int
    agreeing: int
    alike: int
    distance: int
    renaming: Mapping[str, str]


def below(
    situation: Situation,
    line: str,
    others: Sequence[DocumentSnapshot],
    where: Sequence[Stretch],
    index: PatientIndex,
    n_lines: int,
) -> Iterator[Below]:
    """Every place of `line`, which is stripped, and of lines of its shape; each with at most `n_lines` lines."""
    texts = [(situation.text, "")]
    texts += [(other.text.text, other.path) for other in others if other.language_id == situation.language_id]
    yield from _equal(situation, line, texts, n_lines)
    above = situation.previous[0] if situation.previous else None
    for hit in index.lines_following(line, limit=_INDEX_LIMIT, previous=above):
        if hit.path != situation.index_path:
            lines = _dedented(hit.lines[:n_lines], "")
            yield Below(
                lines, "workspace", hit.path, hit.line, int(hit.matched_previous), int(hit.matched_previous), 1_000, {}
            )
    yield from _alike(situation, line, where, n_lines)


def _equal(situation: Situation, line: str, texts: Sequence[tuple[str, str]], n_lines: int) -> Iterator[Below]:
    left = _MOST_EQUAL
    for text, path in texts:
        at = text.find(line)
        while at >= 0 and left:
            left -= 1
            begin, stop = text.rfind("\n", 0, at) + 1, text.find("\n", at)
            if stop < 0:
                break
            own = not path and situation.offset <= begin <= situation.end
            if not own and text[begin:stop].strip() == line:
                end = situation.offset if not path and begin < situation.offset else len(text)
                lines = text[stop + 1 : min(end, stop + 1 + n_lines * _LONGEST_LINE)].split("\n")
                agreeing, alike = _above(text[max(0, begin - 6 * _LONGEST_LINE) : begin].split("\n"), situation)
                source: Source = "open" if path else "above" if begin < situation.offset else "below"
                distance = 1_000 if path else text.count("\n", *sorted((begin, situation.offset)))
                yield Below(
                    _dedented(lines[:n_lines], text[begin:at]),
                    source,
                    path or situation.path,
                    -1 - begin,
                    agreeing,
                    alike,
                    distance,
                    {},
                )
            at = text.find(line, stop)


def _alike(situation: Situation, line: str, where: Sequence[Stretch], n_lines: int) -> Iterator[Below]:
    ours, our_shape = shapes.pieces(line), shapes.shape(line)
    if len(our_shape) < _LEAST_SHAPE:
        return
    found = looked_at = 0
    for stretch in where:
        lines = stretch.chunk.lines
        numbers = stretch.chunk.first_kinds.get(our_shape[:2], ())
        for number in reversed(numbers) if stretch.source == "above" else numbers:
            looked_at += 1
            if looked_at > _MOST_ALIKE_LOOKED_AT or found >= _MOST_ALIKE:
                return
            other = lines[number].strip()
            if other == line or shapes.shape(other) != our_shape:
                continue
            renaming = shapes.names_between(shapes.pieces(other), ours)
            if renaming is None:
                continue
            raw = lines[number]
            following = _dedented(
                [each.rstrip("\n") for each in lines[number + 1 : number + 1 + n_lines]],
                raw[: len(raw) - len(raw.lstrip())],
            )
            if not following:
                continue
            found += 1
            agreeing, alike = _above(lines[max(0, number - 2 * _MOST_ABOVE) : number], situation)
            distance = 1_000 if stretch.source == "open" else abs(situation.line - stretch.first_line - number)
            renamed = [shapes.renamed(each, renaming)[0] for each in following]
            at = stretch.first_line + number
            yield Below(renamed, stretch.source, stretch.path, at, agreeing, alike, distance, renaming)


def _above(lines: Sequence[str], situation: Situation) -> tuple[int, int]:
    """How many lines above a place are those above the cursor, and how many more of their shape."""
    above = [line.strip() for line in lines if line.strip()]
    agreeing = alike = 0
    for one, other in zip(reversed(above), situation.previous[:_MOST_ABOVE], strict=False):
        if one == other and agreeing == alike:
            agreeing += 1
        elif shapes.shape(one) != shapes.shape(other):
            break
        alike += 1
    return agreeing, alike


def _dedented(lines: Sequence[str], indent: str) -> list[str]:
    """Lines without `indent`, as long as they are in its scope."""
    kept: list[str] = []
    blank = 0
    for raw in lines:
        line = raw.rstrip()
        blank = 0 if line else blank + 1
        if blank > _MAX_BLANK or len(line) > _LONGEST_LINE or (line and not line.startswith(indent)):
            break
        kept.append(line[len(indent) :])
    return kept
