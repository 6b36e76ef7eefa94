"""Finds secrets in text, quickly where most of the text was looked at a keystroke ago.

Lines that are new are put together; of these, only those are searched that have a long run of letters and digits or a
telling word. What was found is remembered by line. Secrets of several lines are looked for in the whole. What one looks
like stands in `formats`, `assignments` and `blocks`. Not for use by several threads at once.
"""

from __future__ import annotations

from bisect import bisect_right
from typing import TYPE_CHECKING, NamedTuple

from copilot_ls.prompt.redaction.assignments import STEMS, assignments
from copilot_ls.prompt.redaction.blocks import blocks, key_lines
from copilot_ls.prompt.redaction.formats import BEGINNINGS, FORMATS

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

# Runs of these signs, so long and with a digit among them or a known beginning, may be a token. The shortest that is
# looked for has sixteen.
_RUN = 16
_RUN_OF_KEY_LINE = 64
_TOKEN_SIGNS = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-+/.%~"
_AS_RUNS = bytes(ord("a") if sign in _TOKEN_SIGNS else ord(" ") for sign in range(256))
_AS_DIGITS = bytes(ord("0") if sign in b"0123456789" else ord(" ") for sign in range(256))
# Lines of some 40 characters: a few megabytes. Beyond, all are forgotten, and looked at again when they come again.
_MOST_LINES = 20_000


class Secret(NamedTuple):
    """Where a secret stands, in code points, and what it is."""

    start: int
    end: int
    kind: str


class SecretFinder:
    """Finds secrets, and remembers which lines have none."""

    def __init__(self) -> None:
        self._known: dict[str, tuple[Secret, ...]] = {}

    def find(self, text: str) -> list[Secret]:
        """All secrets in `text`, in order, none within another."""
        if len(text) < 6:  # noqa: PLR2004 - nothing that short is a secret
            return []
        lines = text.split("\n")
        if len(self._known) + len(lines) > _MOST_LINES:
            self._known.clear()
        self._learn([line for line in dict.fromkeys(lines) if line not in self._known])
        found = [Secret(*each) for each in blocks(text)]
        if b"a" * _RUN_OF_KEY_LINE in _runs(text):
            found += [Secret(*each) for each in key_lines(text)]
        known = self._known
        of_lines = list(map(known.__getitem__, lines))
        if not any(of_lines):  # as nearly always
            return _without_overlap(found) if found else []
        offset = 0
        for line, of_line in zip(lines, of_lines, strict=True):
            if of_line:
                found += [Secret(offset + start, offset + end, kind) for start, end, kind in of_line]
            offset += len(line) + 1
        return _without_overlap(found)

    def _learn(self, lines: Sequence[str]) -> None:
        starts = [0]
        for line in lines:
            self._known[line] = ()
            starts.append(starts[-1] + len(line) + 1)
        text = "\n".join(lines)
        suspects = [lines[number] for number in sorted({bisect_right(starts, at) - 1 for at in _suspicious(text)})]
        if not suspects:
            return
        starts = [0]
        for line in suspects:
            starts.append(starts[-1] + len(line) + 1)
        by_line: dict[str, list[Secret]] = {}
        for start, end, kind in _search("\n".join(suspects)):
            number = bisect_right(starts, start) - 1
            at = starts[number]
            by_line.setdefault(suspects[number], []).append(Secret(start - at, end - at, kind))
        self._known.update((line, tuple(_without_overlap(found))) for line, found in by_line.items())


def _suspicious(text: str) -> Iterable[int]:
    """Places in lines that may hold a secret."""
    runs = _runs(text)
    digits = text.encode("ascii", "replace").translate(_AS_DIGITS)
    run = b"a" * _RUN
    at = runs.find(run)
    while at >= 0:
        end = runs.find(b" ", at)
        end = end if end >= 0 else len(runs)
        if digits.find(b"0", at, end) >= 0 or text[at : at + 3] in BEGINNINGS:
            yield at
        at = runs.find(run, end)
    lower = text.lower()
    if len(lower) != len(text):  # a few letters become two: then no place is right, and each line is looked at
        yield 0
        yield from (at + 1 for at, sign in enumerate(text) if sign == "\n")
    else:
        for stem in STEMS:
            yield from _places(lower, stem)
    yield from _places(text, "://")


def _places(text: str, piece: str) -> Iterator[int]:
    at = text.find(piece)
    while at >= 0:
        yield at
        at = text.find(piece, at + len(piece))


def _search(text: str) -> list[Secret]:
    """All that the lines of `text` hold, those first that say more about what they are."""
    found = [Secret(*span, each.name) for each in FORMATS for span in each.matches(text)]
    return found + [Secret(*each) for each in assignments(text)]


def _runs(text: str) -> bytes:
    """One byte for each code point of `text`: a letter for what tokens are made of, a blank for the rest."""
    return text.encode("ascii", "replace").translate(_AS_RUNS)


def _without_overlap(found: Iterable[Secret]) -> list[Secret]:
    """Of what overlaps, what was found first; in the order of the text."""
    kept: list[Secret] = []
    for each in found:
        if each.start < each.end and all(each.end <= other.start or other.end <= each.start for other in kept):
            kept.append(each)
    return sorted(kept)
