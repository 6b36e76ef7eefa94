"""The checkers that the development environment has, run for real on code with faults behind astral characters."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

import pytest

from copilot_ls.checking import registry
from copilot_ls.checking.base import Draft
from copilot_ls.checking.command import CommandChecker
from copilot_ls.text import TextSnapshot

OWN = Path(sys.executable).parent


async def checked(name: str, root: Path, file: str, text: str, language: str = "python") -> list[str]:
    tool = registry.tools((name,))[0]
    executable = next(
        (path for each in tool.executables if (path := shutil.which(each, path=f"{OWN}:{'/usr/bin'}"))), None
    )
    executable = executable or registry.find(tool, None)
    if executable is None:
        pytest.skip(f"{name} is not installed")
    before = {path: path.read_bytes() for path in root.rglob("*") if path.is_file()}
    answer = await CommandChecker(tool, executable).check(Draft(root / file, text, language, root), timeout_s=120)
    assert answer.problem == ""
    assert {path: path.read_bytes() for path in root.rglob("*") if path.is_file()} == before
    snapshot = TextSnapshot.of(text)
    return [f"{snapshot.slice(each.span)} | {each.source} {each.code}" for each in answer.diagnostics]


async def test_ruff_with_the_settings_of_the_file(workspace):
    (workspace / "a").mkdir()
    (workspace / "a" / "ruff.toml").write_text('lint.select = ["F"]')
    (workspace / "a" / "b.py").write_text("other")
    assert await checked("ruff", workspace, "a/b.py", 'import os\nx = "😀"; y = undefd\n') == [
        "os | Ruff F401",
        "undefd | Ruff F821",
    ]
    broken = await checked("ruff", workspace, "a/b.py", "def f(:\n")
    assert ": | Ruff invalid-syntax" in broken
