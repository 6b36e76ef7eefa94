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
from itertools import accumulate, chain, groupby
from operator import itemgetter
from typing import TYPE_CHECKING, NamedTuple

from copilot_ls.index.schema import CHUNK_BITS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

PAGE_LINES = 128

# For each line of a file what `digest.line_keys` makes of it.
Keys = list[str | None]
# A line, its places and what stands above it at each: see `Page`.
Entry = tuple[str, "Sequence[int]", "Sequence[int]"]


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


def made_pages(files: Iterable[tuple[int, Keys]]) -> Iterator[PackedPage]:
    """The pages of a run of files, by their ids. The line above one is the last one that is not blank."""
    # For each line its mark, then a place and the mark above it, by turns: to look the marks up afterwards would take
    # longer than all the rest, as each would be somewhere else in memory.
    known: dict[str, list[int]] = {}
    for file, keys in files:
        above = 0
        for at, key in enumerate(keys, file << CHUNK_BITS):
            if key:
                found = known.get(key)
                if found is None:
                    found = known[key] = [zlib.crc32(key.encode())]
                found += (at, above)
                above = found[0]
            elif key is not None:
                above = 0
    texts = sorted(known)
    for start in range(0, len(texts), PAGE_LINES):
        page = texts[start : start + PAGE_LINES]
        rows = [known[text] for text in page]
        previous = array("I", chain.from_iterable([row[2::2] for row in rows]))
        yield _packed(page, [row[1::2] for row in rows], previous)


def merged_pages(runs: Sequence[Iterable[Page]], is_alive: Callable[[int], bool]) -> Iterator[PackedPage]:
    """The pages of the run that has what several have, without places in files that are gone."""
    lines = (chain.from_iterable(page.entries() for page in run) for run in runs)
    texts: list[str] = []
    places: list[Sequence[int]] = []
    previous = array("I")
    for text, same in groupby(heapq.merge(*lines, key=itemgetter(0)), key=itemgetter(0)):
        kept = [
            pair
            for _, found, above in same
            for pair in zip(found, above, strict=True)
            if is_alive(pair[0] >> CHUNK_BITS)
        ]
        if not kept:
            continue
        texts.append(text)
        places.append([place for place, _ in kept])
        previous.extend([above for _, above in kept])
        if len(texts) == PAGE_LINES:
            yield _packed(texts, places, previous)
            texts, places, previous = [], [], array("I")
    if texts:
        yield _packed(texts, places, previous)


def _packed(texts: list[str], places: Sequence[Sequence[int]], previous: array[int]) -> PackedPage:
    lengths = list(map(len, places))
    return PackedPage(
        texts[0],
        max(lengths),
        "\n".join(texts),
        array("I", accumulate(lengths, initial=0)).tobytes(),
        array("Q", chain.from_iterable(places)).tobytes(),
        previous.tobytes(),
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
