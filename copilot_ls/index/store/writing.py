"""Writing the index of one workspace: one SQLite file, in WAL mode, readable by its owner alone.

Files come in batches; a batch is one transaction, so that a process killed at any moment loses one batch and no
consistency. A file is taken out by digesting its stored text again, which spares an index per table. Leaves to `worker`
which files to put in, and to `lookup` all questions. Called by `worker` alone: one writer per workspace.
"""

from __future__ import annotations

from collections import Counter
from contextlib import contextmanager
from typing import TYPE_CHECKING, NamedTuple

from copilot_ls.index import schema
from copilot_ls.index.digest import digest, pack, unpack
from copilot_ls.index.facts import has_grammar
from copilot_ls.index.store.connection import connect_writer
from copilot_ls.index.store.syntax_tables import INSERT_DEFINITION, insert_facts, remove_facts

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path

    from copilot_ls.index.digest import Digest
    from copilot_ls.index.facts import Facts

# Below the 999 variables that any SQLite allows in one statement.
_ASKED_AT_ONCE = 500


class StoredFile(NamedTuple):
    """What is remembered of a file to see whether it has changed."""

    file_id: int
    size: int
    mtime_ns: int
    hash: bytes
    skipped: str | None


class NewFile(NamedTuple):
    """A file to put in. `text` is empty and `skipped` says why for files that are known but not indexed."""

    path: str
    size: int
    mtime_ns: int
    hash: bytes
    language: str
    family: str
    text: str
    skipped: str | None = None


class UnparsedFile(NamedTuple):
    """A file whose facts are missing."""

    file_id: int
    path: str
    language: str
    size: int


class IndexStore:
    """The writing end of one index. Not for use by several threads."""

    def __init__(self, database: Path) -> None:
        self.database = database
        self._connection: sqlite3.Connection = connect_writer(database)

    def close(self) -> None:
        """Close; readers keep working."""
        self._connection.close()

    def stored_files(self) -> dict[str, StoredFile]:
        """All files known, by path."""
        rows = self._connection.execute("SELECT path, id, size, mtime_ns, hash, skipped FROM files")
        return {path: StoredFile(*rest) for path, *rest in rows}

    def touch(self, stats: Iterable[tuple[int, int, int]]) -> None:
        """Note new size and time of modification of files whose content is the same: `(size, mtime_ns, file id)`."""
        with self._transaction():
            self._connection.executemany("UPDATE files SET size = ?, mtime_ns = ? WHERE id = ?", stats)

    def set_meta(self, **values: str) -> None:
        """Remember facts about the index as a whole."""
        with self._transaction():
            self._connection.executemany("INSERT OR REPLACE INTO meta VALUES (?, ?)", values.items())

    def apply(self, new: Sequence[NewFile], gone: Sequence[str] = ()) -> None:
        """Put files in, replacing those of the same path, and take others out, in one transaction."""
        with self._transaction():
            for path in (*gone, *(each.path for each in new)):
                self._remove(path)
            self._insert(new)

    def unparsed_files(self) -> list[UnparsedFile]:
        """The files whose facts are still missing; those that came last are first, as somebody works on them."""
        rows = self._connection.execute("SELECT id, path, language, size FROM files WHERE parsed = 0 ORDER BY id DESC")
        return [UnparsedFile(*row) for row in rows]

    def text_of(self, file_id: int) -> str:
        """The text of a file as it is stored."""
        blocks = self._connection.execute(
            "SELECT data FROM blocks WHERE id BETWEEN ? AND ? ORDER BY id", _range(file_id)
        )
        lines = [line for (data,) in blocks for line in unpack(data)]
        return "\n".join([*lines, ""]) if lines else ""

    def put_facts(self, found: Iterable[tuple[int, Facts | None]]) -> None:
        """Put in the facts of files in one transaction; None for those that have none to be found."""
        with self._transaction():
            for file_id, facts in found:
                self._connection.execute("UPDATE files SET parsed = 1 WHERE id = ?", (file_id,))
                if facts is not None:
                    remove_facts(self._connection, file_id)
                    insert_facts(self._connection, file_id, facts)

    def optimize(self) -> None:
        """After a build: let the full-text segments be merged a little and the planner know the tables."""
        with self._transaction():
            for table in ("chunks", "pieces", "used_names"):
                self._connection.execute(f"INSERT INTO {table}({table}, rank) VALUES ('merge', 500)")  # noqa: S608 -- own names
        self._connection.execute("PRAGMA optimize")
        self._connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        self._connection.execute("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            if self._connection.in_transaction:
                self._connection.execute("ROLLBACK")
            raise
        self._connection.execute("COMMIT")

    def _insert(self, new: Sequence[NewFile]) -> None:
        run, run_many = self._connection.execute, self._connection.executemany
        digests: list[tuple[int, Digest]] = []
        for each in new:
            taken = digest(each.text, each.family)
            row = (
                each.path,
                each.size,
                each.mtime_ns,
                each.hash,
                each.language,
                each.family,
                len(taken.lines),
                each.skipped,
                each.skipped is not None or not has_grammar(each.language),
            )
            cursor = run(
                "INSERT INTO files(path, size, mtime_ns, hash, language, family, n_lines, skipped, parsed) "
                "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
                row,
            )
            file_id = cursor.lastrowid or 0
            digests.append((file_id, taken))
            run_many(
                "INSERT INTO blocks VALUES (?, ?)",
                [(file_id << schema.CHUNK_BITS | at, data) for at, data in enumerate(pack(taken.lines))],
            )
            run_many(
                INSERT_DEFINITION,
                [(*definition, definition.end, file_id) for definition in taken.definitions],
            )
        run_many(
            "INSERT INTO chunks(rowid, terms) VALUES (?, ?)",
            [
                (file_id << schema.CHUNK_BITS | at, terms)
                for file_id, taken in digests
                for at, terms in enumerate(taken.chunks)
            ],
        )
        ids = self._count_lines(Counter(key for _, taken in digests for key in taken.keys if key))
        run_many(
            "INSERT INTO places VALUES (?, ?, ?, ?)",
            sorted(place for file_id, taken in digests for place in _places(file_id, taken, ids)),
        )

    def _count_lines(self, counted: Counter[str]) -> dict[str, int]:
        """Add to the lines' counts, making those that are new; returns the id of each.

        New lines get ids in order of frequency, so that reading the full-text table in order of id meets frequent lines
        first.
        """
        run, run_many = self._connection.execute, self._connection.executemany
        ids: dict[str, int] = {}
        n_lines = run("SELECT ifnull(max(id), 0) FROM lines").fetchone()[0]
        if n_lines:
            known = sorted(counted)  # in order of the table's index: each page is read once
            for start in range(0, len(known), _ASKED_AT_ONCE):
                asked = known[start : start + _ASKED_AT_ONCE]
                marks = ",".join("?" * len(asked))
                ids.update(run(f"SELECT text, id FROM lines WHERE text IN ({marks})", asked))  # noqa: S608 -- marks alone
            run_many(
                "UPDATE lines SET count = count + ? WHERE id = ?", [(counted[text], at) for text, at in ids.items()]
            )
            run_many(
                f"UPDATE lines SET tier = {schema.TIER_SQL} WHERE id = ? AND tier <> {schema.TIER_SQL}",  # noqa: S608 -- own text
                [(at,) for at in ids.values()],
            )
        fresh = [(text, count) for text, count in counted.most_common() if text not in ids]
        new_ids = {text: at for at, (text, _) in enumerate(fresh, n_lines + 1)}
        run_many(
            "INSERT INTO lines VALUES (?, ?, ?, ?)",
            [(new_ids[text], text, count, 0 if count == 1 else schema.tier_of(count)) for text, count in fresh],
        )
        run_many("INSERT INTO pieces(rowid, text) VALUES (?, ?)", [(at, text) for text, at in new_ids.items()])
        return ids | new_ids

    def _remove(self, path: str) -> None:
        run, run_many = self._connection.execute, self._connection.executemany
        row = run("SELECT id, family FROM files WHERE path = ?", (path,)).fetchone()
        if row is None:
            return
        file_id, family = row
        taken = digest(self.text_of(file_id), family)
        run_many(
            "INSERT INTO chunks(chunks, rowid, terms) VALUES ('delete', ?, ?)",
            [(file_id << schema.CHUNK_BITS | at, terms) for at, terms in enumerate(taken.chunks)],
        )
        counted = Counter(key for key in taken.keys if key)
        ids: dict[str, int] = {}
        for text, count in counted.items():
            found = run("SELECT id, count FROM lines WHERE text = ?", (text,)).fetchone()
            if found is None:
                continue
            ids[text] = at = found[0]
            if found[1] > count:
                run(f"UPDATE lines SET count = count - ?1, tier = {_TIER_AFTER} WHERE id = ?2", (count, at))  # noqa: S608 -- own text
            else:
                run("INSERT INTO pieces(pieces, rowid, text) VALUES ('delete', ?, ?)", (at, text))
                run("DELETE FROM lines WHERE id = ?", (at,))
        run_many("DELETE FROM places WHERE line = ? AND prev = ? AND file = ? AND at = ?", _places(file_id, taken, ids))
        run("DELETE FROM blocks WHERE id BETWEEN ? AND ?", _range(file_id))
        remove_facts(self._connection, file_id)
        run("DELETE FROM files WHERE id = ?", (file_id,))


def _range(file_id: int) -> tuple[int, int]:
    return file_id << schema.CHUNK_BITS, ((file_id + 1) << schema.CHUNK_BITS) - 1


_TIER_AFTER = schema.TIER_SQL.replace("count", "(count - ?1)")


def _places(file_id: int, taken: Digest, ids: dict[str, int]) -> list[tuple[int, int, int, int]]:
    """`(line, previous line, file, line number)` of every kept line; the previous line is the last one not blank."""
    places = []
    previous = 0
    for at, key in enumerate(taken.keys):
        if key:
            line = ids.get(key, 0)
            places.append((line, previous, file_id, at))
            previous = line
        elif taken.lines[at].strip():
            previous = 0
    return places
