"""Questions about lines: which begin like this, which hold this, and what stands below this one.

Answers come from the runs of lines (`line_pages`), and for pieces of lines from the words of chunks. Lines are as they
were saved: whoever asks for them has the open files. The base of `lookup.WorkspaceIndex`, through which it is used;
bounded in time as described there.
"""

from __future__ import annotations

import heapq
from bisect import bisect_left
from collections import Counter, deque
from typing import TYPE_CHECKING, NamedTuple

from copilot_ls.index import schema
from copilot_ls.index.digest import CHUNK_LINES, line_key
from copilot_ls.index.full_text import line_query, piece_query
from copilot_ls.index.hits import FollowHit, LineHit
from copilot_ls.index.line_pages import Page, mark, unpacked
from copilot_ls.index.store.reading import IndexReader

if TYPE_CHECKING:
    from collections.abc import Iterator

_LONGEST_ANSWER = 2_000
# Pages of a hundred lines that stay unpacked: some megabytes.
_KEPT_PAGES = 200
# Of those, of each run, the ones that a line is looked for in before the database is asked where it is.
_LATEST_PAGES = 4
# After this many pages it is looked whether the rest can be left alone.
_LOOK_EVERY = 8
# Chunks that are looked through for lines with a piece, which then stand for all; more of them when none has it.
_ENOUGH_CHUNKS = 150
_MOST_CHUNKS = 600
_REPEATED = (
    "SELECT r.text FROM repeated_words JOIN repeated r ON r.id = repeated_words.rowid "
    "WHERE repeated_words MATCH ? AND instr(r.text, ?) ORDER BY repeated_words.rowid LIMIT ?"
)
_IN_FILE = (1 << schema.CHUNK_BITS) - 1
_LAST = "\U0010ffff"


class _Known(NamedTuple):
    """One line as a run has it: its places, those in files that are gone left out, and the marks above them."""

    places: list[int]
    previous: list[int]


class LineReader(IndexReader):
    """The reading end's part for lines."""

    _pages_of: object = None
    _pages: dict[int, Page]
    # By run, the pages that lines were looked for in last. A run never changes, and its number is given once.
    _latest_pages: dict[int, deque[Page]]

    def lines_starting_with(self, prefix: str, *, limit: int) -> list[LineHit]:
        """Lines that begin with `prefix` (white space in front of it is ignored), most frequent first."""
        wanted = prefix.lstrip()
        limit = min(limit, _LONGEST_ANSWER)
        if not wanted or limit <= 0:
            return []
        with self._question("lines_starting_with"):
            counts: Counter[str] = Counter()
            for number, (top, page, has_gone) in enumerate(self._pages_between(wanted)):
                # Pages come in order of their most frequent line: what is left has nothing better, unless several runs
                # have it.
                if number % _LOOK_EVERY == 0 and (self._is_late() or _nth_best(counts, limit) >= max(2 * top - 2, 1)):
                    break
                self._count(counts, page, wanted, has_gone=has_gone)
            best = heapq.nsmallest(limit, counts.items(), key=lambda each: (-each[1], each[0]))
            return self._line_hits([text for text, _ in best])
        return []

    def lines_containing(self, piece: str, *, limit: int) -> list[LineHit]:
        """Lines that hold `piece`, which must begin where a word begins; roughly the most frequent first.

        Lines that are repeated come first: their words are looked up, the last one as the beginning of a word. Then
        lines of the chunks that have all words. Both are compared with `piece` itself. Pieces without a word find
        nothing.
        """
        wanted = piece.strip()
        limit = min(limit, _LONGEST_ANSWER)
        repeated, any_lines = line_query(wanted), piece_query(wanted)
        if repeated is None or limit <= 0:
            return []
        with self._question("lines_containing"):
            rows = self._saved_rows(_REPEATED, (repeated, wanted, limit))
            hits = self._line_hits(list(dict.fromkeys(text for (text,) in rows)))
            if len(hits) < limit and any_lines is not None:
                known = {hit.text for hit in hits}
                others = [hit for hit in self._lines_of_chunks(any_lines, wanted, limit) if hit.text not in known]
                hits = sorted(hits + others[: limit - len(hits)], key=lambda hit: -hit.count)
            return hits
        return []

    def _lines_of_chunks(self, query: str, wanted: str, limit: int) -> list[LineHit]:
        chunks = self._saved_rows("SELECT rowid FROM chunks WHERE chunks MATCH ? LIMIT ?", (query, _MOST_CHUNKS))
        self._load_chunks([chunk for (chunk,) in chunks[:_ENOUGH_CHUNKS]])
        found: dict[str, list[int]] = {}
        for number, (chunk,) in enumerate(chunks):
            if self._is_late() or (number >= _ENOUGH_CHUNKS and found):
                break
            for place, key in self._kept_lines(chunk, wanted):
                found.setdefault(key, []).append(place)
        best = heapq.nsmallest(limit, found.items(), key=lambda each: (-len(each[1]), each[0]))
        if len(chunks) > _ENOUGH_CHUNKS:
            return self._line_hits([text for text, _ in best])
        return [hit for text, places in best if (hit := self._line_hit(text, places)) is not None]

    def lines_following(
        self, line: str, *, limit: int, previous: str | None = None, n_lines: int = 12
    ) -> list[FollowHit]:
        """What stands below lines equal to `line`; occurrences right after `previous` come first.

        Both are compared without indentation; each answer has at most `n_lines` lines.
        """
        key = line_key(line)
        limit = min(limit, _LONGEST_ANSWER)
        if not key or limit <= 0:
            return []
        with self._question("lines_following"):
            wanted = mark(line_key(previous)) if previous is not None else 0
            after: list[int] = []
            others: list[int] = []
            for known in self._known(key):
                for place, above in zip(known.places, known.previous, strict=True):
                    if wanted and above == wanted:
                        after.append(place)
                    elif len(others) < limit:
                        others.append(place)
                if len(after) >= limit or (not wanted and len(others) >= limit):
                    break
            after = after[:limit]
            places = [(place, True) for place in after] + [(place, False) for place in others[: limit - len(after)]]
            return [hit for place, matched in places if (hit := self._follow_hit(place, n_lines, matched)) is not None]
        return []

    def _follow_hit(self, place: int, n_lines: int, matched: bool) -> FollowHit | None:
        file, at = place >> schema.CHUNK_BITS, place & _IN_FILE
        known = self._saved.get(file)
        if known is None:
            return None
        here, *following = self._stored_lines(file, at, at + 1 + n_lines) or [""]
        indent = here[: len(here) - len(here.lstrip())]
        return FollowHit(known.path, at, indent, tuple(following), matched)

    # --- within runs -------------------------------------------------------------------------------------------

    def _pages_between(self, prefix: str) -> list[tuple[int, int, bool]]:
        """The pages that lines with a prefix may be in: the most places that a line has, id, whether files are gone."""
        pages = []
        for run, has_gone in self._line_runs():
            rows = self._saved_rows(
                "SELECT top, id FROM line_pages WHERE run = ?1 AND first < ?3 AND first >= "
                "ifnull((SELECT max(first) FROM line_pages WHERE run = ?1 AND first <= ?2), ?2)",
                (run, prefix, prefix + _LAST),
            )
            pages += [(top, page, has_gone) for top, page in rows]
        pages.sort(key=lambda each: (-each[0], each[1]))
        return pages

    def _count(self, counts: Counter[str], number: int, prefix: str, *, has_gone: bool) -> None:
        """Add how often a page's lines with a prefix occur."""
        page = self._page(number)
        if page is None:
            return
        first = bisect_left(page.texts, prefix)
        last = bisect_left(page.texts, prefix + _LAST, first)
        saved = self._saved
        starts = page.starts[first : last + 1]
        for text, start, end in zip(page.texts[first:last], starts, starts[1:], strict=False):
            n_places = end - start
            if has_gone:
                n_places = sum([place >> schema.CHUNK_BITS in saved for place in page.places[start:end]])
            if n_places:
                counts[text] += n_places

    def _known(self, text: str) -> Iterator[_Known]:
        """What each run knows of a line."""
        for run, has_gone in self._line_runs():
            page = self._page_with(run, text)
            at = -1 if page is None else page.find(text)
            if page is None or at < 0:
                continue
            start, end = page.starts[at], page.starts[at + 1]
            places, previous = page.places[start:end].tolist(), page.previous[start:end].tolist()
            if has_gone:
                kept = [number for number, place in enumerate(places) if self._is_there(place)]
                places, previous = [places[number] for number in kept], [previous[number] for number in kept]
            yield _Known(places, previous)

    def _places(self, text: str) -> list[int]:
        """The places of a line that `_known` knows, without the marks above them."""
        saved = self._saved
        found: list[int] = []
        for run, has_gone in self._line_runs():
            page = self._page_with(run, text)
            at = -1 if page is None else page.find(text)
            if page is None or at < 0:
                continue
            places = page.places[page.starts[at] : page.starts[at + 1]].tolist()
            found += [place for place in places if place >> schema.CHUNK_BITS in saved] if has_gone else places
        return found

    def _page_with(self, run: int, text: str) -> Page | None:
        """The page of a run that a line would be in; many lines that are asked about together are in one."""
        if self._pages_of is not None and self._pages_of is self._connection:
            for latest in self._latest_pages.get(run, ()):
                if latest.texts[0] <= text <= latest.texts[-1]:
                    return latest
        rows = self._saved_rows(
            "SELECT id FROM line_pages WHERE run = ? AND first <= ? ORDER BY first DESC LIMIT 1", (run, text)
        )
        page = self._page(rows[0][0]) if rows else None
        if page is not None:
            latest_pages = self._latest_pages.get(run)
            if latest_pages is None:
                latest_pages = self._latest_pages[run] = deque(maxlen=_LATEST_PAGES)
            latest_pages.appendleft(page)
        return page

    def _is_there(self, place: int) -> bool:
        return place >> schema.CHUNK_BITS in self._saved

    def _line_runs(self) -> list[tuple[int, bool]]:
        if self._runs is None:
            rows = self._saved_rows("SELECT id, n_gone FROM line_runs ORDER BY id", ())
            self._runs = [(run, n_gone > 0) for run, n_gone in rows]
        return self._runs

    def _page(self, number: int) -> Page | None:
        """A page; no number ever stands for another one in the same database."""
        if self._pages_of is not self._connection:
            self._pages_of, self._pages, self._latest_pages = self._connection, {}, {}
        page = self._pages.get(number)
        if page is None:
            rows = self._saved_rows("SELECT texts, starts, places, previous FROM line_pages WHERE id = ?", (number,))
            if not rows:
                return None  # merged into another run since
            if len(self._pages) >= _KEPT_PAGES:
                self._pages.clear()
                self._latest_pages.clear()
            page = self._pages[number] = unpacked(*rows[0])
        return page

    # --- within chunks -----------------------------------------------------------------------------------------

    def _kept_lines(self, chunk: int, wanted: str) -> Iterator[tuple[int, str]]:
        """The lines of a chunk that hold `wanted` and that runs have too, each with its place."""
        file = chunk >> schema.CHUNK_BITS
        known = self._saved.get(file)
        if known is None:
            return
        text = self._chunk_text(chunk)
        if text is None or wanted not in text:
            return
        start = (chunk & _IN_FILE) * CHUNK_LINES
        lines = self._stored_lines(file, start, min(start + CHUNK_LINES, known.n_lines))
        for place, line in enumerate(lines, (file << schema.CHUNK_BITS) + start):
            if wanted in line and wanted in (key := line_key(line)):
                yield place, key

    # --- answers -----------------------------------------------------------------------------------------------

    def _line_hits(self, texts: list[str]) -> list[LineHit]:
        """Lines with their numbers over all runs, most frequent first."""
        hits = []
        for text in texts:
            hit = self._line_hit(text, self._places(text))
            if hit is not None:
                hits.append(hit)
        return sorted(hits, key=lambda hit: -hit.count)

    def _line_hit(self, text: str, places: list[int]) -> LineHit | None:
        file = self._saved.get(places[0] >> schema.CHUNK_BITS) if places else None
        return None if file is None else LineHit(text, len(places), file.path, places[0] & _IN_FILE)


def _nth_best(counts: Counter[str], n: int) -> int:
    """The count of the `n`-th most frequent line; 0 when there are fewer."""
    return heapq.nlargest(n, counts.values())[-1] if len(counts) >= n else 0
