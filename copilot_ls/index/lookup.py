"""Questions to the index of a workspace, each bounded in time, and none of them ever an error for the editor.

A `WorkspaceIndex` is the reading end: it opens the database when first asked, sees each batch the worker commits, notices
when the database was built anew, and answers with what it has (possibly nothing) when a question takes too long. It may
be shared by threads; one question runs at a time. Scores and the choice of words are explained at `search`.
Called by `copilot_ls.context` and `copilot_ls.backends.embedded`; the writing end is `store`.
"""

from __future__ import annotations

import heapq
import logging
import math
import os
import re
import sqlite3
import threading
import time
import zlib
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

from copilot_ls.index import schema
from copilot_ls.index.digest import BLOCK_LINES, CHUNK_LINES, line_key, unpack
from copilot_ls.index.terms import terms_of

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Sequence
    from pathlib import Path
    from types import TracebackType

_LOG = logging.getLogger("copilot_ls.index")

# SQLite asks after this many of its instructions (some 10 us) whether to go on.
_PROGRESS_STEP = 2_000
_DEFAULT_MS = 50.0
_BUSY_SECONDS = 0.02
# A word that stands in more chunks than this says little about any of them, and would cost most of the time.
_COMMON = 3_000
_MOST_TERMS = 64
# BM25's usual constants, and the mean number of words in ten lines of code (35 to 60 in the packages of the bench).
_K1 = 1.2
_B = 0.75
_MEAN_TERMS = 35
# Chunks that are looked at closely for each one wanted, and how many more are ranked to make up for excluded ones.
_RERANKED = 3
_SPARE = 200
_KEPT_TERMS = 2_000
_LONGEST_ANSWER = 2_000
# As the tokenizer of the table of pieces divides: letters, digits, `_`, and all that is not ASCII.
_WORD = re.compile(r"[A-Za-z0-9_\x80-\U0010ffff]+")
_MOST_PIECE_WORDS = 6
_FAULTS = (sqlite3.Error, OSError, ValueError, zlib.error)
# Errors that say nothing about the index: the deadline, and a writer that holds it for a moment.
_PASSING = re.compile("interrupted|locked")


class ChunkHit(NamedTuple):
    """Lines `start` up to, not including, `end` of a file, and how well they fit."""

    path: str
    start: int
    end: int
    score: float


@dataclass(frozen=True, slots=True)
class LineHit:
    """A line without indentation, how often the workspace has it, and one place: path and zero-based line number."""

    text: str
    count: int
    path: str
    line: int


class FollowHit(NamedTuple):
    """What stands below one occurrence of a line.

    `path` and `line` (zero-based) are the occurrence; `indent` is the white space that it begins with; `following` are the
    lines below it as they stand, without terminators. `matched_previous`: the line above it was the one asked for.
    """

    path: str
    line: int
    indent: str
    following: tuple[str, ...]
    matched_previous: bool

    @property
    def lines(self) -> tuple[str, ...]:
        """`following` without `indent`, up to the first line that is indented less."""
        relative = []
        for line in self.following:
            if line.strip() and not line.startswith(self.indent):
                break
            relative.append(line[len(self.indent) :].rstrip())
        return tuple(relative)


class DefinitionHit(NamedTuple):
    """A declaration: see `copilot_ls.index.definitions.Definition`. `end` is the end of the signature, exclusive."""

    name: str
    kind: str
    path: str
    line: int
    end: int
    container: str
    signature: str


@dataclass(frozen=True, slots=True)
class IndexedFile:
    """A file in the index."""

    path: str
    language: str
    family: str
    n_lines: int


class WorkspaceIndex:
    """The reading end of one index."""

    def __init__(
        self, database: Path, *, query_ms: float = _DEFAULT_MS, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self.database = database
        self.query_ms = query_ms
        self._clock = clock
        self._lock = threading.Lock()
        self._connection: sqlite3.Connection | None = None
        self._inode = 0
        self._seen_version = -1
        self._deadline = math.inf
        self._files: dict[int, IndexedFile] = {}
        self._ids: dict[str, int] = {}
        self._chunk_lists: dict[str, tuple[int, ...]] = {}
        self._n_chunks = 0
        self._warned = False

    @classmethod
    def open(cls, database: Path, *, query_ms: float = _DEFAULT_MS) -> WorkspaceIndex | None:
        """The index in `database`; None when there is none yet. Reads nothing so far."""
        return cls(database, query_ms=query_ms) if database.exists() else None

    def close(self) -> None:
        """Free the file. A later question opens it again."""
        with self._lock:
            self._forget()

    # --- lines -------------------------------------------------------------------------------------------------

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
                # `tier > 0`, word for word, is what lets SQLite use the index of repeated lines. The two lowest tiers
                # hold very many lines of nearly equal counts: there the first ones do.
                rows += self._rows(
                    "SELECT id, text, count FROM lines WHERE tier > 0 AND tier = ? AND text >= ? AND text < ? "
                    + ("ORDER BY count DESC LIMIT ?" if tier > 1 else "LIMIT ?"),
                    (tier, wanted, last, limit - len(rows)),
                )
                if len(rows) >= limit:
                    break
            else:
                seen = {row[0] for row in rows}
                found = self._rows(
                    "SELECT id, text, count FROM lines INDEXED BY sqlite_autoindex_lines_1 WHERE text >= ? AND text < ? LIMIT ?",
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
        query = _piece_query(piece.strip())
        if query is None:
            return []
        with self._question("lines_containing"):
            rows = self._rows(
                "SELECT l.id, l.text, l.count FROM pieces JOIN lines l ON l.id = pieces.rowid "
                "WHERE pieces MATCH ? AND instr(l.text, ?) ORDER BY pieces.rowid LIMIT ?",
                (query, piece.strip(), min(limit, _LONGEST_ANSWER)),
            )
            return self._line_hits(sorted(rows, key=lambda row: -row[2]))
        return []

    def lines_following(
        self, line: str, *, limit: int, previous: str | None = None, n_lines: int = 12
    ) -> list[FollowHit]:
        """What stands below lines equal to `line`, both without indentation; occurrences after `previous` come first."""
        limit = min(limit, _LONGEST_ANSWER)
        with self._question("lines_following"):
            line_id = self._line_id(line)
            if line_id is None:
                return []
            places: list[tuple[int, int, bool]] = []
            previous_id = self._line_id(previous) if previous is not None else None
            if previous_id is not None:
                rows = self._rows(
                    "SELECT file, at FROM places WHERE line = ? AND prev = ? LIMIT ?", (line_id, previous_id, limit)
                )
                places = [(file, at, True) for file, at in rows]
            if len(places) < limit:
                rows = self._rows(
                    "SELECT file, at, prev FROM places WHERE line = ? LIMIT ?", (line_id, limit + len(places))
                )
                places += [(file, at, False) for file, at, prev in rows if prev != previous_id][: limit - len(places)]
            hits = []
            for file, at, matched in places:
                known = self._files.get(file)
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
        weights = dict(terms) if isinstance(terms, Mapping) else dict.fromkeys(terms, 1.0)
        with self._question("search"):
            telling: dict[str, float] = {}
            scores: dict[int, float] = {}
            n_chunks = max(self._n_chunks, 1)
            for term in sorted(weights, key=lambda term: (-weights[term], -len(term), term))[:_MOST_TERMS]:
                chunks = self._chunks_with(term)
                if chunks and len(chunks) < _COMMON:
                    idf = math.log(1 + (n_chunks - len(chunks) + 0.5) / (len(chunks) + 0.5))
                    telling[term] = weight = weights[term] * idf
                    for chunk in chunks:
                        scores[chunk] = scores.get(chunk, 0.0) + weight
            best = self._best_chunks(scores, _RERANKED * limit, exclude_path, families)
            hits = [self._reranked(chunk, file, telling) for chunk, file in best]
            return sorted(hits, key=lambda hit: (-hit.score, hit.path, hit.start))[:limit]
        return []

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

    def _reranked(self, chunk: int, file: IndexedFile, telling: dict[str, float]) -> ChunkHit:
        start = (chunk & ((1 << schema.CHUNK_BITS) - 1)) * CHUNK_LINES
        end = min(start + CHUNK_LINES, file.n_lines)
        words = terms_of("\n".join(self._stored_lines(chunk >> schema.CHUNK_BITS, start, end)))
        norm = _K1 * (1 - _B + _B * len(words) / _MEAN_TERMS)
        score = 0.0
        for word, frequency in Counter(words).items():
            weight = telling.get(word)
            if weight is not None:
                score += weight * frequency * (_K1 + 1) / (frequency + norm)
        return ChunkHit(file.path, start, end, score)

    def _chunks_with(self, term: str) -> tuple[int, ...]:
        known = self._chunk_lists.get(term)
        if known is None:
            rows = self._rows("SELECT rowid FROM chunks WHERE chunks MATCH ? LIMIT ?", (_quoted(term), _COMMON))
            if len(self._chunk_lists) >= _KEPT_TERMS:
                self._chunk_lists.clear()
            known = self._chunk_lists[term] = tuple([row[0] for row in rows])
        return known

    # --- definitions -------------------------------------------------------------------------------------------

    def definitions(self, names: Sequence[str], *, limit_each: int = 20) -> dict[str, list[DefinitionHit]]:
        """Where each of `names` is declared, at most `limit_each` places per name; names never declared are left out."""
        found: dict[str, list[DefinitionHit]] = {}
        with self._question("definitions"):
            for name in names:
                hits = self._definition_hits("WHERE name = ? LIMIT ?", (name, limit_each))
                if hits:
                    found[name] = hits
        return found

    def members(self, container: str, path: str, *, limit: int = 200) -> list[DefinitionHit]:
        """The members of a type that are declared in one file, in order of lines."""
        with self._question("members"):
            file = self._ids.get(path, -1)
            return self._definition_hits(
                "WHERE container = ? AND container <> '' AND file = ? ORDER BY line LIMIT ?", (container, file, limit)
            )
        return []

    def file_definitions(self, path: str, *, limit: int = 200) -> list[DefinitionHit]:
        """All that one file declares, in order of lines."""
        with self._question("file_definitions"):
            return self._definition_hits("WHERE file = ? ORDER BY line LIMIT ?", (self._ids.get(path, -1), limit))
        return []

    def _definition_hits(self, where: str, values: tuple[object, ...]) -> list[DefinitionHit]:
        rows = self._rows(
            f"SELECT name, kind, file, line, end, container, signature FROM definitions {where}",  # noqa: S608 -- own text
            values,
        )
        return [
            DefinitionHit(name, kind, self._files[file].path, line, end, container, signature)
            for name, kind, file, line, end, container, signature in rows
            if file in self._files
        ]

    # --- files -------------------------------------------------------------------------------------------------

    def files(self) -> list[IndexedFile]:
        """Every indexed file."""
        with self._question("files"):
            return list(self._files.values())
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
        """What the worker noted about the index as a whole: root, time and duration of the last pass, bounds reached."""
        with self._question("meta"):
            return dict(self._rows("SELECT key, value FROM meta", ()))
        return {}

    # --- below -------------------------------------------------------------------------------------------------

    def _stored_lines(self, file: int, start: int, end: int) -> list[str]:
        if end <= start:
            return []
        first = start // BLOCK_LINES
        base = file << schema.CHUNK_BITS
        blocks = self._rows(
            "SELECT data FROM blocks WHERE id BETWEEN ? AND ? ORDER BY id",
            (base + first, base + (end - 1) // BLOCK_LINES),
        )
        lines = [line for (data,) in blocks for line in unpack(data)]
        return lines[start - first * BLOCK_LINES : end - first * BLOCK_LINES]

    def _line_id(self, line: str) -> int | None:
        key = line_key(line)
        rows = self._rows("SELECT id FROM lines WHERE text = ?", (key,)) if key else []
        return rows[0][0] if rows else None

    def _line_hits(self, rows: list[tuple[int, str, int]]) -> list[LineHit]:
        hits = []
        for line_id, text, count in rows:
            place = self._rows("SELECT file, at FROM places WHERE line = ? LIMIT 1", (line_id,))
            file = self._files.get(place[0][0]) if place else None
            if file is not None:
                hits.append(LineHit(text, count, file.path, place[0][1]))
        return hits

    def _rows(self, query: str, values: tuple[object, ...]) -> list[tuple[Any, ...]]:
        if self._connection is None:
            return []
        return self._connection.execute(query, values).fetchall()

    def _question(self, name: str) -> _Question:
        return _Question(self, name)

    def _begin(self) -> None:
        self._lock.acquire()
        try:
            self._deadline = self._clock() + self.query_ms / 1000
            self._make_ready()
        except _FAULTS as error:
            self._complain("being opened", error)
        except BaseException:
            self._lock.release()
            raise

    def _end(self, name: str, error: BaseException | None) -> bool:
        """Close a question; true when its error is swallowed."""
        try:
            if isinstance(error, sqlite3.OperationalError) and _PASSING.search(str(error)):
                return True
            if isinstance(error, _FAULTS):
                self._complain(name, error)
                return True
            return False
        finally:
            self._lock.release()

    def _complain(self, name: str, error: Exception) -> None:
        self._forget()
        if not self._warned:  # Once: a broken index would say so at every key.
            self._warned = True
            _LOG.warning(
                "the workspace index %s could not answer %s (%s: %s); completion goes on without it, "
                "`copilot-ls index` builds it again",
                self.database,
                name,
                type(error).__name__,
                error,
            )

    def _make_ready(self) -> None:
        inode = self._current_inode()
        if inode != self._inode:
            self._forget()
            self._inode = inode
        if not inode:
            return
        if self._connection is None:
            self._connection = _connect(self.database)
            self._connection.set_progress_handler(self._is_late, _PROGRESS_STEP)
        (version,) = self._connection.execute("PRAGMA data_version").fetchone()
        if version != self._seen_version:
            self._refresh()
            self._seen_version = version

    def _current_inode(self) -> int:
        try:
            return os.stat(self.database).st_ino  # noqa: PTH116 -- asked at each question, and twice as fast
        except FileNotFoundError:
            return 0

    def _refresh(self) -> None:
        """The database has changed: read the table of files again, forget the chunks of each word."""
        self._chunk_lists.clear()
        rows = self._rows("SELECT id, path, language, family, n_lines FROM files WHERE skipped IS NULL", ())
        self._files = {file: IndexedFile(*rest) for file, *rest in rows}
        self._ids = {each.path: file for file, each in self._files.items()}
        self._n_chunks = sum(-(-each.n_lines // CHUNK_LINES) for each in self._files.values())

    def _is_late(self) -> bool:
        return self._clock() > self._deadline

    def _forget(self) -> None:
        if self._connection is not None:
            self._connection.close()
        self._connection = None
        self._inode = 0
        self._seen_version = -1
        self._files, self._ids = {}, {}
        self._chunk_lists.clear()


class _Question:
    """Holds the lock and the deadline of one question; what goes wrong ends the block, and what follows it answers."""

    __slots__ = ("_index", "_name")

    def __init__(self, index: WorkspaceIndex, name: str) -> None:
        self._index = index
        self._name = name

    def __enter__(self) -> None:
        self._index._begin()  # noqa: SLF001 -- a part of the index

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> bool:
        return self._index._end(self._name, error)  # noqa: SLF001 -- a part of the index


def _connect(database: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(
        f"{database.absolute().as_uri()}?mode=ro",
        uri=True,
        timeout=_BUSY_SECONDS,
        isolation_level=None,
        check_same_thread=False,
    )
    connection.execute("PRAGMA query_only = ON")
    connection.execute("PRAGMA trusted_schema = OFF")
    connection.execute("PRAGMA mmap_size = 268435456")
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    if version != schema.SCHEMA_VERSION:
        connection.close()
        raise sqlite3.DatabaseError(f"it has form {version}, expected {schema.SCHEMA_VERSION}")
    return connection


def _quoted(word: str) -> str:
    return '"' + word.replace('"', '""') + '"'


def _piece_query(piece: str) -> str | None:
    """The words of `piece` for FTS5; the last one may go on."""
    words = [match[0] for match in _WORD.finditer(piece)]
    if not words:
        return None
    whole, last = words, None
    if _WORD.fullmatch(piece[-1]):
        *whole, last = words
    # A short beginning stands for very many words: the comparison with the piece sorts them out.
    asked = [_quoted(word) for word in dict.fromkeys(whole[-_MOST_PIECE_WORDS:])]
    if last is not None and (len(last) > 2 or not asked):  # noqa: PLR2004
        asked.append(_quoted(last) + "*")
    return " AND ".join(asked)
