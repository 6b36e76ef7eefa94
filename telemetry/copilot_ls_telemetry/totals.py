"""Takes settled events into the daily totals, so that metrics need not read them again and they may be deleted.

Works on the oldest fresh events, a bounded batch at a time. What takes long is reckoned in temporary tables, without a
lock; then one short transaction writes the totals and says up to which event they go, unless another server was first.
Killed at any moment, a batch is in the totals or it is fresh. Deletes nothing: that is `store`'s. Called by `store`.
"""

# ruff: noqa: S608 - the names that statements are made of are this module's own

from __future__ import annotations

from contextlib import suppress
from math import log2
from typing import TYPE_CHECKING, NamedTuple

from copilot_ls_telemetry.schema import find_once, forget

if TYPE_CHECKING:
    from copilot_ls_telemetry.store import Connection

# Events in a batch. Reckoning 20,000 takes some tenths of a second, writing what comes of them hundredths.
BATCH = 20_000
# A batch ends where nothing was recorded for this long, so that what is recorded together is in one batch; it is looked
# for among this many events.
_PAUSE_S = 0.5
_LOOKED_AT = 1_000
# Measured: what a row of totals takes, and a stratum.
_BYTES_PER_ROW = 25
_BYTES_PER_STRATUM = 170
# Times of answers in totals: eight to an octave, so that none is further than 2 ** (1 / 16), 4.5 %, from what it was.
# Of times visible, which differ more than anybody tells apart, four, and 9 %.
_STEPS_PER_OCTAVE = {"answered": 8, "visible": 4}


# The slices that are kept (totals.sql).
_SLICES = "('all', 'language', 'lines', 'hour', 'workspace')"


class _Facts(NamedTuple):
    """A kind of facts: its view of fresh ones, the table of its totals, what tells its strata apart, what is summed."""

    view: str
    table: str
    dimensions: tuple[str, ...]
    sums: tuple[str, ...]


_FACTS = {
    "chains": _Facts(
        "fresh_chain_facts",
        "chain_totals",
        ("task", "language", "lines", "trigger_kind", "backend", "model"),
        (
            "offered", "shown", "accepted", "partially_accepted", "typed", "rejected", "ignored", "undecided",
            "shown_chars", "shown_accepted_chars", "accepted_lines", "accepted_chars", "accepts", "passed_chars",
        ),
    ),
    "reliability": _Facts(
        "fresh_reliability_facts",
        "reliability_totals",
        ("task", "backend", "model", "tenth"),
        ("n", "said", "taken"),
    ),
    "times": _Facts("fresh_time_facts", "time_totals", ("task", "backend", "model", "what", "how"), ("n",)),
    "retention": _Facts(
        "fresh_retention_facts",
        "retention_totals",
        ("task", "backend", "model", "how"),
        ("n", "kept", "kept_chars", "accepted_chars", "survived"),
    ),
    "events": _Facts(
        "fresh_event_facts",
        "event_totals",
        ("task", "backend", "model", "what", "how"),
        (
            "n", "tries", "input_tokens", "cached_tokens", "output_tokens", "cost", "estimated", "typed_chars",
            "inserted_chars", "deleted_chars",
        ),
    ),
}  # fmt: skip


def take_batch(connection: Connection, *, before: float, batch: int = BATCH) -> bool:
    """Take the oldest fresh events into the totals, as far as they were recorded before `before` (unix seconds).

    False when there is none. `connection` may write and is in no transaction. May raise `sqlite3.Error`, and has then
    changed nothing.
    """
    after = totalled_until(connection)
    until = _end_of_batch(connection, after, before, batch)
    if until is None:
        return False
    connection.create_function("kept_time", 2, kept_time, deterministic=True)
    try:
        connection.execute("PRAGMA temp_store = MEMORY")
        _reckon(connection, after, until)
        connection.execute("BEGIN IMMEDIATE")
        try:
            is_first = totalled_until(connection) == after
            # Nobody deletes fresh events but the user, who then wants no totals of them.
            is_there = connection.execute("SELECT 1 FROM main.events WHERE id = ?", (until,)).fetchone()
            if is_first and is_there:
                _write(connection, after, until)
            connection.execute("COMMIT")
        except BaseException:
            with suppress(Exception):
                connection.execute("ROLLBACK")
            raise
    finally:
        with suppress(Exception):
            forget(connection)
    return True


def thin_batch(connection: Connection, *, before: float) -> bool:
    """Of the oldest batch that ended before `before`, delete what belongs to no suggestion and no fix; False for none.

    Most requests come to nothing. Their rows are most of all, say little one by one, and are in the totals. To be
    called in a transaction.
    """
    batch = connection.execute(
        "SELECT until_id,"
        " (SELECT coalesce(max(until_id), 0) FROM totalled AS before WHERE before.until_id < totalled.until_id)"
        " FROM totalled WHERE NOT thinned AND last_at < ? ORDER BY until_id LIMIT 1",
        (before,),
    ).fetchone()
    if batch is None:
        return False
    until, after = batch
    connection.execute(
        "DELETE FROM events WHERE id > ? AND id <= ? AND chain_id IS NULL AND fix_id IS NULL"
        " AND id < (SELECT max(id) FROM events)",
        (after, until),
    )
    connection.execute("UPDATE totalled SET thinned = 1 WHERE until_id = ?", (until,))
    return True


def totalled_until(connection: Connection) -> int:
    """The id of the last event that the totals hold; 0 for none."""
    ((until,),) = connection.execute("SELECT coalesce(max(until_id), 0) FROM main.totalled")
    return int(until)


def ends(connection: Connection) -> tuple[int, int]:
    """The ids of the first and the last event; 0 for none."""
    # Asked for in one breath, SQLite would read them all.
    ((first, last),) = connection.execute(
        "SELECT coalesce((SELECT min(id) FROM events), 0), coalesce((SELECT max(id) FROM events), 0)"
    )
    return first, last


def first_at_or_after(connection: Connection, at: float, *, above: int = 0) -> int:
    """The id of the first event above `above` that was recorded at or after `at`; one above the last if there is none.

    Ids grow as time does, unless a clock was set back; then some event near by is meant.
    """
    first, high = ends(connection)
    if high <= above:
        return above + 1
    low = max(first, above + 1)
    high += 1
    while low < high:
        middle = (low + high) // 2
        found = connection.execute("SELECT id, at FROM events WHERE id >= ? ORDER BY id LIMIT 1", (middle,)).fetchone()
        if found is None or found[1] >= at:
            high = middle
        else:
            low = found[0] + 1
    return int(low)


def kept_time(what: str, value: float | None) -> float | None:
    """A time as totals keep it: three figures of the nearest of the steps that an octave has for `what`."""
    if value is None or value <= 0:
        return value if value is None else 0.0
    steps = _STEPS_PER_OCTAVE[what]
    return float(f"{2 ** (round(log2(value) * steps) / steps):.3g}")


def _end_of_batch(connection: Connection, after: int, before: float, batch: int) -> int | None:
    """The id of the last event of the next batch; None when nothing fresh is settled."""
    until = first_at_or_after(connection, before, above=after) - 1
    if until <= after:
        return None
    window = connection.execute(
        "SELECT id, at FROM events WHERE id > ? AND id <= ? ORDER BY id LIMIT ? OFFSET ?",
        (after, until, _LOOKED_AT, max(0, batch - _LOOKED_AT)),
    ).fetchall()
    if len(window) < _LOOKED_AT:  # fewer than a batch
        return until
    for (each, at), (_, next_at) in zip(reversed(window[:-1]), reversed(window), strict=False):
        if next_at - at > _PAUSE_S:
            return int(each)
    return int(window[-1][0])


def _reckon(connection: Connection, after: int, until: int) -> None:
    """The sums of a batch, in temporary tables."""
    forget(connection)
    connection.execute("BEGIN")
    try:
        find_once(connection, bounds=(after, until))
        for name, facts in _FACTS.items():
            value = ", kept_time(what, value) AS value" if name == "times" else ""
            dimensions = [_column(name, each) for each in facts.dimensions]
            common = ", ".join(('slice, "group", day', *dimensions))
            sums = ", ".join(f"sum({each}) AS {each}" for each in facts.sums)
            grouping = ", ".join(str(place) for place in range(4, 4 + len(dimensions) + bool(value)))
            number = "CAST(julianday(day) - 2440587.5 AS INTEGER) AS number"
            connection.execute(
                f"CREATE TEMP TABLE batch_{name} AS SELECT {common}{value}, {number}, max(at) AS last_at, {sums} "
                f'FROM {facts.view} WHERE slice IN {_SLICES} GROUP BY slice, "group", day, {grouping}'
            )
        connection.execute("CREATE TEMP TABLE batch_fixes AS SELECT * FROM fresh_fixes")
    finally:
        connection.execute("COMMIT")


def _column(facts: str, dimension: str) -> str:
    """A dimension of a stratum. Times are so many that they have those of the whole alone."""
    if facts == "times" and dimension in ("task", "backend", "model"):
        return f"CASE slice WHEN 'all' THEN {dimension} END AS {dimension}"
    return dimension


def _write(connection: Connection, after: int, until: int) -> None:
    """Put what was reckoned into the totals."""
    for name, facts in _FACTS.items():
        dimensions = "".join(f", {each}" for each in facts.dimensions)
        key = f"json_array('{name}', slice, \"group\"{dimensions})"
        connection.execute(
            f'INSERT OR IGNORE INTO main.strata (facts, slice, "group", key{dimensions}) '
            f"SELECT DISTINCT '{name}', slice, \"group\", {key}{dimensions} FROM temp.batch_{name}"
        )
        connection.execute(
            "INSERT INTO main.days (number, day, last_at) "
            f"SELECT number, day, max(last_at) FROM temp.batch_{name} GROUP BY number HAVING true "
            "ON CONFLICT (number) DO UPDATE SET last_at = max(last_at, excluded.last_at)"
        )
        columns = ", ".join((*facts.sums, *(("value",) if name == "times" else ())))
        # A sum of nothing is NULL, and stays so until there is something.
        more = ", ".join(f"{each} = coalesce({each} + excluded.{each}, {each}, excluded.{each})" for each in facts.sums)
        of_batch = ", ".join(f"batch.{each}" for each in columns.split(", "))
        key = f"json_array('{name}', batch.slice, batch.\"group\"{dimensions.replace(', ', ', batch.')})"
        connection.execute(
            f"INSERT INTO main.{facts.table} (stratum, day, {columns}) "
            f"SELECT strata.id, batch.number, {of_batch} FROM temp.batch_{name} AS batch "
            f"JOIN main.strata AS strata ON strata.key = {key} WHERE true "
            f"ON CONFLICT DO UPDATE SET {more}"
        )
    fix_columns = [row[1] for row in connection.execute("PRAGMA temp.table_info(batch_fixes)")]
    columns = ", ".join(fix_columns)
    connection.execute(f"INSERT INTO main.fix_totals ({columns}) SELECT {columns} FROM temp.batch_fixes")
    connection.execute(
        "INSERT INTO main.totalled (until_id, n_events, first_at, last_at) "
        "SELECT ?, count(*), min(at), max(at) FROM main.events WHERE id > ? AND id <= ?",
        (until, after, until),
    )


def totals_bytes(connection: Connection) -> int:
    """About how many bytes the totals take."""
    counts = " + ".join(f"(SELECT count(*) FROM main.{facts.table})" for facts in _FACTS.values())
    ((n_rows, n_strata),) = connection.execute(f"SELECT {counts}, (SELECT count(*) FROM main.strata)")
    return int(n_rows) * _BYTES_PER_ROW + int(n_strata) * _BYTES_PER_STRATUM


def drop_days_before(connection: Connection, at: float) -> None:
    """Delete the totals of days that ended before `at` (unix seconds)."""
    days = "(SELECT number FROM main.days WHERE last_at < ?)"
    for facts in _FACTS.values():
        connection.execute(f"DELETE FROM main.{facts.table} WHERE day IN {days}", (at,))
    connection.execute("DELETE FROM main.fix_totals WHERE opened_at < ?", (at,))
    connection.execute("DELETE FROM main.days WHERE last_at < ?", (at,))


def drop_oldest_days(connection: Connection, share: float) -> bool:
    """Delete the totals of a share of the days, at least of one; False when there is none."""
    ((n_days,),) = connection.execute("SELECT count(*) FROM main.days")
    if not n_days:
        return False
    ((number,),) = connection.execute(
        "SELECT number FROM main.days ORDER BY number LIMIT 1 OFFSET ?", (int(n_days * share),)
    )
    ((at,),) = connection.execute("SELECT max(last_at) FROM main.days WHERE number <= ?", (number,))
    drop_days_before(connection, at + 0.001)
    return True
