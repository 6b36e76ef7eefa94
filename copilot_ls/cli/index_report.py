"""What `copilot-ls doctor` says of the index of a workspace folder: whether it is sound, complete and has room to grow.

Looks, and mends nothing. Called by `doctor`.
"""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING, Literal, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from copilot_ls.config.settings import IndexSettings
    from copilot_ls.index.store import Condition

_MEGABYTE = 1_000_000
_LITTLE_SPACE = 100 * _MEGABYTE
_REMEDIES = {
    "damaged": "`copilot-ls index` builds it again",
    "locked": "another program holds it; end that, or wait",
    "read-only": "completion goes on with what it holds; give write permission, or set COPILOT_LS_CACHE_DIR",
}


class IndexRow(NamedTuple):
    """One finding, without its section."""

    name: str
    status: Literal["ok", "note", "bad"]
    text: str
    details: Mapping[str, str] | None = None


def index_rows(workspace: Path, settings: IndexSettings) -> Iterator[IndexRow]:
    """The findings about the index of a folder."""
    from copilot_ls.config.paths import cache_dir
    from copilot_ls.index.location import database_for
    from copilot_ls.index.store import inspect

    if not settings.enable:
        yield IndexRow("workspace", "note", "turned off (index.enable)")
        return
    database = database_for(workspace, cache_dir())
    yield _row(database, inspect(database))
    free = _free_bytes(cache_dir())
    if free is not None and free < _LITTLE_SPACE:
        room = f"{free / _MEGABYTE:,.0f} MB"
        yield IndexRow("disk", "bad", f"{room} are free for it; make room, or set COPILOT_LS_CACHE_DIR to another disk")


def _row(database: Path, found: Condition) -> IndexRow:
    from copilot_ls.index.bounds import said_of_bound

    if found.state == "absent":
        return IndexRow(
            "workspace", "note", "there is none of this folder yet; an editor or `copilot-ls index` makes it"
        )
    size, source = found.size / _MEGABYTE, found.n_bytes / _MEGABYTE
    holds = f"{found.n_files:,} files ({source:,.1f} MB) in {database} ({size:,.1f} MB)"
    if found.state != "sound":
        return IndexRow("workspace", "bad", f"{found.detail or holds}; {_REMEDIES[found.state]}")
    if found.bound:
        return IndexRow(
            "workspace", "note", holds, {"incomplete": said_of_bound(found.bound, found.n_beyond, found.n_unfinished)}
        )
    return IndexRow("workspace", "ok", holds)


def _free_bytes(folder: Path) -> int | None:
    nearest = next(parent for parent in (folder, *folder.parents) if parent.exists())
    try:
        return shutil.disk_usage(nearest).free
    except OSError:
        return None
