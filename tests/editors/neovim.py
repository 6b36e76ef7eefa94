"""A real Neovim without a screen, driven over its own RPC, and the questions that tests ask of it."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
from pathlib import Path

import pynvim

from tests.editors.conftest import wait_until

ROOT = Path(__file__).parents[2]
README = ROOT / "editors" / "neovim" / "README.md"

# The ghost text as it is on the screen, with where it begins; None when there is none.
_GHOST_TEXT = """
local namespace = vim.api.nvim_get_namespaces()['nvim.lsp.inline_completion']
local marks = namespace and vim.api.nvim_buf_get_extmarks(0, namespace, 0, -1, { details = true }) or {}
if #marks == 0 then return nil end
local text = ''
for _, chunk in ipairs(marks[1][4].virt_text or {}) do text = text .. chunk[1] end
for _, line in ipairs(marks[1][4].virt_lines or {}) do
  text = text .. '\\n'
  for _, chunk in ipairs(line) do text = text .. chunk[1] end
end
return { marks[1][2], marks[1][3], text }
"""
_CONFIRM = """
local answer = ...
_G.asked = {}
vim.fn.confirm = function(message)
  table.insert(_G.asked, message)
  return answer
end
"""
_READY = "local c = vim.lsp.get_clients({ name = 'copilot_ls', bufnr = 0 })[1]; return c and c.initialized or false"


class Neovim:
    """One editor, without any configuration: the plug-in is installed as README.md tells users to, and starts by itself.

    `init` is what a user's own `init.lua` would say.
    """

    def __init__(self, program: str, project: Path, environment: dict[str, str], *, init: str = "") -> None:
        self.project = project
        self._gone = False
        install_plugin(environment)
        config = Path(environment["XDG_CONFIG_HOME"]) / "nvim"
        config.mkdir(parents=True, exist_ok=True)
        (config / "init.lua").write_text(init, "utf-8")
        variables = [f"{name}={value}" for name, value in environment.items()]
        self.nvim = pynvim.attach(
            "child", argv=["env", *variables, program, "--embed", "--headless", "-i", "NONE", "-n"]
        )
        self.nvim.command(f"cd {project}")

    def open(self, name: str) -> None:
        """Edit a file of the project, and wait until the server has shaken hands."""
        self.nvim.command(f"edit {self.project / name}")
        wait_until(lambda: self.nvim.exec_lua(_READY), "the server to be initialized")

    def type(self, keys: str) -> None:
        """Press keys, in Neovim's notation."""
        rest = keys
        while rest:
            taken = self.nvim.input(rest)
            rest = rest.encode()[taken:].decode()

    def lines(self) -> list[str]:
        """The buffer."""
        return self.nvim.current.buffer[:]

    def line(self) -> str:
        """The line that the cursor is on."""
        return self.nvim.current.line

    def mode(self) -> str:
        """`n`, `i`, …"""
        return self.nvim.api.get_mode()["mode"]

    def ghost_text(self) -> str | None:
        """The ghost text on the screen."""
        mark = self.nvim.exec_lua(_GHOST_TEXT)
        return mark[2] if mark else None

    def wait_ghost_text(self, expected: str | None = None) -> str:
        """Wait for ghost text, or for this ghost text."""
        seen: list[str | None] = []

        def there() -> str | None:
            seen[:] = [self.ghost_text()]
            return seen[0] if expected is None or seen[0] == expected else None

        try:
            return wait_until(there, f"ghost text {expected!r}" if expected else "ghost text") or ""
        except AssertionError as error:
            error.add_note(f"last seen: {seen}; line: {self.line()!r}; {self.messages()}")
            raise

    def wait_line(self, expected: str) -> None:
        """Wait until the cursor's line reads so."""
        try:
            wait_until(lambda: self.line() == expected, f"the line {expected!r}")
        except AssertionError as error:
            error.add_note(f"it reads {self.line()!r}")
            raise

    def messages(self) -> str:
        """What Neovim has to say, and the end of its log of language servers."""
        log = Path(self.nvim.exec_lua("return vim.lsp.log.get_filename()"))
        tail = log.read_text("utf-8", "replace")[-2000:] if log.exists() else ""
        return f"messages: {self.nvim.exec_lua('return vim.fn.execute([[messages]])')}\n{tail}"

    def confirm_edits(self, *, answer: bool) -> None:
        """Answer Neovim's questions whether an edit is to be made: without a screen, it takes its own default."""
        self.nvim.exec_lua(_CONFIRM, 1 if answer else 2)

    def confirmations(self) -> list[str]:
        """What it has asked so far."""
        return self.nvim.exec_lua("return _G.asked")

    def quit(self) -> None:
        """End the editor as a user does, so that the server is told. A second time does nothing."""
        if self._gone:
            return
        self._gone = True
        with contextlib.suppress(OSError, EOFError):
            self.nvim.command("qall!", async_=False)
        self.nvim.close()


def install_plugin(environment: dict[str, str]) -> None:
    """What README.md tells users to do."""
    assert "\ncopilot-ls editor neovim --install\n" in README.read_text("utf-8")
    command = [Path(sys.executable).parent / "copilot-ls", "editor", "neovim", "--install"]
    subprocess.run(command, env=os.environ | environment, check=True, capture_output=True)
