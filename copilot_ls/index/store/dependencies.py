"""The declarations of installed packages on disk: one SQLite file for all workspaces, which share packages.

The writing end, for workers: several may write, one transaction at a time. A database that is damaged or of another
form is made anew, as that of a workspace is. What it is asked is in `copilot_ls.index.dependencies.lookup`.
"""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from copilot_ls.index.store.connection import Form, connect_writer

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from copilot_ls.index.dependencies.packages import Package, SourceFile
    from copilot_ls.index.dependencies.signatures import Offered

FORM = Form(
    1,
    """
CREATE TABLE packages(
    id INTEGER PRIMARY KEY AUTOINCREMENT, ecosystem TEXT NOT NULL, name TEXT NOT NULL, version TEXT NOT NULL,
    UNIQUE(ecosystem, name, version)
);
-- Which packages the workspace with this key imports, and the day when it was last indexed.
CREATE TABLE uses(workspace TEXT, package INTEGER, day INTEGER, PRIMARY KEY(workspace, package)) WITHOUT ROWID;
CREATE TABLE files(id INTEGER PRIMARY KEY, package INTEGER NOT NULL, path TEXT NOT NULL, module TEXT NOT NULL);
CREATE INDEX files_by_package ON files(package, module);
CREATE TABLE declarations(
    package INTEGER NOT NULL, file INTEGER NOT NULL, name TEXT NOT NULL, kind TEXT, line INTEGER, end INTEGER, container
    TEXT, signature TEXT
);
CREATE INDEX declarations_by_name ON declarations(name);
CREATE INDEX declarations_by_file ON declarations(file);
CREATE INDEX declarations_by_container ON declarations(container, package) WHERE container <> '';
-- Names that a module offers and another one declares; * for all.
CREATE TABLE exports(package INTEGER NOT NULL, module TEXT NOT NULL, name TEXT NOT NULL, source TEXT, original TEXT);
CREATE INDEX exports_by_module ON exports(package, module);
PRAGMA user_version = 1;
""",
)
_MOST_BYTES = 256_000_000
_FORGOTTEN_AFTER_DAYS = 90


class DependencyStore:
    """The writing end. Not for use by several threads."""

    def __init__(self, database: Path) -> None:
        self._connection: sqlite3.Connection = connect_writer(database, FORM)

    def close(self) -> None:
        """Close; readers keep working."""
        self._connection.close()

    def known(self) -> dict[tuple[str, str, str], int]:
        """The id of every package that is stored, by its key."""
        rows = self._connection.execute("SELECT ecosystem, name, version, id FROM packages")
        return {(ecosystem, name, version): at for ecosystem, name, version, at in rows}

    def put(self, package: Package, files: Iterable[tuple[SourceFile, Offered]], workspace: str, day: int) -> int:
        """Put a package in for a workspace, unless another worker has meanwhile; returns its id."""
        run, run_many = self._connection.execute, self._connection.executemany
        with self._transaction():
            at = self._id_of(package)
            if at is None:
                at = run("INSERT INTO packages(ecosystem, name, version) VALUES (?, ?, ?)", package.key).lastrowid or 0
                for source, found in files:
                    file = run(
                        "INSERT INTO files(package, path, module) VALUES (?, ?, ?)", (at, *source[1:3])
                    ).lastrowid
                    run_many(
                        "INSERT INTO declarations(name, kind, line, end, container, signature, package, file) "
                        "VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                        [(*definition, at, file) for definition in found.definitions],
                    )
                    run_many(
                        "INSERT INTO exports VALUES (?, ?, ?, ?, ?)",
                        [(at, source.module, *export) for export in found.exports],
                    )
            run("INSERT OR REPLACE INTO uses VALUES (?, ?, ?)", (workspace, at, day))
            return at

    def _id_of(self, package: Package) -> int | None:
        question = "SELECT id FROM packages WHERE ecosystem = ? AND name = ? AND version = ?"
        row = self._connection.execute(question, package.key).fetchone()
        return None if row is None else int(row[0])

    def use(self, workspace: str, packages: Iterable[int], day: int) -> None:
        """Note which packages a workspace imports, today, and no others."""
        wanted = [(workspace, at, day) for at in sorted(set(packages))]
        rows = self._connection.execute("SELECT * FROM uses WHERE workspace = ? ORDER BY package", (workspace,))
        if rows.fetchall() == wanted:
            return
        with self._transaction():
            self._connection.execute("DELETE FROM uses WHERE workspace = ?", (workspace,))
            self._connection.executemany("INSERT INTO uses SELECT ?1, id, ?3 FROM packages WHERE id = ?2", wanted)

    def trim(self, day: int, max_bytes: int = _MOST_BYTES) -> None:
        """Forget packages that no workspace has used for long; when that is not enough, those used longest ago."""
        run = self._connection.execute
        with self._transaction():
            run("DELETE FROM uses WHERE day < ?", (day - _FORGOTTEN_AFTER_DAYS,))
            for (at,) in run("SELECT id FROM packages WHERE id NOT IN (SELECT package FROM uses)").fetchall():
                self._forget(at)
            while self._n_bytes() > max_bytes:
                oldest = run("SELECT package FROM uses GROUP BY package ORDER BY max(day), package LIMIT 1").fetchone()
                if oldest is None:
                    break
                self._forget(oldest[0])

    def _n_bytes(self) -> int:
        (pages,) = self._connection.execute("PRAGMA page_count").fetchone()
        (free,) = self._connection.execute("PRAGMA freelist_count").fetchone()
        (size,) = self._connection.execute("PRAGMA page_size").fetchone()
        return int((pages - free) * size)

    def _forget(self, package: int) -> None:
        for table in ("declarations", "files", "exports", "uses"):
            self._connection.execute(f"DELETE FROM {table} WHERE package = ?", (package,))  # noqa: S608 -- own names
        self._connection.execute("DELETE FROM packages WHERE id = ?", (package,))

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
