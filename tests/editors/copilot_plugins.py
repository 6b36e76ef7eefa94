"""Plugins for Neovim that were made for GitHub's language server, unchanged but for the command that they start.

No package registry has them, and none of their code is in this repository: check them out beside one another and run

    COPILOT_LS_TEST_PLUGINS=FOLDER pytest tests/editors/copilot_plugins.py

with FOLDER/copilot.lua, FOLDER/copilot.vim or both. What they send is replayed in `tests/e2e/test_copilot_protocol.py`,
which runs everywhere.
"""

from __future__ import annotations

import contextlib
import os
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any, ClassVar

import pynvim
import pytest

from tests.e2e.conftest import House
from tests.editors.conftest import wait_until

PLUGINS = Path(os.environ.get("COPILOT_LS_TEST_PLUGINS", "plugins"))
COMMAND = Path(sys.executable).with_name("copilot-ls")
ANSWERS = [
    {"prefix": "total = $", "text": "price * quantity"},
    {"prefix": r"def area.*\n    $", "alternatives": ["result = w * h\n    return result", "return w * h"]},
    {"prefix": "é = 𝒳 . $", "text": "𝒴 + other"},
]
STORY = ("shown", "partially_accepted", "accepted", "rejected")


class Plugin:
    """A Neovim with one plugin, and its ghost text. `setup` is what the plugin's README has, with our command."""

    name: str
    namespace: str
    keys: ClassVar[dict[str, str]]
    setup: str
    is_ready: str

    def __init__(self, program: str, house: House) -> None:
        self._gone = False
        variables = [f"{key}={value}" for key, value in house.env.items() if key.startswith("COPILOT_LS_")]
        own = [f"{key}={house.root}" for key in ("HOME", "XDG_CONFIG_HOME", "XDG_STATE_HOME")]
        words = ["env", *variables, *own, program, "--embed", "--headless", "-u", "NONE", "-i", "NONE", "-n"]
        self.nvim = pynvim.attach("child", argv=words)
        for command in (
            f"cd {house.workspace}",
            f"set rtp^={PLUGINS / self.name} cmdheight=9",
            "filetype on",
            *self.setup.format(command=COMMAND).strip().splitlines(),
            "edit new.py",
        ):
            self.nvim.command(command)
        # What is typed before is not asked about until the cursor moves.
        wait_until(lambda: self.nvim.eval(self.is_ready), "the plugin to be ready")

    def ghost_text(self) -> str | None:
        marks = self.nvim.exec_lua(
            "local id = vim.api.nvim_create_namespace(...)\n"
            "return vim.api.nvim_buf_get_extmarks(0, id, 0, -1, { details = true })",
            self.namespace,
        )
        if not marks:
            return None
        lines = [marks[0][3].get("virt_text", []), *marks[0][3].get("virt_lines", [])]
        return "\n".join("".join(text for text, *_ in line if not text.startswith("(")).rstrip() for line in lines)

    def wait(self, ghost_text: str | None) -> None:
        seen: list[Any] = []

        def as_expected() -> bool:
            seen[:] = [self.ghost_text()]
            return seen[0] == ghost_text

        try:
            wait_until(as_expected, f"ghost text {ghost_text!r}")
        except AssertionError as error:
            error.add_note(f"last seen {seen}; {self.nvim.exec_lua('return vim.fn.execute([[messages]])')}")
            raise

    def press(self, keys: str) -> None:
        self.nvim.input(self.keys.get(keys, keys))

    def wait_line(self, text: str) -> None:
        wait_until(lambda: self.nvim.current.line == text, f"the line {text!r}")

    def quit(self) -> None:
        if self._gone:
            return
        self._gone = True
        with contextlib.suppress(OSError, EOFError):
            self.nvim.command("qall!", async_=False)
        self.nvim.close()


class CopilotLua(Plugin):
    name, namespace = "copilot.lua", "copilot.suggestion"
    keys: ClassVar = {"accept": "<M-l>", "word": "<M-w>", "next": "<M-]>", "dismiss": "<C-]>"}
    is_ready = """luaeval("require'copilot.client'.initialized")"""
    setup = """
runtime plugin/copilot.lua
lua require('copilot').setup({{ server = {{ type = 'binary', custom_server_filepath = '{command}' }}, suggestion = {{ auto_trigger = true, keymap = {{ accept_word = '<M-w>' }} }} }})
"""


class CopilotVim(Plugin):
    name, namespace = "copilot.vim", "github-copilot"
    keys: ClassVar = {"accept": "<Tab>", "word": "<M-Right>", "next": "<M-]>", "dismiss": "<C-]>"}
    is_ready = "copilot#Agent().StartupError() == ''"
    setup = """
let g:copilot_agent_command = '{command}'
let g:copilot_command = ['{command}', '--stdio']
runtime plugin/copilot.vim
doautocmd VimEnter
"""


@pytest.fixture(params=[CopilotLua, CopilotVim], ids=lambda plugin: plugin.name)
def plugin(request: pytest.FixtureRequest, nvim_program: str, tmp_path: Path) -> Iterator[tuple[Plugin, House]]:
    if not (PLUGINS / request.param.name).is_dir():
        pytest.skip(f"there is no {PLUGINS / request.param.name}")
    house = House(tmp_path)
    house.script(ANSWERS)
    made = request.param(nvim_program, house)
    try:
        yield made, house
    finally:
        made.quit()


def told(house: House) -> Counter[tuple[str, int | None]]:
    """What the record says became of suggestions so far, and how often."""
    from copilot_ls_telemetry.store import StoreError, reading

    try:
        with reading(house.root / "state" / "telemetry.db") as connection:
            rows = connection.execute("SELECT event, accepted_length FROM events").fetchall()
    except StoreError:
        rows = []  # nothing has been written so far
    return Counter((row["event"], row["accepted_length"]) for row in rows if row["event"] in STORY)


def test_the_whole_story(plugin: tuple[Plugin, House]) -> None:
    editor, house = plugin
    # By the word, and then the rest.
    editor.press("itotal = ")
    editor.wait("price * quantity")
    editor.press("word")
    wait_until(lambda: editor.nvim.current.line.startswith("total = price"), "a word")
    rest = "total = price * quantity".removeprefix(editor.nvim.current.line)
    editor.wait(rest)
    editor.press("accept")
    editor.wait_line("total = price * quantity")
    # Several lines, the next of them, and no thanks.
    editor.press("<CR>def area(w, h):<CR>    ")
    editor.wait("result = w * h\n    return result")
    editor.press("next")
    editor.wait("return w * h")
    editor.press("dismiss")
    editor.wait(None)
    # Columns are neither bytes nor code points.
    editor.press("<Esc>ccé = 𝒳 + ")
    editor.wait("𝒴 + other")
    editor.press("accept")
    editor.wait_line("    é = 𝒳 + 𝒴 + other")
    # Neovim tells of changes a moment later.
    wait_until(lambda: told(house)[("accepted", 9)], "the record")
    editor.quit()
    word = len("price * quantity") - len(rest)
    assert told(house) == {
        ("shown", None): 4,
        ("partially_accepted", word): 1,
        ("accepted", 16): 1,
        ("rejected", None): 2,
        ("accepted", 9): 1,
    }


def test_its_user_is_signed_in_and_is_told_so(plugin: tuple[Plugin, House]) -> None:
    editor, _ = plugin
    editor.press("itotal = ")
    editor.wait("price * quantity")
    editor.press("<Esc>")
    said = ""

    def ready() -> bool:
        nonlocal said
        said = editor.nvim.command_output("Copilot status") + editor.nvim.command_output("messages")
        return "Online" in said or "Copilot: Ready" in said

    wait_until(ready, "the status")
    assert "Not authenticated" not in said
