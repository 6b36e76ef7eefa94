"""Questions to the index of a workspace, each bounded in time, and none of them ever an error for the editor.

A `WorkspaceIndex` is the reading end: it opens the database when first asked, sees each batch the worker commits,
notices when the database was built anew, and answers with what it has (possibly nothing) when a question takes too
long. It may be shared by threads; one question runs at a time. Scores and the choice of words are explained at
`search`; questions about symbols are in `symbol_lookup`. Called by `copilot_ls.context` and
`copilot_ls.backends.embedded`; the writing end is `store`.
"""

from __future__ import annotations

import heapq
import math
from collections.abc import Mapping
from functools import cached_property
from typing import TYPE_CHECKING

from copilot_ls.index import schema
from copilot_ls.index.dependencies.lookup import DependencyIndex, database_beside
from copilot_ls.index.digest import CHUNK_LINES, line_key
from copilot_ls.index.full_text import is_word, piece_query, quoted
from copilot_ls.index.hits import ChunkHit, FollowHit, IndexedFile, LineHit
from copilot_ls.index.symbol_lookup import SymbolReader
from copilot_ls.index.terms import terms_of

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

# A word that stands in more chunks than this says little about any of them, and would cost most of the time.
_COMMON = 3_000
# One in more than this is left to tell apart the chunks that rarer words found, if those found many times the limit.
_FREQUENT = 300
_ENOUGH = 5
_MOST_TERMS = 64
# BM25's usual constants, and the mean number of words in ten lines of code (35 to 60 in the packages of the bench).
_K1 = 1.2
_B = 0.75
_MEAN_TERMS = 35
# Chunks that are looked at closely for each one wanted, and how many more are ranked to make up for excluded ones.
_RERANKED = 2
_SPARE = 200
# Shares of the time for a question that the second step of a search, and its end, may count upon.
_SHARE_FOR_RANKING = 0.5
_SHARE_FOR_END = 0.1
_KEPT_TERMS = 2_000
_LONGEST_ANSWER = 2_000
_CHUNKS = "SELECT rowid FROM chunks WHERE chunks MATCH ? LIMIT ?"
# `tier > 0`, word for word, is what lets SQLite use the index of repeated lines. The lowest tiers hold very many lines
# of nearly equal counts: there the first ones do.
_REPEATED = "SELECT id, text, count FROM lines WHERE tier > 0 AND tier = ? AND text >= ? AND text < ? LIMIT ?"
_REPEATED_IN_ORDER = _REPEATED.replace("LIMIT", "ORDER BY count DESC LIMIT")


class WorkspaceIndex(SymbolReader):
    """The reading end of one index.

    `dependencies` are the installed packages that the workspace imports, by signature: apart, so that what the
    workspace declares is never mixed up with what others do. An imported name that the workspace does not declare is
    asked for there: `dependencies.definitions([name], module=...)`, and `dependencies.module_definitions(module)` for
    what is imported as a whole.
    """

    _named_of: Mapping[int, IndexedFile] | None = None
    _named: dict[str, list[str]]

    @cached_property
    def dependencies(self) -> DependencyIndex:
        """The declarations of installed packages."""
        return DependencyIndex(database_beside(self.database), self.database.stem, query_ms=self.query_ms)

    def close(self) -> None:
        """Free the files. A later question opens them again."""
        super().close()
        if "dependencies" in self.__dict__:
            self.dependencies.close()

    # --- lines: as they were saved, since whoever asks for them has the open files -------------------------------

    def lines_starting_with(self, prefix: str, *, limit: int) -> list[LineHit]:
        """Lines that begin with `prefix` (white space in front of it is ignored), most frequent first."""
        wanted = prefix.lstrip()
        limit = min(limit, _LONGEST_ANSWER)
        rows: list[tuple[int, str, int]] = []
        if not wanted:
            return []
        with self._question("lines_starting_with"):
            last = wanted + "\U0010ffff"
            for tier in range(len(schema.TIERS), 0, -1):
                rows += self._saved_rows(
                    _REPEATED_IN_ORDER if tier > 1 else _REPEATED, (tier, wanted, last, limit - len(rows))
                )
                if len(rows) >= limit:
                    break
            else:
                seen = {row[0] for row in rows}
                found = self._saved_rows(
                    "SELECT id, text, count FROM lines INDEXED BY sqlite_autoindex_lines_1 "
                    "WHERE text >= ? AND text < ? LIMIT ?",
                    (wanted, last, limit),
                )
                rows += [row for row in found if row[0] not in seen][: limit - len(rows)]
            return self._line_hits(sorted(rows, key=lambda row: -row[2]))
        return []

    def lines_containing(self, piece: str, *, limit: int) -> list[LineHit]:
        """Lines that hold `piece`, which must begin where a word begins; roughly the most frequent first.

        The words of `piece` are looked up, the last one as the beginning of a word, and the lines then compared with
        `piece` itself. Pieces without a word find nothing.
        """
        query = piece_query(piece.strip())
        if query is None:
            return []
        with self._question("lines_containing"):
            rows = self._saved_rows(
                "SELECT l.id, l.text, l.count FROM pieces JOIN lines l ON l.id = pieces.rowid "
                "WHERE pieces MATCH ? AND instr(l.text, ?) ORDER BY pieces.rowid LIMIT ?",
                (query, piece.strip(), min(limit, _LONGEST_ANSWER)),
            )
            return self._line_hits(sorted(rows, key=lambda row: -row[2]))
        return []

    def lines_following(
        self, line: str, *, limit: int, previous: str | None = None, n_lines: int = 12
    ) -> list[FollowHit]:
        """What stands below lines equal to `line`; occurrences right after `previous` come first.

        Both are compared without indentation; each answer has at most `n_lines` lines.
        """
        limit = min(limit, _LONGEST_ANSWER)
        with self._question("lines_following"):
            line_id = self._line_id(line)
            if line_id is None:
                return []
            places: list[tuple[int, int, bool]] = []
            previous_id = self._line_id(previous) if previous is not None else None
            if previous_id is not None:
                rows = self._saved_rows(
                    "SELECT file, at FROM places WHERE line = ? AND prev = ? LIMIT ?", (line_id, previous_id, limit)
                )
                places = [(file, at, True) for file, at in rows]
            if len(places) < limit:
                rows = self._saved_rows(
                    "SELECT file, at, prev FROM places WHERE line = ? LIMIT ?", (line_id, limit + len(places))
                )
                places += [(file, at, False) for file, at, prev in rows if prev != previous_id][: limit - len(places)]
            hits = []
            for file, at, matched in places:
                known = self._saved.get(file)
                if known is None:
                    continue
                here, *following = self._stored_lines(file, at, at + 1 + n_lines) or [""]
                indent = here[: len(here) - len(here.lstrip())]
                hits.append(FollowHit(known.path, at, indent, tuple(following), matched))
            return hits
        return []

    # --- chunks ------------------------------------------------------------------------------------------------

    def search(
        self,
        terms: Sequence[str] | Mapping[str, float],
        *,
        limit: int,
        exclude_path: str | None = None,
        families: Collection[str] | None = None,
    ) -> list[ChunkHit]:
        """The runs of ten lines that share most of what is telling in `terms` (in lower case, see `terms.terms_of`).

        Okapi BM25 (Robertson and Zaragoza, "The Probabilistic Relevance Framework", 2009) in two steps: by inverse
        document frequency alone over all chunks, and with frequencies and lengths over the best few of them. Weights of
        a mapping multiply a word's share. Words in more than some 3,000 chunks are left out.
        """
        with self._question("search"):
            ranked, telling = self._ranked_chunks(terms, _RERANKED * limit, exclude_path, families)
            return [hit for hit, _ in self._reranked(ranked, telling)][:limit]
        return []

    def search_lines(
        self,
        terms: Sequence[str] | Mapping[str, float],
        *,
        limit: int,
        exclude_path: str | None = None,
        families: Collection[str] | None = None,
    ) -> list[tuple[ChunkHit, list[str]]]:
        """As `search`, each chunk with its lines: for many chunks, of which only some lines will be wanted.

        The second step orders the best `limit` chunks of the first one, and looks at no more.
        """
        with self._question("search_lines"):
            ranked, telling = self._ranked_chunks(terms, limit, exclude_path, families)
            return self._reranked(ranked, telling)
        return []

    def _ranked_chunks(
        self,
        terms: Sequence[str] | Mapping[str, float],
        limit: int,
        exclude_path: str | None,
        families: Collection[str] | None,
    ) -> tuple[list[tuple[int, IndexedFile]], dict[str, float]]:
        """The first step of a search, and the weights of the words that tell something."""
        weights = dict(terms) if isinstance(terms, Mapping) else dict.fromkeys(terms, 1.0)
        telling: dict[str, float] = {}
        postings: list[tuple[float, tuple[int, ...]]] = []
        n_chunks = max(self._n_chunks, 1)
        for term in sorted(weights, key=lambda term: (-weights[term], -len(term), term))[:_MOST_TERMS]:
            if self._left() < _SHARE_FOR_RANKING:
                break
            chunks = self._chunks_with(term)
            if chunks and len(chunks) < _COMMON:
                idf = math.log(1 + (n_chunks - len(chunks) + 0.5) / (len(chunks) + 0.5))
                telling[term] = weight = weights[term] * idf
                postings.append((weight, chunks))
        # From the rarest word to the most common one. Once there are chunks enough, common words only tell them apart:
        # what has none of the rarer ones would rank below them, and there may be tens of thousands of it.
        postings.sort(key=lambda each: len(each[1]))
        scores: dict[int, float] = {}
        for weight, chunks in postings:
            if len(chunks) > _FREQUENT and len(scores) > _ENOUGH * limit:
                for chunk in scores.keys() & chunks:
                    scores[chunk] += weight
            else:
                for chunk in chunks:
                    scores[chunk] = scores.get(chunk, 0.0) + weight
        return self._best_chunks(scores, limit, exclude_path, families), telling

    def _reranked(
        self, ranked: list[tuple[int, IndexedFile]], telling: dict[str, float]
    ) -> list[tuple[ChunkHit, list[str]]]:
        """The second step of a search."""
        found: list[tuple[ChunkHit, list[str]]] = []
        for chunk, file in ranked:
            if found and self._left() < _SHARE_FOR_END:  # those that are left ranked lowest in the first step
                break
            found.append(self._scored(chunk, file, telling))
        return sorted(found, key=lambda each: (-each[0].score, each[0].path, each[0].start))

    def _best_chunks(
        self, scores: dict[int, float], limit: int, exclude_path: str | None, families: Collection[str] | None
    ) -> list[tuple[int, IndexedFile]]:
        best: list[tuple[int, IndexedFile]] = []
        # Far more chunks have a score than are wanted; those of the open file and of other languages go on the way.
        for chunk in heapq.nlargest(_SPARE + 2 * limit, scores, key=lambda chunk: (scores[chunk], -chunk)):
            file = self._files.get(chunk >> schema.CHUNK_BITS)
            if file is None or file.path == exclude_path or (families is not None and file.family not in families):
                continue
            best.append((chunk, file))
            if len(best) >= limit:
                break
        return best

    def _scored(self, chunk: int, file: IndexedFile, telling: dict[str, float]) -> tuple[ChunkHit, list[str]]:
        start = (chunk & ((1 << schema.CHUNK_BITS) - 1)) * CHUNK_LINES
        end = min(start + CHUNK_LINES, file.n_lines)
        lines = self._stored_lines(chunk >> schema.CHUNK_BITS, start, end)
        words = terms_of("\n".join(lines))
        norm = _K1 * (1 - _B + _B * len(words) / _MEAN_TERMS)
        score = 0.0
        for word in telling.keys() & words:
            frequency = words.count(word)
            score += telling[word] * frequency * (_K1 + 1) / (frequency + norm)
        return ChunkHit(file.path, start, end, score), lines

    def _chunks_with(self, term: str) -> tuple[int, ...]:
        if not is_word(term):
            return ()
        known = self._chunk_lists.get(term)
        if known is None:
            rows = self._saved_rows(_CHUNKS, (quoted(term), _COMMON))
            if len(self._chunk_lists) >= _KEPT_TERMS:
                self._chunk_lists.clear()
            known = self._chunk_lists[term] = tuple([row[0] for row in rows])
        if self._open_texts is not None:
            known += tuple([row[0] for row in self._open_rows(_CHUNKS, (quoted(term), _COMMON))])
        return known

    # --- files -------------------------------------------------------------------------------------------------

    def files(self) -> list[IndexedFile]:
        """Every indexed file."""
        with self._question("files"):
            return list(self._files.values())
        return []

    def files_named(self, name: str) -> list[IndexedFile]:
        """Saved files whose name without endings, or whose folder's name, is `name`: what a module may be."""
        with self._question("files_named"):
            if self._named_of is not self._saved:
                self._named_of, self._named = self._saved, {}
                for each in self._saved.values():
                    folder, _, file = each.path.rpartition("/")
                    for key in {file.partition(".")[0], folder.rpartition("/")[2]}:
                        self._named.setdefault(key, []).append(each.path)
            return [self._files[self._ids[path]] for path in self._named.get(name, ()) if path in self._ids]
        return []

    def file(self, path: str) -> IndexedFile | None:
        """One indexed file by its path relative to the root."""
        with self._question("file"):
            return self._files.get(self._ids.get(path, -1))
        return None

    def file_lines(self, path: str, start: int, end: int) -> list[str]:
        """Lines `start` up to, not including, `end`, without terminators, as they were when the file was indexed."""
        with self._question("file_lines"):
            file = self._ids.get(path)
            return [] if file is None else self._stored_lines(file, max(start, 0), min(end, start + _LONGEST_ANSWER))
        return []

    def meta(self) -> dict[str, str]:
        """What the worker noted about the index as a whole: root, files, bytes, the bound that was reached."""
        with self._question("meta"):
            return dict(self._rows("SELECT key, value FROM meta", ()))
        return {}

    def _line_id(self, line: str) -> int | None:
        key = line_key(line)
        rows = self._saved_rows("SELECT id FROM lines WHERE text = ?", (key,)) if key else []
        return rows[0][0] if rows else None

    def _line_hits(self, rows: list[tuple[int, str, int]]) -> list[LineHit]:
        hits = []
        for line_id, text, count in rows:
            place = self._saved_rows("SELECT file, at FROM places WHERE line = ? LIMIT 1", (line_id,))
            file = self._saved.get(place[0][0]) if place else None
            if file is not None:
                hits.append(LineHit(text, count, file.path, place[0][1]))
        return hits
