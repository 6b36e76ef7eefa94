"""What makes the database: its statements, what each version added, and views made anew for one connection.

The statements are those of `schema.sql` and `totals.sql`. A connection that reads much makes the views that many
metrics ask for as temporary tables, once; one that takes events into the totals does so with bounds of its own. Leaves
carrying them out to `store`. Called by `store`, `totals` and `report`.
"""

from __future__ import annotations

import re
from importlib.resources import files
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from copilot_ls_telemetry.store import Connection

SCHEMA_VERSION = 4

# Columns that a version added to the table of events, with their types; they stand last.
_ADDED = {
    2: (
        ("cached_input_tokens", "INTEGER"),
        ("cache_write_tokens", "INTEGER"),
        ("cost", "REAL"),
        ("estimated", "INTEGER"),
        ("outcome", "TEXT"),
        ("n_tries", "INTEGER"),
    ),
    3: (
        ("fix_id", "TEXT"),
        ("rule", "TEXT"),
        ("kind", "TEXT"),
        ("n_diagnostics", "INTEGER"),
        ("verdict", "TEXT"),
        ("checked_by", "TEXT"),
        ("fixer", "TEXT"),
        ("n_tool_calls", "INTEGER"),
        ("n_invalid_tool_calls", "INTEGER"),
        ("gone", "INTEGER"),
        ("resolved", "INTEGER"),
        ("moment", "TEXT"),
        ("kept", "REAL"),
        ("survives", "INTEGER"),
        ("n_lexemes", "INTEGER"),
        ("kept_chars", "INTEGER"),
        ("n_added", "INTEGER"),
        ("n_removed", "INTEGER"),
        ("n_typed", "INTEGER"),
        ("n_inserted", "INTEGER"),
        ("n_deleted", "INTEGER"),
    ),
    4: (
        ("p_accept", "REAL"),
        ("decision", "TEXT"),
        ("features", "TEXT"),
    ),
}
# Tables and indexes that a version added. Views are made anew by each.
_MADE = {
    3: ("INDEX events_by_fix",),
    4: (
        "TABLE totalled",
        "TABLE days",
        "TABLE strata",
        "TABLE chain_totals",
        "TABLE reliability_totals",
        "TABLE time_totals",
        "TABLE retention_totals",
        "TABLE event_totals",
        "TABLE fix_totals",
    ),
}
# Indexes that a version did without: none of its questions needs them.
_GONE = {4: ("INDEX events_by_kind",)}

# What several metrics ask for, and what takes long to find.
_FOUND_ONCE = ("fresh_chains", "fresh_answers", "fresh_looks", "fresh_occurrences")


def statements() -> Iterator[str]:
    """All statements, in the order in which they can be carried out."""
    for name in ("schema.sql", "totals.sql"):
        yield from split(files("copilot_ls_telemetry").joinpath(name).read_text("utf-8"))


def split(script: str) -> Iterator[str]:
    """The statements of a script, each of which ends with its line."""
    statement = ""
    for line in script.splitlines(keepends=True):
        statement += line
        if line.partition("--")[0].rstrip().endswith(";"):
            yield statement
            statement = ""


def made_by(statement: str) -> str:
    """What a statement creates, such as `VIEW chains`."""
    found = re.search(r"^CREATE (TABLE|INDEX|VIEW) (\w+)", statement, re.MULTILINE)
    return f"{found[1]} {found[2]}" if found else ""


def find_once(connection: Connection, *, bounds: tuple[int, int] | None = None) -> None:
    """Make this connection's own views, those that take long as tables.

    `bounds` (an id, and the last one behind it that counts) says which events are fresh; without it the totals say.
    """
    for statement in statements():
        kind, _, name = made_by(statement).partition(" ")
        if kind != "VIEW":
            continue
        connection.execute(f"DROP VIEW IF EXISTS temp.{name}")
        if name == "scopes" and bounds is not None:
            connection.execute(
                "CREATE TEMP TABLE scopes AS SELECT 'fresh' AS scope, ? AS after_id, ? AS until_id", bounds
            )
        else:
            made = "CREATE TEMP TABLE" if name in _FOUND_ONCE else "CREATE TEMP VIEW"
            connection.execute(statement.replace("CREATE VIEW", made, 1))


def forget(connection: Connection) -> None:
    """Drop what `find_once` made."""
    for kind, name in connection.execute("SELECT type, name FROM temp.sqlite_master").fetchall():
        connection.execute(f"DROP {kind} temp.{name}")


def missing(version: int) -> list[tuple[str, str]]:
    """The columns that a database of an earlier version does not have."""
    return [column for added, columns in _ADDED.items() if added > version for column in columns]


def newer(version: int) -> list[tuple[str, str]]:
    """What makes the tables, indexes and views that a database of an earlier version lacks: names and statements."""
    names = {name for added, made in _MADE.items() if added > version for name in made}
    all_made = ((made_by(each), each) for each in statements())
    return [(name, each) for name, each in all_made if name.startswith("VIEW") or name in names]


def gone(version: int) -> list[str]:
    """The names of the indexes that a database of an earlier version has and this one has not."""
    return [name for dropped, names in _GONE.items() if dropped > version for name in names]
