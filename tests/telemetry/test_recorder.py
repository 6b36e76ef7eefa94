"""Recording: never in the way, and nothing lost that had its quarter second."""

from __future__ import annotations

import os
import random
import re
import signal
import sqlite3
import subprocess
import sys
import textwrap
import time
from contextlib import closing
from pathlib import Path

import pytest
from copilot_ls_telemetry import events, store
from copilot_ls_telemetry import recorder as recorder_module

from tests.telemetry.conftest import AT, generated, of_chain, requested


def count(path):
    with closing(sqlite3.connect(path)) as connection:
        return connection.execute("SELECT count(*) FROM events").fetchone()[0]


def test_every_kind_of_event_comes_back_as_it_went_in(make_recorder, path):
    recorder = make_recorder()
    common = {"at": AT, "session_id": "session", "workspace": "w"}
    sent = [
        requested(1, workspace="w"),
        events.Skipped(**common, request_id="r", language="go", reason="mid_word"),
        events.Superseded(**common, request_id="r", language="go"),
        events.Discarded(
            **common,
            request_id="r",
            language="go",
            backend="b",
            model="m",
            reason="cut",
            cut_by=("a", "b"),
            latency_ms=1.5,
        ),
        events.BackendFault(**common, backend="b", model="m", fault="http_401", request_id="r"),
        events.Written(**common, language="go", n_typed=3, n_inserted=20, n_deleted=1),
        of_chain(events.RetentionChecked, 2, moment="300s", kept=0.5, survives=True, n_lexemes=8, kept_chars=20),
        of_chain(events.AcceptReported, 2, n_added=1, n_removed=2),
        events.Explained(
            **common, request_id="r", language="go", backend="b", model="m", latency_ms=2.5, n_chars=9, rule="go:X"
        ),
        events.FixOffered(**common, language="go", rule="ruff:F401"),
        events.FixOpened(**common, fix_id="f", language="go", rule="ruff:F401", kind="fix", n_diagnostics=2),
        events.FixProposed(
            **common,
            fix_id="f",
            verdict="verified",
            backend="b",
            model="m",
            n_tries=2,
            latency_ms=1.5,
            checked_by=("tree-sitter", "ruff"),
            fixer="unused_import",
            n_tool_calls=3,
            n_invalid_tool_calls=1,
            input_tokens=10,
            output_tokens=5,
            cost=0.5,
        ),
        events.FixApplied(**common, fix_id="f"),
        events.FixDropped(**common, fix_id="f", reason="stale"),
        events.FixChecked(**common, fix_id="f", gone=True),
        events.FixUndone(**common, fix_id="f"),
        events.FixResolved(**common, fix_id="f", resolved=False, reason="undone"),
        generated(2, cut_by=("drop_blank",), confidence=0.25, first_token_ms=2.5, input_tokens=3, multiline=True),
        events.BackendAsked(
            **common,
            backend="b",
            model="m",
            outcome="cancelled",
            n_tries=2,
            latency_ms=12.5,
            request_id="r",
            first_token_ms=3.5,
            input_tokens=100,
            cached_input_tokens=60,
            cache_write_tokens=20,
            output_tokens=9,
            cost=0.00125,
            estimated=True,
        ),
        events.BackendPassedOver(**common, backend="b", reason="resting", request_id="r", language="go"),
        events.SilenceJudged(**common, request_id="r", outcome="part", accepted_length=4),
        of_chain(events.Shown, 2, inferred=False),
        of_chain(events.PartiallyAccepted, 2),
        of_chain(events.Accepted, 2),
        of_chain(events.Typed, 2),
        of_chain(events.Rejected, 2),
        of_chain(events.Ignored, 2),
    ]
    assert {type(event) for event in sent} == set(events.EVENT_NAMES)
    for event in sent:
        recorder.record(event)
    assert recorder.flush(10)
    rows = list(store.all_events(path))
    assert [row["event"] for row in rows] == [events.EVENT_NAMES[type(event)] for event in sent]
    found = {row["event"]: row for row in rows}
    assert (found["generated"]["cut_by"], found["generated"]["multiline"]) == ('["drop_blank"]', 1)
    assert (found["shown"]["inferred"], found["fix_checked"]["gone"], found["fix_resolved"]["resolved"]) == (0, 1, 0)
    assert found["fix_proposed"]["checked_by"] == '["tree-sitter", "ruff"]'
    for row, event in zip(rows, sent, strict=True):
        for name, value in row.items():
            if name not in ("id", "event", "cut_by", "checked_by"):
                assert getattr(event, name) == value


def test_turned_off_it_records_nothing_and_makes_no_file(make_recorder, path):
    recorder = make_recorder(enable=False)
    recorder.record(requested(1))
    assert recorder.flush()
    recorder.close()
    assert not path.parent.exists()


def test_without_an_event_there_is_no_file_and_no_thread(make_recorder, path):
    recorder = make_recorder()
    assert recorder._thread is None
    assert not path.parent.exists()


def test_recording_does_not_wait_for_the_disk(make_recorder, monkeypatch):
    """A writer that hangs costs events in the end, never the caller's time."""
    hold = recorder_module.threading.Event()
    monkeypatch.setattr(recorder_module._Writer, "_write", lambda self, batch: hold.wait(20))
    recorder = make_recorder(max_queued=100)
    for number in range(1000):
        recorder.record(requested(number))
    assert recorder.n_dropped >= 800
    assert not recorder.flush(0.01)
    hold.set()


def test_the_cost_of_recording(make_recorder, path, capsys):
    """Measured and printed; judged by eye, because a busy machine judges wrongly."""
    recorder = make_recorder()
    event = generated(1)
    recorder.record(event)
    n = 20_000
    before, started = time.thread_time_ns(), time.perf_counter_ns()
    for _ in range(n):
        recorder.record(event)
    cpu, wall = time.thread_time_ns() - before, time.perf_counter_ns() - started
    with capsys.disabled():
        print(f"\nrecord(): {cpu / n / 1e3:.2f} us CPU, {wall / n / 1e3:.2f} us wall per event")
    assert recorder.flush(20)
    assert count(path) == n + 1


def test_a_problem_is_told_once_and_the_events_are_counted_as_lost(make_recorder, problems, tmp_path):
    blocked = tmp_path / "file"
    blocked.write_text("not a folder")
    recorder = make_recorder(path=blocked / "telemetry.db")
    for number in range(3):
        recorder.record(requested(number))
        assert not recorder.flush(10)
    assert len(problems) == 1
    assert str(blocked) in problems[0]
    assert "telemetry.enable = false" in problems[0]
    assert recorder.n_lost == 3


def test_a_problem_that_cannot_be_told_does_no_harm(path, tmp_path):
    def refuse(message):
        raise ValueError(message)

    blocked = tmp_path / "file"
    blocked.write_text("not a folder")
    recorder = recorder_module.Recorder(blocked / "telemetry.db", on_problem=refuse)
    recorder.record(requested(1))
    assert not recorder.flush(10)
    assert recorder._thread.is_alive()
    recorder.close()


def test_after_closing_events_are_ignored(make_recorder, path):
    recorder = make_recorder()
    recorder.record(requested(1))
    recorder.close()
    recorder.record(requested(2))
    recorder.close()
    assert count(path) == 1


def test_a_database_deleted_under_a_running_server_is_made_anew(make_recorder, path):
    recorder = make_recorder()
    recorder.record(requested(1))
    assert recorder.flush(10)
    for file in path.parent.iterdir():
        file.unlink()
    recorder.record(requested(2))
    assert recorder.flush(10)
    assert count(path) == 1


CHILD = textwrap.dedent("""
    import sys, time
    from pathlib import Path
    from copilot_ls_telemetry.events import Requested
    from copilot_ls_telemetry.recorder import Recorder
    path, name, seconds = Path(sys.argv[1]), sys.argv[2], float(sys.argv[3])
    recorder = Recorder(path, on_problem=lambda message: print("problem", message, flush=True))
    end, number = time.monotonic() + seconds, 0
    while time.monotonic() < end:
        at = time.time()
        recorder.record(Requested(at=at, session_id=name, request_id=str(number), language="x", trigger_kind="automatic"))
        number += 1
        print(number, at, flush=True)
        time.sleep(0.002)
    recorder.close(30)
    print("end", number, flush=True)
""")


def start(path, name, seconds):
    return subprocess.Popen(
        [sys.executable, "-c", CHILD, str(path), name, str(seconds)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONWARNINGS": "error"},
    )


@pytest.mark.parametrize("seed", range(3))
def test_killed_at_any_moment_a_server_loses_less_than_the_last_second(path, seed):
    child = start(path, "killed", 60)
    child.stdout.readline()
    time.sleep(0)  # the child runs; it is killed at a moment of its own clock
    wanted = random.Random(seed).uniform(0.3, 1.7)
    lines = []
    began = time.time()
    for line in child.stdout:
        lines.append(line.split())
        if float(lines[-1][1]) - began > wanted:
            break
    child.send_signal(signal.SIGKILL)
    killed_at = time.time()
    rest, _ = child.communicate()
    lines += [line.split() for line in rest.splitlines() if len(line.split()) == 2]
    assert not any(words[0] == "problem" for words in lines)
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchone()[0] == "ok"
        is_made = connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'events'").fetchone()
        rows = connection.execute("SELECT request_id FROM events").fetchall() if is_made else []
    kept = {int(number) for (number,) in rows}
    must = {int(number) - 1 for number, at in lines if float(at) < killed_at - 1}
    assert must <= kept
    assert kept == set(range(len(kept))), "what is kept is all up to some moment"


def test_four_servers_write_at_once_and_nothing_is_lost(path):
    children = [start(path, f"server {number}", 1.0) for number in range(4)]
    told = [child.communicate(timeout=60) for child in children]
    n_recorded = {}
    for number, (out, errors) in enumerate(told):
        assert errors == ""
        assert "problem" not in out
        n_recorded[f"server {number}"] = int(out.split()[-1])
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchone()[0] == "ok"
        assert dict(connection.execute("SELECT session_id, count(*) FROM events GROUP BY 1")) == n_recorded


def test_the_readme_names_every_event_and_no_other():
    """What is recorded is a promise; so is that it is all."""
    readme = (Path(__file__).parents[2] / "telemetry/README.md").read_text(encoding="utf-8")
    table = readme.partition("## What is recorded")[2].partition("## What never is")[0]
    assert set(re.findall(r"^\| `(\w+)` \|", table, re.MULTILINE)) == set(events.EVENT_NAMES.values())


def test_the_readme_names_every_setting_and_file_of_what_is_kept():
    """Who asks what is recorded reads one page: it knows each setting of `[telemetry]`, each folder and each format."""
    from dataclasses import fields

    from copilot_ls.cli import export, telemetry
    from copilot_ls.config.stores_settings import TelemetrySettings
    from copilot_ls.features import completion_texts

    readme = (Path(__file__).parents[2] / "telemetry/README.md").read_text(encoding="utf-8")
    # What the embedded backend learns is no record; the reference of settings says what it is.
    settings = [field.name for field in fields(TelemetrySettings) if field.name != "calibrate"]
    assert not [name for name in settings if name not in readme and name != "enable"]
    assert "`enable = false`" in readme
    assert not [folder.name for folder in telemetry.text_folders() if f"`{folder.name}/" not in readme]
    assert not [name for name in export._FORMATS if name not in readme and name != "jsonl"]
    assert f"{completion_texts.PREFIX_CHARS:,} characters before the place" in readme
    assert f"{completion_texts.SUFFIX_CHARS:,} behind it" in readme
