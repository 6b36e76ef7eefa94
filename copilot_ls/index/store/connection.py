"""Opening the database of an index, for the one that writes and for those that read.

The file is its owner's alone (0600). Leaves the tables to `schema`, all questions to `reading` and `lookup`.
"""

from __future__ import annotations

import os
import sqlite3
from pathlib import Path
from typing import NamedTuple

from copilot_ls.errors import IndexUnavailableError
from copilot_ls.index import schema

_CACHE_KIB = 64 * 1024
_READER_CACHE_KIB = 8 * 1024
_BUSY_SECONDS = 10.0
_READER_BUSY_SECONDS = 0.02


class Form(NamedTuple):
    """The tables of a database, and the number that says which form they have."""

    version: int
    tables: str


WORKSPACE = Form(schema.SCHEMA_VERSION, schema.TABLES)


def connect_writer(database: Path, form: Form = WORKSPACE) -> sqlite3.Connection:
    """Open an index for writing, making it when there is none and anew when it is damaged or of another form.

    Raises `IndexUnavailableError` when that cannot be done.
    """
    try:
        database.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        for rebuilt in (False, True):
            connection = _open(database)
            try:
                if _has_form(connection, form):
                    return connection
                fault: sqlite3.Error | None = None
            except sqlite3.OperationalError as error:
                connection.close()
                if "malformed" not in str(error) and "no such" not in str(error):
                    raise  # busy, no space, no FTS5: building again would not help
                fault = error
            except sqlite3.DatabaseError as error:
                fault = error
            connection.close()
            if rebuilt:
                raise fault or sqlite3.DatabaseError("its tables could not be made")
            discard(database)
    except (OSError, sqlite3.Error) as error:
        raise IndexUnavailableError(
            f"the workspace index {database} cannot be written ({error}); "
            "expected a folder with write permission and SQLite with FTS5, set COPILOT_LS_CACHE_DIR to another folder"
        ) from error
    raise AssertionError  # the loop returns or raises


def _open(database: Path) -> sqlite3.Connection:
    # Made by us first, so that no moment exists at which others may read it.
    os.close(os.open(database, os.O_RDWR | os.O_CREAT, 0o600))
    database.chmod(0o600)
    connection = sqlite3.connect(database, timeout=_BUSY_SECONDS, isolation_level=None)
    connection.execute("PRAGMA trusted_schema = OFF")
    return connection


def _has_form(connection: sqlite3.Connection, form: Form) -> bool:
    """Prepare the connection; make the tables when there are none. False when they are of another form."""
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = NORMAL")
    connection.execute(f"PRAGMA cache_size = -{_CACHE_KIB}")
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    (n_tables,) = connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
    if not n_tables:
        connection.executescript(f"BEGIN; {form.tables} COMMIT;")
        return True
    return bool(version == form.version)


def connect_memory() -> sqlite3.Connection:
    """Tables like those on disk, in memory, for any one thread at a time."""
    connection = sqlite3.connect(":memory:", isolation_level=None, check_same_thread=False)
    connection.executescript(schema.TABLES)
    return connection


def discard(database: Path) -> None:
    """Delete an index and its companions."""
    for ending in ("", "-wal", "-shm"):
        Path(f"{database}{ending}").unlink(missing_ok=True)


def connect_reader(database: Path, form: Form = WORKSPACE) -> sqlite3.Connection | None:
    """Open an index for reading alone, from any thread; raises `sqlite3.Error` when it is not of our form.

    None for a file whose writer is only just making it.
    """
    connection = sqlite3.connect(
        f"{database.absolute().as_uri()}?mode=ro",
        uri=True,
        timeout=_READER_BUSY_SECONDS,
        isolation_level=None,
        check_same_thread=False,
    )
    try:
        connection.execute("PRAGMA query_only = ON")
        connection.execute("PRAGMA trusted_schema = OFF")
        # Not mapped into memory: of a large index, hundreds of megabytes would count as the server's.
        connection.execute(f"PRAGMA cache_size = -{_READER_CACHE_KIB}")
        (version,) = connection.execute("PRAGMA user_version").fetchone()
        is_empty = connection.execute("SELECT 1 FROM sqlite_master LIMIT 1").fetchone() is None
    except BaseException:
        connection.close()
        raise
    if version == form.version:
        return connection
    connection.close()
    if version == 0 and is_empty:
        return None
    raise sqlite3.DatabaseError(f"it has form {version}, expected {form.version}")
