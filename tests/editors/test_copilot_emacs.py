"""Emacs' lsp-mode has a client of GitHub's language server: it runs with `copilot-ls` as its executable."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.e2e.conftest import House
from tests.editors.conftest import HERE, installed_editor

COMMAND = Path(sys.executable).with_name("copilot-ls")


@pytest.fixture(scope="session")
def emacs() -> Path:
    return installed_editor("emacs")


def test_ghost_text_is_shown_the_next_is_taken_and_counted(emacs: Path, tmp_path: Path) -> None:
    house = House(tmp_path)
    house.script([{"prefix": "total = $", "alternatives": ["price * quantity", "sum(prices)"]}])
    run = subprocess.run(
        [emacs, "-Q", "--batch", "-l", HERE / "copilot_emacs.el"],
        cwd=house.workspace,
        env={**house.env, "HOME": str(house.root), "COPILOT_LS_COMMAND": str(COMMAND)},
        capture_output=True,
        text=True,
        timeout=150,
    )
    said = dict(line.split("=", 1) for line in run.stdout.splitlines() if "=" in line)
    told = {name: json.loads(value) for name, value in said.items()}
    assert told == {
        "client": "copilot-ls",  # as lsp-mode calls GitHub's
        "user": "copilot-ls (no account needed)",
        "first": "price * quantity",
        "second": "sum(prices)",
        "text": "total = sum(prices)",
    }, run.stderr[-3000:]
    stats = house.stats()
    assert (stats["accepted"], stats["accepted_chars"]) == (1, len("sum(prices)"))
