"""What state the index of a workspace is in, for people who ask: looked at closely, changed in nothing.

Called by `copilot-ls doctor`. Servers do not look: they ask, and go on without an answer.
"""

from __future__ import annotations

import os
import sqlite3
import time
from contextlib import closing
from typing import TYPE_CHECKING, Literal, NamedTuple

from copilot_ls.index.store.connection import WORKSPACE, connect_reader

if TYPE_CHECKING:
    from pathlib import Path

State = Literal["absent", "sound", "damaged", "locked", "read-only"]

_LOOK_SECONDS = 5.0
_STEP = 10_000


class Condition(NamedTuple):
    """The state of an index; `detail` says what is wrong with it. Sizes in bytes."""

    state: State
    detail: str = ""
    n_files: int = 0
    n_bytes: int = 0
    size: int = 0
    bound: str = ""
    n_beyond: int = 0
    n_unfinished: int = 0


def inspect(database: Path, *, look_seconds: float = _LOOK_SECONDS) -> Condition:
    """The condition of the index at `database`; of a very large one, of as much as can be read in the time."""
    if not database.exists():
        nearest = next(place for place in database.parents if place.exists())
        if nearest.is_dir() and os.access(nearest, os.W_OK | os.X_OK):
            return Condition("absent")
        return Condition("read-only", f"{nearest} cannot be written to")
    try:
        connection = connect_reader(database, WORKSPACE)
        if connection is None:
            return Condition("absent")
        with closing(connection):
            found = _looked_at(connection, database, look_seconds)
    except (sqlite3.Error, OSError) as error:
        return Condition("locked" if "locked" in str(error) else "damaged", str(error))
    if found.state == "sound" and not (os.access(database, os.W_OK) and os.access(database.parent, os.W_OK | os.X_OK)):
        return found._replace(state="read-only", detail=f"{database} cannot be written to")
    return found


def _looked_at(connection: sqlite3.Connection, database: Path, look_seconds: float) -> Condition:
    (n_files,) = connection.execute("SELECT count(*) FROM files WHERE skipped IS NULL").fetchone()
    meta = dict(connection.execute("SELECT key, value FROM meta"))
    ends = time.monotonic() + look_seconds
    connection.set_progress_handler(lambda: time.monotonic() > ends, _STEP)
    try:
        (said,) = connection.execute("PRAGMA quick_check(1)").fetchone()
    except sqlite3.OperationalError as error:
        if "interrupted" not in str(error):
            raise
        said = "ok"
    size = sum(place.stat().st_size for place in database.parent.glob(f"{database.name}*"))
    n_bytes, n_beyond, n_unfinished = (int(meta.get(name, 0)) for name in ("bytes", "n_beyond", "n_unfinished"))
    bound = meta.get("bound_reached", "")
    condition = Condition("sound", "", n_files, n_bytes, size, bound, n_beyond, n_unfinished)
    return condition if said == "ok" else condition._replace(state="damaged", detail=said)
