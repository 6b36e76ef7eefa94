"""A checker as features see it: whatever a tool does, `check` answers with diagnostics or with one sentence."""

from __future__ import annotations

import asyncio
import json

import pytest

from copilot_ls.checking import ruff, tsc
from copilot_ls.checking.base import Draft
from copilot_ls.checking.command import CommandChecker

FLOOD = "import sys\nwhile 1: sys.stdout.write('x' * 100000)"


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("import time; time.sleep(600)", "did not end within"),
        (FLOOD, "wrote more than 16 MB"),
        ("import os; os.abort()", "ended with status"),
        (
            "import sys; sys.exit('error: unexpected argument')",
            "printed what is not its report: error: unexpected argument",
        ),
        ("print('hello')", "printed what is not its report: hello"),
        ("print('[' * 100000)", "printed what is not its report"),
        ("print('[{\"code\": 3}]')", "printed what is not its report"),
        ("print('{}'); import sys; sys.exit(7)", "ended with status 7: {}"),
        ("", "printed what is not its report"),
    ],
)
async def test_what_goes_wrong_is_one_sentence(script, workspace, state, text, says):
    path = script("ruff", text)
    checker = CommandChecker(ruff.TOOL, str(path))
    draft = Draft(workspace / "a.py", "import os\n", "python", workspace)
    checked = await checker.check(draft, timeout_s=0.5 if "sleep" in text else 60)
    assert checked.problem.startswith(f"{path} ")
    assert says in checked.problem
    assert "\n" not in checked.problem
    assert len(checked.problem) < len(str(path)) + 300
    assert checked.diagnostics == ()
    assert list((state / "checking").iterdir()) == []


async def test_a_tool_that_is_gone(workspace, tmp_path):
    checker = CommandChecker(tsc.TOOL, str(tmp_path / "tsc"))
    checked = await checker.check(Draft(workspace / "a.ts", "", "typescript", workspace), timeout_s=30)
    assert checked.problem.startswith(f"{tmp_path / 'tsc'} ")


async def test_a_state_folder_that_cannot_be_written(workspace, tmp_path, monkeypatch, script):
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("COPILOT_LS_STATE_DIR", str(tmp_path / "file"))
    checker = CommandChecker(ruff.TOOL, str(script("ruff", "print('[]')")))
    checked = await checker.check(Draft(workspace / "a.py", "", "python", workspace), timeout_s=30)
    assert "cannot be laid out" in checked.problem


async def test_it_sees_no_keys_and_gets_the_draft(script, workspace, monkeypatch):
    monkeypatch.setenv("SOME_API_KEY", "hunter2")
    monkeypatch.setenv("MODEL", "hunter2")
    (workspace / "a.py").write_text("old")
    text = """
import json, os, sys
at = {"row": 1, "column": 1}
seen = sorted(name for name in os.environ if os.environ[name] == "hunter2")
said = json.dumps([sys.stdin.read(), seen, os.getcwd(), sys.argv[-2]])
print(json.dumps([{"code": "X1", "location": at, "end_location": at, "message": said}]))
"""
    checker = CommandChecker(ruff.TOOL, str(script("ruff", text)), frozenset({"MODEL"}))
    checked = await checker.check(Draft(workspace / "a.py", "new", "python", workspace), timeout_s=60)
    assert checked.problem == ""
    assert json.loads(checked.diagnostics[0].message) == ["new", [], str(workspace), str(workspace / "a.py")]


async def test_cancelling_removes_the_shadow(script, workspace, state):
    started = state.parent / "started"
    path = script("tsc", f"open({str(started)!r}, 'w').close()\nimport time; time.sleep(600)")
    checker = CommandChecker(tsc.TOOL, str(path))
    task = asyncio.ensure_future(checker.check(Draft(workspace / "a.ts", "", "typescript", workspace), timeout_s=60))
    while not started.exists():
        await asyncio.sleep(0.01)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert list((state / "checking").iterdir()) == []
