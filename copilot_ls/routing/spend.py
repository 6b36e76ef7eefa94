"""What was paid to which backend on which day: a small file of its own, which all servers of a user share.

Not the telemetry database, which may be turned off, deleted or trimmed: limits must hold all the same. One file a
month, to which each server appends one line for each backend and flush; appending needs no lock, and a line that a
crash has torn is skipped. What others paid is read again as soon as something is paid here. A server that is killed
forgets its last second; one that cannot write goes on counting what it paid itself, and says so once.

Everything that waits for the disk (`load`, `sync`) is for threads; the rest is for the event loop. Called by `router`.
"""

from __future__ import annotations

import json
import os
import threading
from collections import defaultdict
from contextlib import suppress
from datetime import datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

# A line is some 50 bytes: this is more lines than ten busy servers write in a month.
_MAX_FILE_BYTES = 256 << 20
_MAX_COST = 1e12
# What rounding leaves of a sum that is nothing.
_DUST = 1e-12

_Key = tuple[str, str]  # a day, as ISO 8601 writes it, and a backend


class SpendLog:
    """The spending of this user, as far as it is known here."""

    def __init__(
        self,
        folder: Path,
        *,
        wall_clock: Callable[[], float],
        on_problem: Callable[[str], None],
        on_change: Callable[[], None] = lambda: None,
    ) -> None:
        self._folder = folder
        self._wall_clock = wall_clock
        self._on_problem = on_problem
        self._on_change = on_change
        self._told = False
        # Guards what a syncing thread and the event loop both touch; held for moments only.
        self._lock = threading.Lock()
        self._syncing = threading.Lock()
        self._written: dict[_Key, float] = defaultdict(float)
        self._pending: dict[_Key, float] = defaultdict(float)
        self._reserved: dict[str, float] = defaultdict(float)
        self._month = ""
        self._offset = 0

    def today(self, backend: str | None = None) -> float:
        """What was paid today, to one backend or to all, with what is reserved for requests under way."""
        return self._sum(self._day(), backend)

    def this_month(self, backend: str | None = None) -> float:
        """What was paid in this calendar month, as `today`."""
        return self._sum(self._day()[:7], backend)

    def reserve(self, backend: str, cost: float) -> None:
        """Count the most that a request may cost, until `settle`."""
        self._reserved[backend] += cost
        self._on_change()

    def settle(self, backend: str, reserved: float, cost: float) -> None:
        """A request is over: count what it did cost instead of what was reserved for it."""
        left = self._reserved[backend] - reserved
        self._reserved[backend] = left if left > _DUST else 0.0
        if cost > 0:
            with self._lock:
                self._pending[self._day(), backend] += cost
            self._on_change()

    @property
    def has_pending(self) -> bool:
        """Whether something is still to be written."""
        return bool(self._pending)

    def sync(self) -> None:
        """Write what is pending, and read what others have written. Never raises; waits for the disk."""
        with self._syncing:
            try:
                self._append()
                self._read()
            except OSError as error:
                if not self._told:
                    self._told = True
                    self._on_problem(
                        f"what backends cost cannot be kept in {self._folder} ({error.strerror or 'unreadable'}): "
                        "limits of spending count what this server pays until it ends; set COPILOT_LS_STATE_DIR to a "
                        "folder that can be written to"
                    )

    def _sum(self, day: str, backend: str | None) -> float:
        with self._lock:
            paid = sum(
                cost
                for costs in (self._written, self._pending)
                for (on, to), cost in costs.items()
                if on.startswith(day) and (backend is None or to == backend)
            )
        reserved = sum(self._reserved.values()) if backend is None else self._reserved.get(backend, 0.0)
        return float(paid + reserved)

    def _day(self) -> str:
        return datetime.fromtimestamp(self._wall_clock()).astimezone().date().isoformat()

    def _path(self, month: str) -> Path:
        return self._folder / f"spend-{month}.jsonl"

    def _append(self) -> None:
        with self._lock:
            taken = dict(self._pending)
        by_month: dict[str, list[str]] = {}
        for (day, backend), cost in taken.items():
            by_month.setdefault(day[:7], []).append(json.dumps([day, backend, cost]))
        for month, lines in by_month.items():
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            descriptor = os.open(self._path(month), os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
            try:
                # A leading line end closes a line that a crash has torn. One write: others append at the same time.
                os.write(descriptor, ("\n" + "\n".join(lines) + "\n").encode())
            finally:
                os.close(descriptor)
            if month == self._month or month == self._day()[:7]:
                self._read()
            with self._lock:
                for key in [key for key in taken if key[0].startswith(month)]:
                    self._pending[key] -= taken[key]
                    if self._pending[key] <= _DUST:
                        del self._pending[key]

    def _read(self) -> None:
        month = self._day()[:7]
        offset = self._offset if month == self._month else 0
        data = b""
        with suppress(FileNotFoundError), self._path(month).open("rb") as file:
            if file.seek(0, os.SEEK_END) < offset:  # another file than before: deleted, and begun anew
                offset = 0
            file.seek(offset)
            data = file.read(_MAX_FILE_BYTES)
        whole = data[: data.rfind(b"\n") + 1]
        found: dict[_Key, float] = defaultdict(float)
        for line in whole.split(b"\n"):
            if entry := _entry(line, month):
                day, backend, cost = entry
                found[day, backend] += cost
        with self._lock:
            if offset == 0:
                self._written = found
            else:
                for key, cost in found.items():
                    self._written[key] += cost
        self._month, self._offset = month, offset + len(whole)


def _entry(line: bytes, month: str) -> tuple[str, str, float] | None:
    """A line's day, backend and cost; None for what is no such line."""
    try:
        day, backend, cost = json.loads(line)
    except (ValueError, TypeError, RecursionError):
        return None
    if not (isinstance(day, str) and isinstance(backend, str) and isinstance(cost, int | float)):
        return None
    return (day, backend, float(cost)) if day.startswith(month) and 0 <= cost <= _MAX_COST else None
