"""The records of one evaluation, kept as they come: a killed run loses the record it was at, and nothing that was paid.

One folder for each plan, named by what the plan says, so that the same command finds its own records again. A file of
lines is appended to; a line that a crash has torn is skipped. One run at a time writes: the others are told so. Called
by `campaign`.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import shutil
from typing import TYPE_CHECKING, Self

from copilot_ls.config.paths import private_dir
from copilot_ls.errors import CopilotLsError
from copilot_ls.evaluation.units import Record

if TYPE_CHECKING:
    from collections.abc import Sequence
    from io import BufferedWriter
    from pathlib import Path
    from types import TracebackType

    from copilot_ls.evaluation.units import Unit

_NAME_LENGTH = 12


class LedgerBusyError(CopilotLsError):
    """Another process writes the same records."""


def name_of(units: Sequence[Unit]) -> str:
    """The name of a plan: equal for equal plans."""
    whole = json.dumps(
        [[unit.id, unit.kind, unit.keys, unit.task, unit.settings, unit.version] for unit in units], sort_keys=True
    )
    return hashlib.blake2b(whole.encode("utf-8", "surrogatepass"), digest_size=_NAME_LENGTH // 2).hexdigest()


class Ledger:
    """The records in `folder`. Use it in a `with`; `fresh` begins anew. Raises OSError where nothing can be written."""

    def __init__(self, folder: Path, *, fresh: bool = False) -> None:
        self.folder = folder
        self.records: dict[str, Record] = {}
        """The last of each key."""
        self.cost: float | None = None
        """What all of them cost, also those that were done again."""
        self._fresh = fresh
        self._stream: BufferedWriter | None = None
        self._lock: int | None = None

    def __enter__(self) -> Self:
        private_dir(self.folder)
        self._lock = os.open(self.folder / "lock", os.O_RDWR | os.O_CREAT, 0o600)
        if not _locked(self._lock):
            os.close(self._lock)
            self._lock = None
            raise LedgerBusyError(
                f"another run of this very evaluation is writing to {self.folder}; wait for it, or end it"
            )
        path = self.folder / "records.jsonl"
        if self._fresh:
            path.unlink(missing_ok=True)
        if path.exists():
            for line in path.read_bytes().split(b"\n"):
                with contextlib.suppress(ValueError, TypeError):
                    self._take(Record.of(line))
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        self._stream = os.fdopen(descriptor, "ab")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._stream is not None:
            self._stream.close()
        if self._lock is not None:
            os.close(self._lock)

    def put(self, record: Record) -> None:
        """Keep a record; it is on its way to the disk when this returns."""
        self._take(record)
        if self._stream is not None:
            # A leading line end closes what a crash has torn.
            self._stream.write(b"\n" + record.as_json().encode() + b"\n")
            self._stream.flush()

    def done(self, unit: Unit) -> tuple[str, ...]:
        """The keys of a unit that need not be done again."""
        return tuple(key for key in unit.keys if key in self.records and self.records[key].final)

    def _take(self, record: Record) -> None:
        self.records[record.key] = record
        if record.cost is not None:
            self.cost = (self.cost or 0.0) + record.cost


def discard(folder: Path) -> None:
    """Remove the records of an evaluation."""
    shutil.rmtree(folder, ignore_errors=True)


def _locked(descriptor: int) -> bool:
    """Whether the lock could be taken; it is the system's, so that it ends with its process."""
    try:
        import fcntl
    except ImportError:  # Windows: the file that is open for appending is protection enough
        return True
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
