"""The main job in a real Neovim: type, see ghost text, accept it, find the acceptance in the statistics.

Nothing is configured but what editors/neovim/README.md tells users to copy. The project is a real one. Lines are typed that
begin like a line of the open file, which the embedded backend can be relied on to know.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.editors.conftest import wait_until

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.editors.neovim import Neovim

    Stats = Callable[[], dict[str, Any]]

FILE = "src/pluggy/_manager.py"
# The end of this line occurs once in the file; typed again, it can be meant alone.
LINE = "    def get_hookcallers(self, plugin: _Plugin) -> list[HookCaller] | None:"
TYPED = "    def get_hookcallers(self, plu"
REST = LINE.removeprefix(TYPED)  # ghost text is this, or as much of it as the backend is sure of


@pytest.fixture
def at_end_of_file(neovim: Neovim) -> Neovim:
    """The file open, the cursor behind its last line, in normal mode."""
    neovim.open(FILE)
    assert LINE in neovim.lines()
    neovim.type("G")
    return neovim


def open_line(neovim: Neovim, text: str) -> None:
    """Begin a new line below, without the editor's own indentation, and type `text`."""
    neovim.nvim.command("setlocal noautoindent nosmartindent indentexpr= nocindent")
    neovim.type("o" + text.replace("<", "<lt>"))


def test_ghost_text_is_seen_and_accepted_and_counted(at_end_of_file: Neovim, stats: Stats) -> None:
    neovim = at_end_of_file
    before = neovim.lines()
    open_line(neovim, TYPED)
    ghost = neovim.wait_ghost_text()
    assert REST.startswith(ghost.split("\n")[0])
    neovim.type("<Tab>")
    neovim.wait_line((TYPED + ghost).split("\n")[-1])
    assert neovim.lines() == [*before, *(TYPED + ghost).split("\n")]
    assert list(neovim.nvim.current.window.cursor) == [len(neovim.lines()), len(neovim.line())]
    assert neovim.mode() == "i"
    counted = wait_until(lambda: (now := stats())["accepted"] and now, "the acceptance in the statistics")
    assert (counted["accepted"], counted["shown"], counted["rejected"], counted["typed"]) == (1, 1, 0, 0)


def test_ghost_text_shrinks_as_it_is_typed_and_counts_once(at_end_of_file: Neovim, stats: Stats) -> None:
    neovim = at_end_of_file
    open_line(neovim, TYPED)
    ghost = neovim.wait_ghost_text()
    for typed in range(1, 4):
        neovim.type(ghost[typed - 1])
        neovim.wait_ghost_text(ghost[typed:])
    neovim.type("<Tab>")
    neovim.wait_line((TYPED + ghost).split("\n")[-1])
    counted = wait_until(lambda: (now := stats())["accepted"] and now, "the acceptance in the statistics")
    assert (counted["shown"], counted["accepted"], counted["typed"]) == (1, 1, 0)


def test_typing_on_and_accepting_at_once_doubles_nothing(at_end_of_file: Neovim) -> None:
    """Neovim has not asked again yet when the key comes, and the range that it holds is out of date."""
    neovim = at_end_of_file
    open_line(neovim, TYPED)
    ghost = neovim.wait_ghost_text()
    neovim.type(ghost[:3] + "<Tab>")
    neovim.wait_line((TYPED + ghost).split("\n")[-1])


def test_after_typing_another_way_tab_is_a_tab_at_once(at_end_of_file: Neovim) -> None:
    """Neovim still shows the ghost text that no longer fits."""
    neovim = at_end_of_file
    neovim.nvim.command("setlocal noexpandtab softtabstop=0")
    open_line(neovim, TYPED)
    neovim.wait_ghost_text()
    neovim.type("zq<Tab>")
    neovim.wait_line(TYPED + "zq\t")


def test_escape_dismisses_and_changes_nothing(at_end_of_file: Neovim, stats: Stats) -> None:
    neovim = at_end_of_file
    before = neovim.lines()
    open_line(neovim, TYPED)
    neovim.wait_ghost_text()
    neovim.type("<Esc>")
    wait_until(lambda: neovim.ghost_text() is None, "the ghost text to go")
    assert neovim.lines() == [*before, TYPED]
    neovim.type("A")
    neovim.wait_ghost_text()
    assert stats()["accepted"] == 0


def test_undo_takes_an_acceptance_back_and_the_server_follows(at_end_of_file: Neovim) -> None:
    neovim = at_end_of_file
    before = neovim.lines()
    open_line(neovim, TYPED)
    ghost = neovim.wait_ghost_text()
    neovim.type("<Tab>")
    neovim.wait_line((TYPED + ghost).split("\n")[-1])
    neovim.type("<Esc>u")
    wait_until(lambda: neovim.lines() == before, "the buffer as it was")
    open_line(neovim, TYPED)
    assert REST.startswith(neovim.wait_ghost_text().split("\n")[0])


def test_tab_is_a_tab_where_there_is_no_ghost_text(at_end_of_file: Neovim) -> None:
    neovim = at_end_of_file
    neovim.nvim.command("setlocal noexpandtab softtabstop=0")
    open_line(neovim, "zq")
    wait_until(lambda: neovim.line() == "zq", "the typed text")
    assert neovim.ghost_text() is None
    neovim.type("<Tab>")
    neovim.wait_line("zq\t")


def test_a_word_is_accepted_alone_and_the_rest_stays_offered(at_end_of_file: Neovim, stats: Stats) -> None:
    neovim = at_end_of_file
    typed = TYPED.removesuffix("lu")  # three letters at once might be a fast typist's
    open_line(neovim, typed)
    assert ("lu" + REST).startswith(neovim.wait_ghost_text().split("\n")[0])
    neovim.type("<C-Right>")
    neovim.wait_line(typed + "lugin")
    wait_until(lambda: (neovim.ghost_text() or "").startswith(": _Plugin"), "the rest of the ghost text")
    wait_until(lambda: stats()["shown"], "the suggestion in the statistics")
    neovim.type("<Esc>:%bwipeout!<CR>")
    counted = wait_until(
        lambda: (now := stats())["partially_accepted"] and now, "the partial acceptance in the statistics"
    )
    assert (counted["partially_accepted"], counted["accepted"]) == (1, 0)


def test_text_beyond_ascii_moves_nothing(at_end_of_file: Neovim) -> None:
    neovim = at_end_of_file
    whole = 'größe_der_naïven_menge = "äöü😀" + berechne_die_summe(über_alle_elemente)'
    open_line(neovim, whole)
    neovim.wait_line(whole)
    neovim.type("<Esc>")
    typed = whole[: whole.index("die_summe")]
    open_line(neovim, typed)
    ghost = neovim.wait_ghost_text()
    assert whole.startswith((typed + ghost).split("\n")[0])
    neovim.type("<Tab>")
    neovim.wait_line((typed + ghost).split("\n")[-1])


@pytest.fixture
def server_pid(environment: dict[str, str], tmp_path: Path) -> Callable[[], int]:
    """The id of the server's process. Must be asked for before `neovim`, as it stands before the server on PATH."""
    folder, pid_file = tmp_path / "bin", tmp_path / "pid"
    folder.mkdir()
    program = Path(sys.executable).parent / "copilot-ls"
    (folder / "copilot-ls").write_text(f'#!/bin/sh\necho $$ > {pid_file}\nexec {program} "$@"\n')
    (folder / "copilot-ls").chmod(0o755)
    environment["PATH"] = f"{folder}{os.pathsep}{environment['PATH']}"
    return lambda: int(pid_file.read_text())


@pytest.mark.parametrize("end", ["quit", "kill"])
def test_the_server_ends_with_the_editor(server_pid: Callable[[], int], neovim: Neovim, end: str) -> None:
    neovim.open(FILE)
    server = server_pid()
    assert is_alive(server)
    if end == "kill":
        os.kill(neovim.nvim.funcs.getpid(), signal.SIGKILL)
    else:
        neovim.quit()
    wait_until(lambda: not is_alive(server), "the server to end", timeout=10)


def is_alive(pid: int) -> bool:
    """Whether a process runs; one that has ended and was not waited for does not."""
    state = subprocess.run(["ps", "-o", "stat=", "-p", str(pid)], capture_output=True, text=True).stdout.strip()
    return bool(state) and not state.startswith("Z")
