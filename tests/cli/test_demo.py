"""`copilot-ls demo` is started in any folder, and imports nothing from it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path


def test_the_folder_that_it_is_started_in_is_not_imported_from(tmp_path: Path) -> None:
    """`python -m` looks for modules in the current folder first: a workspace's typing.py would run as ours."""
    folder = tmp_path / "workspace"
    folder.mkdir()
    (folder / "typing.py").write_text(f"open({str(tmp_path / 'imported')!r}, 'w').close()\n")
    places = {f"COPILOT_LS_{kind}_DIR": str(tmp_path / kind.lower()) for kind in ("CONFIG", "STATE", "CACHE")}
    answer = subprocess.run(
        [sys.executable, "-P", "-m", "copilot_ls", "demo"],
        env={**os.environ, **places},
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )
    assert not (tmp_path / "imported").exists()
    assert answer.returncode == 0, answer.stderr
