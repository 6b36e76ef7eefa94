"""A real Vim with ALE, on a screen, as editors/vim/README.md sets it up: the menu, an acceptance, a code action.

ALE answers nothing that a server asks of it and opens no documents: fixes come with the action itself, explanations as a message.
"""

from __future__ import annotations

import re
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.editors.conftest import installed_editor, wait_until
from tests.editors.terminal import ENTER, Terminal

if TYPE_CHECKING:
    from collections.abc import Iterator

README = Path(__file__).parents[2] / "editors" / "vim" / "README.md"
FILE = Path("src/pluggy/_manager.py")
TYPED = "def get_hookcallers(self, plu"
CHOOSE, TAKE = "\x0e", "\x19"


@pytest.fixture(scope="session")
def program() -> Path:
    return installed_editor("vim")


@pytest.fixture
def vim(program: Path, project: Path, environment: dict[str, str]) -> Iterator[Terminal]:
    """The file open, with a misspelt name in it."""
    (block, *_) = re.findall(r"```vim\n(.*?)```", README.read_text("utf-8"), re.DOTALL)
    (Path(environment["HOME"]) / ".vimrc").write_text(f"set nocompatible noswapfile\nfiletype plugin on\n{block}")
    file = project / FILE
    file.write_text(file.read_text("utf-8").replace("DistFacade(dist)", "DistFacad(dist)"), "utf-8")
    terminal = Terminal([program, FILE], cwd=project, environment=environment)
    try:
        terminal.wait_text("_tracing")
        yield terminal
    finally:
        terminal.close()


def again(vim: Terminal, keys: str, expected: str, undo: str) -> None:
    """Press keys until they do what is expected: a server that has not started yet does nothing."""

    def done() -> bool:
        vim.type_slowly(keys)
        try:
            vim.wait_text(expected, timeout=3)
        except AssertionError:
            vim.type_slowly(undo)
            return False
        return True

    wait_until(done, expected)


def test_a_suggestion_stands_in_the_menu_and_is_accepted(vim: Terminal) -> None:
    vim.type_slowly("Go" + TYPED[:-1])
    again(vim, TYPED[-1], "plugin: _Plugin", undo="\x7f")
    vim.type_slowly(CHOOSE, 0.3)
    vim.type_slowly(TAKE, 0.3)
    wait_until(lambda: "def get_hookcallers(self, plugin: _Plugin" in vim.cursor_line(), "the suggestion in the text")


def test_code_actions_are_offered_and_an_explanation_is_shown(vim: Terminal) -> None:
    vim.type_slowly("gg/def get_plugins" + ENTER)
    again(vim, ":ALECodeAction" + ENTER, "Explain", undo=ENTER)
    line = next(line for line in vim.lines() if "Explain" in line)
    vim.type(re.search(r"\d+", line)[0] + ENTER)
    vim.wait_text("get_plugins")


def test_every_block_of_the_readme_is_read_without_an_error(program: Path, tmp_path: Path) -> None:
    for number, block in enumerate(re.findall(r"```vim\n(.*?)```", README.read_text("utf-8"), re.DOTALL)):
        script = tmp_path / f"{number}.vim"
        script.write_text(block)
        run = subprocess.run(
            [
                program,
                "-es",
                "-N",
                "-u",
                "NONE",
                "-c",
                f"try | source {script} | catch | cquit | endtry",
                "-c",
                "qall!",
            ],
            stdin=subprocess.DEVNULL,
            timeout=30,
        )
        assert run.returncode == 0, block
