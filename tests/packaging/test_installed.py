"""The main job, run from what was installed: ghost text over stdio, accepted, and found in the statistics.

Nothing of the repository is importable here: the working folder is elsewhere and so is the interpreter.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import TYPE_CHECKING

from tests.lsp_client import LspClient, edit

if TYPE_CHECKING:
    from tests.packaging.conftest import Environment

SOURCE = """\
def place(order, clock):
    order.placed_at = clock.now()
    notify_customer(order.customer, template="placed", number=order.number)


def ship(order, clock):
    order.shipped_at = clock.now()
    notify_customer(order.customer, template="shipped", number=order.number)


def refund(order, clock):
    order.refunded_at = clock.now()
"""
TYPED = "    notify_customer(order.cus"


def test_the_command_says_its_version(installed: Environment) -> None:
    from copilot_ls import __version__

    assert installed.run("copilot-ls", "--version").strip() == f"copilot-ls {__version__}"


def test_dependencies_agree_and_every_backend_can_be_loaded(installed: Environment) -> None:
    installed.run("python", "-m", "pip", "check")
    code = "from importlib.metadata import entry_points as e; print(*[(p.name, p.load()) and p.name for p in e(group='copilot_ls.backends')])"
    assert set(installed.run("python", "-c", code).split()) >= {"embedded", "openai", "llama_cpp", "ollama", "scripted"}


def test_nothing_of_the_repository_leaks_into_a_user_s_environment(installed: Environment) -> None:
    if installed.home.name.startswith("editable"):
        return  # the repository's own folders are on the path there, by nature
    code = "import importlib.util as u; print([n for n in ('tests', 'grammars', 'telemetry', 'editors') if u.find_spec(n)])"
    assert installed.run("python", "-c", code).strip() == "[]"


def test_the_editors_parts_come_along(installed: Environment) -> None:
    assert "copilot-ls editor neovim --install" in installed.run("copilot-ls", "editor")
    part = Path(installed.run("copilot-ls", "editor", "neovim", "--path").strip())
    assert (part / "plugin" / "copilot_ls.lua").exists()
    assert "# Helix" in installed.run("copilot-ls", "editor", "helix")


async def test_ghost_text_is_offered_accepted_and_counted(installed: Environment) -> None:
    workspace = installed.home / "workspace"
    workspace.mkdir()
    file: Path = workspace / "orders.py"
    file.write_text(SOURCE)
    line = SOURCE.count("\n")
    inherited = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("PYTHON", "VIRTUAL_ENV", "COPILOT_LS"))
    }
    command = [installed.bin / "copilot-ls", "--stdio"]
    async with LspClient.start(command, env=inherited | installed.variables, cwd=installed.home) as client:
        await client.initialize(root=workspace)
        client.open(file, SOURCE)
        client.change(file, 2, [edit((line, 0), (line, 0), TYPED)])
        (item, *_) = await client.inline_completion(file, line, len(TYPED))
        start, end = item["range"]["start"]["character"], item["range"]["end"]["character"]
        completed = TYPED[:start] + item["insertText"] + TYPED[end:]
        assert completed.startswith(TYPED + "tomer")
        client.change(file, 3, [{"range": item["range"], "text": item["insertText"]}])
        await client.execute(item["command"])
    stats = json.loads(installed.run("copilot-ls", "stats", "--json"))
    assert (stats["shown"], stats["accepted"]) == (1, 1)
