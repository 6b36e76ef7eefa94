"""The next edit in a real Neovim: drawn, gone to, made, undone, dismissed; asked of a scripted server, and of ours."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.editors.conftest import wait_until
from tests.editors.neovim import Neovim

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    Predict = Callable[..., None]

SERVER = Path(__file__).with_name("next_edit_server.py")
FILE = "src/pluggy/_manager.py"

_DRAWN = """
local namespace = vim.api.nvim_get_namespaces()['copilot_ls.next_edit']
local drawn = { added = '', deleted = '', hint = '' }
for _, mark in ipairs(namespace and vim.api.nvim_buf_get_extmarks(0, namespace, 0, -1, { details = true }) or {}) do
  local details = mark[4]
  if details.hl_group == 'CopilotLsDelete' then
    local lines = vim.api.nvim_buf_get_text(0, mark[2], mark[3], details.end_row, details.end_col, {})
    drawn.deleted = table.concat(lines, '\\n')
  end
  for _, chunk in ipairs(details.virt_text or {}) do
    local kind = chunk[2] == 'CopilotLsHint' and 'hint' or 'added'
    drawn[kind] = drawn[kind] .. chunk[1]
  end
  for _, line in ipairs(details.virt_lines or {}) do drawn.added = drawn.added .. line[1][1] .. '\\n' end
end
return drawn
"""


@pytest.fixture
def scripted(
    nvim_program: str, project: Path, environment: dict[str, str], tmp_path: Path
) -> Iterator[tuple[Neovim, Predict, Path]]:
    """A Neovim whose server predicts what it is told to, how it is told, and the record of what it heard."""
    folder = tmp_path / "script"
    folder.mkdir()
    command = [sys.executable, str(SERVER), str(folder), "--stdio"]
    init = f"vim.g.copilot_ls = {{ cmd = {{ {', '.join(map(repr, command))} }} }}"

    def predict(line: int, start: int, end: int, text: str, path: str = FILE) -> None:
        """From the next request on, replace columns of a line, lines counted from 0."""
        place = {"start": {"line": line, "character": start}, "end": {"line": line, "character": end}}
        edit = {"path": str(project / path), "range": place, "text": text}
        (folder / "edit.json").write_text(json.dumps(edit))

    editor = Neovim(nvim_program, project, environment, init=init)
    try:
        editor.open(FILE)
        yield editor, predict, folder / "heard.jsonl"
    finally:
        editor.quit()


def heard(record: Path, what: str) -> bool:
    return record.exists() and what in [json.loads(line) for line in record.read_text().splitlines()]


def drawn(neovim: Neovim) -> dict[str, Any]:
    return neovim.nvim.exec_lua(_DRAWN)


def wait_drawn(neovim: Neovim, kind: str, text: str) -> dict[str, Any]:
    wait_until(lambda: text in drawn(neovim)[kind], f"{text!r} drawn as {kind}")
    return drawn(neovim)


def go_to(neovim: Neovim, line: int) -> None:
    neovim.nvim.current.window.cursor = (line + 1, 0)


def test_an_edit_in_sight_is_drawn_made_where_the_cursor_goes_and_undone(
    scripted: tuple[Neovim, Predict, Path],
) -> None:
    neovim, predict, record = scripted
    line = neovim.lines().index("from . import _tracing")
    predict(line, 0, 22, "from . import _traces")
    go_to(neovim, line - 3)
    neovim.type("rF")
    shown = wait_drawn(neovim, "deleted", "_tracing")
    assert (shown["deleted"], shown["added"], shown["hint"]) == ("_tracing", "_traces", "")
    wait_until(lambda: heard(record, "shown id-1"), "the server to be told that it is shown")
    neovim.type("<Tab><Tab>")
    wait_until(lambda: neovim.lines()[line] == "from . import _traces", "the edit")
    neovim.type("u")
    wait_until(lambda: neovim.lines()[line] == "from . import _tracing", "the line as it was")


def test_the_key_goes_to_an_edit_out_of_sight_makes_it_and_one_undo_takes_it_back(
    scripted: tuple[Neovim, Predict, Path],
) -> None:
    neovim, predict, record = scripted
    lines = neovim.lines()
    line = next(n for n, text in enumerate(lines) if text.startswith("def _formatdef"))
    predict(line, 4, 14, "_signature_of")
    neovim.nvim.ui_attach(100, 30)
    go_to(neovim, 0)
    neovim.type("rF")
    wait_drawn(neovim, "hint", f"<Tab> goes to the next edit, line {line + 1}")
    neovim.type("<Tab>")
    wait_until(lambda: neovim.nvim.current.window.cursor[0] == line + 1, "the cursor there")
    assert neovim.lines()[line] == lines[line]
    neovim.type("<Tab>")
    made = lines[line].replace("_formatdef", "_signature_of")
    wait_until(lambda: neovim.lines()[line] == made, "the edit")
    wait_until(lambda: heard(record, "accepted id-1"), "the server to be told")
    neovim.type("u")
    wait_until(lambda: neovim.lines()[line] == lines[line], "the line as it was")
    assert neovim.lines()[0].startswith("F")


def test_a_dismissed_edit_is_gone_and_the_server_is_told(scripted: tuple[Neovim, Predict, Path]) -> None:
    neovim, predict, record = scripted
    predict(20, 0, 0, "import this\n")
    go_to(neovim, 18)
    neovim.type("rF")
    wait_drawn(neovim, "added", "import this")
    neovim.type("<C-]>")
    wait_until(lambda: heard(record, "rejected id-1"), "the server to be told")
    assert drawn(neovim) == {"added": "", "deleted": "", "hint": ""}


def test_an_edit_of_another_file_opens_it(scripted: tuple[Neovim, Predict, Path]) -> None:
    neovim, predict, record = scripted
    predict(0, 0, 0, "# here\n", path="src/pluggy/_result.py")
    go_to(neovim, 0)
    neovim.type("rF")
    wait_drawn(neovim, "hint", "_result.py:1")
    neovim.type("<Tab>")
    wait_until(lambda: neovim.nvim.current.buffer.name.endswith("_result.py"), "the other file")
    neovim.type("<Tab>")
    wait_until(lambda: neovim.lines()[0] == "# here", "the edit")
    wait_until(lambda: heard(record, "accepted id-1"), "the server to be told")


def test_typing_on_ends_it(scripted: tuple[Neovim, Predict, Path]) -> None:
    neovim, predict, _ = scripted
    predict(20, 0, 0, "import this\n")
    go_to(neovim, 18)
    neovim.type("rF")
    wait_drawn(neovim, "added", "import this")
    (Path(str(neovim.project)).parent / "script" / "edit.json").unlink()
    neovim.type("rG")
    wait_until(lambda: not drawn(neovim)["added"], "the edit to go")


def test_keys_are_what_they_were_where_no_edit_is_shown(scripted: tuple[Neovim, Predict, Path]) -> None:
    neovim, _, _ = scripted
    go_to(neovim, 5)
    neovim.type("10G")
    neovim.type("<C-o><Tab>")
    wait_until(lambda: neovim.nvim.current.window.cursor[0] == 10, "the jump list, as <Tab> has it in normal mode")


def test_our_server_offers_the_other_uses_of_a_renamed_variable(neovim: Neovim) -> None:
    (neovim.project / "total.py").write_text(
        "def total(prices, rate):\n    result = 0\n    for price in prices:\n"
        "        result += price * rate\n    return result\n"
    )
    neovim.open("total.py")
    neovim.nvim.current.window.cursor = (2, 4)
    neovim.type("cwamount<Esc>")
    wait_drawn(neovim, "deleted", "result")
    for _ in range(2):
        wait_until(lambda: drawn(neovim)["added"] or drawn(neovim)["hint"], "the next edit")
        neovim.type("<Tab>")
        wait_until(lambda: drawn(neovim)["deleted"] or "amount" in neovim.line(), "the cursor there")
        if "amount" not in neovim.line():
            neovim.type("<Tab>")
        wait_until(lambda: "amount" in neovim.line(), "the edit")
    assert neovim.lines()[1:] == [
        "    amount = 0",
        "    for price in prices:",
        "        amount += price * rate",
        "    return amount",
    ]
