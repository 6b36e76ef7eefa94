"""What the measurement calls right: an edit that the commit goes on to make, place and text, whole or in part."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from copilot_ls.edits import Replacement
from copilot_ls.text import Point, Span
from tests.bench.next_edit_tasks import Task, tasks
from tests.bench.replay_repositories import Repository

BEFORE = "size = 1\nprint(size)\n\n\ndef show(size):\n    return size + size\n"
AFTER = "n = 1\nprint(n)\n\n\ndef show(n):\n    return n + n + 1\n"


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    def git(*words: str) -> str:
        who = {f"GIT_{role}_{what}": "a@b.example" for role in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}
        done = subprocess.run(["git", *words], cwd=tmp_path, env={**os.environ, **who}, check=True, capture_output=True)
        return done.stdout.decode().strip()

    git("init", "-q")
    for text in (BEFORE, AFTER, AFTER + "# end\n"):
        (tmp_path / "a.py").write_text(text)
        git("add", "a.py")
        git("commit", "-q", "-m", "x")
    return Repository("owner/name", git("rev-parse", "HEAD"), "python")


def first_task(repository: Repository, folder: Path) -> Task:
    """The document order's point with the most edits left."""
    found = [
        task for seed in range(20) for task in tasks(repository, folder, seed=str(seed)) if task.order == "document"
    ]  # fmt: skip
    assert all(len(task.done) + len(task.left) == 4 for task in found)
    return max(found, key=lambda task: len(task.left))


def on_line(number: int, start: int, end: int, text: str) -> Replacement:
    return Replacement(Span(Point(number, start), Point(number, end)), text)


def test_edits_that_are_left_are_right_and_others_are_not(repository: Repository, tmp_path: Path) -> None:
    task = first_task(repository, tmp_path)
    left = {edit.first: edit for edit in task.left}
    following = task.left[0]
    line = task.commit.files["a.py"][following.first]
    whole = task.judged("a.py", on_line(following.first, 0, len(line), following.new[0]))
    assert (whole.right, whole.whole, whole.next) == (True, True, True)
    assert 5 in left
    part = task.judged("a.py", on_line(5, 4, 22, "return n + n"))
    assert (part.right, part.whole) == (True, False)
    assert not task.judged("a.py", on_line(5, 4, 22, "return n + m")).right
    assert not task.judged("a.py", on_line(2, 0, 0, "# a comment")).right
    assert not task.judged("a.py", on_line(following.first, 0, len(line), line)).right
    assert not task.judged("b.py", on_line(0, 0, 0, "n")).right
