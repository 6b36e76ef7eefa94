"""What a replayed commit makes of a history: cursors in the file as far as it was typed, in the project as it was before."""

from __future__ import annotations

import random
import subprocess

import pytest

from tests.bench import replay, small_workspaces
from tests.bench.replay import ANYWHERE, PLACES, Change, added_lines, points
from tests.bench.replay_repositories import JUDGES, TUNERS, Repository

OLD = {
    "area.py": "def area(width, height):\n    return width * height\n\n\ndef last():\n    return 1\n",
    "moved.py": "def one(a):\n    b = a\n    c = b\n    d = c\n    return d\n",
    "notes.md": "# Notes\n",
}
NEW = {
    "area.py": "def area(width, height):\n    return width * height\n\n\ndef volume(width, height, depth):\n"
    "    return area(width, height) * depth\n\n\ndef last():\n    return 1\n",
    "elsewhere.py": OLD["moved.py"],
    "notes.md": "# Notes\n\nMore.\n",
}
REPOSITORY = Repository("owner/project", "0" * 40, "python")


@pytest.fixture
def cloned(tmp_path):
    """A repository of two commits, and the pinned second one."""
    folder = tmp_path / "owner" / "project"
    folder.mkdir(parents=True)

    def git(*arguments):
        said = subprocess.run(
            ["git", "-c", "user.name=a", "-c", "user.email=a@b", *arguments],
            cwd=folder,
            check=True,
            capture_output=True,
        )
        return said.stdout.decode().strip()

    git("init", "-q")
    for files in (OLD, NEW):
        for path in [*folder.glob("*.py"), *folder.glob("*.md")]:
            path.unlink()
        for name, text in files.items():
            (folder / name).write_text(text)
        git("add", "-A")
        git("commit", "-q", "-m", "x")
    return tmp_path, Repository("owner/project", git("rev-parse", "HEAD"), "python")


def replayed(cloned):
    mirror, repository = cloned
    return replay.history(repository, replay.clone_of(repository, mirror), n_lines=50, rng=random.Random(1))


def test_only_lines_that_were_written_are_replayed(cloned):
    history = replayed(cloned)
    assert history.files == {name: text for name, text in OLD.items() if name.endswith(".py")}
    added = {
        (change.path, change.new.split("\n")[line.at])
        for changes in history.commits
        for change in changes
        for line in change.added
    }
    assert added == {
        ("area.py", "def volume(width, height, depth):"),
        ("area.py", "    return area(width, height) * depth"),
    }


def test_the_file_is_new_above_the_cursor_and_old_below_and_the_workspace_is_as_before(cloned):
    asked = 0
    for case in replay.cases(replayed(cloned), random.Random(1)):
        text = case.document.text.text
        assert text.startswith("def area(width, height):\n    return width * height\n\n\n")
        assert text.endswith(("\n\n\ndef last():\n    return 1\n", "def last():\n    return 1\n"))
        whole = text[: case.document.text.offset_at(case.cursor)] + case.truth
        assert NEW["area.py"].startswith(whole)
        assert {hit.path for hit in case.index.lines_starting_with("def ", limit=9)} == {"area.py", "moved.py"}
        assert case.place in {*PLACES, ANYWHERE}
        asked += 1
    assert asked > 4


def test_a_line_that_is_cut_down_is_the_same_line_with_less_to_know_it_by(cloned):
    rng = random.Random(1)
    n_files = set()
    for typed in replay.typed_lines(replayed(cloned)):
        for _ in range(12):
            with small_workspaces.cut_down(typed, rng) as less:
                assert less.line == typed.line
                assert len(less.above) == less.at
                assert set(less.above) <= set(typed.above)
                assert set(less.below) <= set(typed.below)
                paths = [] if less.index is None else [file.path for file in less.index.files()]
                assert set(paths) <= {"moved.py"}
                n_files.add(len(paths))
                for case in replay.cases_of(less, REPOSITORY, rng):
                    assert (
                        case.document.text.line_text(case.cursor.line)[: case.cursor.column] + case.truth == typed.line
                    )
    assert n_files == {0, 1}


def test_points_are_where_a_suggestion_would_begin():
    line = "    total = self.prices.sum(start) + one(two)"
    found = {(line[:column], place) for column, place in points(line, random.Random(1)) if place != ANYWHERE}
    assert ("    ", "line start") in found
    assert ("    total ", "first token") in found
    assert {before for before, place in found if place == "after ."} == {
        "    total = self.",
        "    total = self.prices.",
    }
    assert len([before for before, place in found if place == "after (" and before.endswith("(")]) == 1


def test_a_word_must_be_whole_to_be_right():
    assert replay.is_right("total.sum(x)", "total")
    assert replay.is_right("total.sum(x)", "total.")
    assert not replay.is_right("totals", "total")
    assert not replay.is_right("total", "total.sum")


def test_a_moved_line_is_one_among_neighbours_that_the_commit_took_away_elsewhere():
    change = Change(None, "new.py", None, "a = 1\nb = 2\nc = 3\nfresh = 4")
    assert [line.at for line in added_lines(change, {"a = 1", "b = 2", "c = 3"})] == [3]
    assert [line.at for line in added_lines(change, {"b = 2"})] == [0, 1, 2, 3]


def test_who_judges_does_not_tune():
    assert not {one.name for one in JUDGES} & {one.name for one in TUNERS}
    assert (
        {one.language for one in JUDGES} == {one.language for one in TUNERS} == {"python", "typescript", "go", "java"}
    )
