"""Reads what was recorded since the last time, folds it into the totals, and remembers how far that was.

The cursor, and the totals up to it, are one file that is replaced whole once the collector has taken them. A process
that is killed in between reads the same events again and comes to the same totals. A database that was deleted is
begun from its start; one that is pruned goes on. Only what is recorded after the user turned it on is read. Called by
`copilot_ls.cli.forward`; what sends is handed in.
"""

from __future__ import annotations

import json
import os
import time
import uuid
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from copilot_ls_telemetry.otlp.folding import Totals, fold

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from copilot_ls_telemetry.store import Connection

_FORMAT = 1
_BATCH = 5_000
# Events of suggestions say whose they are; what else there is to know of them, their first offer says.
_QUESTION = """
SELECT e.*, o.language AS offer_language, o.backend AS offer_backend, o.model AS offer_model, o.task AS offer_task,
    (SELECT max(b.accepted_length) FROM events AS b WHERE b.session_id = e.session_id AND b.chain_id = e.chain_id
        AND b.id < e.id AND e.event IN ('accepted', 'partially_accepted')) AS accepted_before
FROM events AS e
LEFT JOIN events AS o ON o.session_id = e.session_id AND o.chain_id = e.chain_id AND o.event = 'generated'
    AND o.suggestion_id = o.chain_id AND e.event != 'generated'
WHERE e.id > ?
ORDER BY e.id
LIMIT ?
"""


class SendError(Exception):
    """The collector did not take it; the message says why."""


@dataclass(slots=True)
class Progress:
    """How far events have been read and sent. `mark` tells whether it is still the same database."""

    cursor: int
    mark: str
    started_ns: int
    instance: str
    totals: Totals = field(default_factory=Totals)


class Forwarder:
    """Forwards one database. `send` takes progress and the rows read, and raises `SendError`."""

    def __init__(
        self,
        database: Path,
        state: Path,
        send: Callable[[Progress, Sequence[Any]], None],
        *,
        wall_clock: Callable[[], float] = time.time,
    ) -> None:
        self._database = database
        self._state = state
        self._send = send
        self._wall_clock = wall_clock
        self._progress: Progress | None = None

    def forward(self) -> int:
        """Read and send what is new; the number of events. Raises `SendError`, `StoreError` and `OSError`.

        What was read and could not be sent is sent with what comes next. Where nothing is new the totals are sent all
        the same, as series that are not heard of for some minutes count as gone.
        """
        from copilot_ls_telemetry.store import NothingRecordedError, reading

        n_read = 0
        if self._progress is not None and not self._state.exists():
            self._progress = None  # the user has deleted everything: what was counted before is counted no more
        while True:
            try:
                with reading(self._database) as connection:
                    progress = self._caught_up(connection)
                    rows = connection.execute(_QUESTION, (progress.cursor, _BATCH)).fetchall()
                    for row in rows:
                        fold(progress.totals, row)
                    if rows:
                        progress.cursor = rows[-1]["id"]
                        progress.mark = _mark(rows[-1])
            except NothingRecordedError:
                self._begin_anew()
                return n_read
            if not progress.totals.is_empty:
                self._send(progress, rows)
            if rows:
                self._save(progress)
            n_read += len(rows)
            if len(rows) < _BATCH:
                return n_read

    def _caught_up(self, connection: Connection) -> Progress:
        """Where to go on; at the start where another database has taken the place of the one before."""
        if self._progress is None:
            self._progress = _load(self._state) or self._begun(connection)
        progress = self._progress
        ((last,),) = connection.execute("SELECT max(id) FROM events")
        here = connection.execute("SELECT * FROM events WHERE id = ?", (progress.cursor,)).fetchone()
        if (last or 0) < progress.cursor if here is None else _mark(here) != progress.mark:
            progress.cursor, progress.mark = 0, ""
        return progress

    def _begin_anew(self) -> None:
        """There is no database: whatever comes in its place is read from its start."""
        self._progress = self._progress or _load(self._state)
        if self._progress is not None and self._progress.cursor:
            self._progress.cursor, self._progress.mark = 0, ""
            self._save(self._progress)

    def _begun(self, connection: Connection) -> Progress:
        row = connection.execute("SELECT * FROM events ORDER BY id DESC LIMIT 1").fetchone()
        now_ns = int(self._wall_clock() * 1e9)
        cursor, mark = (0, "") if row is None else (row["id"], _mark(row))
        progress = Progress(cursor, mark, now_ns, str(uuid.uuid4()))
        self._save(progress)
        return progress

    def _save(self, progress: Progress) -> None:
        told = {
            "format": _FORMAT,
            "cursor": progress.cursor,
            "mark": progress.mark,
            "started_ns": progress.started_ns,
            "instance": progress.instance,
            "totals": progress.totals.as_json(),
        }
        replace_private(self._state, json.dumps(told))


def replace_private(file: Path, text: str) -> None:
    """Put `text` in the place of the file at once; its owner alone can read it."""
    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    beside = file.with_name(f".{file.name}.{os.getpid()}")
    try:
        with os.fdopen(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as stream:
            stream.write(text)
            stream.flush()
            os.fsync(stream.fileno())
        beside.replace(file)
    finally:
        beside.unlink(missing_ok=True)


def _load(state: Path) -> Progress | None:
    """What was remembered; None when nothing was, or it cannot be read."""
    with suppress(OSError, ValueError, TypeError, KeyError, AttributeError):
        told: dict[str, Any] = json.loads(state.read_text("utf-8"))
        if told["format"] == _FORMAT:
            return Progress(
                int(told["cursor"]),
                str(told["mark"]),
                int(told["started_ns"]),
                str(told["instance"]),
                Totals.from_json(told["totals"]),
            )
    return None


def _mark(row: Any) -> str:  # noqa: ANN401 - a row of events
    return f"{row['session_id']} {row['at']}"
