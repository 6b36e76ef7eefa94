"""Daily totals: every figure is what it was before, nothing counts twice, and nothing is lost when events are deleted."""

from __future__ import annotations

import math
import random
import re
import signal
import sqlite3
import subprocess
import sys
import textwrap
import time
from contextlib import closing

import pytest
from copilot_ls_telemetry import events, store
from copilot_ls_telemetry.report import GROUPINGS, METRICS, make_report, run_metric
from copilot_ls_telemetry.schema import find_once
from copilot_ls_telemetry.store import Store, reading
from copilot_ls_telemetry.totals import kept_time, take_batch, totalled_until
from hypothesis import given
from hypothesis import strategies as st

from tests.telemetry.conftest import AT, generated, of_chain, requested
from tests.telemetry.histories import DAY_S, write_days

NOW = 1_800_000_000.0
ALL = (*METRICS, "places", "latency_distribution")
# Totals keep times within 4.5 %, and those of being visible within 9 %.
OF_TIMES = {"p50_ms": 0.046, "p95_ms": 0.046, "p50_s": 0.092, "p95_s": 0.092}


@pytest.fixture(scope="module")
def history(tmp_path_factory):
    """Three weeks that nobody has totalled."""
    path = tmp_path_factory.mktemp("history") / "telemetry.db"
    write_days(path, 21, pace=30, until=NOW)
    return path


@pytest.fixture
def database(history, tmp_path):
    """A copy of them."""
    path = tmp_path / "telemetry.db"
    with closing(sqlite3.connect(history)) as old, closing(sqlite3.connect(path)) as new:
        old.backup(new)
    return path


def figures(path, *, since=None):
    """Every metric, by everything."""
    with reading(path) as connection:
        find_once(connection)
        return {
            (name, by): run_metric(connection, name, since=since, by=by) for name in ALL for by in (None, *GROUPINGS)
        }


def total(path, *, before=math.inf, batch=20_000, seed=None):
    """Take everything before then into the totals; with a seed, in batches of any size."""
    chooser = random.Random(seed)
    with closing(open_store(path)) as opened:
        while take_batch(opened._connection, before=before, batch=batch if seed is None else chooser.randint(50, 3000)):
            pass


def open_store(path, **options):
    options = {"max_bytes": 10**12, "retention_days": 9999, "wall_clock": lambda: NOW, **options}
    return Store(path, **options)


def assert_alike(found, wanted):
    assert found.keys() == wanted.keys()
    for key in wanted:
        if key[0] == "latency_distribution":  # a time near a bound may be in the next bucket
            assert sum(row["n"] for row in found[key]) == sum(row["n"] for row in wanted[key]), key
            continue
        assert [sorted(map(repr, row)) for row in found[key]] == [sorted(map(repr, row)) for row in wanted[key]], key
        for mine, theirs in zip(ordered(found[key]), ordered(wanted[key]), strict=True):
            for name, value in theirs.items():
                if isinstance(value, float):
                    allowed = OF_TIMES.get(name, 1e-9)
                    assert mine[name] == pytest.approx(value, rel=allowed, abs=1e-9), (key, name)
                else:
                    assert mine[name] == value, (key, name)


def ordered(rows):
    return sorted(rows, key=lambda row: [repr(value) for value in row.values() if not isinstance(value, float)])


@pytest.mark.parametrize("seed", [None, 1, 2])
def test_every_metric_is_the_same_of_totals_as_of_events(database, seed):
    wanted = figures(database)
    total(database, seed=seed)
    with closing(sqlite3.connect(database)) as connection:
        assert connection.execute("SELECT count(*) FROM events").fetchone()[0] > 5_000
        assert totalled_until(connection) == connection.execute("SELECT max(id) FROM events").fetchone()[0]
    assert_alike(figures(database), wanted)


def test_totals_and_fresh_events_are_counted_once_each(database):
    wanted = figures(database)
    total(database, before=NOW - 9.3 * DAY_S, seed=3)
    assert_alike(figures(database), wanted)
    with closing(sqlite3.connect(database)) as connection:
        n_fresh = connection.execute("SELECT count(*) FROM events WHERE id > ?", (totalled_until(connection),))
        assert n_fresh.fetchone()[0] > 500


def test_what_is_deleted_is_still_counted(database):
    wanted = figures(database)
    with closing(open_store(database, retention_days=5)) as opened:
        opened.keep_up()
    with closing(sqlite3.connect(database)) as connection:
        ((n_events, first_at),) = connection.execute("SELECT count(*), min(at) FROM events")
        assert n_events > 500
        assert first_at > NOW - 5.1 * DAY_S
    # What was accepted before then, and looked at later, is known as long as the offer is.
    assert_alike(figures(database), wanted)


def test_requests_that_came_to_nothing_go_after_two_weeks_and_are_still_counted(database):
    wanted = figures(database)
    total(database, before=NOW - 3 * DAY_S, batch=1000)
    with closing(open_store(database)) as opened:
        opened.keep_up()
        old, young = (
            dict(opened._connection.execute(f"SELECT event, count(*) FROM events WHERE at {when} ? GROUP BY 1", (at,)))
            for when, at in (("<", NOW - 18 * DAY_S), (">", NOW - 13 * DAY_S))
        )
        assert old["generated"] > 10
        assert "requested" not in old
        assert "backend_asked" not in old
        assert young["requested"] > young["generated"]
        n_left = len(list(store.all_events(database)))
        opened.keep_up()
        assert len(list(store.all_events(database))) == n_left
    assert_alike(figures(database), wanted)


def test_since_counts_whole_days_of_totals_and_to_the_second_behind_them(database):
    totals_end = NOW - 9 * DAY_S
    midnight = store._midnight(NOW - 15 * DAY_S)
    wanted = {since: figures(database, since=since) for since in (midnight, NOW - 3.21 * DAY_S)}
    total(database, before=totals_end)
    for since, expected in wanted.items():
        assert_alike(figures(database, since=since), expected)
    with closing(sqlite3.connect(database)) as connection:
        ((last_at,),) = connection.execute(
            "SELECT min(last_at) FROM days WHERE day >= date(?, 'unixepoch', 'localtime')", (midnight,)
        )
    assert_alike(figures(database, since=last_at - 1), wanted[midnight])


def test_only_settled_days_are_taken(database):
    with closing(open_store(database)) as opened:
        opened.keep_up()
        last = totalled_until(opened._connection)
        settled = store._midnight(NOW) - DAY_S
        ((until, n_rest),) = opened._connection.execute(
            "SELECT (SELECT at FROM events WHERE id = ?), (SELECT count(*) FROM events WHERE id > ? AND at < ?)",
            (last, last, settled),
        )
        assert (until < settled, n_rest) == (True, 0)


def test_totals_are_small(database):
    """Even where little is done in a day. They grow with the days, not with the events."""
    total(database)
    with closing(sqlite3.connect(database)) as connection:
        before = store.used_bytes(connection)
        connection.execute("DELETE FROM events")
        connection.commit()
        assert store.used_bytes(connection) < before / 3
        assert store.used_bytes(connection) == pytest.approx(store.totals_bytes(connection), rel=0.5)


def test_over_its_size_events_go_and_are_counted_all_the_same(path):
    with closing(open_store(path, max_bytes=700_000, wall_clock=lambda: AT)) as opened:
        for batch in range(40):
            opened.write(requested(batch * 200 + number) for number in range(200))
            opened.keep_up()
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("SELECT count(*) FROM events").fetchone()[0] < 8000
    assert make_report(path).requests["requested"] == 8000


def test_totals_themselves_go_when_they_are_too_old_or_too_large(database):
    total(database)
    with closing(open_store(database, retention_days=2, totals_days=10)) as opened:
        opened.keep_up()
    with closing(sqlite3.connect(database)) as connection:
        ((first,),) = connection.execute("SELECT min(day) FROM days")
        assert first >= time.strftime("%Y-%m-%d", time.localtime(NOW - 10 * DAY_S))
    assert make_report(database).total.offered > 0
    with closing(open_store(database, max_bytes=100_000)) as opened:
        opened.keep_up()
        ((n_days, n_rows),) = opened._connection.execute(
            "SELECT (SELECT count(*) FROM days), (SELECT count(*) FROM time_totals)"
        )
        assert (n_days, n_rows) == (0, 0), "the strata alone take as much"


def test_a_look_that_comes_days_later_is_counted_with_its_offer(path):
    with closing(open_store(path)) as opened:
        opened.write([requested(1), generated(1), of_chain(events.Shown, 1), of_chain(events.Accepted, 1)])
        assert take_batch(opened._connection, before=math.inf)
        look = {"moment": "commit", "kept": 0.5, "survives": True, "n_lexemes": 4, "kept_chars": 5}
        opened.write([of_chain(events.RetentionChecked, 1, at=AT + 3 * DAY_S, **look)])
        day = time.strftime("%Y-%m-%d", time.localtime(AT))
        for _ in range(2):
            rows = make_report(path, by="day").grouped["retention"]
            assert [(row["group"], row["moment"], row["n"], row["kept_by_chars"]) for row in rows] == [
                (day, "commit", 1, 0.5)
            ]
            take_batch(opened._connection, before=math.inf)


def test_a_clock_that_was_set_back_loses_nothing(path):
    """Events are in the totals by their number, not by what a clock said."""
    ats = [AT, AT + 5 * DAY_S, AT - 30 * DAY_S, AT + 1, AT + 2]
    with closing(open_store(path)) as opened:
        opened.write(requested(number, at=at) for number, at in enumerate(ats))
        while take_batch(opened._connection, before=AT + DAY_S, batch=1):
            opened.write([requested(0, at=AT - 60 * DAY_S)] if make_report(path).requests["requested"] < 7 else [])
    assert make_report(path).requests["requested"] == 7


def test_what_comes_after_everything_was_deleted_is_counted(path):
    """An id is never given twice, or the totals would be thought to hold what is new."""
    later = AT + 900 * DAY_S
    with closing(open_store(path, retention_days=30, wall_clock=lambda: later)) as opened:
        opened.write(requested(number) for number in range(10))
        opened.keep_up()
        assert [row["id"] for row in store.all_events(path)] == [10]
        opened.write([requested(11, at=later)])
    assert make_report(path).requests["requested"] == 11


def test_two_servers_take_a_batch_once(database, monkeypatch):
    """The second finds that the first has written while it reckoned, and leaves it at that."""
    from copilot_ls_telemetry import totals

    wanted = figures(database)
    reckon, is_nested = totals._reckon, []

    def reckon_while_another_does_all(connection, after, until):
        reckon(connection, after, until)
        if not is_nested:
            is_nested.append(True)
            with closing(open_store(database)) as other:
                assert take_batch(other._connection, before=math.inf)

    monkeypatch.setattr(totals, "_reckon", reckon_while_another_does_all)
    total(database)
    assert_alike(figures(database), wanted)


def test_what_the_user_deletes_meanwhile_comes_back_in_no_total(database, monkeypatch):
    from copilot_ls_telemetry import totals

    reckon = totals._reckon

    def reckon_and_delete(connection, after, until):
        reckon(connection, after, until)
        store.delete(database)

    monkeypatch.setattr(store, "_BUSY_TIMEOUT_S", 0.1)
    monkeypatch.setattr(totals, "_reckon", reckon_and_delete)
    total(database)
    with closing(sqlite3.connect(database)) as connection:
        for (table,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall():
            assert connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0] == 0, table


CHILD = textwrap.dedent("""
    import sys
    from pathlib import Path
    from copilot_ls_telemetry import totals
    from copilot_ls_telemetry.store import Store
    totals.BATCH = 500
    opened = Store(Path(sys.argv[1]), max_bytes=10**12, retention_days=float(sys.argv[2]), wall_clock=lambda: float(sys.argv[3]))
    print("begin", flush=True)
    while totals.take_batch(opened._connection, before=float("inf"), batch=500):
        print("batch", flush=True)
    opened.keep_up()
""")


def test_killed_at_any_moment_a_batch_is_in_the_totals_or_fresh(database):
    wanted = figures(database)
    for seed in range(12):
        command = [sys.executable, "-c", CHILD, str(database), "5" if seed > 6 else "9999", str(NOW)]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as child:
            chooser = random.Random(seed)
            for _ in range(chooser.randint(1, 6)):
                child.stdout.readline()
            deadline = time.perf_counter() + chooser.uniform(0, 0.15)
            while time.perf_counter() < deadline and child.poll() is None:
                pass  # a moment within what it does between two lines
            child.send_signal(signal.SIGKILL)
        with closing(sqlite3.connect(database)) as connection:
            assert connection.execute("PRAGMA integrity_check").fetchone()[0] == "ok"
    assert_alike(figures(database), wanted)


@given(st.floats(0.001, 1e7))
def test_times_are_kept_as_well_as_is_said(value):
    for what, steps in (("answered", 8), ("visible", 4)):
        assert abs(math.log(kept_time(what, value) / value)) <= math.log(2) / (2 * steps) + 0.006


def test_no_question_about_fresh_events_reads_all_events(history):
    """Neither by looking through the table nor by making an index of it, which SQLite likes to do."""
    with reading(history) as connection:
        names = [name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'view'")]
        fresh = [name for name in names if name.startswith("fresh_") or name.endswith("_facts")]
        assert len(fresh) > 15
        plans = {
            name: [row[3] for row in connection.execute(f"EXPLAIN QUERY PLAN SELECT * FROM {name}")] for name in fresh
        }
    for name, steps in plans.items():
        tables = [step for step in steps if re.search(r"\b(events|offer|life|opened|looks|takes)\b", step)]
        assert all("INTEGER PRIMARY KEY" in step or "USING INDEX events_by_" in step for step in tables), (name, tables)
