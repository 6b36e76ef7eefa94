"""`copilot-ls complete`: at one place, in batches, and told what is wrong with what it was given."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

WALLET = "class Wallet:\n    def __init__(self, owner, balance=0):\n        self.owner = \n"


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    folder = tmp_path / "workspace"
    folder.mkdir()
    for name in ("account", "loan", "card"):
        text = WALLET.replace("Wallet", name.title()).replace("owner = ", "owner = owner")
        (folder / f"{name}.py").write_text(text + "        self.balance = balance\n")
    (folder / "wallet.py").write_text(WALLET)
    return folder


def run(workspace: Path, *words: str, stdin: str | None = None) -> subprocess.CompletedProcess[str]:
    places = {f"COPILOT_LS_{kind}_DIR": str(workspace.parent / kind.lower()) for kind in ("CONFIG", "STATE", "CACHE")}
    command = [sys.executable, "-m", "copilot_ls", *words]
    return subprocess.run(
        command, env={**os.environ, **places}, cwd=workspace, input=stdin, capture_output=True, text=True, check=False
    )


def test_a_place_is_completed_from_the_workspace(workspace: Path) -> None:
    answer = run(workspace, "complete", "wallet.py:3:22", "--workspace", ".", "--json")
    assert answer.returncode == 0, answer.stderr
    (first, *_) = json.loads(answer.stdout)["items"]
    assert first["text"].split("\n")[0] == "owner"
    assert first["source"] == "embedded"
    assert 0 < first["confidence"] <= 1


def test_the_table_says_where_it_was_learnt(workspace: Path) -> None:
    answer = run(workspace, "complete", "wallet.py:3:22", "--workspace", ".", "--explain")
    assert "owner" in answer.stdout
    assert "learnt from" in answer.stdout
    # Which engine, from which lines of which files, and the features that weighed most.
    assert re.search(r"copy, level \d+: .*(?:account|loan|card)\.py:3", answer.stdout), answer.stdout
    assert re.search(r"likely 0\.\d+, as \w+ is -?[\d.]+ \([+-][\d.]+\), ", answer.stdout), answer.stdout


def test_reasons_are_in_the_json_when_asked_for(workspace: Path) -> None:
    answer = run(workspace, "complete", "wallet.py:3:22", "--workspace", ".", "--json", "--explain")
    (first, *_) = json.loads(answer.stdout)["items"]
    assert first["why"]
    answer = run(workspace, "complete", "wallet.py:3:22", "--workspace", ".", "--json")
    assert all("why" not in item for item in json.loads(answer.stdout)["items"])


def test_a_batch_answers_each_line_and_goes_on_after_bad_ones(workspace: Path) -> None:
    good = {"id": 1, "path": "new/wallet.py", "prefix": WALLET.rstrip("\n"), "suffix": "\n"}
    lines = [
        json.dumps(good),
        "{",
        json.dumps({"id": 3, "path": "a.py"}),
        json.dumps(good | {"id": 4, "path": "../a.py"}),
        "5",
        "",
        json.dumps(good | {"id": 6, "prefix": WALLET.rstrip("\n").replace("\n", "\r\n")}),
    ]
    answer = run(workspace, "complete", "--batch", "-", "--workspace", ".", stdin="\n".join(lines))
    answers = [json.loads(line) for line in answer.stdout.splitlines()]
    assert [one.get("id") for one in answers] == [1, None, 3, 4, None, 6]
    assert [item["text"].split("\n")[0] for item in answers[0]["items"]][:1] == ["owner"]
    assert answers[0]["ms"] > 0
    assert all("error" in answers[n] for n in (1, 2, 3, 4))
    assert [item["text"].split("\n")[0] for item in answers[5]["items"]][:1] == ["owner"]
    assert answer.returncode == 1


def test_what_the_disk_holds_at_the_path_does_not_count(workspace: Path) -> None:
    request = {"id": 1, "path": "wallet.py", "prefix": "value = ", "suffix": ""}
    answer = run(workspace, "complete", "--batch", "-", "--workspace", ".", stdin=json.dumps(request))
    assert json.loads(answer.stdout)["id"] == 1
    assert (workspace / "wallet.py").read_text() == WALLET


@pytest.mark.parametrize(
    ("place", "said"),
    [
        ("wallet.py", "FILE:LINE:COL"),
        ("wallet.py:x:1", "FILE:LINE:COL"),
        ("missing.py:1:1", "cannot be read"),
        ("wallet.py:99:1", "4 lines"),
        ("wallet.py:1:99", "14 columns"),
    ],
)
def test_a_place_that_does_not_exist_is_explained(workspace: Path, place: str, said: str) -> None:
    answer = run(workspace, "complete", place)
    assert answer.returncode == 2
    assert said in answer.stderr
    assert "Traceback" not in answer.stderr


def test_neither_place_nor_batch_is_explained(workspace: Path) -> None:
    assert run(workspace, "complete").returncode == 2


def test_an_unknown_backend_is_explained(workspace: Path) -> None:
    answer = run(workspace, "complete", "wallet.py:3:22", "--backend", "nobody")
    assert "nobody" in answer.stderr
    assert "Traceback" not in answer.stderr


def test_the_demonstration_shows_accepts_and_counts(workspace: Path) -> None:
    answer = run(workspace, "demo", "--json")
    assert answer.returncode == 0, answer.stdout + answer.stderr
    assert answer.stderr.count("offered  ") >= 5
    figures = json.loads(answer.stdout)
    assert figures["asked"] >= figures["offered"] >= figures["right"] > 5
    assert (figures["statistics"]["shown"], figures["statistics"]["accepted"]) == (1, 1)


def test_a_demonstration_on_nothing_is_explained(workspace: Path) -> None:
    assert run(workspace, "demo", "nowhere").returncode == 2
    (workspace / "empty").mkdir()
    answer = run(workspace, "demo", "empty")
    assert answer.returncode == 2
    assert "no source files" in answer.stderr


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no named pipes here")
@pytest.mark.parametrize("command", ["complete", "context"])
def test_a_place_in_what_is_no_file_is_refused(workspace: Path, command: str) -> None:
    """A named pipe would be waited for without end, and a device read without end."""
    os.mkfifo(workspace / "pipe.py")
    (workspace / "zero.py").symlink_to("/dev/zero")
    for name in ("pipe.py", "zero.py"):
        answer = run(workspace, command, f"{name}:1:1")
        assert answer.returncode == 2
        assert answer.stderr == f"copilot-ls {command}: {name} cannot be read: it is not a regular file\n"
