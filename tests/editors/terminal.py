"""A program in a terminal of its own: what it draws is kept as a screen, keys are typed as a person's terminal sends them."""

from __future__ import annotations

import contextlib
import fcntl
import os
import pty
import select
import signal
import struct
import termios
import time
from typing import TYPE_CHECKING

import pyte

from tests.editors.conftest import wait_until

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

ESCAPE, ENTER, TAB = "\x1b", "\r", "\t"


class _Screen(pyte.Screen):
    """Answers what programs ask of a terminal: where the cursor is, and what it is."""

    answers: list[str]

    def write_process_input(self, data: str) -> None:
        self.answers.append(data)

    # pyte hands over what is private to a terminal's maker as if it were the standard's.

    def report_device_status(self, mode: int, *, private: bool = False) -> None:
        if not private:
            super().report_device_status(mode)

    def select_graphic_rendition(self, *attributes: int, private: bool = False) -> None:
        if not private:
            super().select_graphic_rendition(*attributes)


class Terminal:
    """One program. `close` ends it, whatever it is doing."""

    def __init__(
        self,
        argv: Sequence[str | Path],
        *,
        cwd: Path,
        environment: Mapping[str, str],
        columns: int = 110,
        rows: int = 36,
    ) -> None:
        self._screen = _Screen(columns, rows)
        self._screen.answers = []
        self._stream = pyte.ByteStream(self._screen)
        words = [str(word) for word in argv]
        # Everything the child needs is made before the fork.
        variables = {**os.environ, **environment, "TERM": "xterm-256color", "LANG": "C.UTF-8", "COLORTERM": "truecolor"}
        self._pid, self._terminal = pty.fork()
        if self._pid == 0:
            os.chdir(cwd)
            os.execvpe(words[0], words, variables)
        fcntl.ioctl(self._terminal, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))

    def type(self, keys: str) -> None:
        """Press keys."""
        self._read()
        os.write(self._terminal, keys.encode())

    def type_slowly(self, keys: str, pause_s: float = 0.03) -> None:
        """Press keys one by one, as a person does: some programs take a burst for pasted text."""
        for key in keys:
            self.type(key)
            self._read(pause_s)

    def lines(self) -> list[str]:
        """The screen as it is now, without blanks at the ends of lines."""
        self._read()
        return [line.rstrip() for line in self._screen.display]

    def text(self) -> str:
        """The screen as one text."""
        return "\n".join(self.lines())

    def cursor_line(self) -> str:
        """The line of the screen that the cursor is on."""
        lines = self.lines()
        return lines[min(self._screen.cursor.y, len(lines) - 1)]

    def colours_at(self, text: str) -> set[str]:
        """The foreground colours in which a text is drawn where it is first seen."""
        for row, line in enumerate(self._screen.display):
            column = line.find(text)
            if column >= 0:
                return {self._screen.buffer[row][column + n].fg for n in range(len(text)) if text[n] != " "}
        return set()

    def rows_above_on_other_ground(self, text: str) -> int:
        """How many rows above a text are drawn on another background than the first row of the screen: those of its menu."""
        self._read()
        row, column = next((row, line.find(text)) for row, line in enumerate(self._screen.display) if text in line)
        ground = self._screen.buffer[0][column].bg
        above = 0
        while row - above > 0 and self._screen.buffer[row - above - 1][column].bg != ground:
            above += 1
        return above

    def wait_text(self, *texts: str, timeout: float = 60) -> str:
        """Wait until all of these can be seen at once; the screen."""
        return self._wait(lambda screen: all(text in screen for text in texts), " and ".join(map(repr, texts)), timeout)

    def wait_gone(self, text: str, timeout: float = 60) -> str:
        """Wait until this can no longer be seen; the screen."""
        return self._wait(lambda screen: text not in screen, f"{text!r} to go", timeout)

    def _wait(self, holds: Callable[[str], bool], what: str, timeout: float) -> str:
        screens: list[str] = []

        def there() -> bool:
            screens[:] = [self.text()]
            return holds(screens[0])

        try:
            wait_until(there, what, timeout)
        except AssertionError as error:
            error.add_note(f"the screen:\n{screens[0]}")
            raise
        return screens[0]

    def close(self) -> None:
        """End it."""
        with contextlib.suppress(ProcessLookupError):
            os.kill(self._pid, signal.SIGKILL)
        with contextlib.suppress(ChildProcessError):
            os.waitpid(self._pid, 0)
        with contextlib.suppress(OSError):
            os.close(self._terminal)

    def _read(self, pause_s: float = 0.0) -> None:
        """Take in what has been drawn, for as long as `pause_s`, at least what is there."""
        end = time.monotonic() + pause_s
        while True:
            wait = max(end - time.monotonic(), 0)
            ready, _, _ = select.select([self._terminal], [], [], wait)
            if not ready:
                return
            try:
                drawn = os.read(self._terminal, 65536)
            except OSError:  # the program has ended
                return
            if not drawn:
                return
            self._stream.feed(drawn)
            for answer in self._screen.answers:
                os.write(self._terminal, answer.encode())
            self._screen.answers.clear()
