"""Writing the index of one workspace: one SQLite file, in WAL mode, readable by its owner alone.

A file is put in in two steps, each for many files in one transaction, so that a process killed at any moment loses one
batch and no consistency: `apply` makes it known, readable and searchable, `finish` adds its lines (`line_tables`) and
its syntax (`syntax_tables`). A file is taken out by working out from its stored text once more what was put in, which
spares an index per table. Leaves to `worker` which files to put in, and to `lookup` all questions. One writer per
workspace.
"""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, NamedTuple

from copilot_ls.index import schema
from copilot_ls.index.digest import digest
from copilot_ls.index.store.connection import connect_memory, connect_writer
from copilot_ls.index.store.line_tables import insert_lines, remove_lines, tidy_lines
from copilot_ls.index.store.syntax_tables import insert_facts, insert_names, remove_facts

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path

    from copilot_ls.index.facts import Facts


class StoredFile(NamedTuple):
    """What is remembered of a file to see whether it has changed."""

    file_id: int
    size: int
    mtime_ns: int
    hash: bytes
    skipped: str | None


class NewFile(NamedTuple):
    """A file to put in: what is known of it, and its text taken apart (`digest.Digest`).

    `skipped` says why for files that are known but not indexed.
    """

    path: str
    size: int
    mtime_ns: int
    hash: bytes
    language: str
    family: str
    skipped: str | None
    n_lines: int = 0
    blocks: Sequence[str] = ()
    chunks: Sequence[str] = ()


class UnfinishedFile(NamedTuple):
    """A file that has been put in, but for its lines and its syntax."""

    file_id: int
    path: str
    language: str
    family: str
    size: int


class IndexStore:
    """The writing end of one index. Not for use by several threads."""

    def __init__(self, database: Path | None, *, first_id: int = 1) -> None:
        """Without `database`, the tables are in memory, and the ids of files begin with `first_id`."""
        self._connection: sqlite3.Connection = connect_writer(database) if database else connect_memory()
        if first_id > 1:  # a new id is one more than the highest
            row = (first_id - 1, "", "not a file", True)
            self._connection.execute("INSERT INTO files(id, path, skipped, finished) VALUES (?, ?, ?, ?)", row)

    def close(self) -> None:
        """Close; readers keep working."""
        self._connection.close()

    def stored_files(self) -> dict[str, StoredFile]:
        """All files known, by path."""
        rows = self._connection.execute("SELECT path, id, size, mtime_ns, hash, skipped FROM files")
        return {path: StoredFile(*rest) for path, *rest in rows}

    def unfinished_files(self) -> list[UnfinishedFile]:
        """The files that lack their second step; what came last comes first, as somebody works on it."""
        asked = "SELECT id, path, language, family, size FROM files WHERE finished = 0 ORDER BY id DESC"
        return [UnfinishedFile(*row) for row in self._connection.execute(asked)]

    def n_unfinished(self) -> int:
        """How many files lack their second step."""
        return int(self._connection.execute("SELECT count(*) FROM files WHERE finished = 0").fetchone()[0])

    def text_of(self, file_id: int) -> str:
        """The text of a file as it is stored; each of its lines ends."""
        asked = "SELECT text FROM blocks WHERE id BETWEEN ? AND ? ORDER BY id"
        return "".join([f"{text}\n" for (text,) in self._connection.execute(asked, _range(file_id))])

    def rows(self, query: str, values: tuple[object, ...]) -> list[tuple[Any, ...]]:
        """What a question answers."""
        return self._connection.execute(query, values).fetchall()

    def used_bytes(self) -> int:
        """How much of the database is in use, what is not yet committed included."""
        (pages,) = self._connection.execute("PRAGMA page_count").fetchone()
        (free,) = self._connection.execute("PRAGMA freelist_count").fetchone()
        (size,) = self._connection.execute("PRAGMA page_size").fetchone()
        return int((pages - free) * size)

    def touch(self, stats: Iterable[tuple[int, int, int]]) -> None:
        """Note new size and time of modification of files whose content is the same: `(size, mtime_ns, file id)`."""
        with self.transaction():
            self._connection.executemany("UPDATE files SET size = ?, mtime_ns = ? WHERE id = ?", stats)

    def set_meta(self, **values: str) -> None:
        """Remember facts about the index as a whole."""
        with self.transaction():
            self._connection.executemany("INSERT OR REPLACE INTO meta VALUES (?, ?)", values.items())

    def apply(self, new: Sequence[NewFile], gone: Sequence[str] = ()) -> None:
        """The first step: put files in, replacing those of the same path, and take others out."""
        with self.transaction():
            for path in (*gone, *(each.path for each in new)):
                self._remove(path)
            if gone:
                tidy_lines(self._connection)
            for each in new:
                self._insert(each)

    def finish(self, files: Sequence[tuple[int, str, Facts]]) -> None:
        """The second step: add the lines of texts and their syntax, by the ids of their files."""
        with self.transaction():
            insert_lines(self._connection, [(file_id, text) for file_id, text, _ in files])
            tidy_lines(self._connection)
            insert_names(self._connection, (each[0] for *_, facts in files for each in facts.definitions))
            for file_id, _, facts in files:
                insert_facts(self._connection, file_id, facts)
                self._connection.execute("UPDATE files SET finished = 1 WHERE id = ?", (file_id,))

    def optimize(self) -> None:
        """After a build: let the full-text segments be merged a little and the planner know the tables."""
        with self.transaction():
            for table in ("chunks", "used_names", "name_pieces", "repeated_words"):
                self._connection.execute(f"INSERT INTO {table}({table}, rank) VALUES ('merge', 500)")  # noqa: S608 -- own names
        self._connection.execute("PRAGMA optimize")
        self._connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All or nothing of what is done within; those within others belong to the outermost."""
        is_outermost = not self._connection.in_transaction
        if not is_outermost:
            yield
            return
        self._connection.execute("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            if self._connection.in_transaction:
                self._connection.execute("ROLLBACK")
            raise
        self._connection.execute("COMMIT")

    def _insert(self, new: NewFile) -> None:
        finished = new.skipped is not None
        row = (new.path, new.size, new.mtime_ns, new.hash, new.language, new.family, new.n_lines, new.skipped, finished)
        cursor = self._connection.execute(
            "INSERT INTO files(path, size, mtime_ns, hash, language, family, n_lines, skipped, finished) "
            "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
            row,
        )
        first = (cursor.lastrowid or 0) << schema.CHUNK_BITS
        run_many = self._connection.executemany
        run_many("INSERT INTO blocks VALUES (?, ?)", enumerate(new.blocks, first))
        run_many("INSERT INTO chunks(rowid, terms) VALUES (?, ?)", enumerate(new.chunks, first))

    def _remove(self, path: str) -> None:
        run = self._connection.execute
        row = run("SELECT id, finished, skipped, run FROM files WHERE path = ?", (path,)).fetchone()
        if row is None:
            return
        file_id, finished, skipped, run_of_lines = row
        text = self.text_of(file_id)
        self._connection.executemany(
            "INSERT INTO chunks(chunks, rowid, terms) VALUES ('delete', ?, ?)",
            enumerate(digest(text).chunks, file_id << schema.CHUNK_BITS),
        )
        if finished and skipped is None:
            remove_lines(self._connection, run_of_lines)
            remove_facts(self._connection, file_id)
        run("DELETE FROM blocks WHERE id BETWEEN ? AND ?", _range(file_id))
        run("DELETE FROM files WHERE id = ?", (file_id,))


def _range(file_id: int) -> tuple[int, int]:
    return file_id << schema.CHUNK_BITS, ((file_id + 1) << schema.CHUNK_BITS) - 1
