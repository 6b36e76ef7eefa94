"""Explanations as files: private, read-only, named by what they are about, and gone after a week."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from copilot_ls.features.explanation_files import KEPT_S, first_paragraph, write_explanation


@pytest.fixture(autouse=True)
def _state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COPILOT_LS_STATE_DIR", str(tmp_path / "state"))


def test_a_file_is_its_owners_alone_and_read_only() -> None:
    place = write_explanation("# ä\n", "src/a b.py:7")
    assert place.read_text() == "# ä\n"
    assert place.name.startswith("src-a-b.py-7-")
    assert stat.S_IMODE(place.stat().st_mode) == 0o400
    assert stat.S_IMODE(place.parent.stat().st_mode) == 0o700


@pytest.mark.parametrize("about", ["../../etc/passwd", "", "...", "a\0b\n", "x" * 500])
def test_whatever_it_is_about_it_stays_in_its_folder(about: str) -> None:
    first, second = write_explanation("a", about), write_explanation("b", about)
    assert first.parent == second.parent
    assert first.parent.name == "explanations"
    assert (first.read_text(), second.read_text()) == ("a", "b")


def test_those_older_than_a_week_are_removed_and_nothing_else() -> None:
    old, new = write_explanation("old", "old"), write_explanation("new", "new")
    mine = old.parent / "notes.txt"
    mine.write_text("mine")
    for file in (old, mine):
        os.utime(file, (0, 0))
    now = new.stat().st_mtime + KEPT_S - 60
    latest = write_explanation("latest", "latest", wall_clock=lambda: now)
    assert {file.name for file in old.parent.iterdir()} == {new.name, mine.name, latest.name}


@pytest.mark.parametrize(
    ("markdown", "paragraph"),
    [
        ("# Title\n\nIt adds\ntwo numbers.\n\nMore.", "It adds two numbers."),
        ("```python\n```\n\n---\n\nText", "Text"),
        ("# Only\n", ""),
        ("x" * 1000, "x" * 599 + "…"),
    ],
)
def test_the_first_paragraph_is_one_line(markdown: str, paragraph: str) -> None:
    assert first_paragraph(markdown) == paragraph
