"""The whole story in a real Emacs with lsp-mode, and the menu in eglot, on a screen, as editors/emacs/README.md sets it up.

A second server reports the diagnostic that a fix wants, beside ours.
"""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.editors.conftest import installed_editor, wait_until
from tests.editors.terminal import ENTER, TAB, Terminal

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    Stats = Callable[[], dict[str, Any]]
    Start = Callable[[str], Terminal]

PART = Path(__file__).parents[2] / "editors" / "emacs"
LINTER = Path(__file__).with_name("linter_server.py")
FILE = Path("src/pluggy/_manager.py")
TYPED = "    def get_hookcallers(self, plu"
META, CONTROL_G, CONTROL_U = "\x1b", "\x07", "\x15"

# What a user would have said before the first start: nothing is downloaded, and no question is asked.
_QUIET = """
(setq lsp-auto-guess-root t lsp-enable-suggest-server-download nil lsp-disabled-clients '(ruff) inhibit-startup-screen t
      make-backup-files nil create-lockfiles nil auto-save-default nil lsp-keep-workspace-alive nil)
"""
_LINTER = """
(with-eval-after-load 'lsp-mode
  (lsp-register-client
   (make-lsp-client :server-id 'linter :add-on? t :priority -2 :activation-fn (lambda (&rest _) t)
                    :new-connection (lsp-stdio-connection '("{python}" "{script}")))))
"""


@pytest.fixture(scope="session")
def program() -> Path:
    return installed_editor("emacs")


@pytest.fixture
def start(program: Path, project: Path, environment: dict[str, str]) -> Iterator[Start]:
    """Start an Emacs with one of the README's blocks as its init file, the file open, a misspelt name in it."""
    started: list[Terminal] = []

    def with_block(name: str) -> Terminal:
        blocks = re.findall(r"```elisp\n(.*?)```", (PART / "README.md").read_text("utf-8"), re.DOTALL)
        (block,) = (each for each in blocks if name in each)
        folder = Path(environment["HOME"]) / ".emacs.d"
        folder.mkdir()
        linter = _LINTER.format(python=sys.executable, script=LINTER) if "lsp-deferred" in block else ""
        (folder / "init.el").write_text(_QUIET + linter + block)
        file = project / FILE
        file.write_text(file.read_text("utf-8").replace("DistFacade(dist)", "DistFacad(dist)"), "utf-8")
        started.append(Terminal([program, "-nw", FILE], cwd=project, environment=environment))
        return started[-1]

    yield with_block
    for terminal in started:
        terminal.close()


@pytest.fixture
def emacs(start: Start) -> Terminal:
    """With lsp-mode; both servers have shaken hands."""
    terminal = start("lsp-deferred")
    terminal.wait_text("copilot-ls-open:", "linter:")
    wait_until(lambda: "starting" not in terminal.text(), "the servers to be ready")
    return terminal


def meta_x(emacs: Terminal, command: str) -> None:
    """Run a command by its name."""
    emacs.type_slowly(META + "x", 0.1)
    emacs.wait_text("M-x")
    emacs.type(command + ENTER)


def open_line(emacs: Terminal, text: str) -> None:
    """Type at the end of the file, where the ghost text can be but one thing."""
    emacs.type_slowly(META + ">", 0.2)
    emacs.type_slowly(text)


def go_to(emacs: Terminal, text: str) -> None:
    """Put the cursor behind the first occurrence."""
    emacs.type_slowly(META + "<", 0.2)
    emacs.type_slowly("\x13" + text)
    emacs.wait_text("I-search: " + text)
    emacs.type(ENTER)
    wait_until(lambda: text in emacs.cursor_line(), f"the cursor on {text!r}")


def test_ghost_text_is_seen_accepted_and_counted(emacs: Terminal, stats: Stats) -> None:
    open_line(emacs, TYPED)
    emacs.wait_text("Accept:", TYPED + "gin: _Plugin")
    emacs.type(TAB)
    emacs.wait_gone("Accept:")
    assert TYPED + "gin: _Plugin" in emacs.text()
    counted = wait_until(lambda: (now := stats())["accepted"] and now, "the acceptance in the statistics")
    assert (counted["accepted"], counted["shown"], counted["rejected"]) == (1, 1, 0)


def test_a_word_is_accepted_alone(emacs: Terminal, stats: Stats) -> None:
    open_line(emacs, TYPED.removesuffix("lu"))
    emacs.wait_text("Accept:")
    emacs.type(META + "f")
    emacs.type_slowly("\x18k" + ENTER, 0.3)
    emacs.wait_text("modified")
    emacs.type_slowly("yes" + ENTER)
    counted = wait_until(lambda: (now := stats())["partially_accepted"] and now, "the part in the statistics")
    assert (counted["partially_accepted"], counted["accepted"]) == (1, 0)


def test_dismissed_ghost_text_is_rejected_in_the_statistics(emacs: Terminal, stats: Stats) -> None:
    open_line(emacs, TYPED)
    emacs.wait_text("Accept:")
    emacs.type(CONTROL_G)
    emacs.wait_gone("plugin: _Plugin) ->")
    counted = wait_until(lambda: (now := stats())["rejected"] and now, "the rejection in the statistics")
    assert (counted["rejected"], counted["accepted"]) == (1, 0)


def test_tab_and_the_arrow_keys_are_what_they_were_where_nothing_is_shown(emacs: Terminal) -> None:
    open_line(emacs, "def zq():\n")
    emacs.type_slowly("if 1:" + ENTER, 0.1)
    emacs.type_slowly(TAB + "x", 0.1)
    assert "Accept:" not in emacs.text()
    assert re.fullmatch(r" {4,}x", emacs.cursor_line())


def test_a_fix_is_applied_and_undone(emacs: Terminal) -> None:
    go_to(emacs, "DistFacad(")
    emacs.wait_text("Flymake[1 0]")
    meta_x(emacs, "copilot-ls-fix")
    emacs.wait_text("[(plugin, DistFacade(dist))")
    emacs.type("\x1f")
    emacs.wait_text("[(plugin, DistFacad(dist))")


def test_an_explanation_is_shown_in_a_window(emacs: Terminal) -> None:
    go_to(emacs, "def get_plugins")
    meta_x(emacs, "copilot-ls-explain")
    emacs.wait_text("*copilot-ls*", "a method of")


def test_the_next_edit_is_gone_to_and_made(emacs: Terminal, project: Path) -> None:
    text = "def total(prices, rate):\n    result = 0\n    for price in prices:\n        result += price * rate\n"
    (project / "total.py").write_text(text)
    emacs.type_slowly("\x18\x06", 0.2)
    emacs.type(f"{project / 'total.py'}{ENTER}")
    emacs.wait_text("def total(prices, rate):", "copilot-ls-open:")
    emacs.type_slowly(META + ":", 0.2)
    emacs.type('(progn (goto-char (point-min)) (search-forward "result") (replace-match "amount"))' + ENTER)
    emacs.wait_text("amount = 0")
    meta_x(emacs, "copilot-ls-next-edit")
    emacs.wait_text("again makes it")
    meta_x(emacs, "copilot-ls-next-edit")
    emacs.wait_text("        amount += price * rate")


def test_the_statistics_and_the_state_are_shown(emacs: Terminal) -> None:
    meta_x(emacs, "copilot-ls-status")
    emacs.wait_text("backend embedded")
    meta_x(emacs, "copilot-ls-statistics")
    emacs.wait_text("Statistics of copilot-ls")


def test_in_eglot_the_suggestion_stands_in_the_menu(start: Start) -> None:
    emacs = start("eglot-server-programs")
    emacs.wait_text("import inspect")
    meta_x(emacs, "eglot")
    emacs.wait_text("[eglot:")
    open_line(emacs, TYPED)
    # What is offered alone is inserted at once, what is not is listed.
    emacs.type_slowly(META + TAB, 0.3)
    emacs.wait_text("plugin: _Plugin")


def test_the_package_is_clean(program: Path, tmp_path: Path) -> None:
    """It compiles without a warning, and its documentation is as Emacs' own checker wants it."""
    shutil.copy(PART / "copilot-ls.el", tmp_path)
    compiled = subprocess.run(
        [
            program,
            "--batch",
            "--eval",
            "(setq byte-compile-error-on-warn t)",
            "-f",
            "batch-byte-compile",
            "copilot-ls.el",
        ],
        cwd=tmp_path,
        capture_output=True,
        text=True,
    )
    assert (compiled.returncode, compiled.stderr.strip()) == (0, "")
    checked = subprocess.run(
        [program, "--batch", "-l", "checkdoc", "--eval", '(checkdoc-file "copilot-ls.el")'],
        cwd=tmp_path,
        capture_output=True,
        text=True,
    )
    assert checked.stderr.strip() == ""


def test_every_command_of_the_readme_is_one(program: Path) -> None:
    named = set(re.findall(r"`(copilot-ls-[a-z-]+)`", (PART / "README.md").read_text("utf-8"))) - {
        "copilot-ls-idle-delay", "copilot-ls-mode-line", "copilot-ls-settings",
    }  # fmt: skip
    ask = f"(progn (require 'copilot-ls) (princ (json-encode (seq-filter #'commandp '({' '.join(named)})))))"
    run = subprocess.run([program, "--batch", "-L", PART, "--eval", ask], capture_output=True, text=True)
    assert set(json.loads(run.stdout)) == named
