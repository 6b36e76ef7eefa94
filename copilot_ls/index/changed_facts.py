"""The facts of a text that differs in one stretch from one with known facts: only what stands around it is parsed.

What is parsed are the declarations of the first column that the change touches, from one that follows a blank line to
another. Whether such a piece may stand for itself is not guessed by language: the old text's piece is parsed too, and
has to give what is known of it; else, and where most of the text would be parsed anyhow, the whole is. Fields that two
types of one name set in one file may be named twice. Pure, apart from
the grammars' being loaded; called by `open_file`.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from typing import TYPE_CHECKING, NamedTuple

from copilot_ls.index.facts import (
    MOST_DEFINITIONS,
    Facts,
    compressed,
    file_facts,
    pack_uses,
    unpack_references,
    used_names,
    uses,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from copilot_ls.index.facts import BaseRow, Declaration, ImportRow

# A piece is parsed twice, so that a larger share of the text would save nothing.
_LARGEST_SHARE = 0.4
# What stands above a declaration of the first column and belongs to it, in one language or another.
_ATTACHED = ("@", "[", "#", "/", "*", ")")


class Known(NamedTuple):
    """A text of which the facts are known, by its lines."""

    lines: Sequence[str]
    facts: Facts


class _Stretch(NamedTuple):
    """Lines `start` up to, not including, `end` of the known text, which are `end + shift` at their end in the new."""

    start: int
    end: int
    shift: int


class _Part(NamedTuple):
    """The facts of some lines; `uses` has for each name the kinds and lines of its uses."""

    definitions: list[Declaration]
    uses: dict[str, list[tuple[str, int]]]
    imports: list[ImportRow]
    bases: list[BaseRow]


def changed_facts(known: Known, lines: Sequence[str], language: str, family: str, path: str) -> Facts | None:
    """The facts of a text by its lines; None when it has to be parsed as a whole."""
    if not known.facts.references or len(known.facts.definitions) >= MOST_DEFINITIONS:
        return None
    stretch = _around(known, _changed(known.lines, lines))
    if stretch.end - stretch.start + max(stretch.shift, 0) > _LARGEST_SHARE * len(lines):
        return None

    def parsed(piece: Sequence[str]) -> _Part | None:
        facts = file_facts("\n".join([*piece, ""]), language, family, path)
        return _unpacked(facts) if facts.references else None

    whole = _unpacked(known.facts)
    old = parsed(known.lines[stretch.start : stretch.end])
    if old is None or _moved(old, 0, stretch.end, stretch.start) != _moved(whole, stretch.start, stretch.end, 0):
        return None
    new = parsed(lines[stretch.start : stretch.end + stretch.shift])
    if new is None:
        return None
    n_lines = len(known.lines) + 1
    return _joined(
        _moved(whole, 0, stretch.start, 0),
        _moved(new, 0, len(lines) + 1, stretch.start),
        _moved(whole, stretch.end, n_lines, stretch.shift),
    )


def _changed(old: Sequence[str], new: Sequence[str]) -> _Stretch:
    """The stretch between the lines at the beginning and at the end that both have."""
    most = min(len(old), len(new))
    start = next((at for at in range(most) if old[at] != new[at]), most)
    same = next((at for at in range(most - start) if old[-1 - at] != new[-1 - at]), most - start)
    return _Stretch(start, len(old) - same, len(new) - len(old))


def _around(known: Known, changed: _Stretch) -> _Stretch:
    """The change, widened to lines where declarations of the first column begin and nothing is open."""
    places = [0, *_beginnings(known), len(known.lines)]
    # One more on either side than the change touches: what is put in beside a declaration may be a part of it.
    first = max(bisect_right(places, changed.start) - 2, 0)
    last = min(bisect_left(places, changed.end) + 1, len(places) - 1)
    return _Stretch(places[first], places[last], changed.shift)


def _beginnings(known: Known) -> list[int]:
    found = []
    open_until = 0
    lines = known.lines
    for each in sorted(known.facts.definitions, key=lambda each: (each.line, -each.body_end)):
        if each.line >= max(open_until, 1) and not lines[each.line][:1].isspace() and not lines[each.line - 1].strip():
            above = next((line for line in reversed(lines[: each.line]) if line.strip()), "")
            if not above.startswith(_ATTACHED):
                found.append(each.line)
        open_until = max(open_until, each.body_end)
    return found


def _unpacked(facts: Facts) -> _Part:
    names = unpack_references(facts.references)
    return _Part(facts.definitions, {name: uses(packed) for name, packed in names.items()}, facts.imports, facts.bases)


def _moved(part: _Part, start: int, end: int, by: int) -> _Part:
    """What is between two lines, moved by so many."""
    found = {
        name: kept
        for name, places in part.uses.items()
        if (kept := [(kind, line + by) for kind, line in places if start <= line < end])
    }
    return _Part(
        [
            each._replace(line=each.line + by, end=each.end + by, body_end=each.body_end + by)
            for each in part.definitions
            if start <= each.line < end
        ],
        found,
        [each._replace(line=each.line + by) for each in part.imports if start <= each.line < end],
        [each._replace(line=each.line + by) for each in part.bases if start <= each.line < end],
    )


def _joined(*parts: _Part) -> Facts:
    together: dict[str, list[tuple[str, int]]] = {}
    for part in parts:
        for name, places in part.uses.items():
            together.setdefault(name, []).extend(places)
    packed = pack_uses(together)
    return Facts(
        [each for part in parts for each in part.definitions],
        compressed(packed),
        used_names(packed),
        [each for part in parts for each in part.imports],
        [each for part in parts for each in part.bases],
    )
