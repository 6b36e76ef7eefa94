"""The whole story in a real Helix, on a screen, as editors/helix/README.md sets it up.

A second server reports the diagnostic that a fix wants, beside ours, as the README has it.
"""

from __future__ import annotations

import re
import sys
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.editors.conftest import installed_editor, wait_until
from tests.editors.terminal import ENTER, ESCAPE, TAB, Terminal

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    Stats = Callable[[], dict[str, Any]]

README = Path(__file__).parents[2] / "editors" / "helix" / "README.md"
LINTER = Path(__file__).with_name("linter_server.py")
FILE = Path("src/pluggy/_manager.py")
TYPED = "    def get_hookcallers(self, plu"


@pytest.fixture(scope="session")
def program() -> Path:
    return installed_editor("helix")


@pytest.fixture
def helix(program: Path, project: Path, environment: dict[str, str]) -> Iterator[Terminal]:
    """The file open, with a misspelt name in it."""
    blocks = re.findall(r"```toml\n(.*?)```", README.read_text("utf-8"), re.DOTALL)
    languages = blocks[0].replace('"pylsp"', '"linter"')
    languages += f'\n[language-server.linter]\ncommand = "{sys.executable}"\nargs = ["{LINTER}"]\n\n{blocks[2]}'
    config = Path(environment["XDG_CONFIG_HOME"]) / "helix"
    config.mkdir(parents=True)
    (config / "languages.toml").write_text(languages)
    (config / "config.toml").write_text(blocks[1])
    file = project / FILE
    file.write_text(file.read_text("utf-8").replace("DistFacade(dist)", "DistFacad(dist)"), "utf-8")
    terminal = Terminal([program, FILE], cwd=project, environment=environment)
    try:
        terminal.wait_text("NOR", "_tracing")
        yield terminal
    finally:
        terminal.close()


def find(helix: Terminal, text: str) -> None:
    """Put the cursor on the first line that holds it."""
    helix.type_slowly(f"gg/{text}{ENTER}")
    plain = text.replace("\\", "")
    wait_until(
        lambda: plain in (line := helix.cursor_line()) and not line.startswith("search:"), f"the cursor on {plain!r}"
    )


def choose(helix: Terminal, action: str) -> None:
    """Open the menu of code actions, and choose one."""

    again(helix, " a", action)
    # The first entry is the chosen one, and entries stand on another background than the text.
    helix.type_slowly("\x0e" * helix.rows_above_on_other_ground(action), 0.1)
    helix.type(ENTER)


def again(helix: Terminal, keys: str, expected: str, undo: str = ESCAPE) -> None:
    """Press keys until they do what is expected: a server that has not started yet does nothing."""

    def done() -> bool:
        helix.type_slowly(keys)
        try:
            helix.wait_text(expected, timeout=3)
        except AssertionError:
            helix.type_slowly(undo)
            return False
        return True

    wait_until(done, expected)


def test_a_suggestion_stands_in_the_menu_is_accepted_and_counted(helix: Terminal, stats: Stats) -> None:
    helix.type_slowly("geo")
    helix.wait_text("INS")
    helix.type_slowly(TAB + TYPED.strip()[:-1])
    again(helix, TYPED[-1], "plugin: _Plugin text", undo="\x7f")
    helix.type(TAB)
    helix.type(ENTER)
    helix.wait_text("def get_hookcallers(self, plugin: _Plugin")
    counted = wait_until(lambda: (now := stats())["accepted"] and now, "the acceptance in the statistics")
    assert (counted["accepted"], counted["rejected"]) == (1, 0)


def test_a_fix_is_applied_and_undone_in_one_step(helix: Terminal) -> None:
    find(helix, r"DistFacad\(")
    helix.wait_text("Undefined name `DistFacad`")
    choose(helix, "Fix: Undefined name `DistFacad`")
    helix.wait_text("[(plugin, DistFacade(dist))")
    helix.type_slowly("u")
    helix.wait_text("[(plugin, DistFacad(dist))")


def test_an_explanation_opens_as_a_file(helix: Terminal) -> None:
    find(helix, "def get_plugins")
    choose(helix, "Explain the selection")
    shown = helix.wait_text(".md")
    assert "get_plugins" in shown


def test_the_statistics_open_with_the_key_of_the_readme(helix: Terminal) -> None:
    find(helix, "def get_plugins")
    again(helix, " cs", "Statistics of copilot-ls")


def test_every_settings_block_of_the_readme_is_toml() -> None:
    for block in re.findall(r"```toml\n(.*?)```", README.read_text("utf-8"), re.DOTALL):
        assert tomllib.loads(block)
