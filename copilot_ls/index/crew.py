"""A second process beside the worker: while one takes files apart, the other writes what came of others.

A task is a function of this package that takes and returns plain data (what `marshal` knows). The helper gets work
ahead, enough for the time that a batch takes to be written, and whoever runs the tasks lends a hand when nothing has
come back yet, and takes work back when there is no other. A helper that cannot be started, or that
dies, costs time and nothing else: what it had is done here. It ends when its input closes, so it never outlives the
worker.
Called by `indexing` and `parsing`; made by `worker`.
"""

from __future__ import annotations

import contextlib
import gc
import marshal
import os
import queue
import subprocess
import sys
import threading
from importlib import import_module
from typing import TYPE_CHECKING, Any, Self

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from types import TracebackType
    from typing import IO

# Pieces of work that lie ahead of the helper: some megabytes, which take it as long as writing a batch takes the other.
_AHEAD = 32
# What a pipe holds, where the system lets that be said: some results, so that the helper need not wait to be heard.
_PIPE_BYTES = 1024 * 1024
# Seconds after which a thread that passes on what has come may run: in the usual ones the helper does a quarter of a
# piece, and it would wait that long for every pipeful.
_SWITCH_S = 0.0005
_FAREWELL_S = 2.0
_LENGTH_BYTES = 8


class Crew:
    """Those who work on one pass: this process, and with `helper` one more, which starts when there is work for it."""

    def __init__(self, *, helper: bool = True) -> None:
        self._wants_helper = helper and (os.cpu_count() or 1) > 1
        self._process: subprocess.Popen[bytes] | None = None
        self._results: queue.SimpleQueue[bytes | None] = queue.SimpleQueue()
        self._work: queue.SimpleQueue[tuple[int, bytes] | None] = queue.SimpleQueue()
        self._threads: list[threading.Thread] = []
        self._usual_switch_s = sys.getswitchinterval()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """End the helper."""
        process, self._process = self._process, None
        self._wants_helper = False
        if process is None:
            return
        self._work.put(None)
        process.terminate()
        try:
            process.wait(_FAREWELL_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        for thread in self._threads:
            thread.join(_FAREWELL_S)
        sys.setswitchinterval(self._usual_switch_s)
        process.stdout.close()  # type: ignore[union-attr]  # it is a pipe

    def run(self, task: str, pieces: Iterable[tuple[Any, ...]]) -> Iterator[Any]:
        """The results of `task` (`module:function`) for each tuple of arguments, in no certain order.

        The first piece is done here: it is often the only one, and not worth a process.
        """
        work = iter(pieces)
        given: dict[int, tuple[Any, ...]] = {}
        number = 0
        for first in work:
            yield perform(task, first)
            break
        while True:
            while len(given) < _AHEAD and (piece := next(work, None)) is not None:
                if not self._give(number, task, piece):
                    yield perform(task, piece)
                    continue
                given[number] = piece
                number += 1
            if not given:
                return
            result = self._taken(wait=False)
            if result is None:
                if (own := self._taken_back(given) or next(work, None)) is not None:
                    yield perform(task, own)
                    continue
                result = self._taken(wait=True)
            if result:
                done, value = marshal.loads(result)  # noqa: S302 -- from our own process
                del given[done]
                yield value
                continue
            self.close()  # it died
            self._results, self._work = queue.SimpleQueue(), queue.SimpleQueue()
            for piece in given.values():
                yield perform(task, piece)
            given = {}

    def _give(self, number: int, task: str, piece: tuple[Any, ...]) -> bool:
        if self._process is None and self._wants_helper:
            self._start()
        if self._process is None:
            return False
        self._work.put((number, marshal.dumps((number, task, piece))))
        return True

    def _taken_back(self, given: dict[int, tuple[Any, ...]]) -> tuple[Any, ...] | None:
        """A piece that the helper has not begun, to be done here."""
        try:
            waiting = self._work.get_nowait()
        except queue.Empty:
            return None
        return None if waiting is None else given.pop(waiting[0])

    def _taken(self, *, wait: bool) -> bytes | None:
        """A result; empty when the helper has died, None when there is none yet."""
        try:
            return self._results.get(block=wait) or b""
        except queue.Empty:
            return None

    def _start(self) -> None:
        self._wants_helper = False
        try:
            self._process = subprocess.Popen(
                [sys.executable, "-P", "-m", "copilot_ls.index.crew"],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
            )
        except OSError:
            return
        _widen(self._process.stdin, self._process.stdout)
        sys.setswitchinterval(_SWITCH_S)
        # A piece is more than a pipe holds: to wait until the helper has taken it would be to work by turns.
        self._threads = [
            threading.Thread(target=_feed, args=(self._process.stdin, self._work), daemon=True),
            threading.Thread(target=_collect, args=(self._process.stdout, self._results), daemon=True),
        ]
        for thread in self._threads:
            thread.start()


def perform(task: str, arguments: tuple[Any, ...]) -> Any:  # noqa: ANN401 -- as the task has it
    """Run one task here."""
    module, _, name = task.partition(":")
    return getattr(import_module(f"copilot_ls.index.{module}"), name)(*arguments)


def _widen(*pipes: IO[bytes] | None) -> None:
    with contextlib.suppress(ImportError, AttributeError, OSError):
        import fcntl

        for pipe in pipes:
            fcntl.fcntl(pipe, fcntl.F_SETPIPE_SZ, _PIPE_BYTES)  # type: ignore[arg-type]  # both are pipes


def _feed(stream: IO[bytes], work: queue.SimpleQueue[tuple[int, bytes] | None]) -> None:
    # What cannot be written was meant for one that has died, which `_collect` tells of.
    with contextlib.suppress(OSError), stream:
        while (piece := work.get()) is not None:
            _write(stream, piece[1])


def _collect(stream: IO[bytes], results: queue.SimpleQueue[bytes | None]) -> None:
    with contextlib.suppress(OSError, ValueError):
        while (result := _read(stream)) is not None:
            results.put(result)
    results.put(None)


def _write(stream: IO[bytes], data: bytes) -> None:
    stream.write(len(data).to_bytes(_LENGTH_BYTES, "little"))
    stream.write(data)
    stream.flush()


def _read(stream: IO[bytes]) -> bytes | None:
    head = stream.read(_LENGTH_BYTES)
    if len(head) < _LENGTH_BYTES:
        return None
    length = int.from_bytes(head, "little")
    data = stream.read(length)
    return data if len(data) == length else None


def main() -> None:
    """Do what comes in, until nothing comes any more."""
    gc.disable()
    with contextlib.suppress(OSError, KeyboardInterrupt):
        while (asked := _read(sys.stdin.buffer)) is not None:
            number, task, arguments = marshal.loads(asked)  # noqa: S302 -- from our own process
            _write(sys.stdout.buffer, marshal.dumps((number, perform(task, arguments))))


if __name__ == "__main__":
    main()
