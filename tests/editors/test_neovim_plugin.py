"""What the plug-in for Neovim adds to its own inline completion: keys that give way, commands, health, help, options."""

from __future__ import annotations

import json
import shutil
from typing import TYPE_CHECKING, Any

import pytest

from tests.editors.conftest import wait_until
from tests.editors.neovim import ROOT, Neovim
from tests.editors.test_neovim import FILE, TYPED, open_line

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    Start = Callable[[str], Neovim]
    Stats = Callable[[], dict[str, Any]]

NOTIFIED = """
_G.notified = {}
vim.notify = function(message) table.insert(_G.notified, message) end
"""


@pytest.fixture
def start(nvim_program: str, project: Path, environment: dict[str, str]) -> Iterator[Start]:
    """Start a Neovim whose user has this `init.lua`."""
    started: list[Neovim] = []

    def with_init(init: str) -> Neovim:
        started.append(Neovim(nvim_program, project, environment, init=init))
        return started[-1]

    yield with_init
    for editor in started:
        editor.quit()


def test_a_dismissed_suggestion_is_rejected_in_the_statistics(neovim: Neovim, stats: Stats) -> None:
    neovim.open(FILE)
    neovim.type("G")
    open_line(neovim, TYPED)
    neovim.wait_ghost_text()
    neovim.type("<C-]>")
    wait_until(lambda: neovim.ghost_text() is None, "the ghost text to go")
    assert neovim.line() == TYPED
    assert neovim.mode() == "i"
    counted = wait_until(lambda: (now := stats())["rejected"] and now, "the rejection in the statistics")
    assert (counted["rejected"], counted["accepted"]) == (1, 0)


def test_what_was_on_the_screen_for_a_while_is_reported_as_shown(neovim: Neovim, stats: Stats) -> None:
    neovim.open(FILE)
    neovim.nvim.exec_lua(
        """
        local client = vim.lsp.get_clients({ name = 'copilot_ls' })[1]
        local notify = client.notify
        _G.told = {}
        client.notify = function(self, method, params)
          if method == 'textDocument/didShowCompletion' then table.insert(_G.told, params.item.insertText) end
          return notify(self, method, params)
        end
        """
    )
    neovim.type("G")
    open_line(neovim, TYPED)
    ghost = neovim.wait_ghost_text()
    (told,) = wait_until(lambda: neovim.nvim.exec_lua("return _G.told"), "the report")
    assert told.endswith(ghost)
    wait_until(lambda: stats()["shown"] == 1, "the suggestion in the statistics")


def test_the_answer_to_an_older_question_does_not_take_a_newer_ones_place(neovim: Neovim) -> None:
    """The server answers a question that was superseded last, with nothing, where the newer one cost no time."""
    neovim.open(FILE)
    neovim.type("G")
    open_line(neovim, TYPED)
    ghost = neovim.wait_ghost_text()
    answer_nothing = """
        local request, completor = ..., require('copilot_ls.completor').of(0)
        local client = vim.lsp.get_clients({ name = 'copilot_ls' })[1]
        local params = vim.lsp.util.make_position_params(0, client.offset_encoding)
        completor:handler(nil, { items = {} }, { client_id = client.id, request_id = request, params = params })
    """
    neovim.nvim.exec_lua(answer_nothing, 0)
    assert neovim.ghost_text() == ghost
    neovim.nvim.exec_lua(answer_nothing, 1_000_000)
    assert neovim.ghost_text() is None


@pytest.mark.parametrize(
    ("mapping", "expected"),
    [
        ("vim.keymap.set('i', '<Tab>', 'mine')", "mine"),
        ("vim.keymap.set('i', '<Tab>', function() return 'mine' end, { expr = true })", "mine"),
        ("vim.keymap.set('i', '<Tab>', function() vim.api.nvim_put({ 'mine' }, 'c', false, true) end)", "mine"),
        ("vim.cmd([[inoremap <expr> <Tab> 'm' .. 'ine']])", "mine"),
        ("vim.cmd([[imap <Tab> x<Tab2>]]) vim.cmd([[inoremap <Tab2> y]])", "xy"),
        ("vim.o.expandtab = true", "  "),  # to the next stop of a Python file
    ],
)
def test_tab_is_what_the_user_made_it_where_nothing_is_shown(start: Start, mapping: str, expected: str) -> None:
    neovim = start(mapping)
    neovim.open(FILE)
    neovim.type("G")
    open_line(neovim, "zq")
    wait_until(lambda: neovim.line() == "zq", "the typed text")
    neovim.type("<Tab>")
    neovim.wait_line("zq" + expected)


def test_keys_are_the_user_s_to_choose(start: Start) -> None:
    neovim = start("vim.g.copilot_ls = { keymaps = { accept = '<C-y>', accept_word = false } } vim.o.expandtab = false")
    neovim.open(FILE)
    neovim.type("G")
    open_line(neovim, TYPED)
    ghost = neovim.wait_ghost_text()
    neovim.type("<C-y>")
    neovim.wait_line((TYPED + ghost).split("\n")[-1])
    mapped = "return { vim.fn.maparg('<C-Right>', 'i'), vim.fn.maparg('<Tab>', 'i', false, true).desc }"
    word, tab = neovim.nvim.exec_lua(mapped)
    assert word == ""
    assert "copilot-ls" not in tab


def test_a_wrong_option_is_one_clear_warning_and_the_others_apply(start: Start) -> None:
    neovim = start(NOTIFIED + "vim.g.copilot_ls = { quik = false, next_edit = 'no', keymaps = { accept = '<C-y>' } }")
    first, second = neovim.nvim.exec_lua("return _G.notified")
    assert 'next_edit is "no", but must be true or false' in first
    assert "quik is not known; there are" in second
    assert "accept" in neovim.nvim.exec_lua("return vim.fn.maparg('<C-y>', 'i', false, true).desc")


def test_nothing_starts_where_the_user_says_no(start: Start) -> None:
    neovim = start("vim.g.copilot_ls = false")
    neovim.nvim.command(f"edit {neovim.project / FILE}")
    assert neovim.nvim.exec_lua("return vim.lsp.is_enabled('copilot_ls')") is False
    neovim.nvim.exec_lua("require('copilot_ls').setup()")
    wait_until(lambda: neovim.nvim.exec_lua("return #vim.lsp.get_clients({ name = 'copilot_ls' })"), "the server")


def test_without_quick_neovim_asks_in_its_own_time(start: Start) -> None:
    neovim = start("vim.g.copilot_ls = { quick = false }")
    neovim.open(FILE)
    neovim.type("G")
    open_line(neovim, TYPED)
    neovim.wait_ghost_text()


def test_what_is_typed_while_the_server_starts_gets_ghost_text_without_another_key(start: Start) -> None:
    neovim = start("vim.o.autoindent = false vim.cmd('filetype indent off')")
    neovim.nvim.command(f"edit {neovim.project / FILE}")
    neovim.type("Go" + TYPED)
    neovim.wait_ghost_text()


def test_a_server_that_is_not_there_is_said_once(start: Start) -> None:
    neovim = start(NOTIFIED + "vim.g.copilot_ls = { cmd = { '/nowhere/copilot-ls', '--stdio' } }")
    neovim.nvim.command(f"edit {neovim.project / FILE}")
    (said,) = wait_until(lambda: neovim.nvim.exec_lua("return _G.notified"), "the message")
    assert '"/nowhere/copilot-ls"' in said
    assert "pipx install copilot-ls" in said
    neovim.nvim.command("new")
    neovim.nvim.command("setfiletype yaml")
    neovim.nvim.command("CopilotLs doctor")
    assert len(neovim.nvim.exec_lua("return _G.notified")) == 2


def test_the_server_of_the_plug_in_s_own_environment_needs_no_path(start: Start, tmp_path: Path) -> None:
    """The plug-in lies in a virtual environment that is on no PATH, and is linked from there."""
    environment = tmp_path / "environment"
    part = environment / "lib" / "python3" / "site-packages" / "copilot_ls" / "_editors" / "neovim"
    shutil.copytree(ROOT / "editors" / "neovim", part)
    (environment / "pyvenv.cfg").touch()
    (environment / "bin").mkdir()
    program = environment / "bin" / "copilot-ls"
    program.write_text("#!/bin/sh\n")
    program.chmod(0o755)
    linked = tmp_path / "linked"
    linked.symlink_to(part)
    neovim = start(f"vim.env.PATH = '/usr/bin:/bin' vim.opt.runtimepath:prepend('{linked}')")
    assert neovim.nvim.exec_lua("return require('copilot_ls.client').cmd()") == [str(program), "--stdio"]


def test_health_says_what_works(neovim: Neovim) -> None:
    neovim.open(FILE)
    neovim.nvim.command("checkhealth copilot_ls")
    said = "\n".join(neovim.lines())
    assert "ERROR" not in said
    assert "runs for" in said
    assert "embedded: works in this process" in said
    assert "13 work: bash" in said  # the grammars
    assert "record" in said  # the statistics
    assert "trust" in said


def test_health_says_what_took_a_key(start: Start) -> None:
    neovim = start("")
    neovim.nvim.exec_lua("vim.keymap.set('i', '<Tab>', 'x', { desc = 'a menu' })")
    neovim.nvim.command("checkhealth copilot_ls")
    said = "\n".join(neovim.lines())
    assert "<Tab> is mapped by a menu" in said
    assert "choose another key" in said


def test_commands_are_completed_and_what_is_none_is_named(neovim: Neovim) -> None:
    complete = neovim.nvim.funcs.getcompletion
    words = complete("CopilotLs ", "cmdline")
    assert {"explain", "fix", "stats", "dashboard", "toggle", "snooze", "status", "trust", "restart"} <= set(words)
    assert complete("CopilotLs st", "cmdline") == ["stats", "status"]
    neovim.nvim.exec_lua(NOTIFIED)
    neovim.nvim.command("CopilotLs nonsense")
    (said,) = neovim.nvim.exec_lua("return _G.notified")
    assert "nonsense is none of cancel, change" in said


def test_statistics_open_as_a_document(neovim: Neovim) -> None:
    neovim.open(FILE)
    neovim.nvim.command("CopilotLs stats")
    wait_until(lambda: "statistics" in neovim.nvim.current.buffer.name, "the statistics")


def test_doctor_runs_in_a_window(neovim: Neovim) -> None:
    neovim.open(FILE)
    neovim.nvim.command("CopilotLs doctor")
    wait_until(lambda: any("Everything that is configured works." in line for line in neovim.lines()), "the report")


def test_restart_starts_another_server(neovim: Neovim) -> None:
    neovim.open(FILE)
    identity = (
        "local c = vim.lsp.get_clients({ name = 'copilot_ls', bufnr = 0 })[1]; return c and c.initialized and c.id"
    )
    before = neovim.nvim.exec_lua(identity)
    neovim.nvim.command("CopilotLs restart")
    wait_until(lambda: (now := neovim.nvim.exec_lua(identity)) and now != before, "the other server")


def test_the_manual_is_found_and_its_tags_are_as_they_should_be(neovim: Neovim, tmp_path: Path) -> None:
    assert "copilot-ls" in neovim.nvim.funcs.getcompletion("copilot-ls", "help")
    doc = ROOT / "editors" / "neovim" / "doc"
    (tmp_path / "doc").mkdir()
    (tmp_path / "doc" / "copilot_ls.txt").write_bytes((doc / "copilot_ls.txt").read_bytes())
    neovim.nvim.command(f"helptags {tmp_path / 'doc'}")
    assert (doc / "tags").read_text() == (tmp_path / "doc" / "tags").read_text(), "run :helptags editors/neovim/doc"


def test_the_manual_tells_every_command_and_option(neovim: Neovim) -> None:
    manual = (ROOT / "editors" / "neovim" / "doc" / "copilot_ls.txt").read_text()
    for word in neovim.nvim.funcs.getcompletion("CopilotLs ", "cmdline"):
        assert f"CopilotLs {word}" in manual or f"CopilotLs [{word}]" in manual
    for option in neovim.nvim.exec_lua("return vim.tbl_keys(require('copilot_ls.options').current)"):
        assert f"`{option}`" in manual


def test_the_state_is_there_for_a_status_line(neovim: Neovim) -> None:
    assert neovim.nvim.exec_lua("return require('copilot_ls').status()") == ""
    neovim.open(FILE)
    wait_until(lambda: neovim.nvim.exec_lua("return require('copilot_ls').status()") == "copilot-ls", "the state")


def test_the_status_is_shown_in_a_float(neovim: Neovim) -> None:
    neovim.open(FILE)
    neovim.nvim.command("CopilotLs")
    shown = wait_until(
        lambda: (seen := "\n".join(neovim.lines())) and "backend embedded" in seen and seen, "the status"
    )
    assert "this file: python, served" in shown
    assert "today: 0 shown, 0 accepted, acceptance none yet" in shown
    neovim.type("q")
    wait_until(lambda: neovim.nvim.current.buffer.name.endswith("_manager.py"), "the file again")


def test_ghost_text_is_snoozed_and_comes_back(neovim: Neovim) -> None:
    neovim.open(FILE)
    status = "return require('copilot_ls').status()"
    neovim.nvim.command("CopilotLs snooze 5")
    wait_until(lambda: neovim.nvim.exec_lua(status) == "copilot-ls off", "the state to say so")
    neovim.nvim.command("CopilotLs resume")
    wait_until(lambda: neovim.nvim.exec_lua(status) == "copilot-ls", "the state to say so")
    neovim.type("G")
    open_line(neovim, TYPED)
    neovim.wait_ghost_text()


def test_ghost_text_is_switched_off_and_on(neovim: Neovim) -> None:
    neovim.open(FILE)
    neovim.nvim.exec_lua(NOTIFIED)
    neovim.nvim.command("CopilotLs toggle")
    wait_until(lambda: neovim.nvim.exec_lua("return _G.notified"), "the word")
    neovim.type("G")
    open_line(neovim, TYPED)
    status = "return require('copilot_ls').status()"
    wait_until(lambda: neovim.nvim.exec_lua(status) == "copilot-ls off", "the state to say so")
    assert neovim.ghost_text() is None
    neovim.nvim.command("CopilotLs toggle")
    neovim.type("<BS>" + TYPED[-1])
    neovim.wait_ghost_text()


def test_a_wrong_number_of_minutes_is_named(neovim: Neovim) -> None:
    neovim.open(FILE)
    neovim.nvim.exec_lua(NOTIFIED)
    neovim.nvim.command("CopilotLs snooze soon")
    (said,) = neovim.nvim.exec_lua("return _G.notified")
    assert "snooze soon: minutes must be a number above 0" in said


def test_other_candidates_are_asked_for_and_shown_in_turn(
    nvim_program: str, project: Path, environment: dict[str, str], tmp_path: Path
) -> None:
    config = tmp_path / "home" / "copilot_ls_config_dir"
    config.mkdir()
    script = tmp_path / "answers.json"
    script.write_text(json.dumps({"answers": [{"alternatives": ["gin_one = 1", "gin_two = 2"]}]}))
    (config / "config.toml").write_text(
        f'[backend.script]\nkind = "scripted"\noptions = {{ script = "{script}" }}\n[route]\ncompletion = ["script"]\n'
    )
    neovim = Neovim(nvim_program, project, environment)
    try:
        neovim.open(FILE)
        neovim.type("G")
        open_line(neovim, "zq_plu")
        first = neovim.wait_ghost_text()
        neovim.type("<M-]>")
        wait_until(lambda: (now := neovim.ghost_text()) and not now.startswith(first), "another candidate")
    finally:
        neovim.quit()
