"""Keeps the database within its bounds, in a thread and over a connection of its own, so that no event waits for it.

Started by the recorder's writer when something was written: at first, every hour, and when the database is too large.
It takes what is settled into the daily totals and deletes the oldest, in short transactions; several servers may do so
at once, and each may be killed at any moment. What goes wrong is tried again an hour later. What is done is `store`'s.
"""

from __future__ import annotations

import threading
import time
from contextlib import suppress
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from copilot_ls_telemetry.store import Store

_EVERY_S = 3600.0
# Also when it is too large, since what is over is deleted by tenths.
_AT_MOST_EVERY_S = 5.0


class Upkeep:
    """The upkeep of one database; `open_store` opens it anew, for the thread that calls it."""

    def __init__(self, open_store: Callable[[], Store]) -> None:
        self._open_store = open_store
        self._thread: threading.Thread | None = None
        self._store: Store | None = None
        self._is_over = False
        self._last = float("-inf")

    def written(self, store: Store) -> None:
        """Something was written to `store`: begin, if it is time. Waits for nothing."""
        since = time.monotonic() - self._last
        if since < _AT_MOST_EVERY_S or (self._thread is not None and self._thread.is_alive()):
            return
        if since >= _EVERY_S or store.is_too_large():
            self._last = time.monotonic()
            self._thread = threading.Thread(target=self._run, name="telemetry-upkeep", daemon=True)
            with suppress(RuntimeError):  # no more threads, or the interpreter is going down
                self._thread.start()

    def close(self, timeout_s: float = 1.0) -> None:
        """End it, in the midst of a batch if need be, which is then as if it had not begun."""
        self._is_over = True
        thread, store = self._thread, self._store
        if thread is None or not thread.is_alive():
            return
        if store is not None:
            with suppress(Exception):  # closed meanwhile
                store.interrupt()
        thread.join(timeout_s)

    def wait(self, timeout_s: float) -> bool:
        """Wait for what has begun; whether it has ended."""
        if self._thread is not None and self._thread.ident is not None:
            self._thread.join(timeout_s)
        return self._thread is None or not self._thread.is_alive()

    def _run(self) -> None:
        with suppress(Exception):  # the writer meets what is wrong with the file as well, and says so
            store = self._store = self._open_store()
            try:
                store.keep_up(may_go_on=lambda: not self._is_over)
            finally:
                self._store = None
                store.close()
