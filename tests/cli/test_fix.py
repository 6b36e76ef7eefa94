"""`copilot-ls fix`: the diff and the verdict, the exit status, and that a file is written whole or not at all."""

from __future__ import annotations

import functools
import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from copilot_ls.cli import main

CODE = "import os\n\n\ndef colour():\n    return 1\n\n\nprint(colur())\n"
MENDED = "import os\n\n\ndef colour():\n    return 1\n\n\nprint(colour())\n"
# A check in the manner of a linter: knows one misspelling, and what the file must hold.
CHECK = f"{sys.executable} check.py {{file}}"
CHECKER = (
    "import sys\n"
    "path = sys.argv[1]\n"
    "lines = open(path).read().splitlines()\n"
    "wrong = [n for n, line in enumerate(lines, 1) if 'colur()' in line]\n"
    "for n in wrong: print(f'{path}:{n}:7: error: Undefined name `colur`')\n"
    "sys.exit(bool(wrong))\n"
)


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for kind in ("CACHE", "STATE", "CONFIG"):
        monkeypatch.setenv(f"COPILOT_LS_{kind}_DIR", str(tmp_path / kind.lower()))
    root = tmp_path / "project"
    root.mkdir()
    (root / "pyproject.toml").write_text("[tool.ruff]\n")
    (root / "check.py").write_text(CHECKER)
    (root / "a.py").write_text(CODE)
    monkeypatch.chdir(root)
    return root


def says(project: Path, *texts: str) -> None:
    """A model for the route, which says these texts one after the other."""
    script, config = project.parent / "script.json", project.parent / "config"
    script.write_text(json.dumps({"answers": [{"text": text, "times": 1} for text in texts]}))
    config.mkdir()
    (config / "config.toml").write_text(
        f'[backend.model]\nkind = "scripted"\noptions.script = {json.dumps(str(script))}\n'
    )


def test_a_diff_and_the_verdict(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["fix", "a.py", "--check", CHECK]) == 0
    said = capsys.readouterr()
    assert said.out == (
        "--- a/a.py\n+++ b/a.py\n@@ -5,4 +5,4 @@\n     return 1\n \n \n-print(colur())\n+print(colour())\n"
    )
    assert f"verified by {CHECK}" in said.err
    assert (project / "a.py").read_text() == CODE


def test_the_diff_is_one_that_patch_takes(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (project / "a.py").write_text(CODE.removesuffix("\n"))
    assert main(["fix", "a.py:8", "--check", CHECK]) == 0
    diff = capsys.readouterr().out
    subprocess.run(["git", "apply", "-"], input=diff, text=True, check=True, cwd=project)
    assert (project / "a.py").read_text() == MENDED.removesuffix("\n")


def test_writing_keeps_mode_line_ends_and_byte_order_mark(project: Path) -> None:
    file = project / "a.py"
    file.write_bytes(b"\xef\xbb\xbf" + CODE.replace("\n", "\r\n").encode())
    file.chmod(0o750)
    assert main(["fix", "a.py", "--check", CHECK, "--write"]) == 0
    assert file.read_bytes() == b"\xef\xbb\xbf" + MENDED.replace("\n", "\r\n").encode()
    assert file.stat().st_mode & 0o777 == 0o750
    assert not list(project.glob("*.part")) + list(project.glob(".*.part"))


def test_a_file_that_changes_meanwhile_is_left_alone(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    from copilot_ls.cli import fix

    written = fix._write

    def after_a_change(path: Path, before: bytes, outcome: object) -> int:
        path.write_text("theirs = 1\n")
        return written(path, before, outcome)  # type: ignore[arg-type]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(fix, "_write", after_a_change)
        assert main(["fix", "a.py", "--check", CHECK, "--write"]) == 1
    assert "has changed meanwhile" in capsys.readouterr().err
    assert (project / "a.py").read_text() == "theirs = 1\n"
    assert not list(project.glob(".*.part"))


def test_what_is_not_verified_is_not_written_unless_asked_for(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Of two reports one can be mended."""
    (project / "check.py").write_text(CHECKER.replace("'colur()' in line", "'colur()' in line or 'return 1' in line"))
    assert main(["fix", "a.py", "--check", CHECK, "--write"]) == 3
    assert "1 of 2 are gone" in capsys.readouterr().err
    assert (project / "a.py").read_text() == CODE
    assert main(["fix", "a.py", "--check", CHECK, "--write", "--unverified"]) == 3
    assert (project / "a.py").read_text() == MENDED


def test_a_model_is_asked_where_the_fixers_do_not_know(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (project / "check.py").write_text(
        CHECKER.replace("'colur()' in line", "'return 1' in line").replace("colur", "one")
    )
    wrong = json.dumps({"edits": [{"old_text": "    return 1", "new_text": "    return 1 + 1"}]})
    right = json.dumps(
        {"edits": [{"old_text": "    return 1", "new_text": "    return 2"}], "explanation": "It is two."}
    )
    says(project, wrong, right)
    assert main(["fix", "a.py:5", "--check", CHECK, "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert (found["verdict"], found["backend"], found["tries"]) == ("verified", "model", 2)
    assert found["explanation"] == "It is two."
    assert "+    return 2\n" in found["diff"]
    assert found["edits"] == [{"start": [4, 11], "end": [4, 12], "text": "2"}]


def test_it_gives_up_in_words(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (project / "check.py").write_text(
        CHECKER.replace("'colur()' in line", "'return 1' in line").replace("colur", "one")
    )
    wrong = json.dumps({"edits": [{"old_text": "    return 1", "new_text": "    return 1 + 1"}]})
    says(project, wrong, wrong)
    assert main(["fix", "a.py", "--check", CHECK, "--max-tries", "1"]) == 1
    said = capsys.readouterr()
    assert said.out == ""
    assert "gave up: script: Still reported: line 5" in said.err
    assert main(["fix", "a.py", "--check", CHECK, "--backend", "embedded"]) == 1
    assert "no model is configured" in capsys.readouterr().err


def test_a_check_without_a_place_is_about_the_whole_file(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (project / "check.py").write_text("import sys\nsys.exit('return 2' not in open(sys.argv[1]).read())\n")
    says(project, json.dumps({"edits": [{"old_text": "    return 1", "new_text": "    return 2"}]}))
    assert main(["fix", "a.py", "--check", CHECK]) == 0
    assert "+    return 2\n" in capsys.readouterr().out


def test_syntax_needs_no_checker(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (project / "a.py").write_text("def price(article:\n    return 1\n")
    assert main(["fix", "a.py"]) == 0
    said = capsys.readouterr()
    assert "+def price(article):\n" in said.out
    assert "verified by tree-sitter" in said.err


def test_nothing_to_mend(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (project / "a.py").write_text(MENDED)
    assert main(["fix", "a.py", "--check", CHECK]) == 0
    assert "nothing is reported about a.py" in capsys.readouterr().err
    assert main(["fix", "a.py", "--check", CHECK, "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == {"verdict": "nothing_to_mend"}
    assert main(["fix", "a.py", "--json"]) == 1
    said = capsys.readouterr()
    assert json.loads(said.out) == {"verdict": "not_checked"}
    assert "no checker ran" in said.err


@pytest.mark.parametrize(
    "words",
    [["gone.py"], ["a.py:99"], ["a.py", "--check", ""], ["a.py", "--check", "'"], ["a.py", "--max-tries", "x"], []],
)
def test_what_makes_no_sense_is_refused(project: Path, capsys: pytest.CaptureFixture[str], words: list[str]) -> None:
    try:
        status = main(["fix", *words])
    except SystemExit as end:
        status = int(end.code or 0)
    assert status == 2
    assert "fix" in capsys.readouterr().err


def test_a_command_that_is_not_there_is_named(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["fix", "a.py", "--check", "no-such-command-here"]) == 1
    assert "no-such-command-here" in capsys.readouterr().err


def test_a_folder_that_cannot_be_written_to(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    if os.geteuid() == 0:
        pytest.skip("nothing is closed to root")
    project.chmod(0o500)
    try:
        assert main(["fix", "a.py", "--check", CHECK, "--write"]) == 1
    finally:
        project.chmod(0o700)
    assert "cannot be written" in capsys.readouterr().err


def test_nothing_that_a_checker_or_a_model_says_moves_the_cursor(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (project / "check.py").write_text(
        "import sys\nprint(chr(27) + '[2J', 'wrong')\nsys.exit('return 2' not in open(sys.argv[1]).read())\n"
    )
    says(
        project,
        json.dumps({"edits": [{"old_text": "    return 1", "new_text": "    return 2"}], "explanation": "\x1b[2J"}),
    )
    assert main(["fix", "a.py", "--check", CHECK]) == 0
    said = capsys.readouterr()
    assert "\x1b" not in said.out + said.err


def test_an_interrupt_ends_all_and_leaves_nothing_behind(project: Path) -> None:
    config = project.parent / "config"
    config.mkdir()
    record = project.parent / "record.jsonl"
    script = project.parent / "script.json"
    script.write_text(json.dumps({"answers": [{"text": "{", "hang": True}]}))
    (config / "config.toml").write_text(
        f'[backend.model]\nkind = "scripted"\noptions.script = {json.dumps(str(script))}\n'
        f"options.record = {json.dumps(str(record))}\n"
    )
    (project / "check.py").write_text("import sys\nsys.exit('return 2' not in open(sys.argv[1]).read())\n")
    command = [sys.executable, "-m", "copilot_ls", "fix", "a.py", "--check", CHECK, "--write"]
    # A shell's background jobs ignore interrupts, and so would what they start.
    hears = functools.partial(signal.signal, signal.SIGINT, signal.SIG_DFL)
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    with subprocess.Popen(command, text=True, preexec_fn=hears, **pipes) as running:
        while running.poll() is None and not record.exists():
            os.sched_yield()
        running.send_signal(signal.SIGINT)
        _, said = running.communicate(timeout=60)
    assert running.returncode == 130
    assert "Traceback" not in said
    assert [json.loads(line)["event"] for line in record.read_text().splitlines()] == ["asked", "cancelled"]
    assert (project / "a.py").read_text() == CODE
    left = [path for path in (project.parent / "state").rglob("*") if path.name == "a.py"]
    assert left == []


def test_what_comes_to_light_is_mended_as_well(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """What does not parse hides what is wrong besides; a whole file is mended until nothing is reported."""
    (project / "a.py").write_text(CODE.replace("def colour():", "def colour()").replace("return", "retrun"))
    (project / "check.py").write_text(
        "import ast\n" + CHECKER.replace("lines =", "ast.parse(open(path).read())\nlines =")
    )
    assert main(["fix", "a.py", "--check", CHECK, "--write"]) == 0
    assert (project / "a.py").read_text() == MENDED
    assert "verified by" in capsys.readouterr().err


def test_what_comes_to_light_and_cannot_be_mended_is_told(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (project / "a.py").write_text(CODE.replace("def colour():", "def colour()").replace("colur()", "nowhere_at_all()"))
    (project / "check.py").write_text(
        "import ast\n"
        + CHECKER.replace("lines =", "ast.parse(open(path).read())\nlines =").replace("colur", "nowhere_at_all")
    )
    assert main(["fix", "a.py", "--check", CHECK, "--write"]) == 0
    assert "def colour():\n" in (project / "a.py").read_text()
    assert "More is reported now, and was left: gave up: " in capsys.readouterr().err
