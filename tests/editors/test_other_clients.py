"""Editors that are not run here: their settings are read as what they say they are, and the server answers their clients.

Their capabilities are put together from what the clients' sources declare: none has inline completion.
"""

from __future__ import annotations

import json
import re
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest

from tests.lsp_client import LspClient, edit

EDITORS = Path(__file__).parents[2] / "editors"
SERVER = [Path(sys.executable).parent / "copilot-ls", "--stdio"]

_ACTIONS = {"codeActionLiteralSupport": {"codeActionKind": {"valueSet": ["", "quickfix", "refactor"]}}}
CLIENTS: dict[str, dict[str, Any]] = {
    "vim-lsp": {
        "textDocument": {"completion": {"completionItem": {"snippetSupport": False}}, "codeAction": _ACTIONS},
        "workspace": {"applyEdit": True, "configuration": True},
    },
    "yegappan-lsp": {
        "textDocument": {"completion": {"contextSupport": True}, "codeAction": {**_ACTIONS, "disabledSupport": True}},
        "general": {"positionEncodings": ["utf-32", "utf-16"]},
        "workspace": {"applyEdit": True, "workspaceEdit": {"resourceOperations": ["rename", "create", "delete"]}},
    },
    "coc": {
        "textDocument": {
            "completion": {"contextSupport": True, "insertReplaceSupport": True},
            "codeAction": {**_ACTIONS, "dataSupport": True, "resolveSupport": {"properties": ["edit"]}},
        },
        "workspace": {"applyEdit": True, "configuration": True, "workspaceEdit": {"documentChanges": True}},
        "window": {"workDoneProgress": True, "showDocument": {"support": True}},
    },
    "sublime-lsp": {
        "textDocument": {"completion": {"completionItem": {"insertReplaceSupport": True}}, "codeAction": _ACTIONS},
        "workspace": {"applyEdit": True, "workspaceFolders": True},
        "window": {"workDoneProgress": True, "showDocument": {"support": True}},
    },
    "lsp4ij": {"textDocument": {"completion": {}, "codeAction": _ACTIONS}, "workspace": {"applyEdit": True}},
    "kate": {"textDocument": {"completion": {}, "codeAction": _ACTIONS}, "workspace": {"applyEdit": True}},
    "kakoune-lsp": {
        "textDocument": {"completion": {"completionItem": {"snippetSupport": True}}, "codeAction": _ACTIONS},
        "general": {"positionEncodings": ["utf-8", "utf-16"]},
        "workspace": {"applyEdit": True},
    },
    "one that says nothing": {},
}
TEXT = """\
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


@pytest.mark.parametrize("client", CLIENTS)
async def test_the_server_answers_what_a_client_of_a_menu_asks(client: str, tmp_path: Path) -> None:
    file = tmp_path / "orders.py"
    file.write_text(TEXT)
    async with LspClient.start(SERVER) as editor:
        await editor.initialize(root=tmp_path, capabilities=CLIENTS[client])
        assert "completionProvider" in editor.server_capabilities
        editor.open(file, TEXT)
        line = TEXT.count("\n")
        editor.change(file, 2, [edit((line, 0), (line, 0), TYPED)])
        place = {"textDocument": {"uri": file.as_uri()}, "position": {"line": line, "character": len(TYPED)}}
        answer = await editor.request("textDocument/completion", place)
        items = answer["items"] if isinstance(answer, dict) else answer
        assert any("customer" in json.dumps(item) for item in items)
        context = {"diagnostics": [], "triggerKind": 1}
        whole = {"start": {"line": 0, "character": 0}, "end": {"line": 1, "character": 10}}
        actions = await editor.request("textDocument/codeAction", {**place, "range": whole, "context": context})
        assert any("Explain" in action["title"] for action in actions)


@pytest.mark.parametrize("page", sorted(EDITORS.glob("*/README.md")), ids=lambda page: page.parent.name)
def test_settings_on_the_pages_are_what_they_say(page: Path) -> None:
    for kind, block in re.findall(r"```(\w+)\n(.*?)```", page.read_text("utf-8"), re.DOTALL):
        if kind == "json":
            assert json.loads(block)
        elif kind == "toml":
            assert tomllib.loads(block)
