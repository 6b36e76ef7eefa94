"""The shadow tree: it reads like the workspace with the draft in it, and nothing written to it reaches the workspace."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from copilot_ls.checking.base import Draft
from copilot_ls.checking.shadow import scratch_folder, shadow_of, sweep


@pytest.fixture
def project(workspace):
    for name, text in {
        "pyproject.toml": "p", "a/b/c.py": "old", "a/b/d.py": "d", "a/e.py": "e", "f/g.py": "g", ".mypy_cache/x": "x",
        "target/y": "y", ".git/config": "z",
    }.items():  # fmt: skip
        path = workspace / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return workspace


def test_it_reads_like_the_workspace_with_the_draft(project, state):
    draft = Draft(project / "a/b/c.py", "new é \udce9", "python", project)
    with scratch_folder() as scratch:
        shadow = shadow_of(draft, scratch)
        assert shadow.path == shadow.root / "a/b/c.py"
        assert shadow.path.read_bytes() == "new é ".encode() + b"\xe9"
        assert not shadow.path.is_symlink()
        for name in ("pyproject.toml", "a/b/d.py", "a/e.py", "f/g.py"):
            assert (shadow.root / name).read_text() == (project / name).read_text()
        (shadow.root / ".mypy_cache").mkdir()
        (shadow.root / "a" / "new.py").write_text("x")
        (shadow.root / "target").mkdir()
        assert not (shadow.root / ".git").exists()
        assert shadow.root.is_relative_to(state)
    assert (project / "a/b/c.py").read_text() == "old"
    assert (project / "f/g.py").exists()
    assert not (project / "a" / "new.py").exists()
    assert list((state / "checking").iterdir()) == []


@pytest.mark.parametrize("inside", [True, False])
def test_a_new_file_and_one_outside_of_every_workspace(project, inside):
    draft = Draft(project / "a/tests.py", "x", "python", project if inside else None)
    with scratch_folder() as scratch:
        shadow = shadow_of(draft, scratch)
        assert shadow.path.read_text() == "x"
        assert (shadow.root / "pyproject.toml").exists() == inside
        assert (shadow.path.parent / "e.py").read_text() == "e"
    assert not (project / "a/tests.py").exists()


def test_packages_above_the_workspace_are_found(project):
    (project.parent / "node_modules" / "x").mkdir(parents=True)
    with scratch_folder() as scratch:
        shadow = shadow_of(Draft(project / "a/b/c.py", "", "python", project), scratch)
        assert (shadow.root.parent / "node_modules" / "x").is_dir()


def test_it_is_swept_once_its_process_is_gone(project, state):
    program = "import os; from copilot_ls.checking.shadow import scratch_folder; c = scratch_folder(); c.__enter__(); os._exit(0)"
    subprocess.run([sys.executable, "-c", program], check=True, env=os.environ)
    with scratch_folder() as mine:
        assert len(list((state / "checking").iterdir())) == 2
        sweep()
        assert list((state / "checking").iterdir()) == [mine]


def test_sweeping_without_a_folder_does_nothing(state):
    sweep()
    assert not state.exists()
