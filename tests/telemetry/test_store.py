"""The database among the things that happen to files."""

from __future__ import annotations

import os
import re
import sqlite3
import stat
from contextlib import closing
from pathlib import Path

import pytest
from copilot_ls_telemetry import store
from copilot_ls_telemetry.report import make_report
from copilot_ls_telemetry.schema import SCHEMA_VERSION, missing, split
from copilot_ls_telemetry.store import Store, StoreError

from tests.telemetry.conftest import AT, generated, requested


def open_store(path, **options):
    options = {"max_bytes": 64_000_000, "retention_days": 365, "wall_clock": lambda: AT, **options}
    return Store(path, **options)


def fill(path, n, **options):
    with closing(open_store(path, **options)) as opened:
        opened.write(requested(number) for number in range(n))


def count(path):
    with closing(sqlite3.connect(path)) as connection:
        return connection.execute("SELECT count(*) FROM events").fetchone()[0]


@pytest.mark.skipif(os.name != "posix", reason="modes are POSIX's")
def test_the_database_and_its_logs_are_for_their_owner_alone(path):
    old_mask = os.umask(0)
    try:
        with closing(open_store(path)) as opened:
            opened.write([requested(1)])
            modes = {file.name: stat.S_IMODE(file.stat().st_mode) for file in path.parent.iterdir()}
    finally:
        os.umask(old_mask)
    assert set(modes.values()) == {0o600}
    assert len(modes) == 3
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


def test_a_damaged_file_is_kept_aside_and_recording_goes_on(make_recorder, path, problems):
    path.parent.mkdir()
    path.write_bytes(b"this is no database, but somebody may want it" * 100)
    recorder = make_recorder()
    recorder.record(requested(1))
    assert recorder.flush(10)
    assert count(path) == 1
    (aside,) = store.set_aside_files(path)
    assert aside.name == "telemetry.db.corrupt-1"
    assert aside.read_bytes().startswith(b"this is no database")
    assert len(problems) == 1
    assert "telemetry.db.corrupt-1" in problems[0]


def test_a_page_damaged_in_the_middle_is_noticed_and_kept_aside(make_recorder, path, problems):
    fill(path, 3000)
    page = bytearray(path.read_bytes())
    page[4096 : len(page) - 4096] = b"\xff" * (len(page) - 8192)
    path.write_bytes(page)
    recorder = make_recorder()
    recorder.record(generated(1))
    assert recorder.flush(10)
    assert count(path) == 1
    assert [aside.read_bytes() for aside in store.set_aside_files(path)] == [bytes(page)]


def test_each_damaged_file_gets_a_name_of_its_own(path):
    for _ in range(3):
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(b"x" * 5000)
        assert store.set_aside(path)
    assert [aside.name[-1] for aside in store.set_aside_files(path)] == ["1", "2", "3"]


def test_a_sound_database_is_never_set_aside(path):
    """Two servers may notice the same damage; the second must not move the first one's new file away."""
    fill(path, 1)
    assert store.set_aside(path) is None
    assert count(path) == 1


EARLIER = range(1, SCHEMA_VERSION)


def as_version(path, version):
    """What a server of an earlier version left behind."""
    with closing(sqlite3.connect(path)) as new:
        names = [name for (name,) in new.execute("SELECT name FROM pragma_table_info('events')")]
        lacking = {name for name, _ in missing(version)}
        kept = [name for name in names if name not in lacking]
        rows = new.execute(f"SELECT {', '.join(kept)} FROM events").fetchall()
    for ending in ("", "-wal", "-shm"):
        path.with_name(path.name + ending).unlink(missing_ok=True)
    script = (Path(__file__).parent / f"schema_version_{max(version, 2)}.sql").read_text("utf-8")
    with closing(sqlite3.connect(path)) as old:
        old.execute("PRAGMA journal_mode = WAL")
        for statement in split(script):
            if "CREATE TABLE" in statement:
                lines = [line.partition("--")[0] for line in statement.splitlines()]
                lines = [line for line in lines if not line.split() or line.split()[0] not in lacking]
                statement = re.sub(r",\s*\);", ");", "\n".join(lines))
            old.execute(statement)
        old.executemany(f"INSERT INTO events ({', '.join(kept)}) VALUES ({', '.join('?' * len(kept))})", rows)
        old.execute(f"PRAGMA application_id = {store.APPLICATION_ID}")
        old.execute(f"PRAGMA user_version = {version}")
        old.commit()


def form(path):
    """Columns, version, and the statements that made all else."""
    with closing(sqlite3.connect(path)) as connection:
        rows = connection.execute("SELECT name, type FROM pragma_table_info('events')")
        others = connection.execute("SELECT name, sql FROM sqlite_master WHERE type <> 'table' ORDER BY name")
        return dict(rows), connection.execute("PRAGMA user_version").fetchone()[0], others.fetchall()


@pytest.mark.parametrize("version", EARLIER)
def test_a_database_of_an_earlier_version_is_brought_up_to_date(make_recorder, path, version):
    """Nothing that was recorded is lost, and it has the same form as a new one."""
    fill(path, 3)
    fresh = form(path)
    as_version(path, version)
    assert form(path) != fresh
    recorder = make_recorder()
    recorder.record(requested(4))
    assert recorder.flush(10)
    assert form(path) == fresh
    assert count(path) == 4
    assert make_report(path).requests["requested"] == 4


@pytest.mark.parametrize("version", EARLIER)
def test_a_database_of_an_earlier_version_can_be_read_before_anything_is_written(path, version):
    """Also where it cannot be changed; metrics that need what it does not have are empty."""
    fill(path, 3)
    as_version(path, version)
    path.chmod(0o400)
    report = make_report(path)
    assert report.requests["requested"] == 3
    assert (report.costs, report.fixes) == ([], [])
    assert form(path)[1] == version


def test_a_database_of_a_newer_version_is_left_alone(make_recorder, path, problems):
    fill(path, 1)
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA user_version = 99")
        connection.commit()
    before = path.read_bytes()
    recorder = make_recorder()
    recorder.record(requested(2))
    assert not recorder.flush(10)
    assert path.read_bytes() == before
    assert "schema 99" in problems[0]
    assert "upgrade copilot-ls" in problems[0]
    with pytest.raises(StoreError, match="schema 99"):
        make_report(path)


def test_a_database_of_another_program_is_left_alone(make_recorder, path, problems):
    path.parent.mkdir()
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("CREATE TABLE events (photo BLOB)")
        connection.commit()
    before = path.read_bytes()
    recorder = make_recorder()
    recorder.record(requested(1))
    assert not recorder.flush(10)
    assert path.read_bytes() == before
    assert "another program" in problems[0]
    with pytest.raises(StoreError, match="another program"):
        store.delete(path)
    assert path.read_bytes() == before


def test_a_full_disk_costs_the_events_and_nothing_else(path, problems, make_recorder, monkeypatch):
    """SQLite's page limit fails as a full disk does."""
    fill(path, 10)
    connect, limit = store._connect, [12]

    def connect_to_full_disk(path):
        connection = connect(path)
        connection.execute(f"PRAGMA max_page_count = {limit[0]}")
        return connection

    monkeypatch.setattr(store, "_connect", connect_to_full_disk)
    recorder = make_recorder()
    for number in range(2000):
        recorder.record(requested(number))
    assert not recorder.flush(10)
    assert "full" in problems[0]
    assert count(path) == 10
    recorder.record(requested(1))
    assert not recorder.flush(10), "the disk is left alone for a while"
    limit[0] = 10_000
    recorder._writer._not_before = 0.0
    recorder.record(requested(1))
    assert recorder.flush(10), "there is room again"
    assert count(path) == 11


def test_a_read_only_database_costs_the_events_and_nothing_else(path, problems, make_recorder, monkeypatch):
    fill(path, 1)
    connect = sqlite3.connect
    monkeypatch.setattr(
        sqlite3, "connect", lambda name, **options: connect(f"file:{path}?mode=ro", uri=True, **options)
    )
    recorder = make_recorder()
    recorder.record(requested(1))
    assert not recorder.flush(10)
    assert "readonly" in problems[0]


def test_over_its_size_the_oldest_rows_go_and_the_file_shrinks(path):
    limit = 300_000
    with closing(open_store(path, max_bytes=limit)) as opened:
        for batch in range(40):
            opened.write(generated(batch * 100 + number) for number in range(100))
            opened.keep_up()
    assert path.stat().st_size <= limit + 4 * 4096, "but for some pages that are free"
    with closing(sqlite3.connect(path)) as connection:
        numbers = [int(name[1:]) for (name,) in connection.execute("SELECT request_id FROM events ORDER BY id")]
    assert numbers[-1] == 3999, "the newest stay"
    assert numbers[0] > 1000, "the oldest have gone"
    assert numbers == list(range(numbers[0], 4000)), "nothing in between has"
    assert len(numbers) > 500, "and no more than was needed"


def test_what_is_older_than_the_retention_goes(path):
    with closing(open_store(path, retention_days=30)) as opened:
        opened.write([requested(1, at=AT - 31 * 86_400), requested(2, at=AT - 29 * 86_400)])
        opened.keep_up()
    assert [row["request_id"] for row in store.all_events(path)] == ["r2"]


def test_deleting_leaves_nothing(path):
    fill(path, 100)
    path.with_name("telemetry.db.corrupt-1").write_bytes(b"old")
    assert store.delete(path)
    assert list(path.parent.iterdir()) == []
    assert store.delete(path)


def test_deleting_under_a_running_server_empties_the_file_and_the_server_goes_on(path, make_recorder, monkeypatch):
    monkeypatch.setattr(store, "_BUSY_TIMEOUT_S", 0.1)
    recorder = make_recorder()
    recorder.record(generated(1, model="gone-for-good"))
    assert recorder.flush(10)
    assert not store.delete(path)
    for file in path.parent.iterdir():
        assert b"gone-for-good" not in file.read_bytes()
    recorder.record(requested(2))
    assert recorder.flush(10)
    assert [row["event"] for row in store.all_events(path)] == ["requested"]


def test_deleting_a_damaged_file_works(path):
    path.parent.mkdir()
    path.write_bytes(b"x" * 5000)
    assert store.delete(path)
    assert not path.exists()


def test_reading_changes_nothing_and_needs_no_server(path):
    fill(path, 5)
    before = path.read_bytes()
    assert make_report(path).requests["requested"] == 5
    assert path.read_bytes() == before


def test_reading_what_is_not_there_says_so(path):
    with pytest.raises(StoreError, match="nothing has been recorded yet"):
        make_report(path)


def test_reading_a_damaged_file_says_what_mends_it(path):
    path.parent.mkdir()
    path.write_bytes(b"x" * 5000)
    with pytest.raises(StoreError, match="copilot-ls telemetry delete"):
        make_report(path)


def test_a_half_made_database_is_completed(path):
    """A server killed between making the file and its first table leaves an empty one."""
    path.parent.mkdir()
    path.touch()
    fill(path, 1)
    assert count(path) == 1
