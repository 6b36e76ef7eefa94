"""From a key to ghost text in a real VS Code: ours beside the same editor and extension on a server that does next to nothing.

Two windows on the same workspace of some 130,000 lines (mypy's own, as it is installed), the same file of 1,000 lines open in
both. In turn each gets a line of that file up to somewhere, what is offered there is dismissed, and one key more is pressed:
measured is the time from its `keydown` to the frame with the ghost text, by the browser's clock. Where ours offers nothing
there is nothing to measure; how often is a row. VS Code itself waits 50 ms after each key before it asks anybody, in both.

Run by hand: `python -m tests.bench vscode`. Called by `tests.bench`.
"""

from __future__ import annotations

import os
import random
import re
import shutil
import sqlite3
import subprocess
import sys
import tempfile
from contextlib import closing, suppress
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from tests.bench.table import Row, median, quantile
from tests.editors.conftest import HERE, wait_until
from tests.editors.vscode import VsCode

if TYPE_CHECKING:
    from collections.abc import Iterator

FILE = "modulefinder.py"
N_TRIES = 120
_WITHIN_MS = 900
# A server that says nothing of itself has no name in the status bar, and the sign that all is well.
_WELL = ".statusbar-item[id^='copilot-ls'] .codicon-sparkle"
# VS Code's own wait, `InlineCompletionsDebounce` of its inline completions' controller.
_EDITOR_WAITS_MS = 50
_SETTINGS = {
    "editor.autoClosingBrackets": "never",
    "editor.autoIndent": "none",
    "editor.wordBasedSuggestions": "off",
    "copilot-ls.nextEdit.enable": False,
}


def rows() -> list[Row]:
    """Both windows, by turns."""
    install = subprocess.run([HERE / "install_vscode.sh"], check=True, capture_output=True, text=True)
    folder = Path(install.stdout.strip().splitlines()[-1])
    with tempfile.TemporaryDirectory(prefix="bench-vscode-") as place:
        project = Path(place) / "project"
        package = find_spec("mypy")
        assert package is not None
        assert package.origin is not None
        shutil.copytree(
            Path(package.origin).parent, project, ignore=shutil.ignore_patterns("__pycache__", "*.so", "*.c")
        )
        ours, ours_home = _window(folder, project, Path(place) / "ours", None)
        bare, _ = _window(folder, project, Path(place) / "bare", "tests.bench.minimal_server")
        try:
            wait_until(lambda: "embedded" in ours.status(), "the server", 60)
            wait_until(lambda: bare.texts(_WELL), "the other server", 60)
            return _measured(ours, bare, project / FILE, ours_home)
        finally:
            ours.quit()
            bare.quit()


def _window(folder: Path, project: Path, home: Path, module: str | None) -> tuple[VsCode, Path]:
    """A window whose server is ours, its index made already, or a module of Python's."""
    home.mkdir()
    places = {f"COPILOT_LS_{kind}_DIR": str(home / kind.lower()) for kind in ("CONFIG", "STATE", "CACHE")}
    program = Path(sys.executable).parent / "copilot-ls"
    if module is None:
        subprocess.run([program, "index", project], env=os.environ | places, check=True, capture_output=True)
    else:
        program = home / "server"
        root = Path(__file__).parents[2]
        program.write_text(f'#!/bin/sh\ncd "{root}" && exec "{sys.executable}" -m {module}\n')
        program.chmod(0o755)
    machine = {"copilot-ls.server.command": str(program)}
    window = VsCode(folder, project, home, {"HOME": str(home), **places}, settings=_SETTINGS, machine=machine)
    window.open(FILE)
    return window, home


def _measured(ours: VsCode, bare: VsCode, file: Path, home: Path) -> list[Row]:
    lines = file.read_text("utf-8").splitlines()
    for window in (ours, bare):
        window.go_to_line(len(lines) // 2)
        window.press("End", "Enter")
    took: dict[VsCode, list[float]] = {ours: [], bare: []}
    n_tried = 0
    for before, key in _places(lines):
        n_tried += 1
        found = {window: _one(window, before, key) for window in (ours, bare)}
        for window, milliseconds in found.items():
            if milliseconds is not None:
                took[window].append(milliseconds)
    mine, theirs = took[ours], took[bare]
    added = [median(mine) - median(theirs), quantile(mine, 0.95) - quantile(theirs, 0.95)]
    note = f"{len(mine)} and {len(theirs)} of {n_tried}; the editor's own wait is {_EDITOR_WAITS_MS} ms"
    return [
        Row("vscode: key to ghost text, p50", median(mine), "ms", median(theirs), at_most=50, note=note),
        Row("vscode: key to ghost text, p95", quantile(mine, 0.95), "ms", quantile(theirs, 0.95), at_most=120),
        Row("vscode: what ours adds, p50", added[0], "ms"),
        Row("vscode: what ours adds, p95", added[1], "ms"),
        Row("vscode: answered anew, not from memory", 100 * _anew(home), "%"),
    ]


def _places(lines: list[str]) -> Iterator[tuple[str, str]]:
    """Lines of code up to somewhere within a word or behind a sign, and the key that comes next; the same in every run."""
    chooser = random.Random(11)
    code = [line for line in lines if re.match(r"\s+[a-z].{20,}", line) and '"' not in line and "#" not in line]
    for line in chooser.sample(code, min(N_TRIES, len(code))):
        start = len(line) - len(line.lstrip())
        cut = chooser.randrange(start + 4, len(line) - 4)
        key = line[cut]
        if key.isalnum() or key in "._(":
            yield line[:cut], key


def _one(window: VsCode, before: str, key: str) -> float | None:
    window.press("Home", "Shift+End", "Delete")
    window.press("Home", "Home")
    window.press("Shift+End", "Delete")
    window.insert(before)
    window.press("Escape")
    # What was asked for this text is answered, dismissed, or known to come no more.
    with suppress(AssertionError):
        wait_until(window.ghost_text, "ghost text", 0.25)
    window.press("Escape")
    wait_until(lambda: not window.ghost_text(), "no ghost text", 5)
    return window.timed(key, _WITHIN_MS)


def _anew(home: Path) -> float:
    """The share of answers that a backend was asked for."""
    with closing(sqlite3.connect(f"file:{home / 'state' / 'telemetry.db'}?mode=ro", uri=True)) as database:
        query = "SELECT avg(source = 'backend') FROM (SELECT source FROM events WHERE event = 'generated' GROUP BY request_id)"
        (share,) = database.execute(query).fetchone()
    return float(share or 0)
