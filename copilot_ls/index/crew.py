"""A second process beside the worker: while one takes files apart, the other writes what came of others.

A task is a function of this package that takes and returns plain data (what `marshal` knows). The helper gets work
ahead, and whoever runs the tasks lends a hand when nothing has come back yet. A helper that cannot be started, or that
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

# Pieces of work that lie ahead of the helper: one under its hands, one that waits.
_AHEAD = 2
_FAREWELL_S = 2.0
_LENGTH_BYTES = 8


class Crew:
    """Those who work on one pass: this process, and with `helper` one more, which starts when there is work for it."""

    def __init__(self, *, helper: bool = True) -> None:
        self._wants_helper = helper and (os.cpu_count() or 1) > 1
        self._process: subprocess.Popen[bytes] | None = None
        self._results: queue.SimpleQueue[bytes | None] = queue.SimpleQueue()
        self._listener: threading.Thread | None = None

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
        with contextlib.suppress(OSError):
            process.stdin.close()  # type: ignore[union-attr]  # it is a pipe
        process.terminate()
        try:
            process.wait(_FAREWELL_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        if self._listener is not None:
            self._listener.join(_FAREWELL_S)
        process.stdout.close()  # type: ignore[union-attr]  # it is a pipe

    def run(self, task: str, pieces: Iterable[tuple[Any, ...]]) -> Iterator[Any]:
        """The results of `task` (`module:function`) for each tuple of arguments, in no certain order.

        The first piece is done here: it is often the only one, and not worth a process.
        """
        work = iter(pieces)
        given: list[tuple[Any, ...]] = []
        for first in work:
            yield perform(task, first)
            break
        while True:
            while len(given) < _AHEAD and (piece := next(work, None)) is not None:
                if not self._give(task, piece):
                    yield perform(task, piece)
                    continue
                given.append(piece)
            if not given:
                return
            result = self._taken(wait=False)
            if result is None:
                if (piece := next(work, None)) is not None:
                    yield perform(task, piece)
                    continue
                result = self._taken(wait=True)
            if result:
                given.pop(0)
                yield marshal.loads(result)  # noqa: S302 -- from our own process
                continue
            self.close()  # it died
            self._results = queue.SimpleQueue()
            for piece in given:
                yield perform(task, piece)
            given = []

    def _give(self, task: str, piece: tuple[Any, ...]) -> bool:
        if self._process is None and self._wants_helper:
            self._start()
        if self._process is None:
            return False
        try:
            _write(self._process.stdin, marshal.dumps((task, piece)))  # type: ignore[arg-type]  # it is a pipe
        except OSError:
            self.close()
            return False
        return True

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
        told = (self._process.stdout, self._results)
        self._listener = threading.Thread(target=_collect, args=told, daemon=True)
        self._listener.start()


def perform(task: str, arguments: tuple[Any, ...]) -> Any:  # noqa: ANN401 -- as the task has it
    """Run one task here."""
    module, _, name = task.partition(":")
    return getattr(import_module(f"copilot_ls.index.{module}"), name)(*arguments)


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
            task, arguments = marshal.loads(asked)  # noqa: S302 -- from our own process
            _write(sys.stdout.buffer, marshal.dumps(perform(task, arguments)))


if __name__ == "__main__":
    main()
