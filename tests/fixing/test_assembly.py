"""The workbench's own fixer, with the real checker, the real embedded fixers, and trust."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from copilot_ls.config.trust import PROJECT_FILE, TrustStore
from copilot_ls.features.fixing.outcome import FixOutcome, FixTask
from copilot_ls.text import DocumentSnapshot, Point, Span, TextSnapshot
from tests.fixing.scene import result_of
from tests.routing.world import World

CODE = "import os\n\n\ndef colour():\n    return 1\n\n\nprint(colur())\n"
MENDED = "\n\ndef colour():\n    return 1\n\n\nprint(colour())\n"


async def mended(root: Path) -> FixOutcome:
    (root / "pyproject.toml").write_text("[tool.ruff]\n")
    path = root / "a.py"
    path.write_text(CODE)
    world = World({})
    world.folders = [str(root)]
    try:
        document = DocumentSnapshot(path.as_uri(), str(path), "python", 1, TextSnapshot.of(CODE))
        checked = await world.code_fixer().check(document)
        reports = tuple(each for answer in checked for each in answer.diagnostics)
        return await world.code_fixer().fix(FixTask("fix", document, Span(Point(0, 0), Point(0, 0)), reports))
    finally:
        await world.aclose()


async def test_in_a_trusted_workspace_a_fix_is_verified_by_its_checker(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}")
    TrustStore().trust(tmp_path / PROJECT_FILE, b"")
    outcome = await mended(tmp_path)
    assert str(outcome.verdict) == "verified by ruff"
    assert result_of(outcome).strip() == MENDED.strip()
    assert (tmp_path / "a.py").read_text() == CODE


async def test_in_another_no_checker_runs(tmp_path: Path) -> None:
    outcome = await mended(tmp_path)
    assert outcome.task.diagnostics == ()
    assert outcome.verdict.kind == "gave_up"
