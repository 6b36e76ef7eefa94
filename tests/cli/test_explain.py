"""`copilot-ls explain`: what it prints, as text and as JSON, and what it says when it cannot."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from copilot_ls.cli import main

CODE = "def twice(n):\n    return n + n\n\n\nprint(twice(2))\n"


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "pyproject.toml").write_text("")
    (tmp_path / "a.py").write_text(CODE)
    return tmp_path


def test_a_line_is_about_the_function_around_it(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["explain", f"{project / 'a.py'}:2"]) == 0
    said = capsys.readouterr()
    assert said.out.startswith("## `twice`: a function, `a.py:1-2`\n")
    assert "- **Returns** `n + n` (line 2)\n" in said.out
    assert "`a.py:5`" in said.out
    assert said.err == "copilot-ls explain: no model is configured for explaining\n"


def test_lines_are_explained_as_json(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["explain", f"{project / 'a.py'}:1-5", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["sources"] == ["a.py:1"]
    assert found["backend"] == "embedded"
    assert found["markdown"].startswith("## `a.py:1`\n")


@pytest.mark.parametrize(
    ("place", "says"),
    [
        ("a.py:9", "'a.py:9' is outside: the file has 6 lines; expected FILE:LINE or FILE:LINE-LINE within them"),
        ("a.py:3-2", "'a.py:3-2' is outside: the file has 6 lines; expected FILE:LINE or FILE:LINE-LINE within them"),
        ("no.py:1", "no.py cannot be read: No such file or directory"),
        (
            "a.py:x",
            (
                "a.py:x cannot be read: No such file or directory; expected FILE:LINE or FILE:LINE-LINE, such as "
                "src/app.py:12-20"
            ),
        ),
    ],
)
def test_what_is_no_place_is_named(
    project: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], place: str, says: str
) -> None:
    monkeypatch.chdir(project)
    assert main(["explain", place]) == 2
    assert capsys.readouterr().err == f"copilot-ls explain: {says}\n"
