"""What `doctor` says of the last days: which faults backends had, and where the server's own log is.

Counts, names and times alone: nothing of it is source text. Called by `doctor` alone.
"""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Iterator

    from copilot_ls.config.settings import LogSettings

Row = tuple[str, Literal["ok", "note", "bad"], str]

# Faults before this say little of what is wrong now.
_LATELY_DAYS = 7
_DAY_S = 86_400.0
_MOST_FAULTS = 10
_KILO = 1000


def fault_rows() -> Iterator[Row]:
    """How often backends failed lately, and in which way, the most frequent first; none where nothing is recorded."""
    from copilot_ls_telemetry.report import metric_rows
    from copilot_ls_telemetry.store import StoreError

    from copilot_ls.config.paths import state_dir

    try:
        faults = metric_rows(state_dir() / "telemetry.db", "faults", since=time.time() - _LATELY_DAYS * _DAY_S)
    except StoreError:
        return  # there is another line for that
    for fault in sorted(faults, key=lambda row: -row["n"])[:_MOST_FAULTS]:
        model = f" ({fault['model']})" if fault["model"] else ""
        times = "once" if fault["n"] == 1 else f"{fault['n']} times"
        yield fault["backend"] or "a backend", "note", f"{fault['fault']}{model}, {times} in {_LATELY_DAYS} days"


def log_rows(settings: LogSettings) -> Iterator[Row]:
    """Where the server's own log goes, from which level on, and what it holds."""
    if settings.file is None:
        yield (
            "log",
            "ok",
            f"{settings.level} and worse, to standard error, which the editor keeps; log.file keeps a file",
        )
        return
    file = Path(settings.file).expanduser()
    if not file.exists():
        yield "log", "ok", f"{settings.level} and worse, to {file} (not written yet)"
        return
    yield "log", "ok", f"{settings.level} and worse, to {file}, {_size(file)}"


def _size(file: Path) -> str:
    n_bytes = file.stat().st_size
    return f"{n_bytes / _KILO / _KILO:.1f} MB" if n_bytes >= _KILO * _KILO else f"{max(n_bytes // _KILO, 1)} kB"
