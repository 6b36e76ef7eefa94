"""Lines of source in sorted runs: each distinct line once, with all places where it stands, in pages.

A run is made at one go of many files and never changed: what one file adds becomes a small run of its own, and small
runs are merged into larger ones, as log-structured merge trees do (O'Neil et al., "The log-structured merge-tree",
1996). Making one costs a fifth of what a row per line and per place did. Places of files that are gone stay until the
run is merged; readers leave them out, since no file's id is given twice. Pure; called by `store.line_tables`, which
keeps the pages, and `line_lookup`, which reads them.
"""

from __future__ import annotations

import heapq
import zlib
from array import array
from bisect import bisect_left
from collections import defaultdict
from itertools import accumulate, chain, groupby, islice
from operator import itemgetter
from typing import TYPE_CHECKING, NamedTuple

from copilot_ls.index.digest import is_kept
from copilot_ls.index.schema import CHUNK_BITS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

PAGE_LINES = 128

# A line, its places and what stands above it at each: see `Page`.
Entry = tuple[str, "Sequence[int]", "Sequence[int]"]
# The same, places and what stands above them by turns.
_Row = tuple[str, list[int]]


class PackedPage(NamedTuple):
    """A page as it is stored: its first line, the most places that one of its lines has, and what `Page` holds.

    `repeated` are its lines that have several places, with their number.
    """

    first: str
    top: int
    texts: str
    starts: bytes
    places: bytes
    previous: bytes
    repeated: list[tuple[int, str]]


class Page(NamedTuple):
    """Consecutive lines of a run.

    The places of line `n` are `places[starts[n]:starts[n + 1]]`: a file's id shifted by `CHUNK_BITS`, plus the line's
    number. `previous` has for each place the `mark` of the line above it.
    """

    texts: list[str]
    starts: array[int]
    places: array[int]
    previous: array[int]

    def find(self, text: str) -> int:
        """The number of a line within the page, -1 when it is not there."""
        at = bisect_left(self.texts, text)
        return at if at < len(self.texts) and self.texts[at] == text else -1

    def entries(self) -> Iterator[Entry]:
        """Its lines one by one."""
        for text, start, end in zip(self.texts, self.starts, self.starts[1:], strict=False):
            yield text, self.places[start:end], self.previous[start:end]


def mark(text: str) -> int:
    """32 bits that stand for the line above another one; 0 where there was none, or none that is kept."""
    return zlib.crc32(text.encode()) if text else 0


def made_pages(files: Iterable[tuple[int, Iterable[str]]]) -> Iterator[PackedPage]:
    """The pages of a run of files, by their ids, of their lines. The line above one is the last one that is not blank.

    Lines that `digest.line_key` leaves out have no place.
    """
    yield from _pages(_made_rows(files))


def _made_rows(files: Iterable[tuple[int, Iterable[str]]]) -> Iterator[_Row]:
    # By their first characters: what is looked up and sorted at a time then lies within a processor's cache, which
    # takes two thirds of the time that all at once would.
    parts: defaultdict[str, list[tuple[str, int, int]]] = defaultdict(list)
    for file, lines in files:
        above = 0
        for at, key in enumerate(map(str.strip, lines), file << CHUNK_BITS):
            if not key:
                continue
            if is_kept(key):
                parts[key[0]].append((key, at, above))
                above = zlib.crc32(key.encode())
            else:
                above = 0
    for first in sorted(parts):
        known: dict[str, list[int]] = {}
        for key, at, above in parts.pop(first):
            found = known.get(key)
            if found is None:
                known[key] = [at, above]
            else:
                found += (at, above)
        yield from [(key, known[key]) for key in sorted(known)]


def merged_pages(runs: Sequence[Iterable[Page]], is_alive: Callable[[int], bool]) -> Iterator[PackedPage]:
    """The pages of the run that has what several have, without places in files that are gone."""
    yield from _pages(_merged_rows(runs, is_alive))


def _merged_rows(runs: Sequence[Iterable[Page]], is_alive: Callable[[int], bool]) -> Iterator[_Row]:
    lines = (chain.from_iterable(page.entries() for page in run) for run in runs)
    for text, same in groupby(heapq.merge(*lines, key=itemgetter(0)), key=itemgetter(0)):
        kept: list[int] = []
        for _, found, above in same:
            for pair in zip(found, above, strict=True):
                if is_alive(pair[0] >> CHUNK_BITS):
                    kept += pair
        if kept:
            yield text, kept


def _pages(rows: Iterator[_Row]) -> Iterator[PackedPage]:
    while page := list(islice(rows, PAGE_LINES)):
        texts = [text for text, _ in page]
        lengths = [len(places) // 2 for _, places in page]
        flat = list(chain.from_iterable([places for _, places in page]))
        yield PackedPage(
            texts[0],
            max(lengths),
            "\n".join(texts),
            array("I", accumulate(lengths, initial=0)).tobytes(),
            array("Q", flat[::2]).tobytes(),
            array("I", flat[1::2]).tobytes(),
            [each for each in zip(lengths, texts, strict=True) if each[0] > 1],
        )


def unpacked(texts: str, starts: bytes, places: bytes, previous: bytes) -> Page:
    """A page out of what is stored of it; raises `ValueError` for what is no page."""
    page = Page(texts.split("\n"), array("I"), array("Q"), array("I"))
    page.starts.frombytes(starts)
    page.places.frombytes(places)
    page.previous.frombytes(previous)
    if not len(page.texts) + 1 == len(page.starts) or not page.starts[-1] == len(page.places) == len(page.previous):
        raise ValueError("a page of lines is damaged")
    return page
