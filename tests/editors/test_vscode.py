"""Explain, fix and change in a real VS Code: the menu, the bar and its button, the preview, one undo.

What drives it is editors/vscode, built as its users build it; what reports the problem is another extension. One window
for all tests, because starting one takes longer than what it is asked.
"""

from __future__ import annotations

import json
import shutil
import sys
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.editors.conftest import wait_until
from tests.editors.vscode import VsCode

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

FILE = "src/pluggy/_manager.py"
RIGHT = "        return [(plugin, DistFacade(dist)) for plugin, dist in self._plugin_distinfo]"
WRONG = RIGHT.replace("DistFacade", "DistFacad")
TITLE = "Explanation of"
# The place of an explanation, in whatever tab.
_BESIDE = ".editor-group-container:has(.tab[data-resource-name^='{title}']) .view-line"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("vscode")


@pytest.fixture(scope="module")
def vscode(vscode_folder: Path, folder: Path) -> Iterator[VsCode]:
    """A window on a real project with a misspelt name, and a model that begins to speak and then hangs."""
    project, home = folder / "project", folder / "home"
    source = Path(import_module("pluggy").__file__ or "").parent
    shutil.copytree(source, project / "src" / "pluggy", ignore=shutil.ignore_patterns("__pycache__"))
    file = project / FILE
    text = file.read_text()
    assert RIGHT in text
    file.write_text(text.replace(RIGHT, WRONG))
    config = home / "config"
    config.mkdir(parents=True)
    script = folder / "answers.json"
    script.write_text(json.dumps({"answers": [{"message": ".", "chunks": ["It ", "hooks"], "hang": True}]}))
    (config / "config.toml").write_text(
        '[backend.script]\nkind = "scripted"\n'
        f'options = {{ script = "{script}", record = "{folder / "record.jsonl"}" }}\n'
        '[route]\ncompletion = ["embedded"]\nexplain = ["script"]\nfix = ["embedded"]\n'
    )
    places = {f"COPILOT_LS_{kind}_DIR": str(home / kind.lower()) for kind in ("CONFIG", "STATE", "CACHE")}
    editor = VsCode(vscode_folder, project, home, {"HOME": str(home), **places})
    try:
        editor.open(FILE)
        yield editor
    finally:
        editor.quit()


@pytest.fixture
def seen(vscode: VsCode, folder: Path, request: pytest.FixtureRequest) -> Iterator[VsCode]:
    """The window, at the misspelt name; a picture of it is left behind when the test fails."""
    vscode.press("Escape")
    vscode.go_to_line(line_of(vscode.project))
    wait_until(lambda: any("DistFac" in line for line in vscode.lines(FILE)), "the line in sight")
    n_failed = request.session.testsfailed
    yield vscode
    if request.session.testsfailed > n_failed:
        vscode.picture(folder / f"{request.node.name}.png")
        sys.stderr.write(f"a picture is in {folder}\n")


def line_of(project: Path) -> int:
    return next(n for n, line in enumerate((project / FILE).read_text().splitlines(), 1) if line == WRONG)


@pytest.fixture(scope="module")
def happened(folder: Path) -> Callable[[str], list[dict[str, Any]]]:
    """What happened to the model so far."""

    def events(what: str) -> list[dict[str, Any]]:
        file = folder / "record.jsonl"
        lines = file.read_text().splitlines() if file.exists() else []
        return [each for each in map(json.loads, lines) if each["event"] == what]

    return events


def test_a_fix_is_previewed_applied_and_undone_in_one_step(seen: VsCode) -> None:
    seen.choose_action("Fix: Undefined name")
    wait_until(lambda: seen.texts(".bulk-edit-panel .monaco-list-row"), "the preview")
    assert WRONG in seen.lines(FILE)
    seen.click(".bulk-edit-panel .edit-checkbox")
    seen.click(".bulk-edit-panel .monaco-button", "Apply")
    wait_until(lambda: RIGHT in seen.lines(FILE), "the fix")
    assert any("verified" in each for each in seen.notifications())
    seen.click(f".tab[data-resource-name='{Path(FILE).name}']")
    seen.press("Control+z")
    wait_until(lambda: WRONG in seen.lines(FILE), "the text as it was")


def test_an_explanation_grows_beside_the_code_with_a_bar_and_its_button_ends_it(
    seen: VsCode, happened: Callable[[str], list[dict[str, Any]]]
) -> None:
    seen.run("copilot-ls: Explain")
    wait_until(lambda: "It hooks" in seen.texts(_BESIDE.format(title=TITLE)), "the model's words")
    bar = wait_until(lambda: [each for each in seen.notifications() if "Explaining" in each], "the bar")
    assert any("words so far" in each for each in bar)
    assert not happened("cancelled")
    seen.click(".notifications-toasts .monaco-button", "Cancel")
    wait_until(lambda: happened("cancelled"), "the model to be told")
    wait_until(lambda: not [each for each in seen.notifications() if "Explaining" in each], "the bar to go")


def test_a_change_asks_for_the_wish(seen: VsCode) -> None:
    seen.run("copilot-ls: Change")
    wait_until(lambda: seen.texts(".quick-input-widget .quick-input-message"), "the question")
    seen.type("return a sorted list")
    seen.press("Enter")
    wait_until(lambda: [each for each in seen.notifications() if "gave up" in each], "the answer: there is no model")
    assert WRONG in seen.lines(FILE)
