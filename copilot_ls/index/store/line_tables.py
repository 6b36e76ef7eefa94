"""The tables of lines: how often the workspace has each, and where. Within a transaction of `writing`'s."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from copilot_ls.index import schema

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Sequence

# Below the 999 variables that any SQLite allows in one statement.
_ASKED_AT_ONCE = 500
_TIER_AFTER = schema.TIER_SQL.replace("count", "(count - ?1)")

# For each line of a file what `digest.line_keys` makes of it.
Keys = list[str | None]


def insert_lines(connection: sqlite3.Connection, files: Sequence[tuple[int, Keys]]) -> None:
    """Put in the lines of files that have none."""
    counted = Counter(key for _, keys in files for key in keys if key)
    ids = _count_lines(connection, counted)
    connection.executemany(
        "INSERT INTO places VALUES (?, ?, ?, ?)",
        sorted(place for file_id, keys in files for place in _places(file_id, keys, ids)),
    )


def remove_lines(connection: sqlite3.Connection, file_id: int, keys: Keys) -> None:
    """Take out the lines of one file."""
    run = connection.execute
    ids: dict[str, int] = {}
    for text, count in Counter(key for key in keys if key).items():
        found = run("SELECT id, count FROM lines WHERE text = ?", (text,)).fetchone()
        if found is None:
            continue
        ids[text] = at = found[0]
        if found[1] > count:
            run(f"UPDATE lines SET count = count - ?1, tier = {_TIER_AFTER} WHERE id = ?2", (count, at))  # noqa: S608 -- own text
        else:
            run("INSERT INTO pieces(pieces, rowid, text) VALUES ('delete', ?, ?)", (at, text))
            run("DELETE FROM lines WHERE id = ?", (at,))
    connection.executemany(
        "DELETE FROM places WHERE line = ? AND prev = ? AND file = ? AND at = ?", _places(file_id, keys, ids)
    )


def _count_lines(connection: sqlite3.Connection, counted: Counter[str]) -> dict[str, int]:
    """Add to the lines' counts, making those that are new; returns the id of each.

    New lines get ids in order of frequency, so that reading the full-text table in order of id meets frequent lines
    first.
    """
    run, run_many = connection.execute, connection.executemany
    ids: dict[str, int] = {}
    n_lines = run("SELECT ifnull(max(id), 0) FROM lines").fetchone()[0]
    if n_lines:
        known = sorted(counted)  # in order of the table's index: each page is read once
        for start in range(0, len(known), _ASKED_AT_ONCE):
            asked = known[start : start + _ASKED_AT_ONCE]
            marks = ",".join("?" * len(asked))
            ids.update(run(f"SELECT text, id FROM lines WHERE text IN ({marks})", asked))  # noqa: S608 -- marks alone
        run_many("UPDATE lines SET count = count + ? WHERE id = ?", [(counted[text], at) for text, at in ids.items()])
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


def _places(file_id: int, keys: Keys, ids: dict[str, int]) -> list[tuple[int, int, int, int]]:
    """`(line, previous line, file, line number)` of every kept line; the previous line is the last one not blank."""
    places = []
    previous = 0
    for at, key in enumerate(keys):
        if key:
            line = ids.get(key, 0)
            places.append((line, previous, file_id, at))
            previous = line
        elif key is not None:
            previous = 0
    return places
