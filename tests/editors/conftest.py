"""What the tests of real editors share: the editor itself, a real project, and statistics of their own."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import time
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.editors.neovim import Neovim

T = TypeVar("T")
HERE = Path(__file__).parent


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark the tests of this folder. They run in one worker: each has an editor and a server of its own already."""
    for item in items:
        if HERE in item.path.parents:
            item.add_marker(pytest.mark.editor)


@pytest.fixture(scope="session")
def nvim_program() -> str:
    """The Neovim to drive. Where there is none and none can be had, the tests fail: a skip would look like a success."""
    script = HERE / "install_neovim.sh"
    run = subprocess.run([script], capture_output=True, text=True, stdin=subprocess.DEVNULL, timeout=170)
    if run.returncode:
        pytest.fail(
            f"there is no Neovim to test with: {run.stderr}(leave these tests out with -m 'not editor')", pytrace=False
        )
    return run.stdout.strip().splitlines()[-1]


@pytest.fixture(scope="session")
def vscode_folder() -> Path:
    """The VS Code to drive. Where there is none and none can be had, the tests fail: a skip would look like a success."""
    script = HERE / "install_vscode.sh"
    run = subprocess.run([script], capture_output=True, text=True, stdin=subprocess.DEVNULL, timeout=900)
    if run.returncode:
        pytest.fail(
            f"there is no VS Code to test with: {run.stderr[-2000:]}(leave these tests out with -m 'not editor')",
            pytrace=False,
        )
    return Path(run.stdout.strip().splitlines()[-1])


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A copy of a real project, small and pinned by the lock: pluggy, as it is installed, under version control."""
    root = tmp_path / "project"
    source = Path(import_module("pluggy").__file__ or "").parent
    shutil.copytree(source, root / "src" / "pluggy", ignore=shutil.ignore_patterns("__pycache__"))
    subprocess.run(["git", "init", "-q", root], check=True)
    return root


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    """Variables that keep editor and server out of the user's own files."""
    home = tmp_path / "home"
    home.mkdir()
    folders = ("XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_STATE_HOME", "XDG_CACHE_HOME")
    ours = ("COPILOT_LS_CONFIG_DIR", "COPILOT_LS_STATE_DIR", "COPILOT_LS_CACHE_DIR")
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    return {"HOME": str(home), "PATH": path} | {name: str(home / name.lower()) for name in (*folders, *ours)}


@pytest.fixture
def stats(environment: dict[str, str]) -> Callable[[], dict[str, Any]]:
    """What `copilot-ls stats --json` says, asked in a process of its own while the server runs."""

    def ask() -> dict[str, Any]:
        command = [Path(sys.executable).parent / "copilot-ls", "stats", "--json"]
        said = subprocess.run(command, env=os.environ | environment, capture_output=True, text=True)
        assert said.returncode == 0, f"stats: {said.stdout}{said.stderr}"
        return json.loads(said.stdout)

    return ask


@pytest.fixture
def neovim(nvim_program: str, project: Path, environment: dict[str, str]) -> Iterator[Neovim]:
    """A Neovim in the project, set up as editors/neovim/README.md says and no further."""
    from tests.editors.neovim import Neovim

    editor = Neovim(nvim_program, project, environment)
    try:
        yield editor
    finally:
        editor.quit()


def installed_editor(name: str) -> Path:
    """Emacs, Helix or Vim. Where there is none and none can be had, the tests fail: a skip would look like a success."""
    script = HERE / "install_terminal_editor.sh"
    run = subprocess.run([script, name], capture_output=True, text=True, stdin=subprocess.DEVNULL, timeout=600)
    if run.returncode:
        pytest.fail(
            f"there is no {name} to test with: {run.stderr[-2000:]}(leave these tests out with -m 'not editor')",
            pytrace=False,
        )
    return Path(run.stdout.strip().splitlines()[-1])


def wait_until(condition: Callable[[], T], what: str, timeout: float = 60) -> T:
    """Ask again until `condition` says something true, and return that."""
    end = time.monotonic() + timeout
    while not (answer := condition()):
        if time.monotonic() > end:
            raise AssertionError(f"waited {timeout} s in vain for {what}")
        time.sleep(0.02)
    return answer
