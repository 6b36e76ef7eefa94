"""`copilot-ls eval replay` from the command line: figures, going on after a kill, limits, what cannot be had."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from copilot_ls.cli import main
from copilot_ls.config.paths import state_dir
from tests.evaluation.repositories import MODULE, WITH_MERGE, Built, small_project

ORACLE = [
    {"prefix": r"def merge_settings\(path, settings\):\n    $", "text": "merged = load_settings(path)"},
    {"prefix": r"\n    merged$", "text": ".update(settings)"},
    {
        "prefix": r"def reset_settings\(path\):\n    $",
        "text": "save_settings(path, {})\n    return load_settings(path)",
    },
]


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for kind in ("CACHE", "STATE", "CONFIG"):
        monkeypatch.setenv(f"COPILOT_LS_{kind}_DIR", str(tmp_path / kind.lower()))
    (tmp_path / "config").mkdir()
    return tmp_path


def configure(home: Path, **backends: list[dict]) -> None:
    """Scripted models by name, with a price, so that what is asked costs something."""
    said = []
    for name, answers in backends.items():
        script = home / f"{name}.json"
        script.write_text(json.dumps({"answers": answers}))
        said.append(
            f'[backend.{name}]\nkind = "scripted"\nmodel = "{name}-1"\ninput_price = 1.0\noutput_price = 2.0\n'
            f"options.script = {json.dumps(str(script))}\n"
        )
    (home / "config" / "config.toml").write_text("\n".join(said))


def figures(capsys: pytest.CaptureFixture[str], *words: object) -> dict:
    status = main(["eval", "replay", *map(str, words), "--json"])
    said = capsys.readouterr()
    assert status == 0, said.err
    return json.loads(said.out)


def without_times(found: dict) -> dict:
    """Figures as they are on any machine."""
    for some in (found["backends"], *found["by_repository"].values(), *found["by_language"].values()):
        for standing in some:
            for name in ("p50_ms", "p95_ms", "cpu_s"):
                del standing[name]
    return found


def test_two_backends_side_by_side(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    built = small_project(home / "project")
    configure(home, oracle=ORACLE, wrong=[{"text": "nothing_of_the_kind()"}])
    found = figures(capsys, built.folder, "--backend", "oracle", "--backend", "wrong", "--jobs", 2)
    oracle, wrong = found["backends"]
    assert (oracle["backend"], oracle["commits"], oracle["files"]) == ("oracle", 2, 3)
    assert oracle["counts"]["accepted"] == 3
    assert oracle["counts"]["exact"] == 2
    assert "accepted" not in wrong["counts"]
    assert wrong["counts"]["dismissed"] == wrong["counts"]["shown"] > 3
    assert oracle["estimates"]["saved"][0] > 0 == wrong["estimates"]["saved"][0]
    assert 0 < oracle["counts"]["cost"] == pytest.approx(found["cost"] - wrong["counts"]["cost"])
    assert oracle["estimates"]["cost_per_accepted"][0] == pytest.approx(oracle["counts"]["cost"] / 3)
    assert found["differences"][0]["estimates"]["saved"][0] == pytest.approx(-oracle["estimates"]["saved"][0])
    assert found["missing"] == 0
    assert found["problems"] == {}


def test_what_a_backend_is_asked_does_not_depend_on_the_others(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    built = small_project(home / "project")
    configure(home, oracle=ORACLE, wrong=[{"text": "nothing_of_the_kind()"}])
    alone = figures(capsys, built.folder, "--backend", "embedded")
    beside = figures(capsys, built.folder, "--backend", "oracle", "--backend", "embedded")
    assert without_times(alone)["backends"][0] == without_times(beside)["backends"][1]


def test_the_second_time_nothing_is_asked(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    built = small_project(home / "project")
    configure(home, oracle=ORACLE)
    first = figures(capsys, built.folder, "--backend", "oracle")
    assert figures(capsys, built.folder, "--backend", "oracle") == first
    again = figures(capsys, built.folder, "--backend", "oracle", "--fresh")
    assert without_times(again) == without_times(first)
    # A limit of what was spent already leaves nothing to do, and nothing undone.
    assert figures(capsys, built.folder, "--backend", "oracle", "--max-cost", 0)["missing"] == 0


def many_commits(folder: Path) -> Built:
    built = Built(folder)
    text = MODULE
    built.commit({"settings.py": text})
    for number in range(14):
        text += f"\n\ndef load_{number}(path):\n    merged = load_settings(path)\n    return merged[{number}]\n"
        built.commit({"settings.py": text})
    return built


def command(*words: object) -> list[str]:
    return [sys.executable, "-P", "-m", "copilot_ls", "eval", "replay", *map(str, words)]


def n_records() -> int:
    files = list((state_dir() / "evaluations").glob("*/records.jsonl"))
    return (
        sum(line.startswith(b"{") and line.endswith(b"}") for line in files[0].read_bytes().split(b"\n"))
        if files
        else 0
    )


def children(pid: int) -> list[int]:
    return [int(each) for each in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


@pytest.mark.skipif(not Path("/proc/self/task").is_dir(), reason="children are found in /proc")
def test_a_killed_run_goes_on_and_ends_like_one_that_was_not(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    built = many_commits(home / "project")
    words = (built.folder, "--backend", "embedded", "--jobs", 2)
    process = subprocess.Popen(command(*words), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=os.environ)
    deadline = time.monotonic() + 120
    while n_records() < 3 and time.monotonic() < deadline:
        assert process.poll() is None
        time.sleep(0.01)  # a condition with a deadline
    workers = children(process.pid)
    process.send_signal(signal.SIGKILL)
    process.wait()
    while any(Path(f"/proc/{pid}").exists() for pid in workers) and time.monotonic() < deadline:
        time.sleep(0.01)
    assert not any(Path(f"/proc/{pid}").exists() for pid in workers), "workers end with whoever started them"
    before = n_records()
    assert 3 <= before < 14
    (file,) = (state_dir() / "evaluations").glob("*/records.jsonl")
    kept = file.read_bytes()
    with file.open("ab") as torn:
        torn.write(b'\n{"key":"project/')
    gone_on = figures(capsys, *words)
    assert file.read_bytes().startswith(kept)
    assert n_records() == 14
    assert without_times(gone_on) == without_times(figures(capsys, *words, "--fresh"))


def test_a_worker_that_dies_costs_nothing_but_time(home: Path, capsys: pytest.CaptureFixture[str], monkeypatch) -> None:
    built = small_project(home / "project")
    wanted = figures(capsys, built.folder)
    marker, module = home / "died", home / "sitecustomize.py"
    module.write_text(
        f"import os, pathlib, sys\nmarker = pathlib.Path({str(marker)!r})\n"
        "if sys.orig_argv[-1].endswith('evaluation.worker') and not marker.exists():\n    marker.touch()\n    os._exit(3)\n"
    )
    monkeypatch.setenv("PYTHONPATH", str(home))
    assert without_times(figures(capsys, built.folder, "--fresh")) == without_times(wanted)
    assert marker.exists()
    module.write_text("import os, sys\nif sys.orig_argv[-1].endswith('evaluation.worker'):\n    os._exit(3)\n")
    assert main(["eval", "replay", str(built.folder), "--fresh"]) == 1
    assert "its worker ended with status 3, twice" in capsys.readouterr().err


def test_a_limit_of_cost_ends_it_and_more_goes_on(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    built = many_commits(home / "project")
    configure(home, wrong=[{"text": "nothing_of_the_kind()"}])
    words = (built.folder, "--backend", "wrong", "--jobs", 2)
    whole = figures(capsys, *words)
    limit = whole["cost"] / 4
    cut = figures(capsys, *words, "--fresh", "--max-cost", limit)
    assert 0 < cut["cost"] < limit * 1.2
    assert 0 < cut["missing"] < 14
    main(["eval", "replay", *map(str, words), "--max-cost", str(limit)])
    assert "goes on with a higher --max-cost" in capsys.readouterr().out
    gone_on = figures(capsys, *words)
    assert gone_on["missing"] == 0
    assert without_times(gone_on)["backends"] == without_times(whole)["backends"]


def test_limits_of_the_settings_hold(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    built = many_commits(home / "project")
    configure(home, wrong=[{"text": "nothing_of_the_kind()"}])
    config = home / "config" / "config.toml"
    config.write_text(config.read_text() + "max_spend_per_day = 0.003\n")
    found = figures(capsys, built.folder, "--backend", "wrong", "--jobs", 1)
    (backend,) = found["backends"]
    assert found["cost"] <= 0.003
    assert backend["counts"]["passed_over"]["max_spend_per_day"] > 100


def test_a_backend_that_is_down_is_reported_and_the_other_measured(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    built = small_project(home / "project")
    (home / "config" / "config.toml").write_text(
        '[backend.down]\nkind = "llama_cpp"\nurl = "http://127.0.0.1:9"\n[backend.odd]\nkind = "openai"\n'
    )
    words = (built.folder, "--backend", "down", "--backend", "odd", "--backend", "embedded")
    down, odd, embedded = figures(capsys, *words)["backends"]
    assert down["counts"]["faults"]["refused"] > 0
    assert down["counts"]["requests"] == odd["counts"]["requests"]
    assert embedded["counts"]["answered"] == embedded["counts"]["asked"] > 100
    assert main(["eval", "replay", *map(str, words)]) == 0
    said = capsys.readouterr().out
    assert "down failed: refused" in said
    assert "odd" in said


def test_reports_are_files_that_stand_alone(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    built = small_project(home / "<img src=x>")
    assert main(["eval", "replay", str(built.folder), "--out", str(home / "out")]) == 0
    page = (home / "out" / "report.html").read_text("utf-8")
    assert "<img" not in page
    assert "&lt;img src=x&gt;" in page
    assert "<script" not in page
    assert "http://" not in page.replace("http-equiv", "")
    assert "https://" not in page
    assert "default-src 'none'" in page
    assert "prefers-color-scheme: dark" in page
    assert (home / "out" / "report.md").read_text("utf-8").startswith("# Replay of your own commits\n")
    assert json.loads((home / "out" / "figures.json").read_text("utf-8"))["kind"] == "replay"


def test_several_repositories_of_one_name(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    one, other = small_project(home / "a" / "project"), small_project(home / "b" / "project")
    found = figures(capsys, one.folder, other.folder, one.folder)
    assert list(found["by_repository"]) == ["project", "project~2"]
    assert found["backends"][0]["commits"] == 4
    assert "by_language" in found


def test_one_of_many_that_has_no_history_is_told_of(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    built = small_project(home / "project")
    (home / "empty").mkdir()
    assert main(["eval", "replay", str(home / "empty"), str(built.folder)]) == 0
    assert "is no git repository" in capsys.readouterr().err


def no_commit(home: Path) -> Path:
    return Built(home / "project").folder


def one_commit(home: Path) -> Path:
    built = Built(home / "project")
    built.commit({"a.py": MODULE})
    return built.folder


def no_code(home: Path) -> Path:
    built = Built(home / "project")
    built.commit({"a.md": "a\n", "data.bin": b"\0\1", "latin.py": b"\xfc"})
    built.commit({"a.md": "b\n", "data.bin": b"\0\2", "latin.py": b"\xfc\xe4"})
    return built.folder


def shallow(home: Path) -> Path:
    built = small_project(home / "whole")
    built.git("clone", "-q", "--depth", "1", f"file://{built.folder}", str(home / "project"))
    return home / "project"


@pytest.mark.parametrize(
    ("make", "says"),
    [
        (no_commit, "has no commit 'HEAD'"),
        (one_commit, "has 1 commit; a replay needs at least two"),
        (no_code, "none of the last 1 commits of"),
        (shallow, "`git fetch --unshallow` brings its history"),
        (lambda home: home / "missing", "is not a folder; expected that of a git repository"),
    ],
)
def test_what_cannot_be_replayed_says_why(home: Path, capsys: pytest.CaptureFixture[str], make, says: str) -> None:
    assert main(["eval", "replay", str(make(home))]) == 2
    said = capsys.readouterr().err
    assert says in said
    assert said.startswith("copilot-ls eval replay: ")


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (
            ["--backend", "nobody"],
            "backend 'nobody' is not configured; there are embedded, route; [backend.nobody] adds it",
        ),
        (["--until", "nowhere"], "has no commit 'nowhere'; give a branch, a tag or the id of a commit"),
        (["--language", "cobol"], "in cobol that somebody typed"),
    ],
)
def test_a_word_that_makes_no_sense(
    home: Path, capsys: pytest.CaptureFixture[str], words: list[str], says: str
) -> None:
    built = small_project(home / "project")
    assert main(["eval", "replay", str(built.folder), *words]) == 2
    assert says in capsys.readouterr().err


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["--max-cost", "-1"], "'-1' is no cost; expected a number such as 0.50"),
        (["--commits", "0"], "'0' is not a number from 1 to 1000000"),
        (["--jobs", "many"], "'many' is not a number of processes; expected 1 to 1024"),
    ],
)
def test_a_number_that_is_none(home: Path, capsys: pytest.CaptureFixture[str], words: list[str], says: str) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["eval", "replay", ".", *words])
    assert ended.value.code == 2
    assert says in " ".join(capsys.readouterr().err.split())


def test_odd_files_are_left_out_and_counted(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    built = small_project(home / "project")
    inner = Built(built.folder / "inner")
    inner.commit({"x.py": "x = 1\n"})
    (built.folder / "link.py").symlink_to("settings.py")
    built.git("mv", "settings.py", "renamed.py")
    built.commit(
        {
            "renamed.py": WITH_MERGE + "\n\nLAST = load_settings('x')\n",
            "latin.py": "grün = 1\n".encode("latin-1"),
            "data.py": b"\0\1\2",
            "huge.py": "x = 1\n" * 80_000,
            "app.min.js": "x()",
            ".env": "KEY=1\n",
        }
    )
    found = figures(capsys, built.folder, "--commits", 1)
    assert found["backends"][0]["files"] == 1
    assert found["backends"][0]["counts"]["lines"] == 1
    main(["eval", "replay", str(built.folder), "--commits", "1"])
    assert "left out, binary, not utf-8, or above 300 kB" in capsys.readouterr().out


def test_two_runs_of_the_same_do_not_meet(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    import fcntl

    built = small_project(home / "project")
    figures(capsys, built.folder)
    (folder,) = (state_dir() / "evaluations").iterdir()
    with (folder / "lock").open() as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        assert main(["eval", "replay", str(built.folder)]) == 2
    assert "another run of this very evaluation is writing" in capsys.readouterr().err


def test_records_hold_nothing_of_the_text(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    built = small_project(home / "project")
    figures(capsys, built.folder)
    (file,) = (state_dir() / "evaluations").glob("*/records.jsonl")
    assert "merge" not in file.read_text("utf-8")
    assert "settings" not in file.read_text("utf-8")
    assert file.stat().st_mode & 0o077 == 0
