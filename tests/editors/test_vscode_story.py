"""A day with the VS Code extension, installed from its artefact: ghost text in all its ways, next edits, the status bar.

One window for all tests, because starting one takes longer than what it is asked. The route has a scripted model, for what
has to be known beforehand, and the embedded completer.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.editors.conftest import wait_until
from tests.editors.vscode import VsCode

if TYPE_CHECKING:
    from collections.abc import Iterator

FILE = "src/pluggy/_manager.py"
SETTINGS = {"editor.autoClosingBrackets": "never", "editor.autoIndent": "none", "editor.wordBasedSuggestions": "off"}
CONFIG = """\
[backend.script]
kind = "scripted"
[[backend.script.options.answers]]
prefix = 'return pick_\\Z'
alternatives = ["one()", "two()"]
[[backend.script.options.answers]]
prefix = 'return slow_\\Z'
text = "answer()"
delay_ms = 1500
[[backend.script.options.answers]]
prefix = 'return take_\\Z'
text = "first(second, third)"
[route]
completion = ["script", "embedded"]
next_edit = ["embedded"]
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("vscode")


@pytest.fixture(scope="module")
def places(folder: Path) -> dict[str, str]:
    return {f"COPILOT_LS_{kind}_DIR": str(folder / "home" / kind.lower()) for kind in ("CONFIG", "STATE", "CACHE")}


@pytest.fixture(scope="module")
def vscode(vscode_folder: Path, folder: Path, places: dict[str, str]) -> Iterator[VsCode]:
    """A window on a real project, the server started."""
    project, home = folder / "project", folder / "home"
    source = Path(import_module("pluggy").__file__ or "").parent
    shutil.copytree(source, project / "src" / "pluggy", ignore=shutil.ignore_patterns("__pycache__"))
    (home / "config").mkdir(parents=True)
    (home / "config" / "config.toml").write_text(CONFIG)
    editor = VsCode(vscode_folder, project, home, {"HOME": str(home), **places}, settings=SETTINGS)
    try:
        editor.open(FILE)
        wait_until(lambda: "script" in editor.status(), "the model's name in the status bar")
        yield editor
    finally:
        editor.quit()


@pytest.fixture
def seen(vscode: VsCode, folder: Path, request: pytest.FixtureRequest) -> Iterator[VsCode]:
    """The window, the cursor in an empty line at the end of the file; a picture of it is left behind by a failure."""
    vscode.click(f".tab[data-resource-name='{Path(FILE).name}']")
    vscode.press("Escape", "Escape", "Control+End", "Enter", "Shift+Home", "Delete")
    n_failed = request.session.testsfailed
    yield vscode
    if request.session.testsfailed > n_failed:
        vscode.picture(folder / f"{request.node.name}.png")
        sys.stderr.write(f"a picture is in {folder}\n")


@pytest.fixture(scope="module")
def counted(places: dict[str, str]) -> Any:
    """What `copilot-ls stats --json` says."""

    def ask() -> dict[str, Any]:
        command = [Path(sys.executable).parent / "copilot-ls", "stats", "--json"]
        said = subprocess.run(command, env=os.environ | places, capture_output=True, text=True)
        assert said.returncode == 0, said.stderr
        return json.loads(said.stdout)

    return ask


def last_line(vscode: VsCode) -> str:
    return vscode.lines(FILE)[-1]


def test_ghost_text_is_taken_with_tab_counted_and_undone(seen: VsCode, counted: Any) -> None:
    before = counted()["accepted"]
    seen.type("    return take_")
    wait_until(lambda: seen.ghost_text() == "first(second, third)", "the ghost text")
    seen.press("Tab")
    wait_until(lambda: last_line(seen) == "    return take_first(second, third)" and not seen.ghost_text(), "the line")
    wait_until(lambda: counted()["accepted"] == before + 1, "the acceptance in the statistics")
    seen.press("Control+z")
    wait_until(lambda: "first" not in last_line(seen) or seen.ghost_text(), "the line as it was typed")


def test_a_word_of_it_is_taken_and_the_server_is_told(seen: VsCode, counted: Any) -> None:
    before = counted()["partially_accepted"]
    seen.type("    return take_")
    wait_until(lambda: seen.ghost_text() == "first(second, third)", "the ghost text")
    seen.press("Control+ArrowRight")
    wait_until(lambda: seen.ghost_text() and "first" not in seen.ghost_text(), "the rest of the ghost text")
    wait_until(lambda: last_line(seen) == "    return take_first(second, third)", "word and rest in one line")
    seen.press("Escape")
    wait_until(lambda: last_line(seen).startswith("    return take_first") and not seen.ghost_text(), "the rest to go")
    wait_until(lambda: counted()["partially_accepted"] == before + 1, "the part in the statistics")


def test_others_are_shown_in_turn(seen: VsCode) -> None:
    seen.type("    return pick_")
    wait_until(lambda: seen.ghost_text() == "one()", "the first")
    seen.press("Alt+]")
    wait_until(lambda: seen.ghost_text() == "two()", "the second")
    seen.press("Alt+]")
    wait_until(lambda: seen.ghost_text() == "one()", "the first again")


def test_what_comes_later_than_the_editor_waits_is_shown_all_the_same(seen: VsCode) -> None:
    seen.type("    return slow_")
    wait_until(lambda: seen.ghost_text() == "answer()", "the ghost text, without another key")


def test_escape_is_a_rejection(seen: VsCode, counted: Any) -> None:
    before = counted()["rejected"]
    seen.type("    return pick_")
    wait_until(lambda: seen.ghost_text() == "one()", "the ghost text")
    seen.press("Escape")
    wait_until(lambda: not seen.ghost_text(), "the ghost text to go")
    wait_until(lambda: counted()["rejected"] > before, "the rejection in the statistics")


def test_the_next_edit_is_reached_and_taken_with_tab_and_leads_to_the_next(seen: VsCode) -> None:
    lines = (seen.project / FILE).read_text().splitlines()
    declared, *uses = (n for n, line in enumerate(lines, 1) if re.search(r"\borig\b", line))
    seen.go_to_line(declared, lines[declared - 1].index("orig") + len("orig") + 1)
    seen.type("inal")
    wait_until(lambda: {"inal", "Tab: go"} <= set(seen.hints()), "the new text, drawn")
    seen.press("Tab")
    wait_until(lambda: "Tab: take" in seen.hints(), "the cursor to be there")
    seen.press("Tab")
    taken = re.sub(r"\borig\b", "original", lines[uses[0] - 1])
    wait_until(lambda: taken in seen.lines(FILE), "the edit")
    wait_until(lambda: "Tab: go" in seen.hints(), "the edit after it")
    seen.press("Escape")
    wait_until(lambda: not [hint for hint in seen.hints() if "Tab" in hint], "it to go")
    seen.press("Control+z", "Control+z")


def test_snoozing_and_turning_off_show_in_the_status_bar(seen: VsCode) -> None:
    seen.click(".statusbar-item[id^='copilot-ls']")
    wait_until(lambda: [row for row in seen.texts(".quick-input-list .monaco-list-row") if "Snooze" in row], "the menu")
    seen.press("Enter")
    wait_until(
        lambda: [row for row in seen.texts(".quick-input-list .monaco-list-row") if "5 minutes" in row], "for how long"
    )
    seen.press("Enter")
    wait_until(lambda: seen.status() == "5 min", "the minutes in the status bar")
    seen.type("    return pick_")
    seen.run("copilot-ls: Resume")
    wait_until(lambda: "script" in seen.status(), "the model again")
    seen.run("copilot-ls: Turn Suggestions On or Off for This Language")
    wait_until(lambda: seen.status() == "python", "the language in the status bar")
    seen.run("copilot-ls: Turn Suggestions On or Off for This Language")
    wait_until(lambda: "script" in seen.status(), "the model again")


def test_a_setting_reaches_the_server_and_what_is_not_set_is_left_to_its_own_files(seen: VsCode, folder: Path) -> None:
    file = folder / "home" / "data" / "Machine" / "settings.json"
    settings = json.loads(file.read_text())
    file.write_text(json.dumps(settings | {"copilot-ls.completion.enable": False}))
    wait_until(lambda: seen.status() == "off", "the status bar to say so")
    file.write_text(json.dumps(settings))
    wait_until(lambda: seen.status().startswith("script"), "the model of config.toml again")


def test_the_panel_shows_what_was_counted_and_the_dashboard_opens(seen: VsCode, counted: Any) -> None:
    before = counted()["accepted"]
    seen.type("    return take_")
    wait_until(lambda: seen.ghost_text() == "first(second, third)", "the ghost text")
    seen.press("Tab")
    wait_until(lambda: counted()["accepted"] == before + 1, "the acceptance in the statistics")
    seen.run("copilot-ls: Statistics")
    shown = counted()["shown"]
    wait_until(lambda: [tile for tile in seen.framed(".tile") if tile.startswith(f"{shown}shown")], "the figures")
    wait_until(lambda: any(row.startswith("python") for row in seen.framed("tbody tr")), "the row of Python")
    seen.click_framed("[data-choice=period][data-value=all]")
    wait_until(lambda: "All" in seen.framed("[aria-pressed=true]"), "the other period")
    seen.click_framed("[data-do=dashboard]")
    wait_until(lambda: any("accepted of what was shown" in tab["text"] for tab in seen.other_tabs()), "the dashboard")


def test_the_doctor_reports_the_editor_as_well(seen: VsCode) -> None:
    seen.run("copilot-ls: Doctor")
    wait_until(lambda: any("extension 0." in line for line in seen.lines("copilot-ls doctor.txt")), "the report")


def test_nothing_popped_up(vscode: VsCode) -> None:
    wait_until(
        lambda: not vscode.notifications(), "what tells how something goes to be gone, and nothing else to be there"
    )
