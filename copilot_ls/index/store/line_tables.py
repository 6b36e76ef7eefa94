"""The tables of lines: runs of pages (`line_pages`), put in, taken out and merged. Within a transaction of `writing`'s.

Runs of about the same size are merged when there are many of them, so that a look-up asks a few dozen at most, and what
is written is written a few times: the tiers of Cassandra's size-tiered compaction.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from copilot_ls.index import schema
from copilot_ls.index.line_pages import PackedPage, made_pages, merged_pages, unpacked

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable, Iterator, Sequence

    from copilot_ls.index.line_pages import Page

# Runs whose numbers of places have the same length in octal digits are of about the same size.
_DIGIT_BITS = 3
_MOST_ALIKE = 6


def insert_lines(connection: sqlite3.Connection, files: Sequence[tuple[int, str]]) -> None:
    """Put in the lines of files that have none, and note with them which run has them."""
    run = _new_run(connection, len(files), made_pages((file, text.split("\n")) for file, text in files))
    connection.executemany("UPDATE files SET run = ? WHERE id = ?", [(run, file) for file, _ in files])


def remove_lines(connection: sqlite3.Connection, run: int) -> None:
    """Take out the lines of one file, which `run` has: its places stay, and count no more."""
    connection.execute("UPDATE line_runs SET n_gone = n_gone + 1 WHERE id = ?", (run,))


def tidy_lines(connection: sqlite3.Connection) -> None:
    """Merge runs where there are many of a size, and make those anew of which most is gone."""
    rows = connection.execute("SELECT id, n_files, n_gone, n_places FROM line_runs ORDER BY id").fetchall()
    alike: dict[int, list[int]] = {}
    for run, n_files, n_gone, n_places in rows:
        if n_gone >= n_files:
            _drop(connection, run)
        elif 2 * n_gone > n_files:
            _merge(connection, [run])
        else:
            alike.setdefault(n_places.bit_length() // _DIGIT_BITS, []).append(run)
    for runs in alike.values():
        if len(runs) >= _MOST_ALIKE:
            _merge(connection, runs)


def _new_run(connection: sqlite3.Connection, n_files: int, pages: Iterable[PackedPage]) -> int:
    run = connection.execute("INSERT INTO line_runs(n_files, n_gone, n_places) VALUES (?, 0, 0)", (n_files,)).lastrowid
    first = (run or 0) << schema.CHUNK_BITS
    repeated: list[tuple[int, str]] = []

    def rows() -> Iterator[tuple[object, ...]]:
        for at, page in enumerate(pages, first):
            *stored, more = page
            repeated.extend(more)
            yield at, run, *stored

    connection.executemany(
        "INSERT INTO line_pages(id, run, first, top, texts, starts, places, previous) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        rows(),
    )
    repeated.sort(key=lambda each: (-each[0], each[1]))
    texts = [(at, text) for at, (_, text) in enumerate(repeated[: 1 << schema.CHUNK_BITS], first)]
    connection.executemany("INSERT INTO repeated VALUES (?, ?)", texts)
    connection.executemany("INSERT INTO repeated_words(rowid, text) VALUES (?, ?)", texts)
    connection.execute(
        "UPDATE line_runs SET n_places = "
        "(SELECT ifnull(sum(length(previous)) / 4, 0) FROM line_pages WHERE run = ?1) WHERE id = ?1",
        (run,),
    )
    return run or 0


def _merge(connection: sqlite3.Connection, runs: Sequence[int]) -> None:
    """One run in place of several, of the files that are still there. Goes by pages: what is held at once is little."""
    marks = ",".join("?" * len(runs))
    alive = {file for (file,) in connection.execute(f"SELECT id FROM files WHERE run IN ({marks})", runs)}  # noqa: S608 -- marks alone
    pages = merged_pages([_pages(connection, run) for run in runs], alive.__contains__)
    new = _new_run(connection, len(alive), pages)
    connection.executemany("UPDATE files SET run = ? WHERE id = ?", [(new, file) for file in sorted(alive)])
    for run in runs:
        _drop(connection, run)


def _drop(connection: sqlite3.Connection, run: int) -> None:
    ids = _ids(run)
    connection.execute(
        "INSERT INTO repeated_words(repeated_words, rowid, text) "
        "SELECT 'delete', id, text FROM repeated WHERE id BETWEEN ? AND ?",
        ids,
    )
    connection.execute("DELETE FROM repeated WHERE id BETWEEN ? AND ?", ids)
    connection.execute("DELETE FROM line_pages WHERE id BETWEEN ? AND ?", ids)
    connection.execute("DELETE FROM line_runs WHERE id = ?", (run,))


def _pages(connection: sqlite3.Connection, run: int) -> Iterator[Page]:
    asked = "SELECT texts, starts, places, previous FROM line_pages WHERE id BETWEEN ? AND ? ORDER BY id"
    for row in connection.execute(asked, _ids(run)):
        yield unpacked(*row)


def _ids(run: int) -> tuple[int, int]:
    """The first and the last id that a page of a run may have."""
    return run << schema.CHUNK_BITS, ((run + 1) << schema.CHUNK_BITS) - 1
