"""The same session in real editors: it leaves exactly the rows that a ledger, written by hand, expects (`ledger`)."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.editors import ledger
from tests.editors.conftest import wait_until

if TYPE_CHECKING:
    from tests.editors.neovim import Neovim
    from tests.editors.vscode import VsCode

FILE = "story.py"
TEXT = '"""A story."""\n'


class InNeovim:
    """The keys of the plug-in for Neovim."""

    def __init__(self, neovim: Neovim) -> None:
        self._neovim = neovim

    def begin_line(self, text: str) -> None:
        self._neovim.type("<Esc>Go" + text)

    def type(self, text: str) -> None:
        self._neovim.type(text)

    def wait_ghost_text(self, text: str) -> None:
        self._neovim.wait_ghost_text(text)

    def wait_line(self, text: str) -> None:
        self._neovim.wait_line(text)

    def accept(self) -> None:
        self._neovim.type("<Tab>")

    def accept_word(self) -> None:
        self._neovim.type("<C-Right>")

    def dismiss(self) -> None:
        self._neovim.type("<C-]>")

    def undo_line(self, text: str) -> None:
        self._neovim.type("<Esc>u")
        wait_until(lambda: text not in self._neovim.lines(), "the line to go")

    def save(self) -> None:
        self._neovim.type("<Esc>:write<CR>")

    def close(self) -> None:
        self._neovim.type("<Esc>:%bwipeout<CR>")


class InVsCode:
    """The keys of the extension for VS Code."""

    def __init__(self, vscode: VsCode) -> None:
        self._vscode = vscode

    def begin_line(self, text: str) -> None:
        self._vscode.press("Control+End", "Enter")
        self._vscode.type(text)

    def type(self, text: str) -> None:
        self._vscode.type(text)

    def wait_ghost_text(self, text: str) -> None:
        wait_until(lambda: self._vscode.ghost_text() == text, f"the ghost text {text!r}")

    def wait_line(self, text: str) -> None:
        wait_until(lambda: any(line.startswith(text) for line in self._vscode.lines(FILE)), f"the line {text!r}")

    def accept(self) -> None:
        self._vscode.press("Tab")

    def accept_word(self) -> None:
        self._vscode.press("Control+ArrowRight")

    def dismiss(self) -> None:
        self._vscode.press("Escape")

    def undo_line(self, text: str) -> None:
        def gone() -> bool:
            self._vscode.press("Control+z")
            word = text.partition(" ")[0]
            return not any(line.startswith(word) for line in self._vscode.lines(FILE))

        wait_until(gone, "the line to go")

    def save(self) -> None:
        self._vscode.press("Control+s")

    def close(self) -> None:
        self._vscode.click(f".tab[data-resource-name='{FILE}'] .tab-actions .action-label")


def test_a_session_in_neovim_leaves_the_rows_of_the_ledger(
    nvim_program: str, project: Path, environment: dict[str, str]
) -> None:
    from tests.editors.neovim import Neovim

    (project / FILE).write_text(TEXT)
    folders = {kind: Path(environment[f"COPILOT_LS_{kind}_DIR"]) for kind in ("CONFIG", "STATE")}
    folders["CONFIG"].mkdir(parents=True)
    (folders["CONFIG"] / "config.toml").write_text(ledger.CONFIG)
    editor = Neovim(nvim_program, project, environment)
    try:
        editor.open(FILE)
        editor.nvim.command("setlocal noautoindent nosmartindent indentexpr= nocindent")
        ledger.play(InNeovim(editor), folders["STATE"] / "telemetry.db")
    finally:
        editor.quit()
    ledger.check(folders["STATE"] / "telemetry.db")


@pytest.mark.timeout(400)
def test_a_session_in_vs_code_leaves_the_rows_of_the_ledger(vscode_folder: Path, tmp_path: Path) -> None:
    from tests.editors.vscode import VsCode

    project, home = tmp_path / "project", tmp_path / "home"
    project.mkdir()
    (project / FILE).write_text(TEXT)
    (home / "config").mkdir(parents=True)
    (home / "config" / "config.toml").write_text(ledger.CONFIG)
    settings = {
        "editor.autoClosingBrackets": "never",
        "editor.autoIndent": "none",
        "editor.quickSuggestions": False,
        "editor.wordBasedSuggestions": "off",
    }
    places = {f"COPILOT_LS_{kind}_DIR": str(home / kind.lower()) for kind in ("CONFIG", "STATE", "CACHE")}
    editor = VsCode(vscode_folder, project, home, {"HOME": str(home), **places}, settings=settings)
    try:
        editor.open(FILE)
        wait_until(lambda: "script" in editor.status(), "the model's name in the status bar", 120)
        ledger.play(InVsCode(editor), home / "state" / "telemetry.db")
    except AssertionError:
        editor.picture(tmp_path / "failed.png")
        sys.stderr.write(f"a picture is in {tmp_path}\n")
        raise
    finally:
        editor.quit()
    ledger.check(home / "state" / "telemetry.db")
