"""Makes one database of several: those of a team's members, or of one person's machines, of whatever version.

Sources are read and never written. A session is one run of one server, so that a session which several sources have
is the same: it is taken from where most of it is. Sources that share a session are copies of one record; of these,
daily totals are taken from the newest alone, and of the others the sessions that cannot be in those totals. Copies
whose events have all become totals cannot be told from two people's records.

What cannot be read is left out and named. Called by the command line, which makes a report of what came out as of any
database.
"""

# ruff: noqa: S608 - the names that statements are made of are the schema's own

from __future__ import annotations

import sqlite3
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from copilot_ls_telemetry.store import StoreError, make_empty, open_to_merge, reading

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path

    from copilot_ls_telemetry.store import Connection


class LeftOut(NamedTuple):
    """A source that could not be read, and why."""

    path: Path
    reason: str


class _Session(NamedTuple):
    n_events: int
    first_at: float


@dataclass(slots=True)
class _Source:
    path: Path
    sessions: dict[str, _Session]
    last_at: float
    # What the daily totals hold: up to which event, and up to when.
    until_id: int = 0
    totalled_at: float = 0.0
    taken: list[str] = field(default_factory=list)
    with_totals: bool = True


def merge(paths: Sequence[Path], into: Path) -> list[LeftOut]:
    """Make the database `into` of those at `paths`; what was left out. Raises `StoreError` when nothing can be read."""
    sources: list[_Source] = []
    left_out: list[LeftOut] = []
    for path in dict.fromkeys(path.resolve() for path in paths):
        try:
            sources.append(_looked_at(path))
        except StoreError as error:
            left_out.append(LeftOut(path, str(error)))
    if not sources:
        raise StoreError("; ".join(each.reason for each in left_out) or "no database was named")
    sources.sort(key=lambda source: source.last_at, reverse=True)
    _share_out(sources)
    make_empty(into)
    with closing(open_to_merge(into)) as connection:
        for source in sources:
            try:
                with _attached(connection, source.path):
                    _copy(connection, source)
            except sqlite3.Error as error:
                left_out.append(LeftOut(source.path, f"{source.path} cannot be read to its end ({error})"))
    return left_out


def _looked_at(path: Path) -> _Source:
    with reading(path) as connection:
        rows = connection.execute(
            "SELECT session_id, count(*) AS n, min(at) AS first, max(at) AS last FROM events GROUP BY 1"
        )
        sessions, last_at = {}, 0.0
        for row in rows:
            sessions[row["session_id"]] = _Session(row["n"], row["first"])
            last_at = max(last_at, row["last"])
        source = _Source(path, sessions, last_at)
        if _has(connection, "main", "totalled"):
            ((until, at),) = connection.execute("SELECT max(until_id), max(last_at) FROM main.totalled")
            source.until_id, source.totalled_at = until or 0, at or 0.0
            source.last_at = max(last_at, source.totalled_at)
    return source


def _share_out(sources: Sequence[_Source]) -> None:
    """Say which sessions, and whose totals, are taken from which source; the newest source comes first."""
    for number, source in enumerate(sources):
        newer = sources[:number]
        source.with_totals = not any(other.until_id and _are_copies(other, source) for other in newer)
    with_totals = [source for source in sources if source.until_id and source.with_totals]
    for session_id in dict.fromkeys(each for source in sources for each in source.sessions):
        holders = [source for source in sources if session_id in source.sessions]
        totalled = next((each for each in with_totals if any(_are_copies(each, holder) for holder in holders)), None)
        if totalled is not None and totalled in holders:
            totalled.taken.append(session_id)
            continue
        fullest = max(holders, key=lambda source: source.sessions[session_id].n_events)
        # Of what began before, a newer copy has it in its totals.
        if totalled is None or fullest.sessions[session_id].first_at > totalled.totalled_at:
            fullest.taken.append(session_id)


def _are_copies(one: _Source, other: _Source) -> bool:
    """Whether both are of one record, in part at least."""
    return one is other or not one.sessions.keys().isdisjoint(other.sessions)


def _copy(connection: Connection, source: _Source) -> None:
    connection.execute("BEGIN")
    try:
        _copy_events(connection, source)
        if source.until_id and source.with_totals:
            _copy_totals(connection)
        connection.execute("COMMIT")
    except BaseException:
        with suppress(sqlite3.Error):
            connection.execute("ROLLBACK")
        raise


def _copy_events(connection: Connection, source: _Source) -> None:
    """The events of what is taken; those that its own totals hold come with these."""
    there = set(_columns(connection, "other", "events"))
    names = _listed(name for name in _columns(connection, "main", "events") if name != "id" and name in there)
    connection.execute("CREATE TEMP TABLE IF NOT EXISTS taken (session_id TEXT PRIMARY KEY)")
    connection.execute("DELETE FROM temp.taken")
    connection.executemany("INSERT INTO temp.taken VALUES (?)", [(each,) for each in source.taken])
    connection.execute(
        f"INSERT INTO main.events ({names}) SELECT {names} FROM other.events WHERE id > ?"
        " AND session_id IN (SELECT session_id FROM temp.taken) ORDER BY id",
        (source.until_id if source.with_totals else 0,),
    )


def _copy_totals(connection: Connection) -> None:
    """The daily totals: strata are known by their key, sums of the same day and stratum are added up."""
    connection.execute(
        "INSERT INTO main.days (number, day, last_at) SELECT number, day, last_at FROM other.days WHERE true"
        " ON CONFLICT (number) DO UPDATE SET last_at = max(last_at, excluded.last_at)"
    )
    shared = _listed(name for name in _columns(connection, "main", "strata") if name != "id")
    connection.execute(f"INSERT OR IGNORE INTO main.strata ({shared}) SELECT {shared} FROM other.strata")
    tables = "SELECT name FROM main.sqlite_master WHERE type = 'table' AND name LIKE '%\\_totals' ESCAPE '\\'"
    for (table,) in connection.execute(tables).fetchall():
        names = [name for name in _columns(connection, "main", table) if name != "id"]
        if "stratum" not in names:
            listed = _listed(names)
            connection.execute(f"INSERT INTO main.{table} ({listed}) SELECT {listed} FROM other.{table}")
            continue
        keys = [row[1] for row in connection.execute(f"PRAGMA main.table_info({table})") if row[5]]
        picked = ", ".join("here.id" if name == "stratum" else f'them."{name}"' for name in names)
        added = ", ".join(
            f'"{name}" = coalesce({table}."{name}" + excluded."{name}", {table}."{name}", excluded."{name}")'
            for name in names
            if name not in keys
        )
        connection.execute(
            f"INSERT INTO main.{table} ({_listed(names)}) SELECT {picked} FROM other.{table} AS them"
            " JOIN other.strata AS theirs ON theirs.id = them.stratum JOIN main.strata AS here ON here.key = theirs.key"
            f" WHERE true ON CONFLICT ({_listed(keys)}) DO UPDATE SET {added}"
        )


def _listed(names: Iterable[str]) -> str:
    return ", ".join(f'"{name}"' for name in names)


def _columns(connection: Connection, schema: str, table: str) -> list[str]:
    return [row[1] for row in connection.execute(f"PRAGMA {schema}.table_info({table})")]


def _has(connection: Connection, schema: str, table: str) -> bool:
    question = f"SELECT 1 FROM {schema}.sqlite_master WHERE type = 'table' AND name = ?"
    return connection.execute(question, (table,)).fetchone() is not None


@contextmanager
def _attached(connection: Connection, path: Path) -> Iterator[None]:
    """The source as `other`; of one in a folder that cannot be written to, as `store.reading` has it."""
    address = path.absolute().as_uri()
    try:
        connection.execute("ATTACH ? AS other", (f"{address}?mode=ro",))
        connection.execute("SELECT 1 FROM other.sqlite_master LIMIT 1").fetchone()
    except sqlite3.OperationalError:
        with suppress(sqlite3.Error):
            connection.execute("DETACH other")
        connection.execute("ATTACH ? AS other", (f"{address}?immutable=1",))
    try:
        yield
    finally:
        with suppress(sqlite3.Error):
            connection.execute("DETACH other")
