"""Files of JSON lines that hold the user's text: one a day, readable by their owner alone, bounded, without secrets.

Written in a thread; what goes wrong there is one line of the log, and costs the record and nothing else. Called by the
workbench, for `completion_texts`; read by `exporting`.
"""

from __future__ import annotations

import asyncio
import json
import logging
import os
import threading
import time
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from copilot_ls.prompt.redaction import Redactor

logger = logging.getLogger("copilot_ls")

_MOST_BYTES = 64_000_000
_DAY_S = 86_400
# What a file's owner, or another program, may have put there is read up to this length.
_LONGEST_LINE = 400_000


class TextFiles:
    """The files of one folder. `keep_days` is how long they are kept."""

    def __init__(self, folder: Callable[[], Path], *, keep_days: Callable[[], int]) -> None:
        self._folder = folder
        self._keep_days = keep_days
        self._redactor: Redactor | None = None
        self._lock = threading.Lock()
        self._has_failed = False

    def write_soon(self, record: dict[str, Any], licence_of: Callable[[], str | None]) -> None:
        """Write a record, with the licence that its workspace gives, in a thread; at once where no loop runs."""
        try:
            loop = asyncio.get_running_loop()
        except RuntimeError:
            self.write(record, licence_of)
        else:
            loop.run_in_executor(None, self.write, record, licence_of)

    def write(self, record: dict[str, Any], licence_of: Callable[[], str | None]) -> None:
        """Write a record now. Never raises."""
        with self._lock:
            try:
                self._write({**record, "licence": licence_of()})
            except (OSError, ValueError) as error:
                if not self._has_failed:
                    self._has_failed = True
                    reason = getattr(error, "strerror", None) or type(error).__name__
                    logger.warning(
                        "texts are not being stored in %s (%s); check the folder, or set telemetry.store_text = false",
                        self._folder(),
                        reason,
                    )

    def _write(self, record: dict[str, Any]) -> None:
        from copilot_ls.config.paths import private_dir

        folder = private_dir(self._folder())
        record = self._without_secrets(record)
        line = json.dumps(record, ensure_ascii=False) + "\n"
        file = folder / f"{datetime.fromtimestamp(record['at'], UTC).date()}.jsonl"
        is_new = not file.exists()
        handle = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        # One write each: lines of several servers do not mix.
        with os.fdopen(handle, "ab", buffering=0) as stream:
            stream.write(line.encode("utf-8", "backslashreplace"))
        if is_new:
            self._keep_bounds(folder)

    def _without_secrets(self, record: dict[str, Any]) -> dict[str, Any]:
        from copilot_ls.prompt.redaction import Redactor

        self._redactor = self._redactor or Redactor()
        prefix, suffix = record["prefix"], record["suffix"]
        texts = [[prefix, record["shown"], suffix], [prefix, record["written"] or "", suffix]]
        shown, written = self._redactor.redact(texts).texts
        return record | {
            "prefix": shown[0],
            "shown": shown[1],
            "suffix": shown[2],
            "written": None if record["written"] is None else written[1],
        }

    def _keep_bounds(self, folder: Path) -> None:
        """The oldest files go, by age and by size."""
        files = sorted(folder.glob("*.jsonl"), reverse=True)
        oldest, n_bytes = time.time() - self._keep_days() * _DAY_S, 0
        for file in files:
            status = file.stat()
            n_bytes += status.st_size
            if status.st_mtime < oldest or (n_bytes > _MOST_BYTES and file != files[0]):
                file.unlink(missing_ok=True)


def read_records(folder: Path) -> Iterator[dict[str, Any]]:
    """The records of a folder, oldest first. Lines that are no record, a killed server's last for one, are left out."""
    for file in sorted(folder.glob("*.jsonl")) if folder.is_dir() else ():
        with file.open("rb") as lines:
            while line := lines.readline(_LONGEST_LINE):
                try:
                    record = json.loads(line)
                except ValueError:
                    continue
                if isinstance(record, dict) and _is_whole(record):
                    yield record


def _is_whole(record: dict[str, Any]) -> bool:
    texts = ("prefix", "suffix", "shown", "outcome", "chain_id", "language", "backend", "model")
    return (
        isinstance(record.get("at"), int | float)
        and all(isinstance(record.get(name), str) for name in texts)
        and isinstance(record.get("written"), str | None)
    )
