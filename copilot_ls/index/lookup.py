"""Questions to the index of a workspace, each bounded in time, and none of them ever an error for the editor.

A `WorkspaceIndex` is the reading end: it opens the database when first asked, sees each batch the worker commits,
notices when the database was built anew, and answers with what it has (possibly nothing) when a question takes too
long. It may be shared by threads; one question runs at a time. Scores and the choice of words are explained at
`search`; questions about symbols are in `symbol_lookup`, those about lines in `line_lookup`. Called by
`copilot_ls.context` and `copilot_ls.backends.embedded`; the writing end is `store`.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from functools import cached_property
from typing import TYPE_CHECKING

from copilot_ls.index import schema
from copilot_ls.index.dependencies.lookup import DependencyIndex, database_beside
from copilot_ls.index.digest import CHUNK_LINES
from copilot_ls.index.full_text import is_word, quoted
from copilot_ls.index.hits import ChunkHit, IndexedFile
from copilot_ls.index.line_lookup import LineReader
from copilot_ls.index.symbol_lookup import SymbolReader

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    # A chunk, its file, and the words that it shares with the question, weighed.
    _Ranked = tuple[int, IndexedFile, list[tuple[str, float]]]

# A word that stands in more chunks than this says little about any of them, and would cost most of the time.
_COMMON = 3_000
# One in more than this is left to tell apart the chunks that rarer words found, if those found many times the limit.
_FREQUENT = 300
_ENOUGH = 5
_MOST_TERMS = 64
_WEIGHT_UNITS = 1_000_000
# BM25's usual constants, and the mean length of ten lines of code in characters (300 to 450 in the packages of the
# bench).
_K1 = 1.2
_B = 0.75
_MEAN_LENGTH = 350
# Chunks that are looked at closely for each one wanted, and how many more are ranked to make up for excluded ones.
_RERANKED = 2
_SPARE = 200
# Shares of the time for a question that the second step of a search, and its end, may count upon.
_SHARE_FOR_RANKING = 0.5
_SHARE_FOR_END = 0.1
_LONGEST_ANSWER = 2_000
_CHUNKS = "SELECT rowid FROM chunks WHERE chunks MATCH ? LIMIT ?"


class WorkspaceIndex(LineReader, SymbolReader):
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
            ranked = self._ranked_chunks(terms, _RERANKED * limit, exclude_path, families)
            return [hit for hit, _ in self._reranked(ranked)][:limit]
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
            return self._reranked(self._ranked_chunks(terms, limit, exclude_path, families))
        return []

    def _ranked_chunks(
        self,
        terms: Sequence[str] | Mapping[str, float],
        limit: int,
        exclude_path: str | None,
        families: Collection[str] | None,
    ) -> list[_Ranked]:
        """The first step of a search: the best chunks, each with the words that tell something of it."""
        weights = dict(terms) if isinstance(terms, Mapping) else dict.fromkeys(terms, 1.0)
        postings: list[tuple[str, float, Collection[int]]] = []
        n_chunks = max(self._n_chunks, 1)
        for term in sorted(weights, key=lambda term: (-weights[term], -len(term), term))[:_MOST_TERMS]:
            if self._left() < _SHARE_FOR_RANKING:
                break
            chunks = self._chunks_with(term)
            if chunks:
                idf = math.log(1 + (n_chunks - len(chunks) + 0.5) / (len(chunks) + 0.5))
                postings.append((term, weights[term] * idf, chunks))
        # From the rarest word to the most common one. Once there are chunks enough, common words only tell them apart:
        # what has none of the rarer ones would rank below them, and there may be tens of thousands of it.
        postings.sort(key=lambda each: len(each[2]))
        # What a chunk's words weigh together, in millionths, above one bit for each of them: to ask afterwards which
        # words a chunk has would take as long as all of this.
        scores: dict[int, int] = {}
        known, has_score = scores.get, scores.__contains__
        for number, (_, weight, chunks) in enumerate(postings):
            part = (int(weight * _WEIGHT_UNITS) << _MOST_TERMS) + (1 << number)
            if len(chunks) > _FREQUENT and len(scores) > _ENOUGH * limit:
                for chunk in filter(has_score, chunks):
                    scores[chunk] += part
            else:
                for chunk in chunks:
                    scores[chunk] = known(chunk, 0) + part
        telling = [(term, weight) for term, weight, _ in postings]
        return [
            (chunk, file, [each for number, each in enumerate(telling) if scores[chunk] >> number & 1])
            for chunk, file in self._best_chunks(scores, limit, exclude_path, families)
        ]

    def _reranked(self, ranked: list[_Ranked]) -> list[tuple[ChunkHit, list[str]]]:
        """The second step of a search."""
        found: list[tuple[ChunkHit, list[str]]] = []
        self._load_chunks([chunk for chunk, *_ in ranked])
        for chunk, file, telling in ranked:
            if found and self._left() < _SHARE_FOR_END:  # those that are left ranked lowest in the first step
                break
            found.append(self._scored(chunk, file, telling))
        return sorted(found, key=lambda each: (-each[0].score, each[0].path, each[0].start))

    def _best_chunks(
        self, scores: dict[int, int], limit: int, exclude_path: str | None, families: Collection[str] | None
    ) -> list[tuple[int, IndexedFile]]:
        best: list[tuple[int, IndexedFile]] = []
        # Far more chunks have a score than are wanted; those of the open file and of other languages go on the way.
        for chunk in sorted(scores, key=scores.__getitem__, reverse=True)[: _SPARE + 2 * limit]:
            file = self._files.get(chunk >> schema.CHUNK_BITS)
            if file is None or file.path == exclude_path or (families is not None and file.family not in families):
                continue
            best.append((chunk, file))
            if len(best) >= limit:
                break
        return best

    def _scored(self, chunk: int, file: IndexedFile, telling: list[tuple[str, float]]) -> tuple[ChunkHit, list[str]]:
        stored = self._chunk_text(chunk) or ""
        text = stored.lower()
        norm = _K1 * (1 - _B + _B * len(text) / _MEAN_LENGTH)
        score = 0.0
        for term, weight in telling:
            # That the chunk has the word is known; how often, its spelling within other words tells well enough.
            frequency = text.count(term) or 1
            score += weight * frequency * (_K1 + 1) / (frequency + norm)
        start = (chunk & ((1 << schema.CHUNK_BITS) - 1)) * CHUNK_LINES
        end = min(start + CHUNK_LINES, file.n_lines)
        return ChunkHit(file.path, start, end, score), stored.split("\n") if stored else []

    def _chunks_with(self, term: str) -> Collection[int]:
        """The chunks that have a word; none where it is too common, or no word."""
        if term in self._common_terms or not is_word(term):
            return ()
        known = self._chunk_lists.get(term)
        if known is None:
            rows = self._saved_rows(_CHUNKS, (quoted(term), _COMMON))
            if len(rows) >= _COMMON:
                self._common_terms.add(term)
                return ()
            known = self._chunk_lists.put(term, [row[0] for row in rows])
        if self._open_texts is not None:
            return [*known, *(row[0] for row in self._open_rows(_CHUNKS, (quoted(term), _COMMON)))]
        return known

    # --- files -------------------------------------------------------------------------------------------------

    def files(self) -> list[IndexedFile]:
        """Every indexed file."""
        with self._question("files"):
            return list(self._files.values())
        return []

    @property
    def n_files(self) -> int:
        """How many files are indexed."""
        with self._question("files"):
            return len(self._files)
        return 0

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
