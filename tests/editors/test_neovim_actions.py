"""Explain and fix in a real Neovim, as editors/neovim/README.md sets it up: the float, the bar, cancelling, one undo."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from tests.editors.conftest import wait_until

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.editors.neovim import Neovim

    Record = Callable[[str], list[dict[str, Any]]]

FILE = "src/pluggy/_manager.py"
_DIAGNOSE = """
local line, column, word, message, source, code = ...
local namespace = vim.api.nvim_create_namespace('the linter')
vim.diagnostic.set(namespace, 0, {{
  lnum = line, col = column, end_lnum = line, end_col = column + #word,
  message = message, source = source, code = code, severity = 1,
}})
"""
_FLOAT = """
for _, winid in ipairs(vim.api.nvim_list_wins()) do
  if vim.api.nvim_win_get_config(winid).relative ~= '' then
    local bufnr = vim.api.nvim_win_get_buf(winid)
    local lines = vim.api.nvim_buf_get_lines(bufnr, 0, -1, false)
    return { text = table.concat(lines, '\\n'), filetype = vim.bo[bufnr].filetype, modifiable = vim.bo[bufnr].modifiable }
  end
end
"""
_WATCH_PROGRESS = """
_G.progress = {}
vim.api.nvim_create_autocmd('LspProgress', { callback = function(args)
  table.insert(_G.progress, args.data.params.value)
end })
"""


@pytest.fixture
def record(environment: dict[str, str], tmp_path: Path) -> Record:
    """A model that says two words and then nothing more; what happened to it. To be asked for before `neovim`."""
    config, events = tmp_path / "home" / "copilot_ls_config_dir", tmp_path / "record.jsonl"
    config.mkdir()
    script = tmp_path / "answers.json"
    script.write_text(json.dumps({"answers": [{"message": ".", "chunks": ["It ", "hooks"], "hang": True}]}))
    (config / "config.toml").write_text(
        '[backend.script]\nkind = "scripted"\n'
        f'options = {{ script = "{script}", record = "{events}" }}\n'
        '[route]\ncompletion = ["embedded"]\nexplain = ["script"]\nfix = ["script"]\n'
    )

    def happened(event: str) -> list[dict[str, Any]]:
        if not events.exists():
            return []
        return [each for each in map(json.loads, events.read_text().splitlines()) if each["event"] == event]

    return happened


def go_to(neovim: Neovim, text: str) -> None:
    """Put the cursor on the first line that begins with `text`."""
    line = next(n for n, line in enumerate(neovim.lines(), 1) if line.startswith(text))
    neovim.nvim.current.window.cursor = (line, len(text) - len(text.lstrip()))


def floating(neovim: Neovim) -> dict[str, Any] | None:
    return neovim.nvim.exec_lua(_FLOAT)


def misspell(neovim: Neovim) -> list[str]:
    """Misspell a name, with the diagnostic that Ruff has for it; the lines before the fix."""
    neovim.nvim.command("set noswapfile")
    lines = neovim.lines()
    at = next(n for n, line in enumerate(lines) if "DistFacade(dist)" in line)
    wrong = lines[at].replace("DistFacade(", "DistFacad(")
    neovim.nvim.current.buffer[at] = wrong
    neovim.nvim.current.window.cursor = (at + 1, wrong.index("DistFacad("))
    message = "Undefined name `DistFacad`"
    neovim.nvim.exec_lua(_DIAGNOSE, at, wrong.index("DistFacad("), "DistFacad", message, "Ruff", "F821")
    return neovim.lines()


def test_explain_opens_a_float_with_what_is_known(neovim: Neovim) -> None:
    neovim.open(FILE)
    go_to(neovim, "    def get_plugins")
    neovim.type(":CopilotLs explain<CR>")
    shown = wait_until(lambda: (seen := floating(neovim)) and "get_plugins" in seen["text"] and seen, "the explanation")
    assert shown["filetype"] == "markdown"
    assert shown["modifiable"] is False
    neovim.type("q")
    wait_until(lambda: floating(neovim) is None, "the float to close")


def test_an_explanation_grows_with_a_bar_and_ends_when_it_is_cancelled(record: Record, neovim: Neovim) -> None:
    neovim.open(FILE)
    neovim.nvim.exec_lua(_WATCH_PROGRESS)
    go_to(neovim, "    def get_plugins")
    neovim.type(":CopilotLs explain<CR>")
    wait_until(lambda: "It hooks" in (floating(neovim) or {"text": ""})["text"], "the model's words")
    begun = wait_until(lambda: neovim.nvim.exec_lua("return _G.progress"), "the bar")[0]
    assert (begun["kind"], begun["title"], begun["cancellable"]) == ("begin", "Explain", True)
    assert not record("cancelled")
    neovim.nvim.command("CopilotLs cancel")
    wait_until(lambda: neovim.nvim.exec_lua("return _G.progress")[-1]["kind"] == "end", "the bar to go")
    wait_until(lambda: record("cancelled"), "the model to be told")


def test_closing_the_float_ends_the_explanation(record: Record, neovim: Neovim) -> None:
    neovim.open(FILE)
    go_to(neovim, "    def get_plugins")
    neovim.type(":CopilotLs explain<CR>")
    wait_until(lambda: "It hooks" in (floating(neovim) or {"text": ""})["text"], "the model's words")
    neovim.type("q")
    wait_until(lambda: record("cancelled"), "the model to be told")
    assert floating(neovim) is None


def test_a_fix_is_confirmed_applied_and_undone_in_one_step(neovim: Neovim) -> None:
    neovim.open(FILE)
    right = neovim.lines()
    wrong = misspell(neovim)
    assert wrong != right
    neovim.nvim.command("let &undolevels = &undolevels")  # what follows is undone apart
    wait_until(lambda: offered(neovim), "the diagnostic to be known")
    neovim.confirm_edits(answer=True)
    neovim.type(":CopilotLs fix<CR>")
    wait_until(lambda: neovim.lines() == right, "the fix")
    (asked,) = neovim.confirmations()
    assert "'DistFacade'" in asked
    assert "verified" in asked
    neovim.type("<Esc>u")
    wait_until(lambda: neovim.lines() == wrong, "the buffer as it was")


def test_a_fix_that_is_declined_changes_nothing_and_the_server_knows(neovim: Neovim) -> None:
    neovim.open(FILE)
    wrong = misspell(neovim)
    wait_until(lambda: offered(neovim), "the diagnostic to be known")
    neovim.confirm_edits(answer=False)
    neovim.type(":CopilotLs fix<CR>")
    wait_until(lambda: "declined in the editor" in neovim.messages(), "the server's word")
    assert neovim.lines() == wrong


def test_a_code_action_is_resolved_and_applied(neovim: Neovim) -> None:
    neovim.open(FILE)
    right = neovim.lines()
    misspell(neovim)
    wait_until(lambda: offered(neovim), "the diagnostic to be known")
    neovim.confirm_edits(answer=True)
    neovim.nvim.exec_lua(
        "vim.lsp.buf.code_action({ apply = true, filter = function(a) return vim.startswith(a.title, 'Fix: ') end })"
    )
    wait_until(lambda: neovim.lines() == right, "the fix")


def test_a_wish_is_asked_for_and_reaches_the_model(record: Record, neovim: Neovim) -> None:
    neovim.open(FILE)
    go_to(neovim, "    def get_plugins")
    neovim.type(":CopilotLs change<CR>")
    neovim.type("return a sorted list<CR>")
    asked = wait_until(lambda: record("asked"), "the model to be asked")
    assert "return a sorted list" in json.dumps(asked)
    neovim.nvim.command("CopilotLs cancel")
    wait_until(lambda: record("cancelled"), "the model to be told")


def offered(neovim: Neovim) -> bool:
    """Whether the server offers a fix at the cursor."""
    answers = neovim.nvim.exec_lua(
        """
        local client = vim.lsp.get_clients({ name = 'copilot_ls' })[1]
        local params = vim.lsp.util.make_range_params(0, client.offset_encoding)
        params.context = { diagnostics = {}, triggerKind = 1 }
        return vim.tbl_values(vim.lsp.buf_request_sync(0, 'textDocument/codeAction', params, 5000))
        """
    )
    return any(action["title"].startswith("Fix: ") for answer in answers for action in answer["result"] or [])
