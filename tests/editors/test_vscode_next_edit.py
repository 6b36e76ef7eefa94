"""How VS Code draws a next edit, goes there, takes and rejects it: a scripted server says what the edit is."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.editors.conftest import HERE, wait_until
from tests.editors.vscode import VsCode

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

SETTINGS = {"editor.autoClosingBrackets": "never", "editor.autoIndent": "none", "editor.wordBasedSuggestions": "off"}
WELL = ".statusbar-item[id^='copilot-ls'] .codicon-sparkle"
NEAR = [f"    line_{n} = area({n}, {n})" for n in range(1, 61)]
FAR = ["def area(width, height):", "    return width * height", ""]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("vscode")


@pytest.fixture(scope="module")
def vscode(vscode_folder: Path, folder: Path) -> Iterator[VsCode]:
    home, project = folder / "home", folder / "project"
    home.mkdir()
    project.mkdir()
    (project / "shapes.py").write_text("\n".join(FAR))
    (project / "uses.py").write_text("def uses():\n" + "\n".join(NEAR) + "\n")
    program = home / "server"
    program.write_text(f'#!/bin/sh\nexec "{sys.executable}" "{HERE / "next_edit_server.py"}" "{folder}"\n')
    program.chmod(0o755)
    machine = {"copilot-ls.server.command": str(program)}
    editor = VsCode(vscode_folder, project, home, {"HOME": str(home)}, settings=SETTINGS, machine=machine)
    try:
        editor.open("uses.py")
        wait_until(lambda: editor.texts(WELL), "the server")
        yield editor
    finally:
        editor.quit()


@pytest.fixture
def seen(vscode: VsCode, folder: Path, request: pytest.FixtureRequest) -> Iterator[VsCode]:
    """The window as it was: one file open, the cursor at the end of its second line."""
    (folder / "edit.json").unlink(missing_ok=True)
    (folder / "heard.jsonl").write_text("")
    vscode.press("Escape")
    vscode.click(".tab[data-resource-name='uses.py']")
    vscode.go_to_line(2)
    vscode.press("End")
    n_failed = request.session.testsfailed
    yield vscode
    if request.session.testsfailed > n_failed:
        vscode.picture(folder / f"{request.node.name}.png")
        sys.stderr.write(f"a picture is in {folder}\n")


@pytest.fixture
def predict(folder: Path) -> Callable[..., None]:
    """What the server predicts from now on: the text that takes the place of one range of a file."""

    def say(name: str, start: tuple[int, int], end: tuple[int, int], text: str, *, stale: bool = False) -> None:
        places = [dict(zip(("line", "character"), place, strict=True)) for place in (start, end)]
        edit = {"path": str(folder / "project" / name), "range": {"start": places[0], "end": places[1]}}
        (folder / "edit.json").write_text(json.dumps(edit | {"text": text, "stale": stale}))

    return say


@pytest.fixture
def heard(folder: Path) -> Callable[[], list[Any]]:
    def read() -> list[Any]:
        return [json.loads(line) for line in (folder / "heard.jsonl").read_text().splitlines()]

    return read


def test_an_edit_in_sight_is_drawn_and_two_tabs_take_it(
    seen: VsCode, predict: Callable[..., None], heard: Callable[[], list[Any]]
) -> None:
    column = NEAR[4].index("area(5, 5)")
    predict("uses.py", (5, column), (5, column + 10), "area(5, 6)\n    more = 1")
    seen.type(" ")
    wait_until(lambda: "Tab: go" in seen.hints(), "the edit")
    assert {"6", " ⏎ more = 1"} <= set(seen.hints())
    assert "shown id-1" in heard()
    seen.press("Tab")
    wait_until(lambda: "Tab: take" in seen.hints(), "the cursor to be there")
    assert "    line_5 = area(5, 5)" in "\n".join(seen.lines("uses.py"))
    seen.press("Tab")
    wait_until(lambda: "    more = 1" in seen.lines("uses.py"), "the new lines")
    assert "    line_5 = area(5, 6)" in seen.lines("uses.py")
    wait_until(lambda: "accepted id-1" in heard(), "the server to be told")
    seen.press("Control+z")
    wait_until(lambda: NEAR[4] in seen.lines("uses.py"), "all of it to be taken back at once")


def test_one_out_of_sight_is_said_where_the_cursor_is(
    seen: VsCode, predict: Callable[..., None], heard: Callable[[], list[Any]]
) -> None:
    predict("uses.py", (58, 4), (58, 11), "renamed")
    seen.type(" ")
    wait_until(lambda: "Tab ↓ line 59" in seen.hints(), "the hint")
    seen.press("Escape")
    wait_until(lambda: not seen.hints(), "it to go")
    wait_until(lambda: "rejected id-1" in heard(), "the server to be told")
    assert not [line for line in seen.lines("uses.py") if "renamed" in line]


def test_one_in_another_file_is_reached_and_taken(
    seen: VsCode, predict: Callable[..., None], heard: Callable[[], list[Any]]
) -> None:
    predict("shapes.py", (0, 22), (0, 22), ", scale")
    seen.type(" ")
    wait_until(lambda: "Tab → shapes.py:1" in seen.hints(), "the hint")
    seen.press("Tab")
    wait_until(lambda: "Tab: take" in seen.hints(), "the other file")
    seen.press("Tab")
    wait_until(lambda: "def area(width, height, scale):" in seen.lines("shapes.py"), "the edit")
    wait_until(lambda: "accepted id-1" in heard(), "the server to be told")
    seen.press("Control+z")


def test_typing_on_drops_it_without_a_word(
    seen: VsCode, predict: Callable[..., None], heard: Callable[[], list[Any]], folder: Path
) -> None:
    predict("uses.py", (58, 4), (58, 11), "renamed")
    seen.type(" ")
    wait_until(lambda: "Tab ↓ line 59" in seen.hints(), "the hint")
    (folder / "edit.json").unlink()
    seen.type("x")
    wait_until(lambda: not seen.hints(), "it to go")
    assert "rejected id-1" not in heard()


def test_what_belongs_to_another_version_is_never_drawn(
    seen: VsCode, predict: Callable[..., None], heard: Callable[[], list[Any]]
) -> None:
    predict("uses.py", (58, 4), (58, 11), "renamed", stale=True)
    seen.type(" ")
    wait_until(lambda: "asked" in heard(), "the question")
    seen.type(" ")
    wait_until(lambda: heard().count("asked") > 1, "another question")
    assert "shown id-1" not in heard()
    assert not seen.hints()


def test_tab_is_a_tab_where_there_is_no_edit(seen: VsCode) -> None:
    seen.press("End", "Enter", "Tab")
    seen.type("pass")
    wait_until(lambda: "    pass" in seen.lines("uses.py"), "the indented line")
