"""The tables of a file's syntax: what `facts` found, put in and taken out. Within a transaction of `writing`'s."""

from __future__ import annotations

import zlib
from typing import TYPE_CHECKING

from copilot_ls.index.facts import name_pieces, used_names

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable

    from copilot_ls.index.facts import Facts


def insert_facts(connection: sqlite3.Connection, file_id: int, facts: Facts) -> None:
    """Put in the facts of a file that has none."""
    connection.executemany(
        "INSERT INTO definitions(name, kind, line, end, container, signature, body_end, file) VALUES (?,?,?,?,?,?,?,?)",
        [(*each, file_id) for each in facts.definitions],
    )
    if facts.names:
        connection.execute("INSERT INTO used VALUES (?, ?)", (file_id, facts.references))
        connection.execute("INSERT INTO used_names(rowid, names) VALUES (?, ?)", (file_id, facts.names))
    if facts.imports:
        connection.executemany(
            "INSERT INTO imports(line, module, name, alias, tail, file) VALUES (?,?,?,?,?,?)",
            [(*each, file_id) for each in facts.imports],
        )
    if facts.bases:
        connection.executemany(
            "INSERT INTO bases(line, name, base, file) VALUES (?,?,?,?)", [(*each, file_id) for each in facts.bases]
        )


def insert_names(connection: sqlite3.Connection, names: Iterable[str]) -> None:
    """Make names known that are declared; those that are known stay as they are."""
    last = connection.execute("SELECT ifnull(max(id), 0) FROM names").fetchone()[0]
    connection.executemany("INSERT OR IGNORE INTO names(name) VALUES (?)", [(name,) for name in sorted(set(names))])
    fresh = connection.execute("SELECT id, name FROM names WHERE id > ?", (last,)).fetchall()
    connection.executemany(
        "INSERT INTO name_pieces(rowid, pieces) VALUES (?, ?)",
        [(at, " ".join(pieces)) for at, name in fresh if (pieces := name_pieces(name))],
    )


def remove_facts(connection: sqlite3.Connection, file_id: int) -> None:
    """Take out what is known of a file's syntax, its declarations included."""
    row = connection.execute("SELECT data FROM used WHERE file = ?", (file_id,)).fetchone()
    if row is not None:
        names = used_names(zlib.decompress(row[0]).decode("utf-8"))
        connection.execute("INSERT INTO used_names(used_names, rowid, names) VALUES ('delete', ?, ?)", (file_id, names))
        connection.execute("DELETE FROM used WHERE file = ?", (file_id,))
    for table in ("definitions", "imports", "bases"):
        connection.execute(f"DELETE FROM {table} WHERE file = ?", (file_id,))  # noqa: S608 -- own names
