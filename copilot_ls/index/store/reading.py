"""Opening the index of a workspace for reading, and asking one bounded question at a time.

The database is opened when first asked, opened anew when it was built anew, and its table of files read again after
each batch of the worker. A question that takes too long is interrupted; one that fails is logged once and forgotten.
Knows no particular question: those are `lookup`'s, which builds upon this.
"""

from __future__ import annotations

import logging
import math
import os
import re
import sqlite3
import sys
import threading
import time
import zlib
from typing import TYPE_CHECKING, Any, Self

from copilot_ls.index import schema
from copilot_ls.index.chunk_lists import ChunkLists
from copilot_ls.index.digest import BLOCK_LINES, CHUNK_LINES
from copilot_ls.index.hits import IndexedFile
from copilot_ls.index.kept_hits import KeptHits
from copilot_ls.index.store.connection import WORKSPACE, connect_reader

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path
    from types import TracebackType

    from copilot_ls.index.changed_facts import Known
    from copilot_ls.index.open_file import OpenFile, Prepared
    from copilot_ls.index.store.open_texts import OpenTexts

_LOG = logging.getLogger("copilot_ls.index")

# SQLite asks after this many of its instructions (some 10 us) whether to go on.
_PROGRESS_STEP = 2_000
_DEFAULT_MS = 50.0
# Blocks of forty lines that are kept: six megabytes. Consecutive questions look at much the same ones.
_KEPT_BLOCKS = 3_000
_CHUNKS_OF_BLOCK = BLOCK_LINES // CHUNK_LINES
# Below the 999 variables that any SQLite allows in one statement.
_LOADED_AT_ONCE = 900
_FAULTS = (sqlite3.Error, OSError, ValueError, zlib.error)
# Errors that say nothing about the index: the deadline, and a writer that holds it for a moment.
_PASSING = re.compile("interrupted|locked")


class IndexReader:
    """The reading end of one database, shared by threads; `query_ms` bounds each question."""

    form = WORKSPACE

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
        # Files as they were saved, and what questions are answered from: open ones as they are in the editor.
        self._saved: dict[int, IndexedFile] = {}
        self._files: dict[int, IndexedFile] = {}
        self._ids: dict[str, int] = {}
        # The rows of the table of files as they were last seen: those that count by path, the others, and the last id.
        self._saved_ids: dict[str, int] = {}
        self._skipped: set[str] = set()
        self._last_id = 0
        self._open_texts: OpenTexts | None = None
        self._prepared: dict[str, Prepared] = {}
        self._passed_over: dict[str, object] = {}
        # What is known of each word asked for, until the database changes.
        self._chunk_lists = ChunkLists()
        self._common_terms: set[str] = set()
        # Blocks looked into last, each as the texts of its chunks.
        self._blocks: dict[int, list[str]] = {}
        # The runs of lines, and whether files of theirs are gone; None when they are to be asked for.
        self._runs: list[tuple[int, bool]] | None = None
        # Names in use in the files looked into last, until the database changes.
        self._used: dict[int, str] = {}
        # Declarations asked for last, until the database or an open file changes.
        self._kept_hits = KeptHits()
        self._n_chunks = 0
        self._warned = False

    @classmethod
    def open(cls, database: Path, *, query_ms: float = _DEFAULT_MS) -> Self | None:
        """The index in `database`; None when there is none yet. Reads nothing so far."""
        return cls(database, query_ms=query_ms) if database.exists() else None

    def close(self) -> None:
        """Free the file. A later question opens it again."""
        with self._lock:
            self._forget()

    def overlay(self, files: Sequence[OpenFile], *, active: str = "") -> None:
        """Answer from now on as if these open files were saved as they are; files that are no longer open as saved.

        Costs nothing for versions that are known, some milliseconds per thousand lines for new ones. The file `active`,
        which somebody is typing in, stays as it is, whether it is among `files` or not. Files that the index does not
        have are passed over: they may be ones that do not count.
        """
        from copilot_ls.index.open_file import prepared
        from copilot_ls.index.store.open_texts import OpenTexts

        versions: dict[str, object] = {}
        wanted: dict[str, OpenFile] = {}
        saved: dict[str, bytes] = {}
        with self._question("overlay"):
            wanted = {each.path: each for each in files if each.path in self._ids and each.path != active}
            saved = {path: self._saved_hash(path) for path in wanted}
            versions = {
                path: each.version
                for path, each in self._prepared.items()
                if each.facts is not None or each.hash == saved.get(path)
            } | self._passed_over
        fresh: dict[str, Prepared] = {}
        for path, each in wanted.items():
            if path not in versions or versions[path] != each.version:
                taken = prepared(each, saved.get(path, b""), self._known_state(path))
                if taken is not None:
                    fresh[path] = taken
                else:
                    self._passed_over[path] = each.version
        with self._question("overlay"):
            kept = {path: each for path, each in self._prepared.items() if path in wanted or path == active}
            kept |= fresh
            opened = {} if self._open_texts is None else {each.path for each in self._open_texts.files.values()}
            changed = {
                path for path, each in kept.items() if path != active and each.facts and each.hash != saved.get(path)
            }
            changed |= {active} & set(opened)
            if changed and self._open_texts is None:
                self._open_texts = OpenTexts()
            if self._open_texts is not None:
                for path in set(opened) - changed:
                    self._open_texts.drop(path)
                for path in changed - (set(opened) - set(fresh)):
                    self._open_texts.put(kept[path])
                if fresh or set(opened) != changed:
                    self._merge()
            self._prepared = kept

    def _saved_hash(self, path: str) -> bytes:
        rows = self._saved_rows("SELECT hash FROM files WHERE path = ?", (path,))
        return rows[0][0] if rows else b""

    def _known_state(self, path: str) -> Known | None:
        """A state of a file whose facts are known: that of the open file before, else the one that was saved."""
        from copilot_ls.index.changed_facts import Known
        from copilot_ls.index.store.saved_state import saved_state

        before = self._prepared.get(path)
        if before is not None and before.facts is not None:
            return Known(before.lines, before.facts)
        with self._question("overlay"):
            return saved_state(self._saved_rows, self._saved_ids.get(path, -1))
        return None

    def _stored_lines(self, file: int, start: int, end: int) -> list[str]:
        if end <= start:
            return []
        first = start // CHUNK_LINES
        lines: list[str] = []
        for number in range(first, (end - 1) // CHUNK_LINES + 1):
            text = self._chunk_text((file << schema.CHUNK_BITS) + number)
            if text is None:
                break
            lines += text.split("\n")
        return lines[start - first * CHUNK_LINES : end - first * CHUNK_LINES]

    def _chunk_text(self, chunk: int) -> str | None:
        """The lines of a chunk, None behind the end of a file."""
        file, number = divmod(chunk, 1 << schema.CHUNK_BITS)
        block, within = divmod(number, _CHUNKS_OF_BLOCK)
        texts = self._block((file << schema.CHUNK_BITS) + block)
        return texts[within] if within < len(texts) else None

    def _block(self, block: int) -> list[str]:
        """The texts of a block's chunks; none behind a file's end. No id is given twice: what is kept stays true."""
        texts = self._blocks.get(block)
        if texts is None:
            rows = self._rows("SELECT id, text FROM blocks WHERE id = ?", (block,))
            self._keep_blocks(rows)
            texts = self._blocks[block] if rows else []
        return texts

    def _load_chunks(self, chunks: Sequence[int]) -> None:
        """Have the lines of many chunks at hand: one question for those that are not kept."""
        blocks = {
            file << schema.CHUNK_BITS | number // _CHUNKS_OF_BLOCK
            for file, number in [divmod(chunk, 1 << schema.CHUNK_BITS) for chunk in chunks]
        }
        missing = sorted(blocks - self._blocks.keys())[:_LOADED_AT_ONCE]
        if missing:
            marks = ",".join("?" * len(missing))
            rows = self._rows(f"SELECT id, text FROM blocks WHERE id IN ({marks})", tuple(missing))  # noqa: S608 -- marks alone
            self._keep_blocks(rows)

    def _keep_blocks(self, rows: list[tuple[Any, ...]]) -> None:
        """Those that came first go first, where there are too many."""
        for block, text in rows:
            lines = text.split("\n")
            self._blocks[block] = ["\n".join(lines[at : at + CHUNK_LINES]) for at in range(0, len(lines), CHUNK_LINES)]
        while len(self._blocks) > _KEPT_BLOCKS:
            del self._blocks[next(iter(self._blocks))]

    def _rows(self, query: str, values: tuple[object, ...]) -> list[tuple[Any, ...]]:
        """Rows of the database, then of open files. Those of files that are open are to be left out: see `_files`."""
        return self._saved_rows(query, values) + self._open_rows(query, values)

    def _saved_rows(self, query: str, values: tuple[object, ...]) -> list[tuple[Any, ...]]:
        if self._connection is None:
            return []
        return self._connection.execute(query, values).fetchall()

    def _open_rows(self, query: str, values: tuple[object, ...]) -> list[tuple[Any, ...]]:
        return [] if self._open_texts is None else self._open_texts.rows(query, values)

    def _merge(self) -> None:
        """Lay the open files over the saved ones."""
        self._used.clear()
        self._kept_hits.clear()
        self._files, self._ids = self._saved, self._saved_ids
        opened = {} if self._open_texts is None else self._open_texts.files
        if opened:
            hidden = {each.path for each in opened.values()}
            self._files = {file: each for file, each in self._saved.items() if each.path not in hidden} | opened
            self._ids = self._saved_ids | {each.path: file for file, each in opened.items()}

    def _question(self, name: str) -> _Question:
        return _Question(self, name)

    def _begin(self) -> None:
        self._lock.acquire()
        try:
            started = self._clock()
            # What has changed is looked at whole: cut off half-way, it would be begun again by every question.
            self._deadline = math.inf
            self._make_ready()
            self._deadline = started + self.query_ms / 1000
        except _FAULTS as error:
            if not (isinstance(error, sqlite3.OperationalError) and _PASSING.search(str(error))):
                self._complain("being opened", error)
        except BaseException:
            self._lock.release()
            raise

    def _end(self, name: str, error: BaseException | None) -> bool:
        """Close a question; true when its error is swallowed."""
        try:
            if isinstance(error, sqlite3.OperationalError) and _PASSING.search(str(error)):
                return True
            if isinstance(error, UnicodeEncodeError):  # lone surrogates, which nothing stored holds
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
            self._connection = connect_reader(self.database, self.form)
            if self._connection is None:
                return
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
        """The database has changed: read what is new in the table of files, forget the chunks of each word.

        A file that changes gets an id that no file had before, so that what is new has the highest ones. When files
        went without another in their place, the whole table is read.
        """
        self._chunk_lists.clear()
        self._runs = None
        self._common_terms.clear()
        self._take_new()
        (n_rows,) = self._saved_rows("SELECT count(*) FROM files", ())[0]
        if n_rows != len(self._saved) + len(self._skipped):
            self._forget_files()
            self._take_new()
        self._merge()

    def _take_new(self) -> None:
        if self._connection is None:
            return
        rows = self._connection.execute(
            "SELECT id, path, language, family, n_lines, skipped FROM files WHERE id > ?", (self._last_id,)
        )
        for file, path, language, family, n_lines, skipped in rows:
            self._skipped.discard(path)
            before = self._saved.pop(self._saved_ids.pop(path, -1), None)
            self._n_chunks -= 0 if before is None else -(-before.n_lines // CHUNK_LINES)
            self._last_id = max(self._last_id, file)
            if skipped is not None:
                self._skipped.add(path)
                continue
            self._saved[file] = IndexedFile(path, sys.intern(language), sys.intern(family), n_lines)
            self._saved_ids[path] = file
            self._n_chunks += -(-n_lines // CHUNK_LINES)

    def _forget_files(self) -> None:
        self._saved, self._saved_ids, self._skipped, self._last_id, self._n_chunks = {}, {}, set(), 0, 0

    def _left(self) -> float:
        """The share of the question's time that is left."""
        return (self._deadline - self._clock()) * 1000 / self.query_ms

    def _is_late(self) -> bool:
        return self._clock() > self._deadline

    def _forget(self) -> None:
        self._blocks.clear()
        if self._connection is not None:
            self._connection.close()
        self._connection = None
        self._inode = 0
        self._seen_version = -1
        self._forget_files()
        self._chunk_lists.clear()
        self._runs = None
        self._common_terms.clear()
        self._merge()


class _Question:
    """Holds the lock and the deadline of one question; what goes wrong ends the block, and what follows it answers."""

    __slots__ = ("_index", "_name")

    def __init__(self, index: IndexReader, name: str) -> None:
        self._index = index
        self._name = name

    def __enter__(self) -> None:
        self._index._begin()  # noqa: SLF001 -- a part of the index

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> bool:
        return self._index._end(self._name, error)  # noqa: SLF001 -- a part of the index
