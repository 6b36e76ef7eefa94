"""From a key to its ghost text, measured in a real Neovim: from the key being fed to the redraw that shows the text.

The same lines of a file of a thousand lines, in a workspace of 60,000, are typed again in three editors by turns: with the
plug-in and copilot-ls (embedded backend, nothing configured), with the plug-in and a bare pygls server, and with Neovim's own
inline completion and that bare server. What counts is the redraw from which on the text is what it was when the next key came:
a text that is shown at once and then replaced is late. Keys that end without ghost text have no time; how many had is a row.

    make bench-editors
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import time
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

from tests.bench.table import Row, quantile
from tests.editors.neovim import Neovim

if TYPE_CHECKING:
    from collections.abc import Iterator

PACKAGES = ("_pytest", "hypothesis", "pygments", "mypy", "pip", "pygls", "anthropic")
N_LINES = 60_000
FILE_LINES = 1_000
N_KEYS = 150
# Between two keys: long enough for Neovim's own 200 ms and an answer.
KEY_EVERY_S = 0.35
BARE = Path(__file__).with_name("bare_ghost_server.py")

_WATCH = """
_G.redraws = {}
local log = vim.api.nvim_create_namespace('the bench')
vim.api.nvim_set_decoration_provider(log, { on_end = function()
  local namespace = vim.api.nvim_get_namespaces()['nvim.lsp.inline_completion']
  local marks = namespace and vim.api.nvim_buf_get_extmarks(0, namespace, 0, -1, { details = true }) or {}
  local text = ''
  if marks[1] then
    for _, chunk in ipairs(marks[1][4].virt_text or {}) do text = text .. chunk[1] end
    for _, line in ipairs(marks[1][4].virt_lines or {}) do text = text .. '\\n' .. (line[1] and line[1][1] or '') end
  end
  table.insert(_G.redraws, { vim.uv.hrtime(), text })
end })
"""
_PRESS = """
_G.redraws = {}
_G.pressed = vim.uv.hrtime()
vim.api.nvim_input(...)
"""
_SEEN = """
local seen = {}
for _, each in ipairs(_G.redraws) do table.insert(seen, { (each[1] - _G.pressed) / 1e6, each[2] }) end
return seen
"""
_PIDS = """
local pids = { vim.fn.getpid() }
for _, child in ipairs(vim.api.nvim_get_proc_children(vim.fn.getpid())) do table.insert(pids, child) end
return pids
"""


def rows() -> list[Row]:
    """The measurement; needs a Neovim (`make neovim`)."""
    with tempfile.TemporaryDirectory(prefix="copilot-ls-bench-") as folder:
        root = Path(folder)
        project, file = _workspace(root / "project")
        bare = f"cmd = {{ '{sys.executable}', '{BARE}' }}"
        inits = {
            "copilot-ls": "",
            "bare server, asked at once": f"vim.g.copilot_ls = {{ {bare} }}",
            "bare server, as Neovim asks": f"vim.g.copilot_ls = {{ {bare}, quick = false, keymaps = false }}",
        }
        editors = {name: _Typist(root / str(n), project, init) for n, (name, init) in enumerate(inits.items())}
        try:
            for editor in editors.values():
                editor.open(file)
            for line, text in _lines_to_type(file):
                for editor in editors.values():
                    editor.type_again(line, text)
            return _rows(editors)
        finally:
            for editor in editors.values():
                editor.neovim.quit()


def _rows(editors: dict[str, _Typist]) -> list[Row]:
    ours = editors["copilot-ls"]
    table = []
    for name, editor in editors.items():
        if editor is ours:
            continue
        for what, share, bound in (("p50", 0.5, 50.0), ("p95", 0.95, 120.0)):
            measure = f"Neovim, key to ghost text, {what}"
            figures = (quantile(ours.times, share), quantile(editor.times, share))
            table.append(Row(measure, figures[0], baseline=figures[1], at_most=bound, note=f"beside {name}"))
        table.append(
            Row("processor time of a key, server", ours.cost(1), baseline=editor.cost(1), note=f"beside {name}")
        )
        table.append(
            Row("processor time of a key, Neovim", ours.cost(0), baseline=editor.cost(0), note=f"beside {name}")
        )
    for what, share in (("p50", 0.5), ("p95", 0.95)):
        table.append(Row(f"ghost text that is not the rest of what was shown, {what}", quantile(ours.new, share)))
    shown = 100 * len(ours.times) / max(ours.n_keys, 1)
    table.append(Row(f"of {ours.n_keys} keys have ghost text", shown, unit="%"))
    table.append(Row("of these, the rest of what was shown", 100 * (1 - len(ours.new) / len(ours.times)), unit="%"))
    return table


class _Typist:
    """One editor in which lines are typed again, and how long each key's ghost text took."""

    def __init__(self, home: Path, project: Path, init: str) -> None:
        home.mkdir()
        folders = ("XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_STATE_HOME", "XDG_CACHE_HOME")
        ours = ("COPILOT_LS_CONFIG_DIR", "COPILOT_LS_STATE_DIR", "COPILOT_LS_CACHE_DIR")
        path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
        environment = {"HOME": str(home), "PATH": path} | {name: str(home / name.lower()) for name in (*folders, *ours)}
        self.neovim = Neovim(_program(), project, environment, init=init)
        self.neovim.nvim.ui_attach(120, 40, rgb=True)
        self.times: list[float] = []
        # Those of `times` whose text is not the rest of the text before the key.
        self.new: list[float] = []
        self._before = ""
        self.n_keys = 0
        self._spent = [0.0, 0.0]

    def open(self, file: Path) -> None:
        self.neovim.open(str(file))
        self.neovim.nvim.command("setlocal noautoindent nosmartindent indentexpr= nocindent noswapfile")
        self.neovim.nvim.exec_lua(_WATCH)
        time.sleep(8)  # the index is made meanwhile, as it is before anybody types much
        self.neovim.nvim.exec_lua(_SEEN.replace("_G.pressed", "0"))

    def type_again(self, line: int, text: str) -> None:
        """Take the line away, and type it again at its place."""
        nvim = self.neovim.nvim
        nvim.input("<Esc>")
        nvim.api.buf_set_lines(0, line, line + 1, False, [""])
        nvim.current.window.cursor = (line + 1, 0)
        indentation = len(text) - len(text.lstrip())
        nvim.input("i" + " " * indentation)
        time.sleep(KEY_EVERY_S)
        pids = nvim.exec_lua(_PIDS)
        before = [_spent_ms(pid) for pid in pids[:2]]
        for key in text[indentation:]:
            nvim.exec_lua(_PRESS, key.replace("<", "<lt>"))
            time.sleep(KEY_EVERY_S)
            self._count(key, nvim.exec_lua(_SEEN))
        self._spent = [a + _spent_ms(pid) - b for a, pid, b in zip(self._spent, pids[:2], before, strict=True)]
        nvim.input("<Esc>")
        nvim.api.buf_set_lines(0, line, line + 1, False, [text])

    def _count(self, key: str, redraws: list[tuple[float, str]]) -> None:
        self.n_keys += 1
        before, self._before = self._before, redraws[-1][1] if redraws else ""
        final = self._before
        if not final:
            return
        since = redraws[-1][0]
        for at, text in reversed(redraws):
            if text != final:
                break
            since = at
        self.times.append(since)
        if before != key + final:
            self.new.append(since)

    def cost(self, which: int) -> float:
        """Milliseconds of processor time per key, of Neovim (0) or the server (1)."""
        return self._spent[which] / max(self.n_keys, 1)


def _spent_ms(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) * 1000 / os.sysconf("SC_CLK_TCK")


def _program() -> str:
    script = Path(__file__).parents[1] / "editors" / "install_neovim.sh"
    return subprocess.run([script], check=True, capture_output=True, text=True).stdout.strip().splitlines()[-1]


def _workspace(root: Path) -> tuple[Path, Path]:
    """Real packages until there are lines enough, and the file of theirs that is nearest to a thousand lines."""
    lengths: dict[Path, int] = {}
    for name in PACKAGES:
        if sum(lengths.values()) >= N_LINES:
            break
        source = Path(import_module(name).__file__ or "").parent
        shutil.copytree(source, root / name, ignore=shutil.ignore_patterns("__pycache__", "*.so", "typeshed"))
        for file in (root / name).rglob("*.py"):
            lengths[file] = file.read_bytes().count(b"\n")
    (root / ".git").mkdir()
    return root, min(lengths, key=lambda file: (abs(lengths[file] - FILE_LINES), str(file)))


def _lines_to_type(file: Path) -> Iterator[tuple[int, str]]:
    """Lines of code from all over the file, as many as there are keys for."""
    lines = file.read_text("utf-8").split("\n")
    candidates = [
        (number, line)
        for number, line in enumerate(lines)
        if 12 <= len(line.strip()) <= 40 and line.strip()[0].isalpha() and line.isascii()
    ]
    left = N_KEYS
    for number, line in candidates[:: max(len(candidates) * 25 // N_KEYS, 1)]:
        if left <= 0:
            return
        left -= len(line.strip())
        yield number, line
