"""What happens to disks, files and processes costs statistics at most, and is said once, with what mends it."""

from __future__ import annotations

import sqlite3
import stat
import subprocess
import sys
import textwrap
from contextlib import closing

import pytest
from copilot_ls_telemetry import store
from copilot_ls_telemetry.store import obstacle

from copilot_ls.cli import main
from tests.telemetry.conftest import requested
from tests.telemetry.histories import write_days
from tests.telemetry.storm import storm


def test_eight_servers_that_are_killed_lose_their_last_second_at_most(tmp_path):
    """In short; `python -m tests.bench telemetry_storm` kills two hundred times."""
    outcome = storm(tmp_path, n_kills=20)
    assert outcome.integrity == "ok"
    assert (outcome.n_doubled, outcome.gaps, outcome.problems) == (0, [], [])
    assert outcome.n_events > 500
    assert outcome.n_totalled > 5000, "the past was taken into the totals meanwhile"
    assert outcome.oldest_lost_s < 1.0


RECORDS = textwrap.dedent("""
    import os, resource, signal, sys
    from pathlib import Path
    from copilot_ls_telemetry import obstacles, store
    from copilot_ls_telemetry.events import Requested
    from copilot_ls_telemetry.recorder import Recorder
    exec(sys.argv[3])
    recorder = Recorder(Path(sys.argv[1]), on_problem=lambda message: print(message, flush=True))
    for number in range(int(sys.argv[2])):
        recorder.record(
            Requested(at=1.0 + number, session_id="s", request_id=str(number), language="x", trigger_kind="automatic")
        )
        if number % 400 == 399:
            recorder.flush(10)
            recorder._writer._not_before = 0.0  # thirty seconds later
    recorder.flush(10)
    recorder.close()
    print("lived on", recorder.n_lost > 0)
""")


def record_in_a_process(path, n, *, first=""):
    """What a process says that records; it does `first` before."""
    command = [sys.executable, "-c", RECORDS, str(path), str(n), first]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert done.stderr == ""
    return done.stdout.splitlines()


def integrity(path):
    with closing(sqlite3.connect(path)) as connection:
        return connection.execute("PRAGMA integrity_check").fetchone()[0]


# No file may grow beyond 300 kB: writing fails in the midst, as on a full disk.
LIMIT_FILES = (
    "signal.signal(signal.SIGXFSZ, signal.SIG_IGN); resource.setrlimit(resource.RLIMIT_FSIZE, (300_000, 300_000))"
)
# Modes bind everybody but root. The interpreter may lie where nobody else may look, and has imported what it needs.
BECOME_NOBODY = "os.geteuid() or (os.setgid(65534), os.setuid(65534))"


def test_a_disk_that_fills_up_costs_events_and_is_said_once(path):
    said = record_in_a_process(path, 4000, first=LIMIT_FILES)
    assert len(said) == 2, said
    assert said[0].startswith(f"statistics are not being recorded: {path}: ")
    assert "telemetry.enable = false" in said[0]
    assert said[1] == "lived on True"
    assert integrity(path) == "ok"
    n_before = len(list(store.all_events(path)))
    assert record_in_a_process(path, 10) == ["lived on False"]
    assert len(list(store.all_events(path))) == n_before + 10


def test_a_disk_without_room_is_named(tmp_path, monkeypatch):
    path = tmp_path / "telemetry.db"
    write_days(path, 1)
    monkeypatch.setattr(store.shutil, "disk_usage", lambda _: store.shutil._ntuple_diskusage(10, 10, 0))
    assert obstacle(path) == (
        f"{path}: [Errno 28] No space left on device; make room on the disk, and recording goes on by itself, or set "
        "telemetry.enable = false"
    )


@pytest.fixture
def closed_folder(tmp_path):
    """A folder with a database, neither of which one may write to; and a way there."""
    folder = tmp_path / "state"
    write_days(folder / "telemetry.db", 1)
    for parent in (tmp_path, *tmp_path.parents):
        if parent.owner() == folder.owner() and str(parent).startswith("/tmp/"):
            parent.chmod(parent.stat().st_mode | stat.S_IXOTH | stat.S_IXGRP)
    (folder / "telemetry.db").chmod(0o444)
    folder.chmod(0o555)
    yield folder
    folder.chmod(0o700)


def test_a_folder_that_cannot_be_written_to_costs_events_and_is_said_once(closed_folder):
    path = closed_folder / "telemetry.db"
    before = path.read_bytes()
    said = record_in_a_process(path, 1200, first=BECOME_NOBODY)
    assert len(said) == 2, said
    assert "let yourself write to it and its folder, or set COPILOT_LS_STATE_DIR to another folder" in said[0]
    assert said[1] == "lived on True"
    assert path.read_bytes() == before


def test_a_database_that_somebody_holds_costs_events_until_it_is_free(path, make_recorder, problems, monkeypatch):
    monkeypatch.setattr(store, "_BUSY_TIMEOUT_S", 0.05)
    recorder = make_recorder()
    recorder.record(requested(1))
    assert recorder.flush(10)
    recorder._writer._close_store()
    with closing(sqlite3.connect(path)) as holder:
        holder.execute("BEGIN EXCLUSIVE")
        for number in (2, 3):
            recorder.record(requested(number))
            assert not recorder.flush(10)
            recorder._writer._not_before = 0.0
        obstacle_of_a_lock = obstacle(path)
        assert obstacle_of_a_lock == (
            f"{path}: database is locked; close what holds it, and recording goes on by itself, or set "
            "telemetry.enable = false"
        )
        holder.rollback()
    recorder.record(requested(4))
    assert recorder.flush(10)
    assert [row["request_id"] for row in store.all_events(path)] == ["r1", "r4"]
    assert problems == [f"statistics are not being recorded: {obstacle_of_a_lock}"]


def test_another_obstacle_is_another_message(path, make_recorder, problems):
    """Each kind is said once: who made room on the disk learns of the file that is locked then."""
    errors = [sqlite3.OperationalError("full"), sqlite3.OperationalError("full"), sqlite3.OperationalError("locked")]
    for error, code in zip(errors, (13, 13, 5), strict=True):
        error.sqlite_errorcode, error.sqlite_errorname = code, f"CODE_{code}"
    recorder = make_recorder()

    def fail(batch):
        raise errors.pop(0)

    recorder._writer._write = fail
    for number in range(3):
        recorder.record(requested(number))
        recorder.flush(10)
        recorder._writer._not_before = 0.0
    assert ["make room" in problem for problem in problems] == [True, False]
    assert len(problems) == 2


@pytest.mark.parametrize("damage", ["newer", "corrupt", "sound", "none"])
def test_status_and_doctor_say_what_is_wrong_and_what_mends_it(tmp_path, monkeypatch, capsys, damage):
    monkeypatch.setenv("COPILOT_LS_STATE_DIR", str(tmp_path))
    path = tmp_path / "telemetry.db"
    if damage == "corrupt":
        path.write_bytes(b"x" * 5000)
    elif damage != "none":
        write_days(path, 1)
    if damage == "newer":
        with closing(sqlite3.connect(path)) as connection:
            connection.execute("PRAGMA user_version = 99")
            connection.commit()
    mended = {"newer": "upgrade copilot-ls, or move the file away", "corrupt": "sets it aside and begins a new one"}
    before = path.read_bytes() if path.exists() else None
    main(["telemetry", "status"])
    status = capsys.readouterr().out
    main(["doctor"])
    report = capsys.readouterr().out
    (line,) = [line for line in report.splitlines() if " record " in line]
    assert (path.read_bytes() if path.exists() else None) == before
    if damage in mended:
        assert mended[damage] in status
        assert mended[damage] in line
        assert line.strip().startswith("BAD")
    else:
        assert "problem" not in status
        assert line.strip().startswith("ok")
