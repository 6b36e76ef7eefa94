"""Folders that cannot be made, and answers that cannot be written, are one sentence with a remedy."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from copilot_ls.cli.folders import fault_of


def impossible(tmp_path: Path) -> dict[str, Path]:
    (tmp_path / "file").write_text("in the way")
    (tmp_path / "link").symlink_to(tmp_path / "nowhere" / "at all")
    return {
        "a file": tmp_path / "file",
        "below a file": tmp_path / "file" / "state",
        "a link that leads nowhere": tmp_path / "link",
        "a name too long": tmp_path / ("n" * 300),
    }


def command(*words: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-P", "-c", "import sys; from copilot_ls.cli import main; sys.exit(main())", *words],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, **environment},
    )


def test_a_folder_that_can_be_made_is_tried_and_left_as_it_was(tmp_path: Path) -> None:
    assert fault_of(tmp_path / "one" / "two") is None
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("kind", ["a file", "below a file", "a link that leads nowhere", "a name too long"])
def test_what_cannot_be_a_folder_is_said_to_be_none(tmp_path: Path, kind: str) -> None:
    folder = impossible(tmp_path)[kind]
    said = fault_of(folder)
    assert said is not None
    assert str(folder) in said


@pytest.mark.skipif(not Path("/proc/self").exists(), reason="there is no /proc")
def test_a_place_whose_mode_promises_more_than_it_keeps() -> None:
    assert fault_of(Path("/proc/copilot-ls")) is not None


@pytest.mark.parametrize("kind", ["a file", "below a file", "a link that leads nowhere", "a name too long"])
def test_commands_name_the_folder_and_the_variable(tmp_path: Path, kind: str) -> None:
    folder = str(impossible(tmp_path)[kind])
    for words, variable in (
        (("index", str(tmp_path)), "COPILOT_LS_CACHE_DIR"),
        (("symbols", "--workspace", str(tmp_path), "x"), "COPILOT_LS_CACHE_DIR"),
        (("stats",), "COPILOT_LS_STATE_DIR"),
    ):
        ran = command(*words, **{variable: folder})
        assert ran.returncode == 1, ran.stderr
        assert folder in ran.stderr
        assert variable in ran.stderr
        assert "Traceback" not in ran.stderr
        assert ran.stderr.count("\n") == 1


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no /dev/full")
@pytest.mark.parametrize("unbuffered", ["", "1"])
@pytest.mark.parametrize("words", [["stats"], ["settings"], ["index", "."]])
def test_an_answer_that_finds_no_room_is_no_traceback(tmp_path: Path, words: list[str], unbuffered: str) -> None:
    (tmp_path / "a.py").write_text("x = 1\n")
    places = {f"COPILOT_LS_{kind}_DIR": str(tmp_path / "ours") for kind in ("CACHE", "STATE", "CONFIG")}
    with Path("/dev/full").open("w") as full:
        ran = subprocess.run(
            [sys.executable, "-P", "-c", "import sys; from copilot_ls.cli import main; sys.exit(main())", *words],
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
            cwd=tmp_path,
            env={**os.environ, **places, "PYTHONUNBUFFERED": unbuffered},
        )
    assert ran.returncode == 1
    assert ran.stderr.count("\n") == 1
    assert "standard output" in ran.stderr
