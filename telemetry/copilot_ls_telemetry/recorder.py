"""Takes events from the server and writes them from a thread of its own, so that recording never waits for the disk.

`Recorder.record` puts an event into a queue; one daemon thread, started by the first event, opens the database, and
commits what has come at latest 0.25 s after an event. Whatever goes wrong there ends in one message to `on_problem` and
in events that are not recorded, never in an exception for the caller. sqlite3 is imported in that thread only. Called
by `copilot_ls.lsp`, which makes one recorder per server and closes it on exit.
"""

from __future__ import annotations

import threading
import time
from contextlib import suppress
from queue import Empty, SimpleQueue
from typing import TYPE_CHECKING

from copilot_ls_telemetry.upkeep import Upkeep

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from copilot_ls_telemetry.events import Event
    from copilot_ls_telemetry.store import Store

DEFAULT_MAX_BYTES = 64 * 1024 * 1024
DEFAULT_RETENTION_DAYS = 400.0
DEFAULT_TOTALS_DAYS = 3650.0

# Events wait this long for company before they are committed together.
_GATHER_S = 0.2
# A second of the fastest burst (a request per millisecond, a handful of events each) fits ten times over.
_MAX_QUEUED = 50_000
# After a failure the disk is left alone this long: a full disk may have room again, a locked file be free.
_RETRY_S = 30.0


class _Flush(threading.Event):
    """A mark in the queue: set once everything before it is written or given up; `written` says which."""

    written = True


class Recorder:
    """Records events in the database at `path`. Off (`enable=False`), it does nothing and makes no file.

    `max_bytes` and `retention_days` bound the database: the oldest rows go, and daily totals of them stay for
    `totals_days`. `on_problem` gets each kind of problem
    once, in words for the user; it is called from the writer thread.
    """

    def __init__(
        self,
        path: Path,
        *,
        enable: bool = True,
        max_bytes: int = DEFAULT_MAX_BYTES,
        retention_days: float = DEFAULT_RETENTION_DAYS,
        totals_days: float = DEFAULT_TOTALS_DAYS,
        on_problem: Callable[[str], None],
        wall_clock: Callable[[], float] = time.time,
        max_queued: int = _MAX_QUEUED,
    ) -> None:
        self.path = path
        self.enable = enable
        self.n_dropped = 0
        self._max_queued = max_queued
        self._queue: SimpleQueue[Event | _Flush | None] = SimpleQueue()
        self._hurry = threading.Event()
        self._thread: threading.Thread | None = None
        self._writer = _Writer(path, max_bytes, retention_days, totals_days, on_problem, wall_clock)

    def record(self, event: Event) -> None:
        """Take an event; never raises, never waits. Events beyond the queue's bound are dropped and counted."""
        if not self.enable:
            return
        if self._queue.qsize() >= self._max_queued:
            self.n_dropped += 1
            return
        self._queue.put(event)
        if self._thread is None:
            self._start()

    def flush(self, timeout_s: float = 1.0) -> bool:
        """Wait until everything recorded so far is in the database; False when it is not, or not within `timeout_s`."""
        if self._thread is None:
            return True
        mark = _Flush()
        self._queue.put(mark)
        self._hurry.set()
        return mark.wait(timeout_s) and mark.written

    def close(self, timeout_s: float = 2.0) -> None:
        """Write what is left and stop; at most `timeout_s`. Later events are ignored."""
        self.enable = False
        thread, self._thread = self._thread, None
        if thread is None:
            return
        self._queue.put(None)
        self._hurry.set()
        thread.join(timeout_s)

    @property
    def n_lost(self) -> int:
        """Events that were taken but could not be written."""
        return self._writer.n_lost

    def _start(self) -> None:
        self._thread = threading.Thread(target=self._run, name="telemetry-writer", daemon=True)
        try:
            self._thread.start()
        except RuntimeError:  # no more threads, or the interpreter is going down
            self.enable = False

    def _run(self) -> None:
        running = True
        while running:
            batch: list[Event] = []
            marks: list[_Flush] = []
            item = self._queue.get()
            if item is not None and not isinstance(item, _Flush):
                self._hurry.wait(_GATHER_S)
            self._hurry.clear()
            with suppress(Empty):
                while True:
                    if item is None:
                        running = False
                    elif isinstance(item, _Flush):
                        marks.append(item)
                    else:
                        batch.append(item)
                    item = self._queue.get_nowait()
            written = self._writer.write(batch) if batch else True
            for mark in marks:
                mark.written = written
                mark.set()
        self._writer.close()


class _Writer:
    """The writer thread's side: opens the store when there is something to write, and degrades when it cannot."""

    def __init__(
        self,
        path: Path,
        max_bytes: int,
        retention_days: float,
        totals_days: float,
        on_problem: Callable[[str], None],
        wall_clock: Callable[[], float],
    ) -> None:
        self._path = path
        self._max_bytes = max_bytes
        self._retention_days = retention_days
        self._totals_days = totals_days
        self._on_problem = on_problem
        self._wall_clock = wall_clock
        self._store: Store | None = None
        self._told: set[str] = set()
        self._not_before = 0.0
        self._upkeep = Upkeep(self._open_another)
        self.n_lost = 0

    def write(self, batch: list[Event]) -> bool:
        """Whether `batch` is in the database now."""
        if time.monotonic() < self._not_before:
            self.n_lost += len(batch)
            return False
        try:
            self._write(batch)
        except Exception as error:  # noqa: BLE001  # telemetry must never take the server down
            self.n_lost += len(batch)
            self._not_before = time.monotonic() + _RETRY_S
            self._close_store()
            self._tell_of(error)
            return False
        return True

    def _write(self, batch: list[Event]) -> None:
        from copilot_ls_telemetry.store import is_corrupt, set_aside

        try:
            store = self._open()
            store.write(batch)
            self._upkeep.written(store)
        except Exception as error:
            if not is_corrupt(error):
                raise
            self._close_store()
            aside = set_aside(self._path)
            if aside is not None:
                kept = f"it was kept as {aside.name}, and a new one begun"
                self._tell("corrupt", f"{self._path} was damaged ({error}); {kept}")
            self._open().write(batch)

    def _open(self) -> Store:
        if self._store is not None and self._store.moved():
            self._close_store()
        if self._store is None:
            self._store = self._open_another()
        return self._store

    def _open_another(self) -> Store:
        from copilot_ls_telemetry.store import Store

        return Store(
            self._path,
            max_bytes=self._max_bytes,
            retention_days=self._retention_days,
            totals_days=self._totals_days,
            wall_clock=self._wall_clock,
        )

    def close(self) -> None:
        self._upkeep.close()
        self._close_store()

    def _close_store(self) -> None:
        store, self._store = self._store, None
        if store is not None:
            store.close()

    def _tell_of(self, error: Exception) -> None:
        from copilot_ls_telemetry.obstacles import kind_of, reason_of

        self._tell(kind_of(error), f"statistics are not being recorded: {reason_of(error, self._path)}")

    def _tell(self, kind: str, message: str) -> None:
        if kind in self._told:
            return
        self._told.add(kind)
        with suppress(Exception):
            self._on_problem(message)
