"""`copilot-ls stats` and `copilot-ls telemetry`, as the user runs them."""

from __future__ import annotations

import io
import json
import time
from contextlib import closing

import pytest
from copilot_ls_telemetry import events
from copilot_ls_telemetry.store import Store

from copilot_ls.cli import main
from tests.telemetry.conftest import generated, of_chain, requested


@pytest.fixture(autouse=True)
def state(tmp_path, monkeypatch):
    """A machine of one's own."""
    for kind in ("STATE", "CONFIG", "CACHE"):
        monkeypatch.setenv(f"COPILOT_LS_{kind}_DIR", str(tmp_path / kind.lower()))
    return tmp_path / "state"


@pytest.fixture
def recorded(state):
    """Three suggestions shown, one of them accepted, an hour ago; one more ignored ten days ago."""
    now = time.time()
    hour_ago, long_ago = {"at": now - 3600}, {"at": now - 10 * 86_400}
    with closing(
        Store(state / "telemetry.db", max_bytes=1_000_000, retention_days=365, wall_clock=time.time)
    ) as opened:
        for number in range(3):
            opened.write([requested(number, **hour_ago), generated(number, **hour_ago)])
            opened.write([of_chain(events.Shown, number, **hour_ago)])
        opened.write([of_chain(events.Accepted, 0, **hour_ago)])
        opened.write([of_chain(kind, number, **hour_ago) for number, kind in ((1, events.Ignored), (2, events.Typed))])
        opened.write([generated(9, language="go", **long_ago), of_chain(events.Shown, 9, **long_ago)])
        opened.write([of_chain(events.Ignored, 9, **long_ago)])
    return state / "telemetry.db"


def run(capsys, *words):
    status = main(words)
    out, err = capsys.readouterr()
    return status, out, err


def test_without_any_data_stats_says_how_they_come_about(capsys, state):
    status, out, err = run(capsys, "stats")
    assert (status, err) == (0, "")
    assert "No suggestion has been recorded yet" in out
    assert str(state / "telemetry.db") in out
    assert not state.exists(), "asking makes no file"


def test_without_any_data_the_json_is_complete_all_the_same(capsys):
    status, out, _ = run(capsys, "stats", "--json")
    top = json.loads(out)
    assert status == 0
    assert [top[name] for name in ("shown", "accepted", "partially_accepted", "typed", "rejected", "ignored")] == [
        0
    ] * 6
    assert top["acceptance_rate"] is None


def test_stats_as_json(capsys, recorded):
    _, out, _ = run(capsys, "stats", "--json", "--by", "language")
    top = json.loads(out)
    assert (top["shown"], top["accepted"], top["typed"], top["ignored"]) == (4, 1, 1, 2)
    assert top["acceptance_rate"] == 0.25
    assert {group["group"]: group["shown"] for group in top["groups"]} == {"python": 3, "go": 1}


def test_stats_as_tables_show_every_outcome_with_its_uncertainty(capsys, recorded):
    status, out, _ = run(capsys, "stats", "--by", "language")
    assert status == 0
    lines = out.splitlines()
    assert lines[0].startswith("Suggestions of all time: 1 of 4 shown were accepted, 25% (95 % interval 5% to 70%)")
    assert "too few" in lines[1]
    assert any(line.split()[:3] == ["python", "3", "1"] for line in lines)
    assert all(len(line) <= 120 for line in lines)


def test_since_leaves_out_what_is_older(capsys, recorded):
    assert json.loads(run(capsys, "stats", "--json", "--since", "7d")[1])["shown"] == 3
    assert json.loads(run(capsys, "stats", "--json", "--since", "1m")[1])["shown"] == 0
    assert json.loads(run(capsys, "stats", "--json", "--since", "2000-01-01")[1])["shown"] == 4


@pytest.mark.parametrize("word", ["soon", "7", "7y", "", "2026-13-01", "999999999999d"])
def test_a_time_that_is_none_is_refused_with_an_example(capsys, word):
    with pytest.raises(SystemExit) as stopped:
        main(["stats", "--since", word])
    assert stopped.value.code == 2
    assert "7d" in capsys.readouterr().err


def test_definitions_come_from_the_metrics_themselves(capsys):
    _, out, _ = run(capsys, "stats", "--explain")
    assert "acceptance_rate     accepted / shown" in out
    assert "Traps:" in out


def test_a_damaged_database_is_one_sentence_and_status_one(capsys, state):
    state.mkdir()
    (state / "telemetry.db").write_bytes(b"x" * 5000)
    status, out, err = run(capsys, "stats")
    assert (status, out) == (1, "")
    assert "copilot-ls telemetry delete" in err
    assert len(err.splitlines()) == 1


def test_telemetry_status_and_path(capsys, recorded):
    assert run(capsys, "telemetry", "path")[1].strip() == str(recorded)
    status = json.loads(run(capsys, "telemetry", "status", "--json")[1])
    assert status["recording"] is True
    assert (status["n_events"], status["n_sessions"], status["problem"]) == (15, 1, None)
    assert (status["storing_texts"], status["text_bytes"]) == (False, 0)
    assert "events      15 in 1 sessions" in run(capsys, "telemetry")[1]


def test_recording_is_turned_off_and_on_and_the_file_keeps_its_comments(capsys, tmp_path):
    file = tmp_path / "config" / "config.toml"
    file.parent.mkdir()
    file.write_text("# mine\n[telemetry]  # of telemetry\nmax_mb = 32 # small\n\n[log]\nlevel = 'info'\n")
    file.chmod(0o640)
    status, out, _ = run(capsys, "telemetry", "off")
    assert status == 0
    assert out.startswith(f"Recording is off now: telemetry.enable = false in {file}.\n")
    assert "editor starts it again" in out
    assert "telemetry delete" in out
    text = "# mine\n[telemetry]  # of telemetry\nenable = {}\nmax_mb = 32 # small\n\n[log]\nlevel = 'info'\n"
    assert file.read_text() == text.format("false")
    assert file.stat().st_mode & 0o777 == 0o640
    assert "off (telemetry.enable = false)" in run(capsys, "telemetry", "status")[1]
    assert run(capsys, "telemetry", "off")[1].startswith("Recording was off already")
    assert run(capsys, "telemetry", "on")[0] == 0
    assert file.read_text() == text.format("true")


def test_turned_off_without_a_settings_file_makes_one(capsys, tmp_path):
    file = tmp_path / "config" / "config.toml"
    assert run(capsys, "telemetry", "off")[0] == 0
    assert file.read_text() == "[telemetry]\nenable = false\n"
    assert file.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("text", ["telemetry = 3\n", "telemetry = { max_mb = 3 }\n", "what is this\n"])
def test_a_file_that_cannot_be_changed_is_left_alone_and_says_what_to_write(capsys, tmp_path, text):
    file = tmp_path / "config" / "config.toml"
    file.parent.mkdir()
    file.write_text(text)
    status, out, err = run(capsys, "telemetry", "off")
    assert (status, out) == (1, "")
    assert "write `enable = false` below [telemetry]" in err
    assert file.read_text() == text


@pytest.mark.parametrize("kind", ["file", "long"])
def test_an_impossible_state_folder_is_one_sentence(capsys, tmp_path, monkeypatch, kind):
    (tmp_path / "file").write_text("")
    folder = tmp_path / "file" / "state" if kind == "file" else tmp_path / ("x" * 300)
    monkeypatch.setenv("COPILOT_LS_STATE_DIR", str(folder))
    status, out, err = run(capsys, "telemetry", "status")
    assert (status, err) == (1, "")
    assert "nothing is recorded, as the state folder" in out
    assert "set COPILOT_LS_STATE_DIR to another folder" in out
    assert "not there yet" not in out
    status, out, _ = run(capsys, "telemetry", "status", "--json")
    assert (status, json.loads(out)["n_events"]) == (1, 0)


def test_deleting_takes_stored_texts_along(capsys, recorded):
    texts = recorded.parent / "completion-texts"
    texts.mkdir()
    (texts / "2026-01-01.jsonl").write_text("{}\n")
    assert "texts       no longer stored, 0 KiB" in run(capsys, "telemetry", "status")[1]
    status, out, _ = run(capsys, "telemetry", "delete", "--yes")
    assert (status, list(texts.iterdir())) == (0, [])
    assert out.startswith("Deleted the stored texts, 1 files.\n")


def test_export_gives_every_event_as_a_line_of_json(capsys, recorded):
    lines = [json.loads(line) for line in run(capsys, "telemetry", "export")[1].splitlines()]
    assert len(lines) == 15
    assert lines[0]["event"] == "requested"
    assert None not in lines[0].values()


def test_delete_asks_and_takes_no_for_an_answer(capsys, recorded, monkeypatch):
    terminal = io.StringIO("n\n")
    terminal.isatty = lambda: True
    monkeypatch.setattr("sys.stdin", terminal)
    assert run(capsys, "telemetry", "delete")[0] == 1
    assert recorded.exists()


def test_delete_with_nobody_to_ask_deletes_nothing(capsys, recorded, monkeypatch):
    monkeypatch.setattr("sys.stdin", io.StringIO(""))
    status, _, err = run(capsys, "telemetry", "delete")
    assert status == 2
    assert "--yes" in err
    assert recorded.exists()


def test_delete_on_demand_deletes_all(capsys, recorded):
    status, out, _ = run(capsys, "telemetry", "delete", "--yes")
    assert (status, out) == (0, f"Deleted {recorded}.\n")
    assert list(recorded.parent.iterdir()) == []
    assert run(capsys, "telemetry", "delete", "--yes")[0] == 0


def test_a_database_that_is_only_just_being_made_holds_nothing_yet(capsys, monkeypatch, tmp_path):
    """A server makes the file first and its tables a moment later; who looks in between is told so, not of a fault."""
    monkeypatch.setenv("COPILOT_LS_STATE_DIR", str(tmp_path))
    (tmp_path / "telemetry.db").touch()
    assert main(["stats", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["shown"] == 0
    assert main(["telemetry", "status", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["problem"] is None


def test_two_backends_are_compared(recorded, capsys):
    """Side by side; what was not recorded is named."""
    assert main(["stats", "--compare", "embedded", "nobody"]) == 1
    assert "no backend 'nobody' was recorded; there are: embedded" in capsys.readouterr().err
    assert main(["stats", "--compare", "embedded", "embedded", "--json"]) == 0
    rows = {row["what"]: row for row in json.loads(capsys.readouterr().out)["rows"]}
    assert rows["acceptance rate"]["a"] == rows["acceptance rate"]["b"] is not None
    assert main(["stats", "--compare", "embedded", "embedded"]) == 0
    assert "acceptance rate" in capsys.readouterr().out


def test_a_metric_comes_as_csv(recorded, capsys):
    assert main(["stats", "--csv", "requests", "--by", "language"]) == 0
    heads, *rows = capsys.readouterr().out.splitlines()
    assert heads == "group,requested,skipped,superseded,discarded,answered"
    assert rows
    assert main(["stats", "--csv", "nothing"]) == 2
    assert "no metric 'nothing'; there are outcomes, " in capsys.readouterr().err
