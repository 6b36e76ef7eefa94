"""How the VS Code extension comes to a server, and what it does when one does not live: one window, in this order.

The first installation is the real one: from the wheel that the artefact brings, with the user's own package index.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.editors.conftest import wait_until
from tests.editors.vscode import VsCode

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

FILE = "src/pluggy/_manager.py"
SETTINGS = {"editor.autoClosingBrackets": "never", "editor.wordBasedSuggestions": "off"}
NO_PYTHON = {"copilot-ls.server.python": "/nowhere/python"}
_TOAST = ".notifications-toasts .monaco-button"

pytestmark = pytest.mark.timeout(400)


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("vscode") / "home"


@pytest.fixture(scope="module")
def vscode(vscode_folder: Path, home: Path) -> Iterator[VsCode]:
    """A window without a server on PATH, where the Python that is named is not there."""
    project = home.parent / "project"
    source = Path(import_module("pluggy").__file__ or "").parent
    shutil.copytree(source, project / "src" / "pluggy", ignore=shutil.ignore_patterns("__pycache__"))
    home.mkdir()
    places = {f"COPILOT_LS_{kind}_DIR": str(home / kind.lower()) for kind in ("CONFIG", "STATE", "CACHE")}
    own = str(Path(sys.executable).parent)
    path = os.pathsep.join(each for each in os.environ["PATH"].split(os.pathsep) if each != own)
    variables = {"HOME": str(home), "PATH": path, **places}
    editor = VsCode(vscode_folder, project, home, variables, settings=SETTINGS, machine=NO_PYTHON)
    try:
        editor.open(FILE)
        yield editor
    finally:
        editor.quit()


@pytest.fixture
def set_machine(home: Path) -> Callable[[dict[str, str]], None]:
    """Change the settings of the machine while the window is open, as a user does."""

    def change(settings: dict[str, str]) -> None:
        (home / "data" / "Machine" / "settings.json").write_text(json.dumps(settings))

    return change


@pytest.fixture(autouse=True)
def picture(vscode: VsCode, home: Path, request: pytest.FixtureRequest) -> Iterator[None]:
    """What the window looked like when a test failed."""
    n_failed = request.session.testsfailed
    yield
    if request.session.testsfailed > n_failed:
        vscode.picture(home.parent / f"{request.node.name}.png")
        sys.stderr.write(f"a picture is in {home.parent}\n")


def servers(home: Path) -> list[int]:
    """The processes that run a server for this window."""
    found = []
    for file in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            words = file.read_bytes().split(b"\0")
            state = (file.parent / "environ").read_bytes()
        except OSError:
            continue
        if b"--stdio" in words and f"HOME={home}".encode() in state.split(b"\0"):
            found.append(int(file.parent.name))
    return found


def test_without_a_python_it_says_what_is_missing_and_gets_nothing(vscode: VsCode, home: Path) -> None:
    (said,) = wait_until(vscode.notifications, "what is wrong")
    assert 'copilot-ls.server.python is "/nowhere/python"' in said
    assert "Try Again" in said
    assert not list(home.rglob("server-*"))


def test_it_is_installed_when_the_user_says_so_and_ghost_text_comes(
    vscode: VsCode, set_machine: Callable[[dict[str, str]], None]
) -> None:
    set_machine({})
    asked = wait_until(lambda: [each for each in vscode.notifications() if "Install it now?" in each], "the question")
    assert "MB of Python packages from" in asked[0]
    assert vscode.status() == "install"
    vscode.click(_TOAST, "Install")
    wait_until(lambda: [each for each in vscode.notifications() if "installing the server" in each], "the bar")
    wait_until(lambda: "embedded" in vscode.status(), "the server", 240)
    vscode.click(".editor-group-container.active .monaco-editor .view-lines")
    vscode.press("Control+End", "Enter")
    vscode.type("    def get_hookcallers(self, plu")
    wait_until(lambda: vscode.ghost_text().startswith("gin"), "the first ghost text")


def test_one_that_ends_once_is_started_again_without_a_word(vscode: VsCode, home: Path) -> None:
    vscode.press("Escape")
    (before,) = wait_until(lambda: servers(home), "the server's process")
    os.kill(before, signal.SIGKILL)
    wait_until(lambda: (now := servers(home)) and before not in now and "embedded" in vscode.status(), "another one")
    assert not [each for each in vscode.notifications() if "ended" in each]


def test_one_that_always_ends_is_left_alone_until_the_user_wants_it(
    vscode: VsCode, home: Path, set_machine: Callable[[dict[str, str]], None]
) -> None:
    program = home / "broken-server"
    program.write_text("#!/bin/sh\nexit 3\n")
    program.chmod(0o755)
    set_machine({"copilot-ls.server.command": str(program)})
    wait_until(lambda: vscode.status() == "restarting", "the wait before the next start")
    said = wait_until(lambda: [each for each in vscode.notifications() if "5 times" in each], "the last word", 90)
    assert "Show Log" in said[0]
    assert vscode.status() == "stopped"
    program.write_text(f'#!/bin/sh\nexec "{Path(sys.executable).parent / "copilot-ls"}" "$@"\n')
    vscode.click(_TOAST, "Restart")
    wait_until(lambda: "embedded" in vscode.status(), "the server")


def test_a_workspace_is_trusted_after_showing_what_it_sets(vscode: VsCode, home: Path) -> None:
    file = vscode.project / ".copilot-ls.toml"
    file.write_text('[backend.theirs]\nkind = "openai"\nurl = "http://127.0.0.1:9"\n')
    vscode.run("copilot-ls: Trust This Workspace")
    box = ".monaco-dialog-box"
    said = wait_until(lambda: vscode.texts(box), "the question")
    assert "backend.theirs = {" in said[0]
    assert "http://127.0.0.1:9" in said[0]
    vscode.click(f"{box} .monaco-button", "Trust")
    program = Path(sys.executable).parent / "copilot-ls"
    places = {f"COPILOT_LS_{kind}_DIR": str(home / kind.lower()) for kind in ("CONFIG", "STATE", "CACHE")}

    def trusted() -> list[str]:
        command = [program, "trust", "--list", "--json"]
        listed = subprocess.run(command, env=os.environ | places, capture_output=True, text=True, check=True)
        return json.loads(listed.stdout)["trusted"]

    wait_until(lambda: str(file) in trusted(), "it to be remembered")
    wait_until(lambda: "theirs" in vscode.status() or "gpt" in vscode.status(), "its backend in the status bar")


def test_a_program_that_is_not_there_is_named(vscode: VsCode, set_machine: Callable[[dict[str, str]], None]) -> None:
    set_machine({"copilot-ls.server.command": "/nowhere/copilot-ls"})
    said = wait_until(
        lambda: [each for each in vscode.notifications() if "there is no such program" in each], "the fault"
    )
    assert 'copilot-ls.server.command is "/nowhere/copilot-ls"' in said[0]
    assert vscode.status() == "stopped"
