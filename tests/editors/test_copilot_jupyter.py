"""The extension jupyter-copilot, as its registry has it, with `copilot-ls` as its command and nothing else changed."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.conftest import House
from tests.editors.conftest import HERE, wait_until

COMMAND = Path(sys.executable).with_name("copilot-ls")
TOTAL = [{"prefix": "total = $", "text": "price * quantity"}]


@pytest.fixture(scope="session")
def jupyter() -> Path:
    """An environment with the extension. Where none can be had, the tests fail: a skip would look like a success."""
    script = HERE / "install_jupyter_copilot.sh"
    environment = {**os.environ, "PYTHON": sys.executable}
    run = subprocess.run([script], capture_output=True, text=True, env=environment, timeout=400)
    if run.returncode:
        pytest.fail(f"there is no jupyter-copilot to test with: {run.stderr}", pytrace=False)
    return Path(run.stdout.strip().splitlines()[-1])


@pytest.fixture
def house(tmp_path: Path) -> House:
    return House(tmp_path)


class Page:
    """A running Jupyter Server, asked as its page asks."""

    def __init__(self, jupyter: Path, address: str) -> None:
        self._jupyter = jupyter
        self.address = address

    def completions(self, notebook: str, *place: int | str) -> list[dict[str, Any]]:
        driver = [self._jupyter / "bin" / "python", HERE / "jupyter_driver.py"]
        words = [self.address.replace("http", "ws", 1), notebook, *map(str, place)]
        run = subprocess.run([*driver, *words], capture_output=True, text=True, timeout=60)
        assert run.returncode == 0, run.stderr
        return json.loads(run.stdout)["completions"]

    def post(self, what: str) -> dict[str, Any]:
        request = urllib.request.Request(f"{self.address}/jupyter-copilot/{what}", data=b"", method="POST")
        with urllib.request.urlopen(request, timeout=30) as answer:
            return json.loads(answer.read())


@contextlib.contextmanager
def served(jupyter: Path, house: House) -> Iterator[Page]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    options = {
        "ServerApp.port": port,
        "ServerApp.ip": "127.0.0.1",
        "IdentityProvider.token": "",
        "ServerApp.password": "",
        "ServerApp.disable_check_xsrf": True,
        "ServerApp.allow_root": True,
        "ServerApp.open_browser": False,
        "ServerApp.jpserver_extensions": {"jupyter_copilot": True},
    }
    log = house.root / "jupyter.log"
    # The one thing that is changed: what the extension takes for node.
    environment = {**house.env, "HOME": str(house.root), "JUPYTER_COPILOT_NODE_PATH": str(COMMAND)}
    words = [f"--{name}={value}" for name, value in options.items()]
    with log.open("w") as output:
        process = subprocess.Popen(
            [jupyter / "bin" / "jupyter-server", *words],
            cwd=house.workspace,
            env=environment,
            stdout=output,
            stderr=output,
            start_new_session=True,
        )
    try:
        wait_until(lambda: f"127.0.0.1:{port}/" in log.read_text(), "Jupyter Server to listen")
        yield Page(jupyter, f"http://127.0.0.1:{port}")
    except BaseException as error:
        error.add_note(log.read_text()[-3000:])
        raise
    finally:
        # It never says goodbye to its language server, which ends with it.
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def notebook(house: House, *cells: str) -> str:
    content = {
        "cells": [
            {"cell_type": "code", "id": f"c{n}", "metadata": {}, "outputs": [], "execution_count": None, "source": cell}
            for n, cell in enumerate(cells)
        ],
        "metadata": {"kernelspec": {"name": "python3", "language": "python", "display_name": "Python 3"}},
        "nbformat": 4,
        "nbformat_minor": 5,
    }
    (house.workspace / "n.ipynb").write_text(json.dumps(content))
    return "n.ipynb"


def test_its_cells_are_completed_and_its_user_is_signed_in(jupyter: Path, house: House) -> None:
    house.script(TOTAL)
    name = notebook(house, "price_of_all = 3", "")
    with served(jupyter, house) as page:
        assert page.completions(name, 1, 0, 0) == []
        (completion,) = page.completions(name, 1, 0, 8, "total = ")
        assert (completion["text"], completion["displayText"]) == ("total = price * quantity", "price * quantity")
        # Cells stand in one document, with a line between them.
        assert completion["range"] == {"start": {"line": 2, "character": 0}, "end": {"line": 2, "character": 8}}
        assert page.post("login")["status"] == "AlreadySignedIn"
        assert page.post("signout")["status"] == "NotSignedIn"
