"""The telemetry database: one SQLite file that several servers write at once and that survives `kill -9`.

WAL with `synchronous=NORMAL`: a killed process loses what it had not committed and nothing else; a power cut may lose
the last transactions, never the file. Access is for its owner alone (0600 in a 0700 folder). A file that is not a
database any more is set aside as `<name>.corrupt-<n>`, never deleted; one written by a newer version is left alone.

Everything here may raise `StoreError` or `sqlite3.Error` and may wait for the disk: only `recorder`'s thread, `report`
and the command line call it. The only importer of sqlite3 for telemetry.
"""

from __future__ import annotations

import errno
import os
import shutil
import sqlite3
import time
from contextlib import closing, contextmanager, suppress
from typing import TYPE_CHECKING

from copilot_ls_telemetry.obstacles import NewerSchemaError, NothingRecordedError, StoreError, is_corrupt, reason_of
from copilot_ls_telemetry.rows import insertion
from copilot_ls_telemetry.schema import SCHEMA_VERSION, gone, missing, newer, statements
from copilot_ls_telemetry.totals import (
    drop_days_before,
    drop_oldest_days,
    ends,
    first_at_or_after,
    take_batch,
    thin_batch,
    totalled_until,
    totals_bytes,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from pathlib import Path

    from copilot_ls_telemetry.events import Event

# What others use of it; the errors are told apart here, and said in words in `obstacles`.
__all__ = (
    "Connection",
    "NewerSchemaError",
    "NothingRecordedError",
    "Store",
    "StoreError",
    "all_events",
    "delete",
    "is_corrupt",
    "obstacle",
    "reading",
    "set_aside",
    "set_aside_files",
    "summary",
    "used_bytes",
)

# "CpLs" in ASCII: lets `file` and us tell this database from another program's.
APPLICATION_ID = 0x43704C73

_BUSY_TIMEOUT_S = 5.0
# Pages of the write-ahead log before it is folded into the database: 1 MiB at SQLite's page size of 4 KiB.
_CHECKPOINT_PAGES = 256
# An event is settled, and may be taken into the totals, when a whole day lies between it and today: by then its
# suggestion has ended.
_SETTLED_AFTER_S = 86_400.0
# Requests that came to no suggestion are looked at one by one for as long as somebody may wonder about them.
_REQUESTS_KEPT_S = 14 * 86_400.0
# Deleting so many takes some hundredths of a second.
_DELETED_AT_ONCE = 5_000
# A batch of events with its log fits in this.
_LEAST_FREE_BYTES = 1_000_000
# Share of the rows that goes when the database is over its limit: room for a while, without losing much of the past.
_SHRINK_SHARE = 0.1


Connection = sqlite3.Connection


class Store:
    """An open database to write to. Belongs to the thread that opened it."""

    def __init__(
        self,
        path: Path,
        *,
        max_bytes: int,
        retention_days: float,
        totals_days: float = 36_500,
        wall_clock: Callable[[], float],
    ) -> None:
        self.path = path
        self._max_bytes = max_bytes
        self._retention_s = retention_days * 86_400
        self._totals_s = totals_days * 86_400
        self._wall_clock = wall_clock
        _make_private(path)
        self._connection = _connect(path)
        try:
            _prepare(self._connection, path)
        except BaseException:
            self._connection.close()
            raise
        self._identity = _identity(path)

    def moved(self) -> bool:
        """Whether the file at `path` is no longer the one that is open: deleted, or set aside by another server."""
        return _identity(self.path) != self._identity

    def write(self, events: Iterable[Event]) -> None:
        """Commit `events`, all or none."""
        execute = self._connection.execute
        with _transaction(self._connection):
            for event in events:
                execute(*insertion(event))

    def is_too_large(self) -> bool:
        """Whether the database is over its size. Costs some microseconds."""
        return used_bytes(self._connection) > self._max_bytes

    def keep_up(self, *, may_go_on: Callable[[], bool] = lambda: True) -> None:
        """Take what is settled into the daily totals, then keep the database within its age and size: the oldest go.

        In short transactions, before each of which `may_go_on` is asked. Put off when the database is busy or the disk
        full.
        """
        with suppress(sqlite3.OperationalError):
            self._keep_up(may_go_on)

    def _keep_up(self, may_go_on: Callable[[], bool]) -> None:
        connection, now = self._connection, self._wall_clock()
        settled = _midnight(now) - _SETTLED_AFTER_S
        while may_go_on() and take_batch(connection, before=settled):
            pass
        oldest = min(first_at_or_after(connection, now - self._retention_s), totalled_until(connection) + 1)
        self._delete_below(oldest, may_go_on)
        is_thinner = True
        while is_thinner and may_go_on():
            with _transaction(connection):
                is_thinner = thin_batch(connection, before=now - _REQUESTS_KEPT_S)
            self._give_back()
        if may_go_on():
            with _transaction(connection):
                drop_days_before(connection, now - self._totals_s)
            self._give_back()
        while may_go_on() and self.is_too_large() and self._shrink(may_go_on):
            pass

    def _shrink(self, may_go_on: Callable[[], bool]) -> bool:
        """Delete a share of the oldest events, or of the totals where these take most; False when nothing is left."""
        connection = self._connection
        first, last = ends(connection)
        if first == last or 2 * totals_bytes(connection) > self._max_bytes:
            with _transaction(connection):
                has_shrunk = drop_oldest_days(connection, _SHRINK_SHARE)
            self._give_back()
            return has_shrunk
        below = first + int((last - first) * _SHRINK_SHARE) + 1
        # What has no part in the totals yet gets it first, settled or not.
        while totalled_until(connection) + 1 < below and may_go_on():
            take_batch(connection, before=float("inf"), batch=below - first)
        self._delete_below(below, may_go_on)
        return True

    def _delete_below(self, below: int, may_go_on: Callable[[], bool]) -> None:
        """Delete the events with a smaller id, some thousands at a time, so that other servers never wait for long.

        The last one stays: without it the next would get an id that the totals have passed already.
        """
        connection = self._connection
        while may_go_on():
            first, last = ends(connection)
            if first >= min(below, last):
                return
            with _transaction(connection):
                connection.execute("DELETE FROM events WHERE id < ?", (min(below, last, first + _DELETED_AT_ONCE),))
            self._give_back()

    def _give_back(self) -> None:
        for _ in self._connection.execute("PRAGMA incremental_vacuum"):
            pass

    def interrupt(self) -> None:
        """Make what another thread does with this store end with an error. Safe from any thread."""
        self._connection.interrupt()

    def close(self) -> None:
        """Close the database; what was written is committed already."""
        with suppress(sqlite3.Error):
            self._connection.close()


@contextmanager
def _transaction(connection: Connection) -> Iterator[None]:
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
        connection.execute("COMMIT")
    except BaseException:
        with suppress(sqlite3.Error):  # some errors, a full disk for one, have rolled back by themselves
            connection.execute("ROLLBACK")
        raise


def _midnight(at: float) -> float:
    """When the day of `at` began, in local time."""
    local = time.localtime(at)
    return time.mktime((local.tm_year, local.tm_mon, local.tm_mday, 0, 0, 0, 0, 0, -1))


@contextmanager
def reading(path: Path) -> Iterator[sqlite3.Connection]:
    """A connection that cannot write, within one transaction: all queries see the same events.

    Raises `StoreError`, with a message for the user, when there is nothing to read or it cannot be read.
    """
    if not path.exists():
        raise NothingRecordedError(f"no telemetry database at {path}: nothing has been recorded yet")
    try:
        with closing(_connect_to_read(path)) as connection:
            _check_version(connection, path)
            connection.row_factory = sqlite3.Row
            connection.execute("PRAGMA temp_store = MEMORY")
            connection.execute("BEGIN")
            if _is_empty(connection):
                raise NothingRecordedError(f"{path} is only just being made: nothing has been recorded yet")
            if _version_of(connection)[1] < SCHEMA_VERSION:
                # An older version's, to which nothing has been written since: seen as it will be.
                columns = "".join(f", NULL AS {name}" for name, _ in missing(_version_of(connection)[1]))
                view = f"CREATE TEMP VIEW events AS SELECT *{columns} FROM main.events"  # noqa: S608  # own names
                connection.execute(view)
                for name, statement in newer(_version_of(connection)[1]):
                    if not name.startswith("INDEX"):
                        connection.execute(statement.replace("CREATE ", "CREATE TEMP ", 1))
            yield connection
    except sqlite3.Error as error:
        raise StoreError(
            f"{path} cannot be read as a telemetry database ({error}); "
            "`copilot-ls telemetry delete` removes it, and recording starts anew"
        ) from error


def _connect_to_read(path: Path) -> sqlite3.Connection:
    address = path.absolute().as_uri()
    connection = sqlite3.connect(f"{address}?mode=ro", uri=True, timeout=_BUSY_TIMEOUT_S)
    try:
        connection.execute("PRAGMA schema_version")
    except sqlite3.OperationalError:
        connection.close()
        # In a folder that cannot be written to, SQLite cannot make its lock file; then nobody else writes either.
        return sqlite3.connect(f"{address}?immutable=1", uri=True)
    except BaseException:
        connection.close()
        raise
    return connection


def make_empty(path: Path) -> None:
    """Make a database of this version in which nothing is recorded. Raises `StoreError` and `OSError`."""
    Store(path, max_bytes=1, retention_days=1, wall_clock=time.time).close()


def open_to_merge(path: Path) -> sqlite3.Connection:
    """A connection that writes, and to which other databases can be attached to be read."""
    return sqlite3.connect(path.absolute().as_uri(), uri=True, isolation_level=None)


def summary(path: Path) -> dict[str, int | float | str | None]:
    """How much there is: `n_events`, `n_sessions`, and the unix times `first_at` and `last_at`.

    Of the daily totals, `n_days` and the `first_day`.
    """
    with reading(path) as connection:
        return dict(
            connection.execute(
                "SELECT count(*) AS n_events, count(DISTINCT session_id) AS n_sessions,"
                " min(at) AS first_at, max(at) AS last_at, (SELECT count(*) FROM days) AS n_days,"
                " (SELECT min(day) FROM days) AS first_day FROM events"
            ).fetchone()
        )


def all_events(path: Path) -> Iterator[dict[str, object]]:
    """Every event, oldest first, without the fields that it does not have."""
    with reading(path) as connection:
        for row in connection.execute("SELECT * FROM events ORDER BY id"):
            yield {name: row[name] for name in row.keys() if row[name] is not None}  # noqa: SIM118  # a Row's own


def used_bytes(connection: sqlite3.Connection) -> int:
    """Bytes of the database that hold something."""
    ((n_pages, n_free, page_size),) = connection.execute(
        "SELECT page_count, freelist_count, page_size FROM pragma_page_count, pragma_freelist_count, pragma_page_size"
    )
    return int((n_pages - n_free) * page_size)


def obstacle(path: Path) -> str | None:
    """Why nothing can be recorded in the database at `path`, and what mends it; None when it can, or is not there yet.

    Tried, not guessed; nothing is written.
    """
    if not path.exists():
        return None
    try:
        with closing(sqlite3.connect(path, timeout=_BUSY_TIMEOUT_S, isolation_level=None)) as connection:
            _check_version(connection, path)
            connection.execute("BEGIN IMMEDIATE")
            connection.execute("ROLLBACK")
        if shutil.disk_usage(path.parent).free < _LEAST_FREE_BYTES:
            return reason_of(OSError(errno.ENOSPC, os.strerror(errno.ENOSPC)), path)
    except (StoreError, sqlite3.Error, OSError) as error:
        return reason_of(error, path)
    return None


def set_aside(path: Path) -> Path | None:
    """Move a corrupt database out of the way, with its log files; None when another server has done so already."""
    found = _identity(path)
    if found is None or _opens(path) or _identity(path) != found:
        return None
    number = 1
    while (aside := path.with_name(f"{path.name}.corrupt-{number}")).exists():
        number += 1
    path.replace(aside)
    for ending in ("-wal", "-shm"):
        with suppress(FileNotFoundError):
            path.with_name(path.name + ending).replace(aside.with_name(aside.name + ending))
    return aside


def set_aside_files(path: Path) -> list[Path]:
    """The corrupt databases that were set aside, oldest first."""
    return sorted(path.parent.glob(f"{path.name}.corrupt-*"))


def delete(path: Path) -> bool:
    """Delete all that was recorded; False when the emptied file had to stay because a running server has it open.

    Rows are overwritten with zeros before the file goes, so that a server which holds the file open holds nothing.
    """
    for aside in set_aside_files(path):
        aside.unlink(missing_ok=True)
    if not path.exists():
        return True
    try:
        with closing(sqlite3.connect(path, timeout=_BUSY_TIMEOUT_S, isolation_level=None)) as connection:
            if _is_foreign(connection):
                raise NewerSchemaError(f"{path} is a database of another program; it was not deleted")
            connection.execute("PRAGMA secure_delete = ON")
            for (table,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall():
                connection.execute(f"DELETE FROM {table}")  # noqa: S608  # own names
            connection.execute("VACUUM")
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            try:
                # Succeeds only when nobody else has the database open.
                connection.execute("PRAGMA journal_mode = DELETE")
            except sqlite3.OperationalError:
                return False
    except sqlite3.DatabaseError as error:
        if isinstance(error, sqlite3.OperationalError):
            raise StoreError(f"{path} could not be deleted: {error}") from error
    for ending in ("", "-wal", "-shm"):
        path.with_name(path.name + ending).unlink(missing_ok=True)
    return True


def _make_private(path: Path) -> None:
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    # Made before SQLite opens it: SQLite would make it readable for others, and gives its log files the mode it finds.
    # One that is there is left alone: closing any descriptor of a file gives up the locks that this process has on it,
    # those of SQLite's other connections as well, and the last server to end would take their log away.
    with suppress(FileExistsError):
        os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600))
    if os.name == "posix":
        for name, mode in ((path, 0o600), (path.parent, 0o700)):
            with suppress(PermissionError):  # somebody else's folder, where only our file can be private
                name.chmod(mode)


def _connect(path: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(path, timeout=_BUSY_TIMEOUT_S, isolation_level=None)
    try:
        connection.execute("PRAGMA synchronous = NORMAL")
    except BaseException:
        connection.close()
        raise
    return connection


def _prepare(connection: sqlite3.Connection, path: Path) -> None:
    _check_version(connection, path)
    if _version_of(connection)[1] == 0:
        # Takes effect only before the first table; and the journal mode cannot change within a transaction.
        connection.execute("PRAGMA auto_vacuum = INCREMENTAL")
    _enter_wal(connection)
    connection.execute(f"PRAGMA wal_autocheckpoint = {_CHECKPOINT_PAGES}")
    connection.execute(f"PRAGMA journal_size_limit = {_CHECKPOINT_PAGES * 4096}")
    if _version_of(connection)[1] == SCHEMA_VERSION:
        return
    connection.execute("BEGIN IMMEDIATE")
    try:
        version = _version_of(connection)[1]  # another server may have been first
        if version == 0:
            for statement in statements():
                connection.execute(statement)
            connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
        for name, kind in missing(version) if version else ():
            connection.execute(f"ALTER TABLE events ADD COLUMN {name} {kind}")
        if version:
            views = connection.execute("SELECT 'VIEW ' || name FROM sqlite_master WHERE type = 'view'").fetchall()
            for name in [*gone(version), *(name for (name,) in views)]:
                connection.execute(f"DROP {name.replace(' ', ' IF EXISTS ', 1)}")
            for _, statement in newer(version):
                connection.execute(statement)
        connection.execute(f"PRAGMA user_version = {SCHEMA_VERSION}")
        connection.execute("COMMIT")
    except BaseException:
        with suppress(sqlite3.Error):
            connection.execute("ROLLBACK")
        raise


def _enter_wal(connection: sqlite3.Connection) -> None:
    # SQLite does not wait for other connections here, busy timeout or not (the switch needs an exclusive lock).
    deadline = time.monotonic() + _BUSY_TIMEOUT_S
    while True:
        try:
            connection.execute("PRAGMA journal_mode = WAL")
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY or time.monotonic() > deadline:
                raise
            time.sleep(0.01)
        else:
            return


def _check_version(connection: sqlite3.Connection, path: Path) -> None:
    _, version = _version_of(connection)
    if _is_foreign(connection):
        raise NewerSchemaError(f"{path} is a database of another program; move it, or set another state folder")
    if version > SCHEMA_VERSION:
        raise NewerSchemaError(
            f"{path} was written by a newer copilot-ls (schema {version}; this one knows {SCHEMA_VERSION}): "
            "upgrade copilot-ls, or move the file away to start anew"
        )


def _is_empty(connection: sqlite3.Connection) -> bool:
    return connection.execute("SELECT 1 FROM sqlite_master LIMIT 1").fetchone() is None


def _version_of(connection: sqlite3.Connection) -> tuple[int, int]:
    ((application,),) = connection.execute("PRAGMA application_id")
    ((version,),) = connection.execute("PRAGMA user_version")
    return application, version


def _is_foreign(connection: sqlite3.Connection) -> bool:
    """Whether another program made the database; a new, empty one is nobody's yet."""
    application, _ = _version_of(connection)
    if application == 0:
        return connection.execute("SELECT 1 FROM sqlite_master LIMIT 1").fetchone() is not None
    return application != APPLICATION_ID


def _opens(path: Path) -> bool:
    """Whether the file is a sound database after all: another server may have replaced it meanwhile."""
    try:
        with closing(sqlite3.connect(path, timeout=_BUSY_TIMEOUT_S)) as connection:
            return bool(connection.execute("PRAGMA quick_check(1)").fetchone()[0] == "ok")
    except sqlite3.Error as error:
        return not is_corrupt(error)


def _identity(path: Path) -> tuple[int, int] | None:
    try:
        status = path.stat()
    except OSError:
        return None
    return status.st_dev, status.st_ino
